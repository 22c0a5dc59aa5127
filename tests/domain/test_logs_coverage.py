"""Coverage: the scan's state fits a parameter and never claims too much."""

import json
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.coverage import LARGEST_STATE, Gap, Reason, ScanState
from chalicelib.domain.errors import Misconfigured
from chalicelib.domain.windows import Window

PARAMETER = "/monitoring/test/scan"
NAMES = tuple(f"/aws/lambda/a-function-with-quite-a-long-name-{number:02}" for number in range(60))

WINDOWS = st.builds(lambda start, seconds: Window(start, start + seconds), st.integers(0, 10**6), st.integers(1, 5_000))
GAPS = st.builds(
    Gap,
    window=WINDOWS,
    log_groups=st.lists(st.sampled_from(NAMES), max_size=50, unique=True).map(lambda names: tuple(sorted(names))),
    reason=st.sampled_from([Reason.FAILED, Reason.TIMED_OUT, Reason.TRUNCATED]),
    tries=st.integers(1, 5),
)
STATES = st.builds(ScanState, st.integers(0, 10**10), st.lists(GAPS, max_size=40).map(tuple))


def covered(gaps: tuple[Gap, ...], second: int, name: str) -> bool:
    return any(
        gap.window.start <= second < gap.window.end and (not gap.log_groups or name in gap.log_groups) for gap in gaps
    )


@given(STATES)
@settings(deadline=None)
def test_a_compact_state_fits_a_parameter(state: ScanState) -> None:
    assert len(state.compact().encode().encode()) <= LARGEST_STATE


