"""The form of a silence: what people fill in, read as a silence, with every mistake said where it is."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

from msgspec import Struct, field

from chalicelib.api.ui.visit import Visit
from chalicelib.domain.events.event import Severity
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.silences import Silence
from chalicelib.domain.text import clean

HOUR = 3_600
DAY = 24 * HOUR
DURATIONS = (HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY)
USUAL = 2 * HOUR
LONGEST_PATTERN, LONGEST_REASON = 200, 500
# Fields of text; an alert's fingerprint comes with the address only.
TEXTS = (Field.ACCOUNT, Field.REGION, Field.RESOURCE, Field.TITLE, Field.FINGERPRINT)
EVERYTHING = "must not be only *: what is to be silent altogether needs the API"


class SilenceForm(Struct, frozen=True, kw_only=True):
    """What stands in the form; `problems` says by field what cannot be."""

    values: Mapping[str, str] = field(default_factory=dict)
    severities: tuple[str, ...] = ()
    duration: int = USUAL
    reason: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def empty(cls, visit: Visit) -> Self:
        """Return the form as an address begins it."""
        values = {name.value: clean(visit.param(name), LONGEST_PATTERN) for name in (*TEXTS, Field.KIND)}
        return cls(values=values, reason=clean(visit.param("reason"), LONGEST_REASON))

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
        )
        return cls(
            values=values,
            severities=severities,
            duration=form.duration,
            reason=form.reason,
            problems=dict(form._problems()),
        )

    def silence(self, author: str, now: int) -> Silence:
        """Return the silence as it would be made now."""
        return Silence(
            id="",
            matchers=self.matchers,
            starts_at=now,
            ends_at=now + self.duration,
            author=author,
            reason=self.reason,
            created_at=now,
        )

    @property
    def matchers(self) -> tuple[Matcher, ...]:
        """What it covers: what fits all that is filled in."""
        texts = [Matcher(Field(name), (value,)) for name, value in self.values.items() if value]
        return (*texts, Matcher(Field.SEVERITY, self.severities)) if self.severities else tuple(texts)

    @property
    def can_be_previewed(self) -> bool:
        """Whether what it would cover can be said."""
        return not self.problems.keys() & {"matchers", *self.values}

    def _problems(self) -> Iterator[tuple[str, str]]:
        for name, value in self.values.items():
            if len(value) > LONGEST_PATTERN:
                yield name, f"must have at most {LONGEST_PATTERN} characters"
            elif value and not value.strip("*"):
                yield name, EVERYTHING
        if not self.matchers:
            yield "matchers", "Fill in at least one of these: a silence of everything needs the API."
        if not self.duration:
            yield "duration", "Choose how long it lasts."
        if not self.reason:
            yield "reason", "Say why: others will want to know."
        elif len(self.reason) > LONGEST_REASON:
            yield "reason", f"must have at most {LONGEST_REASON} characters"


def choices() -> dict[str, Any]:
    """Return what can be chosen in the form."""
    return {"durations_on_offer": DURATIONS, "severities": sorted(Severity, reverse=True)}
