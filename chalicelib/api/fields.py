"""Fields: types shared by requests and responses, each with its schema and its error messages."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, NamedTuple

from pydantic import (
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)
from pydantic_core import PydanticCustomError, core_schema

from chalicelib.config.durations import seconds_in
from chalicelib.domain.agents.agent import parse_agent_id
from chalicelib.domain.events.event import Severity
from chalicelib.domain.pagination import LARGEST_LIMIT
from chalicelib.domain.text import clean
from chalicelib.domain.timestamps import DAY, iso

LONGEST_NAME = 64
LONGEST_NOTE = 200
LONGEST_SOURCE = 128
LONGEST_TEXT = 100
# The last second of the year 9999, the largest that a datetime can hold.
LATEST = 253_402_300_799
SEVERITIES = [each.name for each in Severity]
DIGEST = "^[0-9a-f]{32}$"
EVENT_ID = "^[0-9]{10}-[0-9a-f]{32}$"
SILENCE_ID = "^[0-9a-f]{16}$"
AGENT_ID = "^[0-9]{12}-[A-Za-z0-9-]{1,128}$"
# Text without control characters and line breaks.
LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
LINE_TEXT = re.compile(LINE)
TIME_SCHEMA = {"type": "string", "format": "date-time", "examples": ["2026-01-31T10:00:00Z"]}
MOMENT_SCHEMA = {
    "anyOf": [
        {"type": "string", "format": "date-time"},
        {"type": "string", "format": "date"},
        {"type": "integer", "minimum": 0, "maximum": LATEST},
    ],
    "examples": ["2026-01-31T10:00:00Z", "2026-01-31", 1769853600],
}
MOMENT = "must be epoch seconds or ISO 8601 such as 2026-01-31T10:00:00Z (write + as %2B)"


def wrong(message: str) -> PydanticCustomError:
    """Return a validation error with our own message."""
    return PydanticCustomError("invalid", "{message}", {"message": message})


def must(message: str) -> WrapValidator:
    """Return a validator that replaces every error of the type by `message`."""

    def validate(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(value)
        except ValidationError:
            raise wrong(message) from None

    return WrapValidator(validate)


def explained(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a reader whose ValueError becomes a validation error with the same text."""

    def validate(value: Any) -> Any:
        try:
            return read(value)
        except ValueError as error:
            raise wrong(str(error)) from None

    return validate


class Reader(NamedTuple):
    """The type of a value that a function reads, raising ValueError where it is invalid; `schema` describes it."""

    read: Callable[[Any], Any]
    schema: Mapping[str, Any]

    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Let the function read."""
        return core_schema.no_info_plain_validator_function(explained(self.read))

    def __get_pydantic_json_schema__(self, _schema: object, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the schema."""
        return dict(self.schema)


class OneLine(NamedTuple):
    """A text of one line, without surplus spaces and invisible characters."""

    longest: int
    shortest: int = 0

    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Check and clean."""
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, _schema: object, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the schema."""
        return {"type": "string", "minLength": self.shortest, "maxLength": self.longest, "pattern": LINE}

    def read(self, value: Any) -> str:
        """Return the clean text."""
        fits = isinstance(value, str) and len(value) <= self.longest and LINE_TEXT.fullmatch(value)
        cleaned = clean(value, self.longest) if fits else ""
        if not fits or len(cleaned) < self.shortest:
            raise wrong(f"must be one line of {self.shortest} to {self.longest} characters")
        return cleaned


# --- values of requests


def moment(value: Any, second_of_day: int = 0) -> int:
    """Read epoch seconds or ISO 8601, in UTC unless it has an offset; a date alone means that second of the day."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str):
        raise wrong(MOMENT)
    time = int(text) if re.fullmatch("[0-9]{1,12}", text) else _iso_time(text)
    if time is None or not 0 <= time <= LATEST:
        raise wrong(MOMENT)
    return time + (second_of_day if _is_date(text) else 0)


def last_moment(value: Any) -> int:
    """Read the end of a time span: a date alone means its last second."""
    return moment(value, DAY - 1)


def _iso_time(text: str) -> int | None:
    """Read ISO 8601; a time before 1970 becomes 0, as there is nothing before."""
    try:
        time = datetime.fromisoformat(text.upper())
        return max(0, int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()))
    except (ValueError, OverflowError):
        return None


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return not text.isdecimal()  # eight digits are epoch seconds, though ISO 8601 would let them be a date


def severity(value: Any) -> Severity:
    """Read the name of a severity, in any letter case."""
    name = value.upper() if isinstance(value, str) else ""
    if isinstance(value, Severity):
        return value
    if name not in SEVERITIES:
        raise wrong(f"invalid severity {clean(value, LONGEST_NAME)!r}; expected one of {', '.join(SEVERITIES)}")
    return Severity[name]


def limit(value: Any) -> int:
    """Read the size of a page from a query string."""
    number = int(value) if re.fullmatch("[0-9]{1,3}", str(value)) and str(value).isascii() else 0
    if not 1 <= number <= LARGEST_LIMIT:
        raise wrong(f"must be a whole number from 1 to {LARGEST_LIMIT}")
    return number


def agent_place(value: Any) -> tuple[str, str]:
    """Read an agent's id as its account and region."""
    if not (isinstance(value, str) and re.fullmatch(AGENT_ID, value)):
        raise wrong("must be an agent's id such as 111122223333-eu-west-1")
    return parse_agent_id(value)


