"""Contracts: a handler's annotations define its request and response; requests and results are converted by them."""

from chalicelib.api import quick_pydantic  # noqa: F401 - before all that imports pydantic

# isort: split
import hashlib
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple, get_type_hints

from chalice.app import Request, Response
from pydantic import TypeAdapter, ValidationError

from chalicelib.api import requests, responses  # noqa: F401 - handlers find the latter as an attribute
from chalicelib.api.requests import reading
from chalicelib.api.responses.base import Addressable, Model
from chalicelib.domain.errors import Invalid, NotFound

JSON: dict[str, Any] = {"Content-Type": "application/json"}
# Clients may cache a response and revalidate it by its ETag; nobody else may keep it.
REVALIDATED: dict[str, Any] = {"Cache-Control": "private, no-cache"}


class Contract(NamedTuple):
    """What a route takes and returns: models of query and body, types in its path, the model of the response."""

    query: type[requests.QueryParameters]
    body: type[requests.Body] | None
    path: Mapping[str, TypeAdapter[Any]]
    response: type[Model] | None
    is_document: bool
    takes_query: bool
    takes_caller: bool

    def read(self, request: Request, path: Mapping[str, str]) -> dict[str, Any]:
        """Return the handler's arguments; NotFound for an impossible id, Invalid with everything else that is wrong."""
        arguments = {name: _path_value(self.path[name], value) for name, value in path.items()}
        query = reading.Reading.of(lambda: reading.query(self.query, request))
        body = reading.Reading.of(lambda: self.body and reading.body(self.body, request))
        if violations := (*query.violations, *body.violations):
            raise Invalid("Invalid request.", *violations[: reading.MOST_VIOLATIONS])
        if self.takes_query:
            arguments["query"] = query.value
        if self.body:
            arguments["body"] = body.value
        if self.takes_caller:
            arguments["caller"] = request.context["authorizer"]["name"]
        return arguments

    def write(self, answer: Model | dict[str, Any] | None, request: Request, status: HTTPStatus) -> Response:
        """Return the response: for a created resource with its address, for a shown one with its ETag."""
        if answer is None:
            return Response("", status_code=HTTPStatus.NO_CONTENT)
        if isinstance(answer, dict):
            return Response(answer, headers=dict(JSON))
        body = answer.model_dump_json(by_alias=True)
        if status is HTTPStatus.CREATED:
            # Relative to the request, as a stage precedes every path.
            location = f"{request.path.rpartition('/')[2]}/{vars(answer)['id']}"
            return Response(body, status_code=status, headers=JSON | {"Location": location})
        is_shown = isinstance(answer, Addressable) and request.method == "GET"
        return _with_etag(body, request) if is_shown else Response(body, headers=dict(JSON))


def contract_of(handler: Callable[..., Any]) -> Contract:
    """Read a handler's annotations: `query`, `body` and `caller` by name; all others are in the path."""
    hints = get_type_hints(handler, include_extras=True)
    answer = hints.pop("return")
    query, body, caller = (hints.pop(name, None) for name in ("query", "body", "caller"))
    return Contract(
        query=query or requests.QueryParameters,
        body=body,
        path={name: TypeAdapter(kind) for name, kind in hints.items()},
        response=answer if isinstance(answer, type) and issubclass(answer, Model) else None,
        is_document=answer is not type(None),
        takes_query=query is not None,
        takes_caller=caller is not None,
    )


def _path_value(kind: TypeAdapter[Any], value: str) -> Any:
    try:
        return kind.validate_python(value)
    except ValidationError:
        raise NotFound("There is nothing with this id.") from None


def _with_etag(body: str, request: Request) -> Response:
    """Return a body with its ETag, or 304 where the client has the same body already."""
    etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    known = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    headers = REVALIDATED | {"ETag": etag}
    if etag in known or "*" in known:
        return Response("", status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, headers=JSON | headers)
