"""OpenAPI: generates the API's document from the views and their models."""

import inspect
import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple

from chalice.app import Chalice
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from chalicelib.api.errors import CODES
from chalicelib.api.html import FORM, HtmlView
from chalicelib.api.idempotency import HEADER as KEY
from chalicelib.api.idempotency import LONGEST_KEY
from chalicelib.api.requests.base import Body
from chalicelib.api.requests.reading import body_if_none_is_sent
from chalicelib.api.responses.base import Addressable
from chalicelib.api.responses.failure import FailureResponse
from chalicelib.api.swagger_ui import MEDIA_TYPES, OURS, SHIPPED, TextView
from chalicelib.api.view import View
from chalicelib.services.notifying.action_links import LONGEST_NAME

if TYPE_CHECKING:
    from chalicelib.api.contract import Contract

DESCRIPTION = """What the monitoring hub knows, and what people can do about it.

All times are UTC, to the second; what is empty is `null`. A list comes in pages: go on with the `cursor` that `next`
holds, back with that of `previous`. Whatever goes wrong, the response has one shape, and names everything that is wrong
at once. `docs/api.md` of the repository says how to get a token, and what else a schema cannot say.
"""
JSON = "application/json"
HTML = "text/html"
REFERENCE = "#/components/schemas/{model}"
SECURITY_SCHEME = "bearer"
# What may go wrong with every request, with one that needs a token, that names something, that carries a body, that
# changes something. API Gateway answers some of them itself, in the same shape.
ANYWHERE = (400, 415, 429, 500, 504)
WITH_TOKEN, WITH_PATH, WITH_BODY, WITH_CHANGE, WITH_KEY = (401, 403), (404,), (413,), (409,), (422,)
WHEN = {
    400: "A parameter or a field of the body is unknown, missing, repeated or invalid.",
    401: "There is no token, or it is unknown.",
    403: "The token lacks the scope.",
    404: "There is nothing with this id.",
    409: "It does not go with the present state, or was changed by somebody else at the same time.",
    413: "The body is too large.",
    415: "The content type is not one that the path takes, of a body or of none.",
    422: "The idempotency key belongs to another request.",
    429: "There are too many requests at once.",
    500: "Internal error; the log has it under the request id.",
    503: "The table does not answer.",
    504: "The response took too long.",
}
# The statuses of errors of links, which are pages.
LINK_ERRORS = {
    400: "The name does not fit; the form is shown again.",
    403: "The link is not valid.",
    404: "The alert is no longer kept.",
    409: "Somebody else was faster.",
    410: "The link has expired, or is about something that is over.",
    413: "The form is longer than any name.",
    429: WHEN[429],
    500: WHEN[500],
}
PARAMETER = re.compile(r"\{(\w+)\}")
# Examples for types without a better one.
PLAIN = {"string": "text", "integer": 1, "boolean": False, "null": None}


class RouteEntry(NamedTuple):
    """A method of a path, with its view."""

    path: str
    method: str
    view: View

    @property
    def name(self) -> str:
        """The name of the operation in generated clients: listEvents."""
        first, *others = self.view.handler.__name__.split("_")
        others += PARAMETER.findall(self.path) if isinstance(self.view, TextView) else []
        return first + "".join(each.capitalize() for each in others)

    @property
    def shows_resource(self) -> bool:
        """Whether it shows one object, whose response has an ETag."""
        response = self.view.contract.response
        return self.method == "GET" and response is not None and issubclass(response, Addressable)

    @property
    def errors(self) -> set[int]:
        """The statuses of possible errors."""
        contract = self.view.contract
        found = {*ANYWHERE, *(WITH_TOKEN if self.view.scope else ()), *(WITH_PATH if contract.path else ())}
        found |= {*(WITH_BODY if contract.body else ()), *(WITH_CHANGE if self.method != "GET" else ())}
        found |= {*(WITH_KEY if self.method == "POST" else ())}
        return found | ({503} if self.path == "/health" else set())

    @property
    def tag(self) -> str:
        """Its group: the first word of its path."""
        return self.path.split("/")[1].removesuffix(".json")