def duration(value: Any) -> int:
    """Read a duration such as 2h as seconds."""
    if not isinstance(value, str):
        raise wrong('must be a duration such as "2h"')
    return seconds_in(value)


Severe = Annotated[
    Severity,
    Reader(severity, {"type": "string", "enum": SEVERITIES, "examples": ["HIGH"]}),
    PlainSerializer(lambda each: each.name, return_type=str),
]
Moment = Annotated[int, Reader(moment, MOMENT_SCHEMA)]
LastMoment = Annotated[int, Reader(last_moment, MOMENT_SCHEMA)]
Limit = Annotated[int, Reader(limit, {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT})]
Cursor = Annotated[
    str,
    Field(pattern="^[A-Za-z0-9_-]{1,512}$"),
    must("is damaged; use `next` or `previous` as the list returned it"),
]
Account = Annotated[str, Field(pattern="^[0-9]{12}$", examples=["111122223333"]), must("must be text of 12 digits")]
AnyAccount = Annotated[
    str,
    Field(pattern=r"^([0-9]{12}|\*)$", examples=["111122223333"]),
    must("must be 12 digits, or * for a public event"),
]
Region = Annotated[
    str,
    Field(pattern="^[a-z]{2,8}(-[a-z]{2,16}){1,3}-[0-9]{1,2}$", examples=["eu-west-1"]),
    must("must be a region such as eu-west-1"),
]
AnyRegion = Annotated[
    str,
    Field(pattern="^[A-Za-z0-9-]{1,64}$", examples=["eu-west-1"]),
    must("must be a region such as eu-west-1"),
]
Fingerprint = Annotated[
    str,
    Field(pattern=DIGEST, examples=["6f1d1fa5c1c34a7e8a8f1c1d2b3a4f5e"]),
    must("must be 32 hexadecimal digits"),
]
EventId = Annotated[str, Field(pattern=EVENT_ID, examples=["1769853600-6f1d1fa5c1c34a7e8a8f1c1d2b3a4f5e"])]
NotificationId = Annotated[str, Field(pattern=DIGEST, examples=["0b2c9a7766554433221100ffeeddccbb"])]
SilenceId = Annotated[str, Field(pattern=SILENCE_ID, examples=["8c1f0e2d3b4a5968"])]
AgentPlace = Annotated[
    tuple[str, str],
    Reader(agent_place, {"type": "string", "pattern": AGENT_ID, "examples": ["111122223333-eu-west-1"]}),
]
LogGroup = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9_/.#-]{1,512}$", examples=["/aws/lambda/checkout"]),
    must("must be a log group's name such as /aws/lambda/checkout"),
]
Duration = Annotated[
    int, Reader(duration, {"type": "string", "pattern": "^[1-9][0-9]{0,7}[smhd]$", "examples": ["2h"]})
]
Name = Annotated[str, OneLine(LONGEST_NAME)]
Named = Annotated[str, OneLine(LONGEST_NAME, shortest=1)]
Note = Annotated[str, OneLine(LONGEST_NOTE)]
Reasoned = Annotated[str, OneLine(LONGEST_NOTE, shortest=1)]
SourceName = Annotated[str, OneLine(LONGEST_SOURCE, shortest=1)]
SearchText = Annotated[str, OneLine(LONGEST_TEXT, shortest=1)]


# --- values of responses: empty ones are null


def described(pattern: str, example: str) -> WithJsonSchema:
    """Return the schema of a text that is shown unchanged."""
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": [example]})


def or_null(value: Any) -> Any:
    """Return None for an empty value."""
    return value or None


Time = Annotated[int, PlainSerializer(iso, return_type=str), WithJsonSchema(TIME_SCHEMA)]
OptionalTime = Annotated[Time | None, BeforeValidator(or_null)]
OptionalText = Annotated[str | None, BeforeValidator(or_null)]
OptionalCount = Annotated[int | None, BeforeValidator(or_null)]
# What the hub once wrote is shown, whatever it is; only what others write is checked.
ShownAgentId = Annotated[str, described(AGENT_ID, "111122223333-eu-west-1")]
ShownEventId = Annotated[str, described(EVENT_ID, "1769853600-6f1d1fa5c1c34a7e8a8f1c1d2b3a4f5e")]
ShownFingerprint = Annotated[str, described(DIGEST, "6f1d1fa5c1c34a7e8a8f1c1d2b3a4f5e")]
ShownNotificationId = Annotated[str, described(DIGEST, "0b2c9a7766554433221100ffeeddccbb")]
ShownSilenceId = Annotated[str, described(SILENCE_ID, "8c1f0e2d3b4a5968")]
OptionalEventId = Annotated[ShownEventId | None, BeforeValidator(or_null)]
OptionalFingerprint = Annotated[ShownFingerprint | None, BeforeValidator(or_null)]
OptionalNotificationId = Annotated[ShownNotificationId | None, BeforeValidator(or_null)]
OptionalSeverity = Annotated[Severe | None, Field()]
