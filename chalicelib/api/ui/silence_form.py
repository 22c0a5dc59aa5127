"""The form of a silence: its fields are read as a silence, with each error shown at its field."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Self

from msgspec import Struct, field
from msgspec.structs import replace

from chalicelib.api.ui.visit import Visit
from chalicelib.domain.events.event import Severity
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.silences import LONGEST, Silence
from chalicelib.domain.routing.time_intervals import Hours, zone_of
from chalicelib.domain.text import clean

HOUR = 3_600
DAY = 24 * HOUR
DURATIONS = (HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY)
USUAL = 2 * HOUR
LONGEST_PATTERN, LONGEST_REASON, LONGEST_ZONE = 200, 500, 64
FURTHEST_AHEAD = 365 * DAY
UTC_NAME = "UTC"
# Hours with a time zone at their end.
WITH_ZONE = re.compile(r"[0-9] +[A-Za-z]")
# Text fields; an alert's fingerprint only comes with the address.
TEXTS = (Field.ACCOUNT, Field.REGION, Field.RESOURCE, Field.TITLE, Field.FINGERPRINT)
NEVER_AT_ITS_HOURS = "It would end before its hours come, and cover nothing: let it last longer."
EVERYTHING = "must not be only *: what is to be silent altogether needs the API"


class SilenceForm(Struct, frozen=True, kw_only=True):
    """The fields of the form; `problems` has their errors.

    `starts` and `until` are times in `zone`; an empty `starts` means now, and a non-empty `until` replaces `duration`.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    severities: tuple[str, ...] = ()
    duration: int = USUAL
    reason: str = ""
    tag: str = ""
    hours: str = ""
    starts: str = ""
    until: str = ""
    zone: str = UTC_NAME
    problems: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def empty(cls, visit: Visit) -> Self:
        """Return the form as an address prefills it."""
        values = {name.value: clean(visit.param(name), LONGEST_PATTERN) for name in (*TEXTS, Field.KIND)}
        return cls(
            values=values,
            reason=clean(visit.param("reason"), LONGEST_REASON),
            tag=clean(visit.param("tag"), LONGEST_PATTERN),
        )

    @classmethod
    def of(cls, visit: Visit) -> Self:
        """Read the form that was sent."""
        values = {name.value: clean(visit.field(name), LONGEST_PATTERN + 1) for name in (*TEXTS, Field.KIND)}
        severities = tuple(each for each in visit.form.get("severity", [])[:5] if each in Severity.__members__)
        given = visit.field("duration")
        form = cls(
            values=values,
            severities=severities,
            duration=int(given) if given in map(str, DURATIONS) else 0,
            reason=clean(visit.field("reason"), LONGEST_REASON + 1),
            tag=clean(visit.field("tag"), LONGEST_PATTERN + 1),
            hours=clean(visit.field("hours"), LONGEST_PATTERN + 1),
            starts=clean(visit.field("starts"), LONGEST_ZONE),
            until=clean(visit.field("until"), LONGEST_ZONE),
            zone=clean(visit.field("zone"), LONGEST_ZONE) or UTC_NAME,
        )
        return replace(form, problems=dict(form._problems(visit.now)))

    def silence(self, author: str, now: int) -> Silence:
        """Return the silence as it would be created now."""
        starts_at = max(now, self._moment(self.starts) or now)
        return Silence(
            id="",
            matchers=self.matchers,
            starts_at=starts_at,
            ends_at=self._moment(self.until) or starts_at + self.duration,
            author=author,
            reason=self.reason,
            created_at=now,
        )

    def at_its_hours(self, now: int) -> Silence:
        """Return the silence without its hours, to show what it would cover during them."""
        silence = Silence(id="", matchers=self.matchers, starts_at=now, ends_at=now + 1, author="", reason="")
        return without_hours(silence)

    @property
    def matchers(self) -> tuple[Matcher, ...]:
        """The matchers of all filled-in fields; ValueError where the hours are invalid."""
        key, equals, value = self.tag.partition("=")
        found = [Matcher(Field(name), (value,)) for name, value in self.values.items() if value]
        found += [Matcher(Field.SEVERITY, self.severities)] if self.severities else []
        found += [Matcher(Field.TAG, (value.strip(),), key=key.strip())] if equals else []
        found += [Matcher(Field.HOURS, (self._hours,))] if self.hours else []
        return tuple(found)

    @property
    def can_be_previewed(self) -> bool:
        """Whether a preview is possible."""
        return not self.problems.keys() & {"matchers", "tag", "hours", "zone", *self.values}

    @property
    def problems_of_preview(self) -> Mapping[str, str]:
        """The errors that a preview shows; the others are in fields that a person may not have reached yet."""
        return {name: problem for name, problem in self.problems.items() if name in {"tag", "hours", "zone", "end"}}

    @property
    def _hours(self) -> str:
        """The hours, with the form's time zone unless they have one."""
        return self.hours if WITH_ZONE.search(self.hours) else f"{self.hours} {self.zone}"

    def _moment(self, text: str) -> int:
        """Return a time in the zone as epoch seconds; 0 for none. ValueError where it is malformed."""
        return int(datetime.fromisoformat(text).replace(tzinfo=zone_of(self.zone)).timestamp()) if text else 0

    def _problems(self, now: int) -> Iterator[tuple[str, str]]:
        for name, value in {**self.values, "tag": self.tag, "hours": self.hours}.items():
            if len(value) > LONGEST_PATTERN:
                yield name, f"must have at most {LONGEST_PATTERN} characters"
            elif value and not value.strip("*"):
                yield name, EVERYTHING
        if self.tag and not all(part.strip(" *") for part in self.tag.partition("=")[::2]):
            yield "tag", "must be a tag and its value, such as team=payments"
        if not (any(self.values.values()) or self.tag or self.severities):
            yield "matchers", "Fill in at least one of these: a silence of everything needs the API."
        if not self.reason:
            yield "reason", "Say why: others will want to know."
        elif len(self.reason) > LONGEST_REASON:
            yield "reason", f"must have at most {LONGEST_REASON} characters"
        yield from self._problems_of_time(now)

    def _problems_of_time(self, now: int) -> Iterator[tuple[str, str]]:
        try:
            zone_of(self.zone)
            if self.hours:
                Hours.parse(self._hours)
        except ValueError as error:
            yield ("zone" if "time zone" in str(error) else "hours"), str(error)
            return
        try:
            starts_at, ends_at = self._moment(self.starts) or now, self._moment(self.until)
        except (ValueError, OverflowError):
            yield "until", "must be times such as 2026-03-01T09:00"
            return
        if not (self.until or self.duration):
            yield "duration", "Choose how long it lasts."
        if starts_at > now + FURTHEST_AHEAD:
            yield "starts", "must lie within a year"
        elif self.until and not max(now, starts_at) < ends_at <= max(now, starts_at) + LONGEST:
            yield "until", f"must lie behind its beginning, and {LONGEST // DAY} days behind it at most"
        elif (self.until or self.duration) and not self.silence("", now).comes_to_its_hours:
            yield "end", NEVER_AT_ITS_HOURS


def without_hours(silence: Silence) -> Silence:
    """Return a silence without its hours, to show what it would cover during them."""
    return replace(silence, matchers=tuple(each for each in silence.matchers if each.field is not Field.HOURS))


def choices() -> dict[str, Any]:
    """Return the choices in the form."""
    return {"durations_on_offer": DURATIONS, "severities": sorted(Severity, reverse=True)}
