"""Histories: a problem's moments, put in the order in which they happened, whatever the order in which they came."""

from bisect import insort
from collections.abc import Iterable
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple, Self

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.events.event import Event, Severity, Signal

# Moments remembered one by one, so that a late one falls into its place; what is older is remembered as its sum. So
# few keep an alert's item under DynamoDB's next write unit.
REMEMBERED = 16
TIME, DIGEST = 10, 8


class Status(StrEnum):
    """Where a problem stands."""

    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class TransitionKind(StrEnum):
    """What a moment can be; people acknowledge and reopen, both people and events do the rest."""

    FIRED = "F"
    RESOLVED = "R"
    ACKNOWLEDGED = "A"
    REOPENED = "O"


class Transition(NamedTuple):
    """Something that happened to a problem; moments sort by time, and within a second by the digest of their cause."""

    at: int
    cause: str
    happening: TransitionKind
    severity: Severity

    @classmethod
    def of(cls, event: Event) -> Self | None:
        """Return the moment of an event; None where it says nothing of how things stand."""
        if event.signal not in {Signal.FIRING, Signal.RESOLVED}:
            return None
        happening = TransitionKind.FIRED if event.signal is Signal.FIRING else TransitionKind.RESOLVED
        return cls(event.published_at, event.id.partition("-")[2][:DIGEST], happening, event.severity)

    def write(self) -> str:
        """Write the moment as text that sorts as it does."""
        return f"{self.at:0{TIME}d}{self.cause:>{DIGEST}}{self.happening}{self.severity:d}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what `write` wrote."""
        at, cause, happening, severity = text[:TIME], text[TIME:-2].strip(), text[-2], text[-1]
        return cls(int(at), cause, TransitionKind(happening), Severity(int(severity)))


class EpisodeState(Struct, frozen=True, kw_only=True):
    """Where a problem stands after some moments; an episode lasts from firing to resolved.

    `since`, `count` (firing events) and `severity` (the worst) speak of the newest of `episodes`.
    """

    status: Status = Status.RESOLVED
    since: int = 0
    count: int = 0
    severity: Severity = Severity.UNKNOWN
    episodes: int = 0

    def after(self, moment: Transition) -> Self:
        """Return where the problem stands after one more moment."""
        over = self.status is Status.RESOLVED
        match moment.happening:
            case TransitionKind.FIRED if over:
                return type(self)(
                    status=Status.FIRING,
                    since=moment.at,
                    count=1,
                    severity=moment.severity,
                    episodes=self.episodes + 1,
                )
            case TransitionKind.FIRED:
                return replace(self, count=self.count + 1, severity=max(self.severity, moment.severity))
            case TransitionKind.RESOLVED:
                return replace(self, status=Status.RESOLVED)
            case TransitionKind.ACKNOWLEDGED if not over:
                return replace(self, status=Status.ACKNOWLEDGED)
            case TransitionKind.REOPENED if self.episodes:
                return replace(self, status=Status.FIRING)
            case _:
                return self

    def joined(self, moment: Transition) -> Self | None:
        """Return the course with a firing event that came too late for its place; None where it belongs elsewhere.

        It belongs at the very beginning, or into an episode that is still going on and is the first or began earlier.
        """
        if self == BEGINNING:
            return self.after(moment)
        belongs = self.episodes == 1 or self.since <= moment.at
        if self.status is Status.RESOLVED or moment.happening is not TransitionKind.FIRED or not belongs:
            return None
        return replace(self.after(moment), since=min(self.since, moment.at))


BEGINNING = EpisodeState()


class History(Struct, frozen=True):
    """The newest moments in order, and the course that all older ones add up to."""

    before: EpisodeState = BEGINNING
    moments: tuple[Transition, ...] = ()

    def adding(self, moment: Transition) -> Self | None:
        """Return the history with one more moment in its place; None where it is older than all that is remembered."""
        if len(self.moments) == REMEMBERED and moment < self.moments[0]:
            joined = self.before.joined(moment)
            return None if joined is None else type(self)(joined, self.moments)
        moments = list(self.moments)
        insort(moments, moment)
        before = self.before.after(moments.pop(0)) if len(moments) > REMEMBERED else self.before
        return type(self)(before, tuple(moments))

    @property
    def course(self) -> EpisodeState:
        """Where the problem stands after all of it."""
        return self._courses()[-1]

    def newest(self, happening: TransitionKind) -> Transition | None:
        """Return the newest remembered moment of this kind."""
        return next((moment for moment in reversed(self.moments) if moment.happening is happening), None)

    def turns(self) -> Iterable[int]:
        """Return when the problem began or ended, as far as single moments are remembered."""
        over = [course.status is Status.RESOLVED for course in self._courses()]
        return (moment.at for moment, (was, now) in zip(self.moments, pairwise(over), strict=True) if was is not now)

    def _courses(self) -> list[EpisodeState]:
        courses = [self.before]
        for moment in self.moments:
            courses.append(courses[-1].after(moment))
        return courses
