"""Windows on a grid: every second belongs to exactly one of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.scanning.windows import Grid, Window

GRID = Grid(step=300, latency=120)
TIMES = st.integers(0, 10**10)


def test_a_window_that_holds_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\[300, 300\)"):
        Window(300, 300)


def test_only_windows_that_ended_before_the_latency_are_due() -> None:
    assert GRID.due(900, 1_319) == []
    assert GRID.due(900, 1_320) == [Window(900, 1_200)]


def test_a_window_is_due_from_the_moment_that_it_says() -> None:
    due_at = GRID.due_at(950)

    assert GRID.due(900, due_at - 1) == []
    assert GRID.due(900, due_at) == [Window(900, 1_200)]


def test_a_first_scan_has_one_window_due() -> None:
    assert GRID.due(GRID.origin(1_760_000_123), 1_760_000_123) == [Window(1_759_999_500, 1_759_999_800)]


def test_before_the_first_grid_line_nothing_is_due() -> None:
    assert (GRID.origin(5), GRID.due(GRID.origin(5), 5)) == (0, [])


def test_a_watermark_off_the_grid_comes_back_to_it() -> None:
    """Somebody changed the window's length."""
    assert GRID.due(1_000, 1_700) == [Window(1_000, 1_200), Window(1_200, 1_500)]


@given(watermark=TIMES, late=st.integers(-10_000, 100_000))
def test_what_is_due_covers_the_time_up_to_the_horizon_once(watermark: int, late: int) -> None:
    now = max(0, watermark + late)

    due = GRID.due(watermark, now)

    edges = [watermark, *(window.end for window in due)]
    assert [window.start for window in due] == edges[:-1]
    assert edges[-1] == max(watermark, GRID.horizon(now))
    assert all(window.seconds <= GRID.step for window in due)


@given(start=TIMES, seconds=st.integers(1, 10_000), count=st.integers(1, 70))
def test_parts_are_alike_and_leave_no_time_between_them(start: int, seconds: int, count: int) -> None:
    window = Window(start, start + seconds)

    parts = list(window.parts(count))

    assert [part.start for part in parts] == [window.start, *(part.end for part in parts)][:-1]
    assert parts[-1].end == window.end
    assert len(parts) == min(count, seconds)
    assert max(part.seconds for part in parts) - min(part.seconds for part in parts) <= 1


@given(at=TIMES)
def test_what_arrives_a_while_after_its_windows_end_is_late(at: int) -> None:
    home = GRID.piece_at(at, Window(0, 10**11))

    assert home.start <= at < home.end
    assert GRID.cut(at) == home.end + 90


def test_a_latency_too_short_to_divide_makes_late_what_arrives_after_the_window() -> None:
    assert Grid(step=10, latency=1).cut(25) == 30


def test_a_time_belongs_to_the_part_of_its_window_that_is_requested() -> None:
    assert GRID.piece_at(450, Window(400, 1_000)) == Window(400, 600)
    assert GRID.piece_at(950, Window(400, 1_000)) == Window(900, 1_000)


def test_windows_that_meet_or_overlap_touch() -> None:
    assert Window(0, 10).touches(Window(10, 20))
    assert Window(5, 20).touches(Window(0, 10))
    assert not Window(0, 10).touches(Window(11, 20))
