"""Cursors lead through a list, and nothing else is one."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.errors import Invalid
from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Delivery
from chalicelib.domain.queries import AlertQuery, Cursor, Direction, EventQuery, NotificationQuery
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
    assert [problem.field for problem in caught.value.problems] == ["cursor"]


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
    assert "other filters" in caught.value.problems[0].message


@pytest.mark.parametrize(
    "change",
    [
        {"start": 1},
        {"end": 1},
        {"account": "111122223333"},
        {"region": "eu-west-1"},
        {"source": "aws.health"},
        {"severity": Severity.HIGH},
        {"fingerprint": "f"},
        {"direction": Direction.ASC},
        {"outcome": Delivery.FAILED},
    ],
)
def test_whatever_changes_the_list_changes_the_filters(change: dict[str, Any]) -> None:
    assert replace(EventQuery(), **change).filters != EventQuery().filters


def test_no_two_lists_share_their_cursors() -> None:
    assert len({each().filters for each in (EventQuery, AlertQuery, NotificationQuery)}) == 3


def test_the_length_of_a_page_and_the_place_in_the_list_are_no_filters() -> None:
    assert EventQuery(limit=7, cursor=Cursor("a")).filters == EventQuery().filters
