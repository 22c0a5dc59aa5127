"""Hourly counts: how often a problem fired in each of the last 24 hours.

An alert remembers its newest transitions one by one, which for most of them is more than a day. What a busier one
remembers no longer is counted beside it, by hours; both together are the whole.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from chalicelib.domain.alerts.timeline import REMEMBERED, Timeline, Transition
from chalicelib.domain.events.event import Event

HOUR = 3_600
HOURS = 24


def hours_until(now: int) -> range:
    """Return the numbers of the last 24 hours, counted from 1970 on; the last is the one that has not ended yet."""
    return range(now // HOUR - HOURS + 1, now // HOUR + 1)


def forgotten(before: Timeline, events: Iterable[Event], after: Timeline, now: int) -> dict[int, int]:
    """Count, by the number of its hour, what fired within a day and is remembered no longer once events were added."""
    said = {transition for event in events if (transition := Transition.of(event))}
    gone = said.union(before.transitions).difference(after.transitions)
    return _by_hour(gone, now)


def remembers_all(timeline: Timeline, now: int) -> bool:
    """Tell whether a timeline has all that fired in the last 24 hours by itself."""
    return len(timeline.transitions) < REMEMBERED or timeline.transitions[0].at // HOUR < hours_until(now).start


def hourly(timeline: Timeline, counted: Mapping[int, int], now: int) -> tuple[int, ...]:
    """Return how often a problem fired in each of the last 24 hours, the oldest first."""
    remembered = _by_hour(timeline.transitions, now)
    return tuple(remembered.get(hour, 0) + counted.get(hour, 0) for hour in hours_until(now))


def _by_hour(transitions: Iterable[Transition], now: int) -> dict[int, int]:
    hours = hours_until(now)
    return dict(Counter(hour for each in transitions if each.fires and (hour := each.at // HOUR) in hours))
