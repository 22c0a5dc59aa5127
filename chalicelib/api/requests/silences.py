"""Requests to create and change silences."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec.structs import replace
from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from chalicelib.api.fields import SEVERITIES, Duration, Moment, Named, Reader, Reasoned, must, wrong
from chalicelib.api.requests.base import Body
from chalicelib.config import fields as values
from chalicelib.domain.errors import Invalid, Violation
from chalicelib.domain.routing import matchers
from chalicelib.domain.routing.silences import LONGEST, Silence
from chalicelib.domain.timestamps import DAY

MOST_MATCHERS = 10
FURTHEST_AHEAD = 365 * DAY
# Of what excludes each other, no example of a field can say which to take.
EXAMPLE: dict[str, Any] = {
    "matchers": [{"field": "account", "patterns": ["payments-*"]}, {"field": "kind", "patterns": ["alarm"]}],
    "duration": "2h",
    "reason": "The database moves.",
}


def several(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema for one pattern or several."""
    array = {"type": "array", "items": schema, "minItems": 1, "maxItems": values.MOST_PATTERNS, "uniqueItems": True}
    return {"anyOf": [array, schema], "description": "One pattern or several, of which one must match."}


def severities(value: Any) -> tuple[str, ...]:
    """Read the names of severities."""
    names: tuple[str, ...] = values.patterns(value)
    if others := [each for each in names if each not in SEVERITIES]:
        raise ValueError(f"invalid severity {others[0]!r}; expected one of {', '.join(SEVERITIES)}")
    return names


TEXT = {"type": "string", "minLength": 1, "maxLength": values.LONGEST_PATTERN, "pattern": "[^*]"}
HOURS = {"type": "string", "format": "hours", "examples": ["Sun 02:00-04:00 Europe/Berlin"]}
TextPatterns = Annotated[tuple[str, ...], Reader(values.patterns, several(TEXT | {"examples": ["payments-*"]}))]
SeverityPatterns = Annotated[tuple[str, ...], Reader(severities, several({"type": "string", "enum": SEVERITIES}))]
HoursPatterns = Annotated[tuple[str, ...], Reader(values.hours, several(HOURS))]
Not = Annotated[bool, Field(alias="not", description="Whether to invert the match: none of the patterns may match.")]


class TextMatcher(Body):
    """Matches text against shell-style patterns, which cover the whole text, including letter case.

    Accounts by id or name.
    """

    field: Literal["kind", "source", "account", "region", "fingerprint", "title", "resource"]
    patterns: TextPatterns
    negated: Not = False


class SeverityMatcher(Body):
    """Matches severities by name."""

    field: Literal["severity"]
    patterns: SeverityPatterns
    negated: Not = False


class HoursMatcher(Body):
    """Matches during hours of the week."""

    field: Literal["hours"]
    patterns: HoursPatterns
    negated: Not = False


class TagMatcher(Body):
    """Matches events of accounts by a tag of the account."""

    field: Literal["tag"]
    key: Annotated[
        str,
        Field(min_length=1, max_length=128, pattern="^[^\\n]*$", description="The tag's key.", examples=["stage"]),
        must("must be the key of a tag"),
    ]
    patterns: TextPatterns
    negated: Not = False


Matcher = Annotated[TextMatcher | SeverityMatcher | HoursMatcher | TagMatcher, Field(discriminator="field")]


