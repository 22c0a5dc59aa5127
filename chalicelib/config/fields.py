"""Fields: the types of values in configuration files; editors get their schemas."""

from collections.abc import Callable
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    StrictInt,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import ErrorDetails

from chalicelib.config.durations import TEXT, as_text, seconds_in
from chalicelib.domain.alerts.window_count import HIGHEST_COUNT
from chalicelib.domain.routing.time_intervals import EXAMPLE, parsed
from chalicelib.domain.text import clean, shortened
from chalicelib.domain.timestamps import DAY
from chalicelib.sources.registry import KINDS

NAME, ACCOUNT, NOT_EVERYTHING = "^[a-z0-9][a-z0-9_-]{0,31}$", "^[0-9]{12}$", "[^*]"
LONGEST_PATTERN = 200
MOST_PATTERNS = 50
LONGEST_TEXT = 64
LONGEST_NOTE, LONGEST_ADDRESS, LONGEST_KEY = 300, 500, 128
# Keys of a tag, or a path in a detail: what dots cut apart is not empty.
ADDRESS, PATH = '^https?://[^\\s<>|"]+$', "^[^.]+(\\.[^.]+){0,9}$"
MAILBOX = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,63}$"
TOPIC = "^arn:aws[a-z-]{0,12}:sns:[a-z0-9-]{1,32}:[0-9]{12}:[A-Za-z0-9_-]{1,256}$"
KIND, SOURCE = "^[a-z][a-z0-9_]{0,31}$", r"^((aws|custom)\.[A-Za-z0-9_./-]+|lambda)$"
SHORTEST_DELAY, SHORTEST_INTERVAL, LONGEST_INTERVAL = 60, 300, 7 * DAY
LONGEST_GROUP_WAIT, SHORTEST_GROUP_INTERVAL, LONGEST_GROUP_INTERVAL = 300, 60, 3_600
NO_TIME = "0s"
LOWEST_COUNT = 2
SHOWN = 60
# What is wrong, by pydantic's names of errors, and with a text by the pattern that it does not have.
COMPLAINTS = {
    "string_type": "invalid value {value}; expected text, in quotes",
    "bool_type": "invalid value {value}; expected true or false, without quotes",
    "int_type": "invalid value {value}; expected a whole number, without quotes",
    "greater_than_equal": "{value} is too small; expected {ge} or more",
    "less_than_equal": "{value} is too large; expected {le} or less",
    "literal_error": "invalid {key} {value}; expected one of {expected}",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "string_too_long": "expected at most {max_length} characters",
    "too_long": "expected at most {max_length} values",
    "tuple_type": "expected [[{key}]], once for each",
    "dict_type": "expected a table",
    "model_type": "expected a table",
    "^[CG][A-Z0-9]{8,20}$": "invalid channel {value}; expected its id, such as C0123456789",
    NAME: "invalid name {value}; expected up to 32 lower-case letters, digits, - and _, from a letter or digit on",
    ACCOUNT: "invalid account {value}; expected an id of 12 digits",
    ADDRESS: "invalid address {value}; expected one such as https://wiki.example.com/runbook",
    PATH: 'invalid path {value}; expected up to 10 keys, such as "resource.type"',
    MAILBOX: "invalid address {value}; expected one such as ops@example.com",
    TOPIC: "invalid topic {value}; expected its ARN, such as arn:aws:sns:eu-west-1:111122223333:ops",
    KIND: "invalid kind {value}; expected up to 32 lower-case letters, digits and _, from a letter on",
    SOURCE: "invalid source {value}; expected one that begins with aws. or custom., or lambda",
    NOT_EVERYTHING: "{value} fits everything; leave the line out, or write '[*]' for the character itself",
}

T = TypeVar("T")


