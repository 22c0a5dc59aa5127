"""Coverage: what is told of it in few words never claims too much."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.scanning.coverage import Coverage
from chalicelib.domain.scanning.error_groups import LogGroup
from chalicelib.domain.scanning.gaps import Gap, GapReason
from chalicelib.domain.scanning.windows import Grid, Window
from chalicelib.domain.timestamps import DAY
from tests.domain.given_gaps import GAPS, NAMES, SPANS, covered


def test_neighbours_that_differ_in_time_alone_become_one() -> None:
    gaps = (Gap(Window(300, 600), (), GapReason.FAILED), Gap(Window(0, 300), (), GapReason.FAILED))

    assert Coverage(0, 600, gaps).joined().gaps == (Gap(Window(0, 600), (), GapReason.FAILED),)


def test_gaps_with_different_tries_stay_apart() -> None:
    gaps = (Gap(Window(0, 300), (), GapReason.FAILED, 2), Gap(Window(300, 600), (), GapReason.FAILED, 1))

    assert Coverage(0, 600, gaps).joined().gaps == gaps


def test_a_log_group_that_was_not_listed_is_a_gap_from_the_window_of_its_creation_on() -> None:
    groups = [LogGroup("late", created_at=900), LogGroup("old", created_at=10), LogGroup("new", created_at=610)]

    assert Coverage(300, 900).without_unlisted(groups, Grid(300)).gaps == (
        Gap(Window(300, 900), ("old",), GapReason.NOT_LISTED),
        Gap(Window(600, 900), ("new",), GapReason.NOT_LISTED),
    )


def test_a_gap_within_another_is_reported_once() -> None:
    inner = Gap(Window(100, 200), NAMES[:1], GapReason.TRUNCATED)
    wide = Gap(Window(0, 300), (), GapReason.FAILED)
    named = Gap(Window(0, 300), NAMES[:2], GapReason.FAILED)
    spanned = Gap(Window(0, 300), (), GapReason.FAILED, span=(NAMES[0], NAMES[9]))

    for outer in (wide, named, spanned):
        assert Coverage(0, 600, (inner, outer)).joined().gaps == (outer,)


def test_a_gap_about_all_lies_within_no_other() -> None:
    wide = Gap(Window(100, 200), (), GapReason.TRUNCATED)
    named = Gap(Window(0, 300), NAMES[:2], GapReason.FAILED)

    assert set(Coverage(0, 600, (wide, named)).joined().gaps) == {wide, named}


def test_a_span_may_hold_names_that_a_list_does_not() -> None:
    listed = Gap(Window(0, 300), (NAMES[0], NAMES[9]), GapReason.FAILED)

    assert not listed.covers(listed.spanned())
    assert listed.spanned().covers(listed)


@given(GAPS, GAPS, st.sampled_from(NAMES))
def test_a_merged_gap_is_about_all_that_the_two_were_about(one: Gap, other: Gap, name: str) -> None:
    merged = one.merged(other)

    assert merged.concerns(name) or not (one.concerns(name) or other.concerns(name))
    assert merged.window.covers(one.window)
    assert merged.window.covers(other.window)


@given(GAPS, GAPS, st.sampled_from(NAMES))
def test_what_a_gap_covers_it_is_about(one: Gap, other: Gap, name: str) -> None:
    assert one.concerns(name) or not (one.covers(other) and other.concerns(name))


@given(st.sets(st.sampled_from(NAMES)))
def test_names_are_reported_shortly_and_exactly(missed: set[str]) -> None:
    gap = Gap(Window(0, 300), tuple(sorted(missed)), GapReason.FAILED)

    announced = list(gap.shortened(NAMES))

    assert {name for name in NAMES if any(each.concerns(name) for each in announced)} == (missed or set(NAMES))


def test_neighbours_are_reported_as_a_span_and_single_names_as_such() -> None:
    gap = Gap(Window(0, 300), (*NAMES[10:20], NAMES[30], "/gone"), GapReason.FAILED)

    assert list(Gap(gap.window, NAMES[3:9], GapReason.FAILED).shortened(NAMES)) == [
        Gap(gap.window, (), GapReason.FAILED, span=(NAMES[3], NAMES[8]))
    ]
    assert set(gap.shortened(NAMES)) == {
        Gap(Window(0, 300), (), GapReason.FAILED, span=(NAMES[10], NAMES[19])),
        Gap(Window(0, 300), (NAMES[30], "/gone"), GapReason.FAILED),
    }


def test_only_the_window_at_the_watermark_moves_it() -> None:
    with pytest.raises(ValueError, match="watermark 600"):
        Coverage(0, 600).advanced(Window(900, 1_200), ())


def test_a_refilled_piece_leaves_the_rest_and_what_was_missed_again() -> None:
    gap = Gap(Window(0, 900), (), GapReason.FAILED)
    again = Gap(Window(0, 150), NAMES[:1], GapReason.TIMED_OUT)

    coverage = Coverage(0, 900, (gap,)).refilled(gap, Window(0, 300), [again])

    assert set(coverage.gaps) == {
        Gap(Window(0, 150), NAMES[:1], GapReason.TIMED_OUT, 2),
        Gap(Window(300, 900), (), GapReason.FAILED, 1),
    }


def test_a_scanned_window_moves_the_watermark_and_adds_what_was_missed() -> None:
    missed = Gap(Window(600, 900), NAMES[:1], GapReason.FAILED)

    assert Coverage(0, 600).advanced(Window(600, 900), [missed]) == Coverage(0, 900, (missed,))


@given(st.lists(GAPS | SPANS, min_size=1, max_size=12))
def test_what_is_reported_less_exactly_forgets_nothing_and_comes_to_an_end(gaps: list[Gap]) -> None:
    coverage = Coverage(0, 10**7, tuple(gaps))
    for _ in range(40):
        if not coverage.can_shrink:
            break
        coverage = coverage.coarsened()

    assert len(coverage.gaps) == 1
    for gap, name in product(gaps, (NAMES[0], NAMES[-1])):
        assert covered(coverage.gaps, gap.window.start, name) or not gap.concerns(name)


OF_A_DAY, FOR_EVER = LogGroup("brief", retention=1), LogGroup("whole")
LEFT_OUT = Gap(Window(0, 900), (), GapReason.OVER_BUDGET)


def expired(gap: Gap, *log_groups: LogGroup, now: int = DAY + 700) -> tuple[Gap, ...]:
    return Coverage(0, 900, (gap,)).expired(log_groups, Grid(300), now).gaps


def test_a_gap_expires_up_to_the_window_that_a_log_group_still_has_lines_of() -> None:
    gone = replace(LEFT_OUT, window=Window(0, 600), reason=GapReason.EXPIRED)

    assert expired(LEFT_OUT, OF_A_DAY) == (gone, replace(LEFT_OUT, window=Window(600, 900)))
    assert expired(LEFT_OUT, OF_A_DAY, now=3 * DAY) == (replace(LEFT_OUT, reason=GapReason.EXPIRED),)


@pytest.mark.parametrize(
    ("gap", "log_groups"),
    [
        pytest.param(LEFT_OUT, (OF_A_DAY, FOR_EVER), id="one keeps its lines"),
        pytest.param(LEFT_OUT, (), id="none is listed"),
        pytest.param(replace(LEFT_OUT, log_groups=("brief", "gone")), (OF_A_DAY,), id="one is not listed"),
        pytest.param(replace(LEFT_OUT, span=("x", "z")), (OF_A_DAY,), id="none of them is listed"),
        pytest.param(LEFT_OUT, (replace(OF_A_DAY, created_at=900),), id="it was made later"),
        pytest.param(replace(LEFT_OUT, reason=GapReason.TRUNCATED, tries=3), (OF_A_DAY,), id="it is final"),
    ],
)
def test_a_gap_that_some_log_group_may_still_fill_does_not_expire(gap: Gap, log_groups: tuple[LogGroup, ...]) -> None:
    assert expired(gap, *log_groups, now=3 * DAY) == (gap,)


@given(GAPS | SPANS, st.integers(0, 13 * DAY), st.integers(1, 3))
def test_a_gap_that_expires_loses_and_gains_no_time(gap: Gap, now: int, retention: int) -> None:
    groups = [LogGroup(name, retention=retention) for name in NAMES]

    after = Coverage(0, 10**7, (gap,)).expired(groups, Grid(300), now)

    assert Coverage(0, 10**7, tuple(replace(each, reason=gap.reason) for each in after.gaps)).joined().gaps == (gap,)
    assert after.expired(groups, Grid(300), now) == after
    assert all(each.window.end <= now - retention * DAY for each in after.gaps if each.reason is GapReason.EXPIRED)
