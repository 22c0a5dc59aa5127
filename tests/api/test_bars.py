"""Bars: a picture of 24 hours within its bounds, whatever the numbers, and the same in words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.api.ui.bars import LOWEST, STEP, TALLEST, bars

NOW = 1_760_000_000
ONE, HALF = (0,) * 23 + (1,), (0,) * 22 + (1, 1)


@given(st.lists(st.integers(0, 10**9), min_size=24, max_size=24))
def test_each_hour_has_one_bar_that_fits(counts: list[int]) -> None:
    drawn = bars(counts, NOW)
    tops = {int(x): int(y) for x, y in re.findall(r"M(\d+) (\d+)h3v\d+h-3z", drawn.path)}
    free = {int(x) for x in re.findall(r"M(\d+) \d+h3v1h-3z", drawn.base)}

    assert set(tops) == {at * STEP for at, count in enumerate(counts) if count}
    assert free == {at * STEP for at, count in enumerate(counts) if not count}
    assert all(0 <= top <= TALLEST - LOWEST for top in tops.values())
    assert drawn.total == sum(counts)


@pytest.mark.parametrize(
    ("counts", "label"),
    [
        ((0,) * 24, "no event in the last 24 hours"),
        (ONE, "1 event in the last 24 hours, in the hour from 08:00 UTC"),
        ((5, *ONE[1:]), "6 events in the last 24 hours, at most 5 of them in the hour from 09:00 UTC"),
        (tuple(each * 2_000 for each in ONE), "2,000 events in the last 24 hours, in the hour from 08:00 UTC"),
        (HALF, "2 events in the last 24 hours, at most 1 of them in the hour from 07:00 UTC"),
    ],
)
def test_what_the_picture_shows_is_said_in_words(counts: tuple[int, ...], label: str) -> None:
    assert bars(counts, NOW).label == label
