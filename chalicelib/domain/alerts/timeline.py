"""Timelines: a problem's transitions in the order in which they happened, in whatever order they arrived."""

from bisect import insort
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple, Self

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.events.event import Event, Severity, Signal
from chalicelib.domain.timestamps import DAY

# Transitions kept, so that a late one can be put in its place; older ones are added up. So few keep an alert's item
# below DynamoDB's next write unit.
REMEMBERED = 16
# Seconds: if all kept transitions are within this time, it is a storm.
DENSE = 60
# Seconds: the return of an intermittent problem is news after such an absence.
CALM = DAY
# Seconds for which other regions may repeat what one region has reported.
REPLICATION = 3_600
# Characters of an event's digest that distinguish it from others of the same second.
DIGEST = 8


class Status(StrEnum):
    """The status of a problem."""

    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class TransitionKind(StrEnum):
    """The kinds of transitions; people acknowledge, reopen, assign and note; resolving is done by events, too.

    An intermittent problem has not FIRED, but COME; an event that may only repeat another region's is REPLICATED.
    """

    FIRED = "F"
    CAME = "C"
    REPLICATED = "P"
    RESOLVED = "R"
    ACKNOWLEDGED = "A"
    REOPENED = "O"
    NOTED = "N"


class Transition(NamedTuple):
    """A change of a problem; transitions sort by time, and within a second by the digest of their cause."""

    at: int
    cause: str
    kind: TransitionKind
    severity: Severity

    @classmethod
    def of(cls, event: Event) -> Self | None:
        """Return the transition of an event; None where it neither fires nor resolves."""
        if event.signal not in {Signal.FIRING, Signal.RESOLVED}:
            return None
        kind = _firing_kind(event) if event.signal is Signal.FIRING else TransitionKind.RESOLVED
        return cls(event.published_at, event.id.partition("-")[2][:DIGEST], kind, event.severity)

    @property
    def fires(self) -> bool:
        """Whether it says that the problem exists."""
        return self.kind in {TransitionKind.FIRED, TransitionKind.CAME, TransitionKind.REPLICATED}


def _firing_kind(event: Event) -> TransitionKind:
    if event.replicated:
        return TransitionKind.REPLICATED
    return TransitionKind.CAME if event.intermittent else TransitionKind.FIRED


class EpisodeState(Struct, frozen=True, kw_only=True):
    """The state of a problem after some transitions; an episode lasts from firing to resolved.

    `since`, `count` (firing events) and `severity` (the highest) are about the newest of `episodes`, and so are
    `repeats`, events that did not count as they only repeat another region's, and `intermittent`: whether only
    intermittent events fired in it.
    """

    status: Status = Status.RESOLVED
    since: int = 0
    count: int = 0
    severity: Severity = Severity.UNKNOWN
    episodes: int = 0
    intermittent: bool = False
    repeats: int = 0

    def after(self, transition: Transition) -> Self:
        """Return the state after one more transition."""
        over, comes = self.status is Status.RESOLVED, transition.kind is TransitionKind.CAME
        match transition.kind:
            case _ if over and transition.fires:
                return type(self)(
                    status=Status.FIRING,
                    since=transition.at,
                    count=1,
                    severity=transition.severity,
                    episodes=self.episodes + 1,
                    intermittent=comes,
                )
            case _ if transition.fires:
                severity, intermittent = max(self.severity, transition.severity), self.intermittent and comes
                is_repeat = self._is_repeated_by(transition)
                count, repeats = self.count + (not is_repeat), self.repeats + is_repeat
                return replace(self, count=count, repeats=repeats, severity=severity, intermittent=intermittent)
            case TransitionKind.RESOLVED:
                return replace(self, status=Status.RESOLVED)
            case TransitionKind.ACKNOWLEDGED if not over:
                return replace(self, status=Status.ACKNOWLEDGED)
            case TransitionKind.REOPENED if self.episodes:
                return replace(self, status=Status.FIRING)
            case _:
                return self

    def _is_repeated_by(self, transition: Transition) -> bool:
        """Return whether a transition only repeats, in another region, what began the episode."""
        return transition.kind is TransitionKind.REPLICATED and transition.at < self.since + REPLICATION

    def merged(self, transition: Transition) -> Self | None:
        """Return the state with a firing event that came too late for the timeline; None where it cannot be added.

        It can if it is from before everything known, or from an episode that still goes on and is the first or began
        earlier.
        """
        if self == BEGINNING:
            return self.after(transition)
        belongs = self.episodes == 1 or self.since <= transition.at
        if self.status is Status.RESOLVED or not transition.fires or not belongs:
            return None
        return replace(self.after(transition), since=min(self.since, transition.at))


BEGINNING = EpisodeState()


class Timeline(Struct, frozen=True, dict=True):
    """The newest transitions in order, and the state that all older ones add up to."""

    before: EpisodeState = BEGINNING
    transitions: tuple[Transition, ...] = ()

    def adding(self, transition: Transition) -> Self | None:
        """Return the timeline with one more transition in its place; None where it is older than all that are kept."""
        if len(self.transitions) == REMEMBERED and transition < self.transitions[0]:
            merged = self.before.merged(transition)
            return None if merged is None else type(self)(merged, self.transitions)
        transitions = list(self.transitions)
        insort(transitions, transition)
        before = self.before.after(transitions.pop(0)) if len(transitions) > REMEMBERED else self.before
        return type(self)(before, tuple(transitions))

    def is_dense(self, now: int) -> bool:
        """Return whether all kept transitions happened within the last minute."""
        return len(self.transitions) == REMEMBERED and self.transitions[0].at > now - DENSE

    @property
    def state(self) -> EpisodeState:
        """The state after all transitions."""
        return self._states[-1]

    @cached_property
    def fired(self) -> Transition | None:
        """The newest transition that says that the problem exists."""
        return next((each for each in reversed(self.transitions) if each.fires), None)

    @cached_property
    def is_relapse(self) -> bool:
        """Whether the newest episode followed another one soon, and both are intermittent."""
        for transition, was in zip(reversed(self.transitions), reversed(self._states[:-1]), strict=True):
            if transition.fires and was.status is Status.RESOLVED:
                ended = max((at for at in self.changes if at < transition.at), default=0)
                return self.state.intermittent and was.intermittent and transition.at - ended < CALM
        return False

    @cached_property
    def changes(self) -> tuple[int, ...]:
        """When the problem began or ended, as far as single transitions are kept."""
        over = pairwise(state.status is Status.RESOLVED for state in self._states)
        return tuple(each.at for each, (was, now) in zip(self.transitions, over, strict=True) if was is not now)

    @cached_property
    def _states(self) -> list[EpisodeState]:
        states = [self.before]
        for transition in self.transitions:
            states.append(states[-1].after(transition))
        return states


UNEVENTFUL = Timeline()
