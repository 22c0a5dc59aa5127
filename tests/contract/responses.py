"""Responses, held against the document: status, media type, body and headers are documented, or it says what is not."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator

from infra.openapi import DOCUMENT

WRITTEN: dict[str, Any] = json.loads(DOCUMENT.read_text("utf-8"))
JSON = "application/json"
PARAMETER = re.compile(r"\{[a-z_]+\}")
# Names and values of headers: https://www.rfc-editor.org/rfc/rfc9110#section-5
NAME, VALUE = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"), re.compile(r"[!-~]([ -~]*[!-~])?")
ETAG = re.compile(r'"[0-9a-f]{32}"')
NO_STORE, REVALIDATED, PUBLIC = "no-store", "private, no-cache", "public, max-age=3600"
WITHOUT_BODY = (204, 304)
UNAUTHORIZED = 401


class Seen(NamedTuple):
    """A response to a method of a path, which is a template or one that fits a template."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def operation(self) -> dict[str, Any] | None:
        """What the document says of the method; None where it knows no such path or method."""
        found: dict[str, Any] | None = WRITTEN["paths"].get(template(self.path), {}).get(self.method.lower())
        return found

    @property
    def documented(self) -> dict[str, Any] | None:
        """What the document says of the response."""
        if self.operation is None:
            return _resolved({"$ref": "#/components/responses/not_found"})
        found = self.operation["responses"].get(str(self.status))
        return found and _resolved(found)


def problems(seen: Seen) -> list[str]:
    """Return what of a response is not as the document says; preflights are in no document."""
    if seen.method == "OPTIONS":
        return []
    return [*_problems_of_content(seen), *_problems_of_headers(seen)]


def template(path: str) -> str:
    """Return the template that a path fits, of several the plainest; the path where there is none."""
    plain = path.partition("?")[0]
    fitting = [each for each in WRITTEN["paths"] if each == plain or _pattern(each).fullmatch(plain)]
    return min(fitting, key=lambda each: each.count("{"), default=plain)


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile("[^/]+".join(map(re.escape, PARAMETER.split(path))) + "/?")


def _resolved(response: dict[str, Any]) -> dict[str, Any]:
    reference = response.get("$ref", "")
    found: dict[str, Any] = WRITTEN["components"]["responses"][reference.rpartition("/")[2]] if reference else response
    return found


def _problems_of_content(seen: Seen) -> Iterator[str]:
    documented = seen.documented
    if documented is None:
        yield f"status {seen.status} is not documented"
        return
    content = documented.get("content", {})
    media_type = seen.headers.get("content-type", "").partition(";")[0]
    if not content:
        if seen.body:
            yield "there is a body, and none is documented"
    elif media_type not in content:
        yield f"media type {media_type!r} is not documented"
    elif media_type == JSON:
        yield from _problems_of_json(content[JSON]["schema"], seen.body)


def _problems_of_json(schema: dict[str, Any], body: str) -> Iterator[str]:
    try:
        value = json.loads(body)
    except ValueError:
        yield "the body is no JSON"
        return
    for each in _validator(json.dumps(schema)).iter_errors(value):
        yield f"{each.json_path}: {each.message[:500]}"


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(
        json.loads(schema) | {"components": WRITTEN["components"]}, format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def _problems_of_headers(seen: Seen) -> Iterator[str]:
    for name, value in seen.headers.items():
        if not NAME.fullmatch(name) or (value and not VALUE.fullmatch(value)):
            yield f"header {name}: {value!r} is none"
    for name in (seen.documented or {}).get("headers", {}):
        if not seen.headers.get(name.lower()):
            yield f"header {name} is missing"
    yield from (
        f"header {name} is {seen.headers.get(name)!r} instead of {expected!r}"
        for name, expected in _expected_headers(seen).items()
        if seen.headers.get(name) != expected
    )
    if "etag" in seen.headers and not ETAG.fullmatch(seen.headers["etag"]):
        yield "the ETag is none"
    if "location" in seen.headers and not _exists(seen):
        yield "Location leads nowhere"


def _expected_headers(seen: Seen) -> dict[str, str | None]:
    """Return the headers whose values follow from what the response is; API Gateway's own have an id in a header."""
    is_gateways = "x-amzn-requestid" in seen.headers
    shown = seen.documented or {}
    is_asset = seen.path.startswith("/docs") and seen.status < 400
    cached = REVALIDATED if "ETag" in shown.get("headers", {}) else PUBLIC if is_asset else NO_STORE
    ours: dict[str, str | None] = {} if is_gateways else {"x-content-type-options": "nosniff", "vary": "Origin"}
    return ours | {"cache-control": cached, "www-authenticate": "Bearer" if seen.status == UNAUTHORIZED else None}


def _exists(seen: Seen) -> bool:
    """Return whether the path that a created object is said to have is one that shows objects."""
    place = f"{seen.path.rpartition('/')[0]}/{seen.headers['location']}"
    return "get" in WRITTEN["paths"].get(template(place), {})
