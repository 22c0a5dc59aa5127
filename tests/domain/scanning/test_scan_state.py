"""The scan's state: it fits a parameter, never claims too much, and is read back as it was written."""

import json
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Misconfigured
from chalicelib.domain.scanning.budget import Spend
from chalicelib.domain.scanning.coverage import Coverage
from chalicelib.domain.scanning.gaps import Gap, GapReason
from chalicelib.domain.scanning.scan_state import LARGEST_STATE, ScanState
from chalicelib.domain.scanning.windows import Window
from tests.domain.given_gaps import GAPS, NAMES, SPANS, covered
from tests.examples import examples

PARAMETER = "/monitoring/test/scan"
LONGEST_NAMES = tuple(f"{number:03}" + "x" * 509 for number in range(50))

TIMES = st.integers(0, 10**10)
COVERAGES = st.builds(Coverage, TIMES, TIMES, st.lists(GAPS | SPANS, max_size=30).map(tuple))
STATES = st.builds(ScanState, COVERAGES, st.none() | COVERAGES, st.builds(Spend, TIMES, TIMES, TIMES))


@given(STATES)
@examples(0.5)
def test_a_compact_state_fits_a_parameter(state: ScanState) -> None:
    assert len(state.compact().encode().encode()) <= LARGEST_STATE


@given(STATES)
@examples(0.5)
def test_a_compact_state_forgets_no_gap(state: ScanState) -> None:
    compact = state.compact()

    passes = [(state.first, compact.first)]
    if state.late and compact.late:
        passes.append((state.late, compact.late))
    for before, after in passes:
        assert (after.since, after.watermark) == (before.since, before.watermark)
        for gap, name in product(before.gaps, (NAMES[0], NAMES[-1])):
            if gap.concerns(name):
                assert covered(after.gaps, gap.window.start, name)
                assert covered(after.gaps, (gap.window.start + gap.window.end) // 2, name)
                assert covered(after.gaps, gap.window.end - 1, name)


@given(st.lists(GAPS, max_size=3))
@examples(0.5)
def test_a_state_that_fits_reports_its_gaps_exactly(gaps: list[Gap]) -> None:
    gaps = [Gap(each.window, each.log_groups[:2], each.reason) for each in gaps]
    state = ScanState(Coverage(0, 1, tuple(gaps)))

    compact = state.compact().first

    edges = {each.window.start for each in gaps} | {each.window.end for each in gaps}
    for second, name in product({edge + step for edge in edges for step in (-1, 0)}, NAMES[:5]):
        assert covered(compact.gaps, second, name) == covered(gaps, second, name)


@given(STATES)
@examples(0.5)
def test_what_was_written_is_read_back(state: ScanState) -> None:
    compact = state.compact()

    assert ScanState.decode(compact.encode(), PARAMETER) == compact


def test_the_longest_names_that_aws_allows_fit_as_well() -> None:
    gaps = tuple(Gap(Window(at, at + 300), LONGEST_NAMES, GapReason.FAILED) for at in (0, 900))
    state = ScanState(Coverage(0, 1_200, gaps), Coverage(0, 1_200, gaps))

    assert len(state.compact().encode()) <= LARGEST_STATE


def test_the_state_is_readable_json() -> None:
    gaps = (
        Gap(Window(300, 600), ("/aws/lambda/pay",), GapReason.TIMED_OUT, 2),
        Gap(Window(300, 600), (), GapReason.UNFINISHED, span=("/aws/lambda/a", "/aws/lambda/f")),
    )
    state = ScanState(Coverage(0, 900, gaps), Coverage(0, 600), Spend(midnight=86_400, bytes=7, seconds=300))

    assert json.loads(state.encode()) == {
        "first": {
            "since": 0,
            "watermark": 900,
            "gaps": [
                {"window": [300, 600], "reason": "unfinished", "span": ["/aws/lambda/a", "/aws/lambda/f"]},
                {"window": [300, 600], "log_groups": ["/aws/lambda/pay"], "reason": "timed_out", "tries": 2},
            ],
        },
        "late": {"since": 0, "watermark": 600},
        "spend": {"midnight": 86_400, "bytes": 7, "seconds": 300},
    }


def state_with(gaps: str) -> str:
    return f'{{"first": {{"since": 0, "watermark": 1, "gaps": [{gaps}]}}}}'


@pytest.mark.parametrize(
    "text",
    [
        *("", "nonsense", "[]", "null", "{}", "[" * 100_000),
        *('{"first": {"watermark": 1}}', '{"first": {"since": 0, "watermark": -1}}'),
        '{"first": {"since": 0, "watermark": true}}',
        '{"first": {"since": 0, "watermark": 1}, "late": {}}',
        '{"first": {"since": 0, "watermark": 1}, "spend": {"bytes": "many"}}',
        state_with('{"window": [2, 1], "reason": "failed"}'),
        state_with('{"window": [1, 2], "reason": "failed", "log_groups": "pay"}'),
        state_with('{"window": [1, 2], "reason": "failed", "span": ["pay"]}'),
        state_with('{"reason": "failed"}'),
        state_with("7"),
    ],
)
def test_damaged_state_is_refused_by_the_name_of_its_parameter(text: str) -> None:
    with pytest.raises(Misconfigured, match=PARAMETER):
        ScanState.decode(text, PARAMETER)


def test_a_reason_of_a_later_version_is_unknown_and_the_gap_is_kept() -> None:
    text = state_with('{"window": [1, 2], "reason": "moonlight"}')

    assert ScanState.decode(text, PARAMETER).first.gaps == (Gap(Window(1, 2), (), GapReason.UNKNOWN),)


def test_a_state_that_is_too_long_gives_up_names_before_time() -> None:
    gaps = tuple(Gap(Window(at, at + 300), NAMES, GapReason.FAILED) for at in (0, 9_000))

    assert ScanState(Coverage(0, 9_300, gaps)).compact(limit=500).first.gaps == (
        Gap(Window(0, 300), (), GapReason.FAILED, span=(NAMES[0], NAMES[-1])),
        Gap(Window(9_000, 9_300), (), GapReason.FAILED, span=(NAMES[0], NAMES[-1])),
    )


def test_gaps_that_are_too_many_merge_with_their_nearest() -> None:
    gaps = tuple(
        Gap(Window(at, at + 300), (), reason)
        for at, reason in ((0, GapReason.FAILED), (600, GapReason.TIMED_OUT), (9_000, GapReason.FAILED))
    )

    assert ScanState(Coverage(0, 9_300, gaps)).compact(limit=130).first.gaps == (
        Gap(Window(0, 900), (), GapReason.SEVERAL),
        Gap(Window(9_000, 9_300), (), GapReason.FAILED),
    )


def test_the_pass_that_takes_more_room_gives_up_first() -> None:
    gaps = tuple(Gap(Window(at, at + 300), (), GapReason.FAILED) for at in (0, 600, 9_000))
    one = Gap(Window(0, 300), (), GapReason.FAILED)

    state = ScanState(Coverage(0, 9_300, (one,)), Coverage(0, 9_300, gaps)).compact(limit=230)

    assert state.late
    assert (len(state.first.gaps), len(state.late.gaps)) == (1, 2)


def test_each_pass_has_a_coverage_of_its_own() -> None:
    state = ScanState(Coverage(0, 900), Coverage(0, 600))

    further = state.covering(Coverage(0, 1_200), late=False).covering(Coverage(0, 700), late=True)

    assert further == ScanState(Coverage(0, 1_200), Coverage(0, 700))
