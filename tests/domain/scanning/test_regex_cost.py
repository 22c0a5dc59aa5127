"""Regex cost: an expression that may take for ever is refused, and one that is taken ends soon, whatever the text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.scanning.regex_cost import READ
from chalicelib.domain.scanning.safe_regex import compiled
from tests.examples import examples
from tests.pumping import ENDLESS, Expression, cost, pumps


@pytest.mark.parametrize(
    "text",
    [
        *(r"\w+\w+\w+!", r"\w+\w+!", r"\w+.*!", r"\s*\s*x", r"\d+\d*z", r"[a-z]+\w+", "x*x*x*y", "(?:a.*|b.*)c.*d"),
        *(
            "a.*b.*c",
            r"a[^x]+b\S{2,}c",
            ".{0,100}.{0,100}.{0,100}x",
            "a{0,50}a{0,50}a{0,50}b",
            r"\d+(?:.*)x",
        ),
    ],
)
def test_what_may_take_for_ever_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="may take for ever to share a text"):
        compiled(text)


@pytest.mark.parametrize("text", ["(?:a|a)*b", "(?:a|ab|b)*c", "(x|xy)+z", "(?:ab|)+c", "(?:a|(?:ab|c)){2,9}d"])
def test_alternatives_that_begin_alike_are_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="alternatives begin alike"):
        compiled(text)


@pytest.mark.parametrize("text", ["(a+)+", "(?:a?)+x", "(?:a?ab)+c", "(?:a{0,3}b)*c"])
def test_a_group_that_repeats_something_is_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="repeats a group that repeats something itself"):
        compiled(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            r"\d+\.\d+ ms",
            r"\w+ \w+ \w+!",
            r"Timeout after \d+(\.\d+)? s",
            "failed.*timeout",
            r"code=\d+ .*",
            "a+b+c+d+",
        ),
        *("connection.{0,100}timed out.*code", r"(?:\d\d:)+x", "(?:foo|bar).*baz", "(?:a|b|c)+d", ".{0,100}.{0,100}x"),
        *(
            r"^\[x\] \d+$",
            r"(?:^)*a",
            "a{3}(b|c)?",
            r"\bno route\b",
            "(?:ab|cd){2}e",
            "(?:timed? )?out",
            "(?:a*b)?.*c",
            "(a?b)+",
            r"(?:\d,?)+x",
        ),
    ],
)
def test_what_shares_no_text_is_taken(text: str) -> None:
    assert compiled(text).pattern == text


PIECES = st.sampled_from(
    [
        *("a", "b", " ", ".", r"\w", r"\d", r"\s", "[^x]", "(?:ab)", "(?:a|b)", "(?:a|ab)", "(a", ")", "|"),
        "*",
        "+",
        "?",
        "{0,9}",
    ]
)


@given(st.lists(PIECES, min_size=1, max_size=10).map("".join))
@examples(2)
def test_whatever_is_taken_ends_soon_in_every_text_that_it_suggests(text: str) -> None:
    try:
        pattern = compiled(text)
    except ValueError:
        return
    expression = Expression(re.compile(pattern), searched=True)

    assert all(cost(expression, pump.text(READ)) < ENDLESS for pump in pumps(pattern)[:40])