class _OneOrList(NamedTuple):
    """Marks a list whose single value may be written without brackets."""

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Offer one value or a list."""
        array = handler(schema)
        return {"anyOf": [array["items"], array | {"uniqueItems": True}]}


def shown(value: Any) -> str:
    """Return a value as error messages show it."""
    return shortened(repr(value), SHOWN)


def complaint(error: ErrorDetails, key: str = "value") -> str:
    """Return our message about an invalid value, with what was expected."""
    known = error.get("ctx", {})
    if template := COMPLAINTS.get(known.get("pattern", error["type"])):
        expected = known.get("expected", "").replace("'", "")
        return template.format_map(known | {"key": key, "value": shown(error["input"]), "expected": expected})
    return error["msg"].removeprefix("Value error, ")


def reader(kind: Any) -> Callable[[Any], Any]:
    """Return a function that reads a single value of this type; its ValueError says what is wrong."""
    adapter = TypeAdapter[Any](kind)

    def read(value: Any) -> Any:
        try:
            return adapter.validate_python(value)
        except ValidationError as error:
            raise ValueError(complaint(error.errors()[0])) from None

    return read


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _unique(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if double := next((each for each in values if values.count(each) > 1), None):
        raise ValueError(f"{shown(double)} is listed more than once")
    return values


def _line(value: str) -> str:
    if value != clean(value, len(value)):
        raise ValueError("expected one line of text, without spaces around it")
    return value


def _span(shortest: int, longest: int, example: str = "10s") -> Callable[[Any], int]:
    """Return a function that reads a duration within these bounds, in seconds.

    "0s" is allowed if the shortest is 0.
    """

    def read(value: Any) -> int:
        if not isinstance(value, str):
            raise ValueError(f'invalid duration {shown(value)}; expected one such as "{example}", in quotes')  # noqa: TRY004 - pydantic collects ValueErrors
        seconds = 0 if value == NO_TIME else seconds_in(value)
        if not shortest <= seconds <= longest:
            least = as_text(shortest) if shortest else NO_TIME
            raise ValueError(f"{value!r} is not within {least} to {as_text(longest)}")
        return seconds

    return read


def _kind(value: str) -> str:
    if not any(fnmatchcase(kind, value) for kind in KINDS):
        near = get_close_matches(value[:LONGEST_TEXT], KINDS)
        expected = f"did you mean {' or '.join(near)}?" if near else f"expected one of {', '.join(sorted(KINDS))}"
        raise ValueError(f"unknown kind {shown(value)}; {expected}")
    return value


def _no_table(value: Any) -> Any:
    if isinstance(value, dict):
        raise ValueError('write the whole path in quotes, such as match.detail."resource.type"')  # noqa: TRY004 - pydantic collects ValueErrors
    return value


def _hours(value: str) -> str:
    parsed(value)
    return value


_Limited = Field(min_length=1, max_length=LONGEST_PATTERN)
A_KIND: Any = {"anyOf": [{"enum": sorted(KINDS)}, {"pattern": r"[*?\[]"}]}
_Duration = Annotated[str, Field(pattern=f"^{TEXT.pattern}$")]
_Wait = Annotated[str, Field(pattern=f"^({TEXT.pattern}|{NO_TIME})$")]
_Listed, _Unique = BeforeValidator(_listed), AfterValidator(_unique)

type Name = Annotated[str, Field(pattern=NAME)]
type AccountId = Annotated[str, Field(pattern=ACCOUNT)]
type Line = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT), AfterValidator(_line)]
type Note = Annotated[str, Field(min_length=1, max_length=LONGEST_NOTE), AfterValidator(_line)]
type Address = Annotated[str, Field(max_length=LONGEST_ADDRESS, pattern=ADDRESS)]
type TagKey = Annotated[str, Field(min_length=1, max_length=LONGEST_KEY)]
type Path = Annotated[str, Field(max_length=LONGEST_KEY, pattern=PATH)]
type Interval = Annotated[
    int, BeforeValidator(_span(SHORTEST_INTERVAL, LONGEST_INTERVAL, "4h"), json_schema_input_type=_Duration)
]
type GroupWait = Annotated[int, BeforeValidator(_span(0, LONGEST_GROUP_WAIT), json_schema_input_type=_Wait)]
type GroupInterval = Annotated[
    int, BeforeValidator(_span(SHORTEST_GROUP_INTERVAL, LONGEST_GROUP_INTERVAL), json_schema_input_type=_Duration)
]
type Delay = Annotated[int, BeforeValidator(_span(SHORTEST_DELAY, LONGEST_INTERVAL), json_schema_input_type=_Duration)]
type Count = Annotated[StrictInt, Field(ge=LOWEST_COUNT, le=HIGHEST_COUNT)]
type SeverityName = Literal["LOW", "MEDIUM", "HIGH", "CRITICAL"]
type Group = Literal["account", "region", "kind", "severity"]
type AnyPattern = Annotated[str, _Limited]
type Pattern = Annotated[str, _Limited, Field(pattern=NOT_EVERYTHING)]
type Kind = Annotated[Pattern, AfterValidator(_kind), Field(json_schema_extra=A_KIND)]
type HoursText = Annotated[str, AfterValidator(_hours), Field(examples=[EXAMPLE])]

AnyNumber = Annotated[tuple[T, ...], Field(max_length=MOST_PATTERNS), _Unique, _Listed, _OneOrList()]
OneOrMore = Annotated[tuple[T, ...], Field(min_length=1, max_length=MOST_PATTERNS), _Unique, _Listed, _OneOrList()]

type AtPath = Annotated[OneOrMore[Pattern], BeforeValidator(_no_table)]

patterns, hours = reader(OneOrMore[Pattern]), reader(OneOrMore[HoursText])
