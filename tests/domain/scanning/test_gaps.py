"""Gaps: what a further try may change, and how much of a gap is tried at once."""

import pytest

from chalicelib.domain.scanning.gaps import LARGEST_PIECE, MOST_TRIES, SMALLEST_PIECE, Gap, GapReason
from chalicelib.domain.scanning.windows import Grid, Window

GRID = Grid(300)


@pytest.mark.parametrize("reason", list(GapReason))
def test_what_a_further_try_cannot_change_is_final(reason: GapReason) -> None:
    first, last = (Gap(Window(0, 300), (), reason, tries) for tries in (1, MOST_TRIES))

    assert first.is_final == (reason is GapReason.EXPIRED)
    assert last.is_final == (reason in {GapReason.EXPIRED, GapReason.REJECTED, GapReason.TRUNCATED})


def test_the_pieces_of_a_gap_are_all_of_it_each_with_what_is_left() -> None:
    gap = Gap(Window(100, 50_000), ("/a",), GapReason.FAILED)

    pieces = list(gap.pieces(GRID))

    assert [piece.start for _, piece in pieces] == [100, LARGEST_PIECE, 2 * LARGEST_PIECE]
    assert pieces[-1][1].end == 50_000
    assert all(left == Gap(Window(piece.start, 50_000), ("/a",), GapReason.FAILED) for left, piece in pieces)


@pytest.mark.parametrize(
    ("reason", "tries", "seconds"),
    [
        (GapReason.FAILED, 1, LARGEST_PIECE),
        (GapReason.FAILED, 2, LARGEST_PIECE // 2),
        (GapReason.FAILED, 20, 300),
        (GapReason.OVER_BUDGET, 1, 300),
    ],
)
def test_the_more_often_a_gap_was_missed_the_smaller_its_pieces(reason: GapReason, tries: int, seconds: int) -> None:
    _, piece = next(Gap(Window(0, 10 * LARGEST_PIECE), (), reason, tries).pieces(GRID))

    assert piece.seconds == seconds


@pytest.mark.parametrize(("tries", "seconds"), [(1, 300), (2, 150), (20, SMALLEST_PIECE)])
def test_a_window_that_was_never_finished_is_halved_each_time(tries: int, seconds: int) -> None:
    _, piece = next(Gap(Window(0, 300), (), GapReason.UNFINISHED, tries).pieces(GRID))

    assert piece == Window(0, seconds)