class NewSilence(Body):
    """A silence to create: what it covers, and until when."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    everything: Annotated[bool, Field(description="True instead of matchers, to silence every event.")] = False
    matchers: Annotated[
        tuple[Matcher, ...],
        Field(max_length=MOST_MATCHERS, validate_default=True, description="All of them must match an event."),
    ] = ()
    starts_at: Annotated[Moment | None, Field(description="The start: now, if left out; within 365 days.")] = None
    duration: Annotated[Duration | None, Field(description="The length, instead of `ends_at`.")] = None
    ends_at: Annotated[
        Moment | None, Field(validate_default=True, description="The end, within 30 days of the start.")
    ] = None
    reason: Annotated[Reasoned, Field(description="Why.", examples=["The database moves."])]
    author: Annotated[Named | None, Field(description="Who created it; the name of the token, if left out.")] = None

    @field_validator("matchers")
    @classmethod
    def _check_matchers(cls, given: tuple[Any, ...], info: ValidationInfo) -> tuple[Any, ...]:
        if bool(given) == info.data.get("everything", not given):
            raise wrong('one of matchers and "everything": true is needed')
        return given

    @field_validator("duration")
    @classmethod
    def _check_duration(cls, duration: int | None) -> int | None:
        if duration is not None and duration > LONGEST:
            raise wrong(f"must be at most {LONGEST // DAY} days; permanent silences belong in the routes file")
        return duration

    @field_validator("ends_at")
    @classmethod
    def _check_end(cls, ends_at: int | None, info: ValidationInfo) -> int | None:
        return one_end(info.data.get("duration", 0), ends_at, "duration" in info.data)

    def silence(self, author: str, now: int) -> Silence:
        """Return the silence as it would be created now; Invalid where that is impossible."""
        starts_at = now if self.starts_at is None else self.starts_at
        ends_at = starts_at + (self.duration or 0) if self.ends_at is None else self.ends_at
        blamed = "duration" if self.ends_at is None else "ends_at"
        check_times(starts_at, ends_at, now, blamed)
        silence = Silence(
            id="",
            matchers=tuple(map(_known, self.matchers)),
            starts_at=starts_at,
            ends_at=ends_at,
            author=self.author or author,
            reason=self.reason,
            created_at=now,
        )
        check_hours(replace(silence, starts_at=max(starts_at, now)), blamed)
        return silence


class SilenceChange(Body):
    """A new end for a silence."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"duration": "2h"}]})

    duration: Annotated[
        Duration | None, Field(description="The length from now on, or from its start if it has not begun.")
    ] = None
    ends_at: Annotated[
        Moment | None, Field(validate_default=True, description="The end, within 30 days of the start.")
    ] = None

    @field_validator("ends_at")
    @classmethod
    def _check_end(cls, ends_at: int | None, info: ValidationInfo) -> int | None:
        return one_end(info.data.get("duration", 0), ends_at, "duration" in info.data)

    def end_of(self, silence: Silence, now: int) -> int:
        """Return the new end of the silence; Invalid where that is impossible."""
        ends_at = max(silence.starts_at, now) + (self.duration or 0) if self.ends_at is None else self.ends_at
        blamed = "duration" if self.ends_at is None else "ends_at"
        check_times(silence.starts_at, ends_at, now, blamed)
        check_hours(replace(silence, ends_at=ends_at), blamed)
        return ends_at


def one_end(duration: int | None, ends_at: int | None, is_readable: bool) -> int | None:  # noqa: FBT001 - see its callers
    """Return the end; one of the two must be given, unless the other is invalid anyway."""
    if is_readable and (duration is None) == (ends_at is None):
        raise wrong("one of ends_at and duration is needed")
    return ends_at


def check_times(starts_at: int, ends_at: int, now: int, blamed: str) -> None:
    """Raise Invalid where a silence cannot have this start and end."""
    violations = []
    if ends_at <= max(starts_at, now):
        violations.append(Violation(blamed, "must end after its start, and after now", "body"))
    if ends_at - starts_at > LONGEST:
        days = LONGEST // DAY
        message = f"must end within {days} days of its start; permanent silences belong in the routes file"
        violations.append(Violation(blamed, message, "body"))
    if starts_at > now + FURTHEST_AHEAD:
        violations.append(Violation("starts_at", f"must lie within {FURTHEST_AHEAD // DAY} days", "body"))
    if violations:
        raise Invalid("Invalid request.", *violations)


def check_hours(silence: Silence, blamed: str) -> None:
    """Raise Invalid where a silence would end before its hours come, and so cover nothing."""
    if not silence.comes_to_its_hours:
        message = "must end after its hours have come: until then it covers nothing"
        raise Invalid("Invalid request.", Violation(blamed, message, "body"))


def _known(matcher: TextMatcher | SeverityMatcher | HoursMatcher | TagMatcher) -> matchers.Matcher:
    key = matcher.key if isinstance(matcher, TagMatcher) else ""
    return matchers.Matcher(matchers.Field(matcher.field), matcher.patterns, key, matcher.negated)
