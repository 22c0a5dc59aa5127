"""Hourly counts: how often a problem fired in each of the last 24 hours.

An alert's timeline holds its newest transitions, for most alerts more than a day of them. What leaves the timeline of a
busier one is first counted in the alert, which every event writes anyway, and then moved to hourly counts in items of
their own. The three add up.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.timeline import REMEMBERED, Timeline, Transition
from chalicelib.domain.events.event import Event

HOUR = 3_600
HOURS = 24
# So many wait in the alert until one write moves them to hourly counts, and of so many hours at most.
MOST_UNCOUNTED, MOST_HOURS = 4_000, 2


def hours_until(now: int) -> range:
    """Return the last 24 hours, numbered since 1970, including the current one."""
    return range(now // HOUR - HOURS + 1, now // HOUR + 1)


def forgotten(before: Timeline, events: Iterable[Event], after: Timeline, now: int) -> dict[int, int]:
    """Count, by hour, what fired within a day and leaves the timeline as events are added."""
    if len(after.transitions) < REMEMBERED:
        return {}
    said = {transition for event in events if (transition := Transition.of(event))}
    gone = said.union(before.transitions).difference(after.transitions)
    return _by_hour(gone, now)


def carry(uncounted: Iterable[tuple[int, int]], gone: Mapping[int, int]) -> tuple[Counter[int], Counter[int]]:
    """Return what waits in the alert from now on, and what to move to the hourly counts, by hour."""
    counts = Counter(dict(uncounted))
    counts.update(gone)
    waits = counts.total() < MOST_UNCOUNTED and len(counts) <= MOST_HOURS
    return (counts, Counter()) if waits else (Counter(), counts)


def remembers_all(timeline: Timeline, now: int) -> bool:
    """Return whether a timeline holds everything that fired in the last 24 hours."""
    return len(timeline.transitions) < REMEMBERED or timeline.transitions[0].at // HOUR < hours_until(now).start


def hourly(alert: Alert, counted: Mapping[int, int], now: int) -> tuple[int, ...]:
    """Return how often a problem fired in each of the last 24 hours, oldest first."""
    counts = Counter(_by_hour(alert.timeline.transitions, now))
    counts.update(dict(alert.uncounted))
    counts.update(counted)
    return tuple(counts[hour] for hour in hours_until(now))


def _by_hour(transitions: Iterable[Transition], now: int) -> dict[int, int]:
    hours = hours_until(now)
    return dict(Counter(hour for each in transitions if each.fires and (hour := each.at // HOUR) in hours))
