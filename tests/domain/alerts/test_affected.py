"""Where a problem is follows from its events, in whatever order they are read."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.alerts.affected import NOWHERE, AffectedAccount, Location, affected
from chalicelib.domain.events.event import Event, Signal
from chalicelib.domain.text import digest
from tests.domain.given import NOON, a_resolution, an_event

HERE = {"account": "111122223333", "region": "eu-west-1"}
THERE = {"account": "444455556666", "region": "us-east-1"}


def an_error(at: int = NOON, lines: int = 1, **where: Any) -> Event:
    return an_event(at, id=f"{at:010d}-{digest(str(at), str(where), str(lines))}", lines=lines, **where)


ERRORS = st.lists(
    st.builds(
        an_error,
        st.integers(min_value=NOON, max_value=NOON + 9),
        st.integers(min_value=1, max_value=3),
        account=st.sampled_from(["111122223333", "444455556666"]),
        region=st.sampled_from(["eu-west-1", "us-east-1"]),
    ),
    max_size=12,
)


def test_a_problem_without_events_is_nowhere() -> None:
    assert affected([]) == NOWHERE


def test_each_account_and_region_says_when_and_how_often() -> None:
    events = [an_error(NOON, 3, **HERE), an_error(NOON + 600, 4, **HERE), an_error(NOON + 300, 1, **THERE)]
    where = affected(events)
    assert where.places == (
        Location(**HERE, first_seen=NOON, last_seen=NOON + 600, events=2, lines=7),
        Location(**THERE, first_seen=NOON + 300, last_seen=NOON + 300, events=1, lines=1),
    )
    assert where.began == events[0]


def test_the_end_of_a_problem_is_no_place_of_it() -> None:
    assert affected([a_resolution()]) == NOWHERE


def test_what_a_backfill_finds_was_there_too() -> None:
    where = affected([an_error(NOON, 2, signal=Signal.HISTORICAL, **HERE)])
    assert [place.lines for place in where.places] == [2]


def test_regions_of_one_account_stand_together() -> None:
    elsewhere = HERE | {"region": "us-east-1"}
    where = affected([an_error(NOON, 2, **HERE), an_error(NOON, 3, **THERE), an_error(NOON, 5, **elsewhere)])
    assert where.accounts == (
        AffectedAccount(account=HERE["account"], regions=("us-east-1", "eu-west-1"), lines=7),
        AffectedAccount(account=THERE["account"], regions=("us-east-1",), lines=3),
    )


@given(ERRORS, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_changes_where_a_problem_is(events: list[Event], chance: Any) -> None:
    again = [*events, *events]
    chance.shuffle(again)
    assert affected(again) == affected(events)


@given(ERRORS)
def test_all_events_and_lines_are_accounted_for(events: list[Event]) -> None:
    once, where = {event.id: event for event in events}.values(), affected(events)
    assert sum(place.events for place in where.places) == len(once)
    assert sum(each.lines for each in where.accounts) == sum(event.lines for event in once)
