"""Window counts hold how much fired within a window, in any order of arrival and in few numbers."""

from random import Random
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.window_count import HIGHEST_COUNT, REMEMBERED_STEPS, SPAN, STEPS, WindowCount
from tests.domain.given import NOON, a_notice, a_resolution, an_alert, an_event

QUARTER = 900


class Fired(NamedTuple):
    """When something fired, and in how many log lines."""

    at: int
    lines: int


FIRED = st.lists(st.builds(Fired, st.integers(NOON, NOON + 4 * QUARTER), st.integers(0, 9)), min_size=1, max_size=12)


def counted(fired: list[Fired], window: int = QUARTER) -> WindowCount:
    """Return the count of all that fired, in this order."""
    count = WindowCount(window=window)
    for each in fired:
        count = count.adding(an_event(each.at, lines=each.lines))
    return count


def most(fired: list[Fired], seconds: int) -> int:
    """Return the most that fired within so many seconds, by comparing all with all."""
    return max(sum(max(each.lines, 1) for each in fired if end.at - seconds < each.at <= end.at) for end in fired)


@given(FIRED, st.randoms())
def test_the_same_events_make_the_same_count_in_any_order(fired: list[Fired], random: Random) -> None:
    shuffled = list(fired)
    random.shuffle(shuffled)
    assert counted(shuffled) == counted(fired)


@given(FIRED, st.integers(300, 3_600))
def test_a_count_is_at_least_the_windows_and_at_most_that_of_a_sixth_more(fired: list[Fired], window: int) -> None:
    """Of what is remembered: all that fired not longer before the newest than a window."""
    newest = max(each.at for each in fired)
    recent = [each for each in fired if each.at > newest - window]
    assert most(recent, window) <= counted(fired, window).most <= most(fired, window + window // 6)


def test_a_line_counts_one_and_so_does_an_event_without_lines() -> None:
    assert counted([Fired(NOON, 3), Fired(NOON + 60, 0)]).most == 4


def test_what_is_older_than_all_that_is_remembered_changes_nothing() -> None:
    count = counted([Fired(NOON, 3)])
    assert count.adding(an_event(NOON - 3 * QUARTER, lines=500)) == count


@pytest.mark.parametrize("lines", [1, 10**12])
def test_a_count_stays_small_however_much_fires(lines: int) -> None:
    count = counted([Fired(NOON + 5 * number, lines) for number in range(1_000)])
    assert len(count.counts) == REMEMBERED_STEPS
    assert max(count.counts) <= HIGHEST_COUNT
    assert count.most <= SPAN * HIGHEST_COUNT
    assert count.newest == (NOON + 4_995) // (QUARTER // STEPS)


def test_nothing_has_fired_where_nothing_was_counted() -> None:
    assert WindowCount(window=QUARTER).most == 0
    assert an_alert(an_event()).most_within(QUARTER) == 0


def test_an_alert_counts_what_fires_alone() -> None:
    alert = Alert.about(an_event())
    for event in (an_event(), a_notice(NOON + 1), a_resolution(NOON + 2)):
        alert = alert.counting(event, [QUARTER, 3_600], [QUARTER, 3_600])
    assert [(each.window, each.most) for each in alert.recent] == [(QUARTER, 1), (3_600, 1)]


def test_an_alert_forgets_windows_that_no_route_counts_in_any_more() -> None:
    alert = Alert.about(an_event()).counting(an_event(), [QUARTER, 3_600], [QUARTER, 3_600])
    assert [each.window for each in alert.counting(an_event(NOON + 1), [], [3_600]).recent] == [3_600]
