"""Paging: pages fit the memory whatever the lines are, and become smaller after a run that died."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.scanning.paging import (
    DEFAULT_PAGE_BYTES,
    LARGEST_PAGE,
    MOST_HALVINGS,
    NEVER_RUN,
    PageSize,
    RunMarker,
    page_bytes_for,
)
from chalicelib.domain.timestamps import DAY

NOON = 1_772_452_800


@given(st.integers(1_000_000, 10**9), st.integers(0, 32_000), st.integers(1, 10))
def test_pages_of_alike_lines_never_hold_more_than_they_may(most: int, length: int, pages: int) -> None:
    size = PageSize.first(most)
    for _ in range(pages):
        assert 1 <= size.rows <= LARGEST_PAGE
        assert size.rows * length <= most
        size = size.after([length] * size.rows)


def test_pages_of_short_lines_soon_hold_all_that_aws_gives() -> None:
    size = PageSize.first(DEFAULT_PAGE_BYTES)
    sizes = [size.rows, *((size := size.after([200] * size.rows)).rows for _ in range(2))]

    assert sizes == [1_024, 8_192, LARGEST_PAGE]


def test_a_page_without_lines_says_nothing_of_the_next_one() -> None:
    size = PageSize.first(DEFAULT_PAGE_BYTES)

    assert size.after([]) == size


def test_a_run_after_one_that_died_reads_half_as_much_at_once() -> None:
    died = NEVER_RUN.begun(NOON)
    again = died.begun(NOON + 300)

    assert (NEVER_RUN.page_bytes(800), died.page_bytes(800), again.page_bytes(800)) == (800, 800, 400)
    assert again.ended().begun(NOON + 600).page_bytes(800) == 400


def test_after_a_day_without_a_death_pages_grow_again() -> None:
    marker = RunMarker(halvings=2, halved_at=NOON)

    assert marker.begun(NOON + DAY - 1).halvings == 2
    later = marker.begun(NOON + DAY)
    assert (later.halvings, later.ended().begun(NOON + 2 * DAY - 1).halvings) == (1, 1)


def test_however_many_runs_die_a_page_is_never_nothing() -> None:
    marker = NEVER_RUN
    for number in range(50):
        marker = marker.begun(NOON + number)

    assert marker.halvings == MOST_HALVINGS
    assert PageSize.first(marker.page_bytes(page_bytes_for(128))).rows >= 1


@pytest.mark.parametrize(("memory", "rows"), [(128, 256), (512, 1_024), (10_240, LARGEST_PAGE)])
def test_more_memory_takes_larger_pages(memory: int, rows: int) -> None:
    assert PageSize.first(page_bytes_for(memory)).rows == rows
