"""Hourly counts: what an alert remembers and what is counted beside it are the whole, in whatever order events come."""

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.hourly_counts import (
    HOUR,
    HOURS,
    MOST_HOURS,
    MOST_UNCOUNTED,
    carry,
    forgotten,
    hourly,
    hours_until,
    remembers_all,
)
from chalicelib.domain.alerts.timeline import REMEMBERED, TransitionKind
from chalicelib.domain.events.event import Event, Signal
from chalicelib.domain.text import digest
from tests.domain.given import NOON, an_event

ALWAYS = st.lists(st.tuples(st.integers(0, 30 * HOUR), st.sampled_from(Signal)), max_size=60)


def events_of(moments: list[tuple[int, Signal]]) -> list[Event]:
    return [
        an_event(NOON - ago, signal=signal, id=f"{NOON - ago:010d}-{digest('event', str(number))}")
        for number, (ago, signal) in enumerate(moments)
    ]


@given(ALWAYS, st.integers(1, 20))
def test_the_hours_add_up_to_all_that_fired_one_by_one_or_in_batches(
    moments: list[tuple[int, Signal]], size: int
) -> None:
    events = events_of(moments)
    counted: Counter[int] = Counter()
    alert = Alert.about(an_event(NOON))
    for start in range(0, len(events), size):
        batch, before = events[start : start + size], alert.timeline
        for event in batch:
            alert = alert.observe(event)[0]
        waiting, gone = carry(alert.uncounted, forgotten(before, batch, alert.timeline, NOON))
        alert = replace(alert, uncounted=tuple(waiting.items()))
        counted.update(gone)

    fired = Counter(each.published_at // HOUR for each in events if each.signal is Signal.FIRING)
    assert waiting_at_most(alert)
    assert hourly(alert, counted, NOON) == tuple(fired[hour] for hour in hours_until(NOON))


def waiting_at_most(alert: Alert) -> bool:
    """Return whether an alert carries no more than its item has room for."""
    counts = [count for _, count in alert.uncounted]
    return sum(counts) < MOST_UNCOUNTED and len(counts) <= MOST_HOURS


@given(ALWAYS)
def test_nothing_is_counted_beside_an_alert_that_remembers_all(moments: list[tuple[int, Signal]]) -> None:
    alert = Alert.about(an_event(NOON))
    for event in events_of(moments[:REMEMBERED]):
        after = alert.observe(event)[0]
        assert forgotten(alert.timeline, [event], after.timeline, NOON) == {}
        alert = after
    assert remembers_all(alert.timeline, NOON) or len(alert.timeline.transitions) == REMEMBERED


def test_an_alert_that_is_full_remembers_all_once_its_oldest_moment_is_of_yesterday() -> None:
    alert = Alert.about(an_event(NOON))
    for event in events_of([(each * 60, Signal.FIRING) for each in range(REMEMBERED)]):
        alert = alert.observe(event)[0]

    assert not remembers_all(alert.timeline, NOON)
    assert remembers_all(alert.timeline, NOON + HOURS * HOUR)


@given(st.integers(0, 2 * REMEMBERED))
def test_what_people_do_to_an_alert_lets_it_forget_nothing(marks: int) -> None:
    events = events_of([(each, Signal.FIRING) for each in range(REMEMBERED)])
    alert = Alert.about(an_event(NOON))
    for event in events:
        alert = alert.observe(event)[0]
    for number in range(marks):
        alert = alert.mark(TransitionKind.NOTED, NOON + number, "ana", f"note {number}")

    assert sum(hourly(alert, {}, NOON)) == REMEMBERED


def test_the_last_of_24_hours_is_the_one_that_has_not_ended() -> None:
    hours = hours_until(NOON)

    assert (len(hours), hours[-1]) == (HOURS, NOON // HOUR)
    assert all(after - before == 1 for before, after in pairwise(hours))
