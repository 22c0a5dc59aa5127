"""Reading: parses a request's query string and body into models, collecting all errors."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple, Self, get_origin

from chalice.app import Request
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from chalicelib.api.errors import UnsupportedMediaType
from chalicelib.api.requests.base import Body, QueryParameters
from chalicelib.config.models import by_key, model_at
from chalicelib.domain.errors import Invalid, TooLarge, Violation
from chalicelib.domain.routing.matchers import Field
from chalicelib.domain.text import clean

LARGEST_BODY = 64 * 1024
LONGEST_FIELD = 64
MOST_VIOLATIONS = 50
# Our messages for pydantic's errors.
WORDS = {
    "missing": "is missing",
    "bool_type": "must be true or false",
    "enum": "must be one of {expected}",
    "literal_error": "must be one of {expected}",
    "union_tag_invalid": "must be one of {expected_tags}",
    "union_tag_not_found": "is missing",
    "too_long": "must have at most {max_length}",
    "too_short": "must not be empty",
    "less_than_equal": "must be at most {le} seconds",
    "tuple_type": "must be a list",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
}
# A matcher's kind follows from its field; these say that the field does not say it.
UNTAGGED = {"union_tag_invalid", "union_tag_not_found"}
TAGS = frozenset(Field)
NOT_JSON, NOT_AN_OBJECT = "json_invalid", "model_type"


class Reading(NamedTuple):
    """A value that was read, or the errors."""

    value: Any
    violations: tuple[Violation, ...] = ()

    @classmethod
    def of(cls, read: Callable[[], Any]) -> Self:
        """Read, and collect the errors; an Invalid without violations is raised."""
        try:
            return cls(read())
        except Invalid as error:
            if not error.violations:
                raise
            return cls(None, error.violations)


def query[Q: QueryParameters](model: type[Q], request: Request) -> Q:
    """Read the query string, in which only lists may be repeated; Invalid with all errors."""
    given = request.query_params
    values = {name: given.getlist(name) for name in given} if given else {}
    lists = _lists(model)
    repeated = [_repetition(name, "query") for name, each in values.items() if len(each) > 1 and name not in lists]
    try:
        read = model.model_validate({name: each if name in lists else each[0] for name, each in values.items()})
    except ValidationError as error:
        raise _invalid(error, model, "query", repeated) from None
    if repeated:
        raise Invalid("Invalid request.", *repeated)
    return read


def body[B: Body](model: type[B], request: Request) -> B:
    """Read the body; raises UnsupportedMediaType, TooLarge or Invalid.

    It may be left out if it has no required field.
    """
    raw: Any = request.raw_body
    if not raw and (default := body_if_none_is_sent(model)) is not None:
        return default
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMediaType("Send a body of content type application/json.")
    if len(raw) > LARGEST_BODY:
        raise TooLarge(f"The body may have at most {LARGEST_BODY:,} bytes.")
    repeated = (_repetition(name, "body") for name in _repeated_keys(raw))
    try:
        read = model.model_validate_json(raw)
    except ValidationError as error:
        raise _invalid(error, model, "body", repeated) from None
    if violations := tuple(repeated):
        raise Invalid("Invalid request.", *violations)
    return read


def _repeated_keys(raw: bytes) -> Iterator[str]:
    """Iterate over keys that an object of valid JSON has twice: parsers would silently use the last."""
    repeated: dict[str, None] = {}

    def note(pairs: list[tuple[str, Any]]) -> None:
        repeated.update((key, None) for key, times in Counter(key for key, _ in pairs).items() if times > 1)

    json.loads(raw.decode(), object_pairs_hook=note, parse_int=str)
    yield from list(repeated)[:MOST_VIOLATIONS]


def _repetition(name: str, location: str) -> Violation:
    return Violation(clean(name, LONGEST_FIELD), "is given more than once", location)


def body_if_none_is_sent[B: Body](model: type[B]) -> B | None:
    """Return the body to use where none is sent; None where one is required."""
    try:
        return model()
    except ValidationError:
        return None


def _invalid(error: ValidationError, model: type[BaseModel], location: str, more: Iterable[Violation] = ()) -> Invalid:
    # Of a list of which nothing could be read it is said as well that it is empty.
    details = [each for each in error.errors(include_url=False) if each["type"] != "too_short" or not each["input"]]
    kinds = {each["type"] for each in details if not each["loc"]}
    if NOT_JSON in kinds:
        return Invalid("The body is not valid JSON.")
    if NOT_AN_OBJECT in kinds:
        return Invalid("The body must be a JSON object.")
    violations = [_violation(each, model, location) for each in details[:MOST_VIOLATIONS]]
    return Invalid("Invalid request.", *violations, *more)


def _violation(error: ErrorDetails, model: type[BaseModel], location: str) -> Violation:
    return Violation(_field(error, location), _message(error, model, location), location)


def _field(error: ErrorDetails, location: str) -> str:
    """Return the path of an invalid field, such as matchers[0].patterns; a repeated parameter has one name."""
    path = [*error["loc"], *(["field"] if error["type"] in UNTAGGED else [])]
    parts = [
        f"[{each}]" if isinstance(each, int) else f".{each}"
        for before, each in zip([None, *path], path, strict=False)
        # Behind a number stands the kind of what is listed there, which is one of its fields anyway.
        if not (isinstance(each, int) and location == "query") and not (isinstance(before, int) and each in TAGS)
    ]
    return clean("".join(parts).removeprefix("."), LONGEST_FIELD)


def _message(error: ErrorDetails, model: type[BaseModel], location: str) -> str:
    """Return our message for an error; pydantic's own would help few clients."""
    if error["type"] == "extra_forbidden":
        thing = "parameter" if location == "query" else "field"
        return f"unknown {thing}; expected one of {', '.join(by_key(model_at(model, error['loc'][:-1]))) or 'none'}"
    context = {name: _plain(value) for name, value in error.get("ctx", {}).items()}
    words = WORDS.get(error["type"])
    return words.format_map(context) if words else error["msg"]


def _plain(value: object) -> str:
    """Return a list of words with commas, and without quotation marks."""
    return str(value).replace("'", "").replace(" or ", ", ")


@cache
def _lists(model: type[BaseModel]) -> frozenset[str]:
    """Return the fields that hold a list."""
    return frozenset(name for name, field in model.model_fields.items() if get_origin(field.annotation) is tuple)