@given(STATES)
@settings(deadline=None)
def test_a_compact_state_forgets_no_gap(state: ScanState) -> None:
    compact = state.compact()

    assert compact.watermark == state.watermark
    for gap, name in product(state.gaps, (NAMES[0], NAMES[-1])):
        if not gap.log_groups or name in gap.log_groups:
            assert covered(compact.gaps, gap.window.start, name)
            assert covered(compact.gaps, (gap.window.start + gap.window.end) // 2, name)
            assert covered(compact.gaps, gap.window.end - 1, name)


@given(st.lists(GAPS, max_size=3))
@settings(deadline=None)
def test_a_state_that_fits_tells_its_gaps_exactly(gaps: list[Gap]) -> None:
    gaps = [Gap(each.window, each.log_groups[:2], each.reason) for each in gaps]
    state = ScanState(1, tuple(gaps))

    compact = state.compact()

    edges = {each.window.start for each in gaps} | {each.window.end for each in gaps}
    for second, name in product({edge + step for edge in edges for step in (-1, 0)}, NAMES[:5]):
        assert covered(compact.gaps, second, name) == covered(state.gaps, second, name)


@given(STATES)
@settings(deadline=None)
def test_what_was_written_is_read_back(state: ScanState) -> None:
    compact = state.compact()

    assert ScanState.decode(compact.encode(), PARAMETER) == compact


def test_the_state_is_readable_json() -> None:
    state = ScanState(900, (Gap(Window(300, 600), ("/aws/lambda/pay",), Reason.TIMED_OUT, 2),))

    assert json.loads(state.encode()) == {
        "watermark": 900,
        "gaps": [{"start": 300, "end": 600, "reason": "timed_out", "tries": 2, "log_groups": ["/aws/lambda/pay"]}],
    }


@pytest.mark.parametrize(
    "text",
    [
        *("", "nonsense", "[]", "null", "{}", "[" * 100_000),
        *('{"watermark": 1}', '{"watermark": -1, "gaps": []}', '{"watermark": true, "gaps": []}'),
        '{"watermark": 1, "gaps": [{"start": 2, "end": 1, "reason": "failed", "tries": 1}]}',
        '{"watermark": 1, "gaps": [{"start": 1, "end": 2, "reason": "failed", "tries": 1, "log_groups": "pay"}]}',
        '{"watermark": 1, "gaps": [{"start": 1, "end": 2, "tries": 1}]}',
        '{"watermark": 1, "gaps": [7]}',
    ],
)
def test_damaged_state_is_refused_by_the_name_of_its_parameter(text: str) -> None:
    with pytest.raises(Misconfigured, match=PARAMETER):
        ScanState.decode(text, PARAMETER)


def test_a_reason_of_a_later_version_is_unknown_and_the_gap_is_kept() -> None:
    text = '{"watermark": 1, "gaps": [{"start": 1, "end": 2, "reason": "moonlight", "tries": 1}]}'

    assert ScanState.decode(text, PARAMETER).gaps == (Gap(Window(1, 2), (), Reason.UNKNOWN),)


def test_neighbours_that_differ_in_time_alone_become_one() -> None:
    gaps = (Gap(Window(300, 600), (), Reason.FAILED), Gap(Window(0, 300), (), Reason.FAILED))

    assert ScanState(600, gaps).compact().gaps == (Gap(Window(0, 600), (), Reason.FAILED),)


def test_gaps_with_different_tries_stay_apart() -> None:
    gaps = (Gap(Window(0, 300), (), Reason.FAILED, 2), Gap(Window(300, 600), (), Reason.FAILED, 1))

    assert ScanState(600, gaps).compact().gaps == gaps


def test_a_gap_within_another_is_told_once() -> None:
    inner = Gap(Window(100, 200), NAMES[:1], Reason.TRUNCATED)

    assert ScanState(600, (inner, Gap(Window(0, 300), (), Reason.FAILED))).compact().gaps == (
        Gap(Window(0, 300), (), Reason.FAILED),
    )
    assert ScanState(600, (inner, Gap(Window(0, 300), NAMES[:2], Reason.FAILED))).compact().gaps == (
        Gap(Window(0, 300), NAMES[:2], Reason.FAILED),
    )


def test_a_state_that_is_too_long_gives_up_names_before_time() -> None:
    gaps = tuple(Gap(Window(at, at + 300), NAMES, Reason.FAILED) for at in (0, 9_000))

    assert ScanState(9_300, gaps).compact(limit=500).gaps == (
        Gap(Window(0, 300), (), Reason.FAILED),
        Gap(Window(9_000, 9_300), (), Reason.FAILED),
    )


def test_gaps_that_are_too_many_merge_with_their_nearest() -> None:
    gaps = tuple(
        Gap(Window(at, at + 300), (), reason)
        for at, reason in ((0, Reason.FAILED), (600, Reason.TIMED_OUT), (9_000, Reason.FAILED))
    )

    assert ScanState(9_300, gaps).compact(limit=150).gaps == (
        Gap(Window(0, 900), (), Reason.SEVERAL),
        Gap(Window(9_000, 9_300), (), Reason.FAILED),
    )


def test_only_the_window_at_the_watermark_moves_it() -> None:
    with pytest.raises(ValueError, match="watermark 600"):
        ScanState(600).advanced(Window(900, 1_200), ())


def test_a_refilled_piece_leaves_the_rest_and_what_was_missed_again() -> None:
    gap = Gap(Window(0, 900), (), Reason.FAILED)
    again = Gap(Window(0, 150), NAMES[:1], Reason.TIMED_OUT)

    state = ScanState(900, (gap,)).refilled(gap, Window(0, 300), [again])

    assert set(state.gaps) == {
        Gap(Window(0, 150), NAMES[:1], Reason.TIMED_OUT, 2),
        Gap(Window(300, 900), (), Reason.FAILED, 1),
    }


def test_a_scanned_window_moves_the_watermark_and_adds_what_was_missed() -> None:
    missed = Gap(Window(600, 900), NAMES[:1], Reason.FAILED)

    assert ScanState(600).advanced(Window(600, 900), [missed]) == ScanState(900, (missed,))
