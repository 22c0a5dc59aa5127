"""The words that an error is looked for by are in its lines, and safe in a query."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.grouping.search_phrase import LONGEST, SHORTEST, shared_literal


@pytest.mark.parametrize(
    ("title", "literal"),
    [
        ("KeyError: 'basket'", "KeyError"),
        ("Task timed out after 3.00 seconds", "Task timed out after"),
        ("java.lang.IllegalStateException: account 4711 is locked", "java.lang.IllegalStateException: account"),
        ("Cannot read properties of undefined (reading 'id')", "Cannot read properties of undefined (reading"),
        ("login of user=alice failed for alice@example.com", "failed for"),
        ("password [redacted] was refused by host", "was refused by host"),
        ("connect to /var/run/x.sock: refused", "connect to"),
        ("zürich not found", "rich not found"),
        ("error: " + "word " * 40, ("error: " + "word " * 40)[:LONGEST].rstrip()),
    ],
)
def test_what_does_not_change_is_searched_for(title: str, literal: str) -> None:
    assert shared_literal(title, [f"2026-03-02 ERROR {title}\n  at x"]) == literal


@pytest.mark.parametrize("title", ["", "4711", "'a' 'b'", "oops", "12 < 13 > 11"])
def test_a_title_with_nothing_that_stays_has_none(title: str) -> None:
    assert shared_literal(title, [title]) == ""


def test_what_is_not_in_each_line_is_not_searched_for() -> None:
    title, other = "ValueError: invalid literal in parse_amount", "ValueError: invalid literal"
    assert shared_literal(title, [title]) == title
    assert shared_literal(f"{other} 12 for everybody", [f"{other} 7 for everybody"]) == other
    assert shared_literal(title, [title, other]) == ""
    assert shared_literal(title, []) == ""


@given(st.text(), st.lists(st.text(), max_size=3))
def test_whatever_a_title_says_its_literal_is_harmless_and_in_it(title: str, lines: list[str]) -> None:
    literal = shared_literal(title, [title, *(title + line for line in lines)])
    assert literal in title
    assert literal == "" or SHORTEST <= len(literal) <= LONGEST
    assert re.fullmatch(r"[A-Za-z .,:;()_-]*", literal, re.ASCII)
