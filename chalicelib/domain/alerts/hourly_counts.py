"""Hourly counts: how often a problem fired in each of the last 24 hours.

An alert remembers its newest transitions one by one, which for most of them is more than a day. What a busier one
remembers no longer is counted beside it, by hours, many at a time; until then the alert itself counts it, which every
event writes anyway. All three together are the whole.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.timeline import REMEMBERED, Timeline, Transition
from chalicelib.domain.events.event import Event

HOUR = 3_600
HOURS = 24
# So many wait in the alert until they are counted beside it, in one write, and of so many hours at most.
MOST_UNCOUNTED, MOST_HOURS = 4_000, 2


def hours_until(now: int) -> range:
    """Return the numbers of the last 24 hours, counted from 1970 on; the last is the one that has not ended yet."""
    return range(now // HOUR - HOURS + 1, now // HOUR + 1)


def forgotten(before: Timeline, events: Iterable[Event], after: Timeline, now: int) -> dict[int, int]:
    """Count, by the number of its hour, what fired within a day and is remembered no longer once events were added."""
    if len(after.transitions) < REMEMBERED:
        return {}
    said = {transition for event in events if (transition := Transition.of(event))}
    gone = said.union(before.transitions).difference(after.transitions)
    return _by_hour(gone, now)


def carry(uncounted: Iterable[tuple[int, int]], gone: Mapping[int, int]) -> tuple[Counter[int], Counter[int]]:
    """Return what waits in the alert from now on, and what is to be counted beside it, by hours."""
    counts = Counter(dict(uncounted))
    counts.update(gone)
    waits = counts.total() < MOST_UNCOUNTED and len(counts) <= MOST_HOURS
    return (counts, Counter()) if waits else (Counter(), counts)


def remembers_all(timeline: Timeline, now: int) -> bool:
    """Return whether a timeline has all that fired in the last 24 hours by itself."""
    return len(timeline.transitions) < REMEMBERED or timeline.transitions[0].at // HOUR < hours_until(now).start


def hourly(alert: Alert, counted: Mapping[int, int], now: int) -> tuple[int, ...]:
    """Return how often a problem fired in each of the last 24 hours, the oldest first."""
    counts = Counter(_by_hour(alert.timeline.transitions, now))
    counts.update(dict(alert.uncounted))
    counts.update(counted)
    return tuple(counts[hour] for hour in hours_until(now))


def _by_hour(transitions: Iterable[Transition], now: int) -> dict[int, int]:
    hours = hours_until(now)
    return dict(Counter(hour for each in transitions if each.fires and (hour := each.at // HOUR) in hours))