def document(app: Chalice, version: str, server: str = "/api") -> dict[str, Any]:
    """Return the OpenAPI document of an app at the address `server`."""
    routes = sorted(_routes(app), key=lambda each: (each.path, each.method))
    schemas = _Schemas(routes)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Monitoring hub", "version": version, "description": DESCRIPTION},
        "servers": [{"url": server, "description": "This stage."}],
        "tags": [{"name": each} for each in dict.fromkeys(route.tag for route in routes)],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "responses": {CODES[status]: _failure(status) for status in WHEN},
            "securitySchemes": {
                SECURITY_SCHEME: {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token with the scopes `read` or `write`, or both; neither includes the other.",
                }
            },
        },
    }


def _routes(app: Chalice) -> Iterator[RouteEntry]:
    for path, methods in app.routes.items():
        for method, entry in methods.items():
            if isinstance(entry.view_function, View):
                yield RouteEntry(path, method, entry.view_function)


class _Schemas:
    """The schemas of all models; those of queries are written out as parameters."""

    def __init__(self, routes: list[RouteEntry]) -> None:
        contracts = [each.view.contract for each in routes if not isinstance(each.view, HtmlView | TextView)]
        bodies = {each.body for each in contracts if each.body}
        responses = {each.response for each in contracts if each.response} | {FailureResponse}
        modes: list[Any] = [
            *((each, "validation") for each in bodies),
            *((each, "serialization") for each in responses),
        ]
        known, schema = models_json_schema(sorted(modes, key=str), ref_template=REFERENCE)
        self._references = {model: reference["$ref"] for (model, _), reference in known.items()}
        found: dict[str, Any] = schema["$defs"]
        for contract in contracts:
            found |= contract.query.model_json_schema(ref_template=REFERENCE).pop("$defs", {})
        self.components = dict(sorted(found.items()))

    def reference(self, model: type[BaseModel]) -> dict[str, str]:
        """Return a reference to a model's schema."""
        return {"$ref": self._references[model]}

    def example(self, schema: dict[str, Any]) -> Any:
        """Return an example of a schema, made of the examples of its parts."""
        match schema:
            case {"$ref": reference}:
                return self.example(self.components[reference.rpartition("/")[2]])
            case {"examples": [first, *_]} | {"const": first} | {"enum": [first, *_]}:
                return first
            case {"anyOf": [first, *_]} | {"oneOf": [first, *_]}:
                return self.example(first)
            case {"properties": properties}:
                return {name: self.example(each) for name, each in properties.items()}
            case {"items": items}:
                return [self.example(items)]
            case _:
                return PLAIN.get(schema.get("type", ""))


def _operation(route: RouteEntry, schemas: _Schemas) -> dict[str, Any]:
    """Describe one method of one path."""
    summary, _, description = (route.view.handler.__doc__ or "").partition("\n")
    scope = route.view.scope
    operation: dict[str, Any] = {
        "operationId": route.name,
        "tags": [route.tag],
        "summary": summary.rstrip("."),
        "description": f"{inspect.cleandoc(description)}\n\nScope: `{scope}`.".strip()
        if scope
        else description.strip(),
        "security": [{SECURITY_SCHEME: [scope.value]}] if scope else [],
    }
    if isinstance(route.view, HtmlView):
        return operation | _page_parts(route)
    if isinstance(route.view, TextView):
        return operation | _file_parts(route)
    contract = route.view.contract
    if parameters := [*_path_parameters(contract), *_query_parameters(contract), *_header_parameters(route)]:
        operation["parameters"] = parameters
    if contract.body:
        operation["requestBody"] = _request_body(contract.body, schemas)
    return operation | {"responses": _responses(route, schemas)}


def _path_parameters(contract: "Contract") -> Iterator[dict[str, Any]]:
    for name, kind in contract.path.items():
        yield {"name": name, "in": "path", "required": True, "schema": kind.json_schema()}


def _query_parameters(contract: "Contract") -> Iterator[dict[str, Any]]:
    for name, schema in contract.query.model_json_schema(ref_template=REFERENCE).get("properties", {}).items():
        parameter = {
            "name": name,
            "in": "query",
            "description": schema.pop("description", ""),
            "schema": _plain(schema),
        }
        yield parameter | ({"style": "form", "explode": True} if schema.get("type") == "array" else {})


