"""What very many events of an alert add up to, counted bit by bit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.alerts.affected import affected
from chalicelib.domain.alerts.episode_count import COUNTED_EACH, MOST_COUNTED, EpisodeCount, is_to_be_counted
from chalicelib.domain.events.event import Event, Signal
from tests.domain.given import NOON, an_event

EMPTY = EpisodeCount(since=NOON)

places = st.tuples(st.sampled_from(["111122223333", "444455556666"]), st.sampled_from(["eu-west-1", "us-east-1"]))
signals = st.sampled_from([Signal.FIRING, Signal.FIRING, Signal.HISTORICAL, Signal.NOTICE])


def some_events(given_places: list[tuple[tuple[str, str], Signal]]) -> list[Event]:
    return [
        an_event(NOON + number, account=account, region=region, signal=signal, lines=number)
        for number, ((account, region), signal) in enumerate(given_places)
    ]


@given(st.lists(st.tuples(places, signals), max_size=12), st.integers(0, 12), st.integers(0, 12))
def test_counted_in_parts_it_is_what_all_events_say(
    given_places: list[tuple[tuple[str, str], Signal]], counted: int, overlap: int
) -> None:
    events = some_events(given_places)
    count = EMPTY.adding(events[: counted // 2]).adding(events[counted // 2 : counted])
    newest = events[max(0, counted - overlap) :]
    first = next((each for each in events if each.id == count.began), None)
    scope, whole = count.scope(newest, first), affected(events)
    assert scope.places == whole.places
    assert scope.began == whole.began
    assert count.fired == sum(each.signal is Signal.FIRING for each in events[:counted])


def test_between_what_is_counted_and_what_is_read_nothing_may_be_missing() -> None:
    events = some_events([(("111122223333", "eu-west-1"), Signal.FIRING)] * 6)
    count = EMPTY.adding(events[:2])
    assert count.scope(events[1:], None).complete
    assert not count.scope(events[3:], None).complete


def test_more_places_than_can_be_kept_are_not_complete() -> None:
    events = [an_event(NOON + number, account=f"{number:012d}", lines=1) for number in range(MOST_COUNTED + 1)]
    count = EMPTY.adding(events)
    assert len(count.places) == MOST_COUNTED
    assert not count.adding([]).scope(events[-1:], None).complete


@pytest.mark.parametrize(
    ("count", "fresh", "expected"),
    [
        (COUNTED_EACH - 1, 1, False),
        (COUNTED_EACH, 1, True),
        (COUNTED_EACH + 1, 1, False),
        (COUNTED_EACH + 20, 40, True),
        (COUNTED_EACH + 60, 40, False),
        (3 * COUNTED_EACH, 0, False),
        (1, 90, True),
    ],
)
def test_an_alert_is_counted_whenever_it_has_many_events_more(count: int, fresh: int, *, expected: bool) -> None:
    assert is_to_be_counted(count, fresh) is expected
