"""Cursors lead through a list, and nothing else is one."""

import base64
import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.agents.agent import Agent, AgentStatus
from chalicelib.domain.errors import Invalid
from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Delivery
from chalicelib.domain.pagination import Cursor, Direction
from chalicelib.domain.queries import AgentQuery, AlertQuery, CoverageQuery, EventQuery, NotificationQuery
from tests.domain.given import an_event

POSITION = an_event().id
POSITIONS = st.text(st.characters(codec="ascii"), min_size=1, max_size=50)


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@given(POSITIONS, st.booleans(), st.text())
def test_a_cursor_survives_being_written_and_read(position: str, forward: bool, filters: str) -> None:
    cursor = Cursor(position, forward)
    assert Cursor.decode(cursor.encode(filters), filters) == cursor


@given(POSITIONS)
def test_a_cursor_may_stand_in_an_address(position: str) -> None:
    assert set(Cursor(position).encode("f")).isdisjoint("+/=&? ")


@given(st.text())
def test_any_other_text_is_no_cursor(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        Cursor.decode(text, "f")
    assert [violation.field for violation in caught.value.violations] == ["cursor"]


@given(st.data())
def test_a_damaged_cursor_is_refused_or_at_least_a_cursor(data: st.DataObject) -> None:
    text = Cursor(POSITION).encode("f")
    at = data.draw(st.integers(min_value=0, max_value=len(text) - 1))
    damaged = text[:at] + data.draw(st.text(max_size=2)) + text[at + 1 :]
    try:
        cursor = Cursor.decode(damaged, "f")
    except Invalid:
        return
    assert cursor.position.isascii()


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        "abc",
        [],
        [POSITION, True],
        [POSITION, True, "f", 1],
        [7, True, "f"],
        [POSITION, 1, "f"],
        ["é", True, "f"],
        ["", True, "f"],
        {"a": 1, "b": 2, "c": 3},
    ],
)
def test_json_of_another_shape_is_no_cursor(value: Any) -> None:
    with pytest.raises(Invalid):
        Cursor.decode(encoded(value), "f")


def test_json_that_is_nested_without_end_is_no_cursor() -> None:
    with pytest.raises(Invalid):
        Cursor.decode(base64.urlsafe_b64encode(b"[" * 100_000).decode(), "f")


def test_a_cursor_of_another_query_says_so() -> None:
    with pytest.raises(Invalid) as caught:
        Cursor.decode(Cursor(POSITION).encode("f"), "g")
    assert "other filters" in caught.value.violations[0].message


@pytest.mark.parametrize(
    "change",
    [
        {"start": 1},
        {"end": 1},
        {"account": "111122223333"},
        {"region": "eu-west-1"},
        {"source": "aws.health"},
        {"min_severity": Severity.HIGH},
        {"severities": (Severity.HIGH,)},
        {"kind": "alarm"},
        {"text": "queue"},
        {"account_name": "shop"},
        {"fingerprint": "f"},
        {"direction": Direction.ASC},
        {"outcomes": (Delivery.FAILED,)},
    ],
)
def test_whatever_changes_the_list_changes_the_filters(change: dict[str, Any]) -> None:
    assert replace(EventQuery(), **change).filters != EventQuery().filters


@given(st.lists(st.sampled_from(Severity), min_size=1), st.randoms(use_true_random=False))
def test_the_order_of_values_and_their_repetition_change_no_list(values: list[Severity], chance: Random) -> None:
    shuffled = [*values, values[0]]
    chance.shuffle(shuffled)

    assert EventQuery(severities=tuple(shuffled)).filters == EventQuery(severities=tuple(values)).filters


def test_a_query_goes_on_from_a_cursor_of_its_own_and_from_no_other() -> None:
    query = EventQuery(account="111122223333")
    cursor = Cursor(POSITION)

    assert query.at(None) is query
    assert query.at(cursor.encode(query.filters)) == replace(query, cursor=cursor)
    with pytest.raises(Invalid):
        query.at(cursor.encode(EventQuery().filters))


@pytest.mark.parametrize(
    ("query", "is_rare"),
    [
        (EventQuery(account="a", start=1, limit=3, direction=Direction.ASC), False),
        (EventQuery(account="a", kind="alarm"), True),
        (EventQuery(severities=(Severity.HIGH,)), True),
        (AlertQuery(account="a"), False),
    ],
)
def test_a_filter_beyond_what_an_index_returns_makes_a_list_rare(query: EventQuery, is_rare: bool) -> None:
    assert query.filters_beyond("account") is is_rare


def test_agents_are_chosen_by_each_of_their_filters() -> None:
    agent = Agent(account="111122223333", region="eu-west-1", name="shop")

    assert AgentQuery(account=agent.account, region=agent.region, name="shop").matches(agent)
    assert AgentQuery(statuses=(AgentStatus.EXPECTED, AgentStatus.STALE)).matches(agent)
    assert not AgentQuery(name="till").matches(agent)
    assert not AgentQuery(statuses=(AgentStatus.STALE,)).matches(agent)
    assert CoverageQuery(account="1", region="r", limit=3).agents == AgentQuery(account="1", region="r", limit=3)


def test_no_two_lists_share_their_cursors() -> None:
    assert len({each().filters for each in (EventQuery, AlertQuery, NotificationQuery)}) == 3


def test_the_length_of_a_page_and_the_place_in_the_list_are_no_filters() -> None:
    assert EventQuery(limit=7, cursor=Cursor("a")).filters == EventQuery().filters