def _header_parameters(route: RouteEntry) -> Iterator[dict[str, Any]]:
    if route.shows_resource:
        described = "The ETag of an earlier response; 304 if nothing has changed since."
        yield {"name": "If-None-Match", "in": "header", "description": described, "schema": {"type": "string"}}

    if route.method == "POST":
        described = "Repeating a request with the same key within a day returns the first response and does nothing."
        schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[ -~]+$"}
        yield {"name": KEY, "in": "header", "description": described, "schema": schema}


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter, which is never null: it is left out instead."""
    options = [each for each in schema.get("anyOf", []) if each != {"type": "null"}]
    inner: dict[str, Any] = {name: each for name, each in schema.items() if name not in ("anyOf", "title", "default")}
    if schema.get("default") not in (None, []):
        inner["default"] = schema["default"]
    if len(options) == 1:
        inner = options[0] | inner
    return inner | ({"anyOf": options} if len(options) > 1 else {})


def _request_body(model: type[Body], schemas: _Schemas) -> dict[str, Any]:
    schema = schemas.reference(model)
    is_required = body_if_none_is_sent(model) is None
    return {"required": is_required, "content": {JSON: {"schema": schema, "example": schemas.example(schema)}}}


def _responses(route: RouteEntry, schemas: _Schemas) -> dict[str, Any]:
    contract = route.view.contract
    described: dict[str, Any] = {"description": "What was asked for."}
    status = HTTPStatus.NO_CONTENT if contract.response is None and not contract.is_document else route.view.status
    if contract.response:
        schema = schemas.reference(contract.response)
        described["content"] = {JSON: {"schema": schema, "example": schemas.example(schema)}}
    elif contract.is_document:
        described["content"] = {JSON: {"schema": {"type": "object"}}}
    else:
        described["description"] = "It is done."
    if status == HTTPStatus.CREATED:
        described |= {"description": "It was created.", "headers": {"Location": _header("Where it is, relatively.")}}
    responses = {str(status.value): described}
    if route.shows_resource:
        described["headers"] = {"ETag": _header("Which state was shown; for If-None-Match.")}
        responses["304"] = {"description": "Nothing has changed since.", "headers": described["headers"]}
    return responses | _errors(route.errors)


def _errors(statuses: set[int]) -> dict[str, Any]:
    return {str(each): {"$ref": f"#/components/responses/{CODES[each]}"} for each in sorted(statuses)}


def _header(description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}}


def _failure(status: int) -> dict[str, Any]:
    error = {"code": CODES[status], "message": WHEN[status], "details": [], "request_id": "b9f5f9a7-7d4c-4a53"}
    schema = {"$ref": REFERENCE.format(model=FailureResponse.__name__)}
    return {"description": WHEN[status], "content": {JSON: {"schema": schema, "example": {"error": error}}}}


def _file_parts(route: RouteEntry) -> dict[str, Any]:
    """Describe the page that shows this document, or a file that it needs."""
    names = [*SHIPPED, *OURS] if "{" in route.path else []
    media_types = {MEDIA_TYPES[PurePath(each).suffix] for each in names} or {HTML}
    content = {each: {"schema": {"type": "string"}} for each in sorted(media_types)}
    parameter = {"name": "asset", "in": "path", "required": True, "schema": {"type": "string", "enum": names}}
    errors = {*ANYWHERE, *(WITH_PATH if names else ())} - {400}
    return ({"parameters": [parameter]} if names else {}) | {
        "responses": {"200": {"description": "A file.", "content": content}} | _errors(errors)
    }


def _page_parts(route: RouteEntry) -> dict[str, Any]:
    """Describe an HTML page."""
    token = {"name": "token", "in": "path", "required": True, "schema": {"type": "string"}}
    pages = {HTML: {"schema": {"type": "string"}}}
    parts: dict[str, Any] = {
        "parameters": [token],
        "responses": {"200": {"description": "A page.", "content": pages}}
        | {str(status): {"description": when, "content": pages} for status, when in LINK_ERRORS.items()}
        | _errors({415}),
    }
    if route.method == "POST":
        described = f"Who does it, in 1 to {LONGEST_NAME} characters; not needed where it is done already."
        name = {"type": "string", "description": described, "examples": ["Ada"]}
        form = {"type": "object", "properties": {"name": name}}
        content = {FORM: {"schema": form, "example": {"name": "Ada"}}}
        parts["requestBody"] = {"required": True, "content": content}
    return parts
