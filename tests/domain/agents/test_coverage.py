"""What agents say of their coverage is believed as far as it goes, and never makes a claim that they did not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json, to_builtins

from chalicelib.domain.agents.coverage import (
    LARGEST,
    MOST_GAPS,
    MOST_MISSING,
    MOST_NAMES,
    AgentCoverage,
    union,
)
from chalicelib.domain.scanning.budget import Spend
from chalicelib.domain.scanning.gaps import Gap, GapReason
from chalicelib.domain.scanning.windows import Window
from chalicelib.domain.timestamps import DAY
from tests.domain.given import NOON
from tests.examples import examples

TODAY = NOON // DAY * DAY
SAID: dict[str, Any] = {
    "since": NOON - 1_000,
    "watermark": NOON - 100,
    "late_watermark": NOON - 400,
    "gaps": [{"window": [NOON - 900, NOON - 800], "reason": "throttled"}],
    "missing": ["/gone"],
    "unresolved_count": 2,
    "access_denied": ["ecs"],
    "spend": {"midnight": TODAY, "bytes": 10},
    "budget": 20,
    "forecast": 30,
}
SOME = examples(0.5)


def a_coverage(**changes: Any) -> AgentCoverage:
    coverage = AgentCoverage.read(SAID | changes, NOON)
    assert coverage
    return coverage


def a_gap(start: int = 0, end: int = 100, **more: Any) -> dict[str, Any]:
    return {"window": [NOON - 900 + start, NOON - 900 + end], "reason": "throttled"} | more


GAPS = st.lists(
    st.builds(
        lambda start, length, names: a_gap(start, start + length, **({"log_groups": names} if names else {})),
        st.integers(-200, 900),
        st.integers(1, 200),
        st.lists(st.sampled_from(["/a", "/b", "/c"]), max_size=2),
    ),
    max_size=8,
)


def test_what_is_said_is_what_is_known() -> None:
    assert a_coverage() == AgentCoverage(
        since=NOON - 1_000,
        watermark=NOON - 100,
        late_watermark=NOON - 400,
        gaps=(Gap(Window(NOON - 900, NOON - 800), (), GapReason.THROTTLED),),
        missing=("/gone",),
        unresolved_count=2,
        access_denied=("ecs",),
        spend=Spend(midnight=TODAY, bytes=10),
        budget=20,
        forecast=30,
    )


@pytest.mark.parametrize(
    "said",
    [
        None,
        "all",
        [],
        {},
        {"throttled": 2, "missing": 1},
        SAID | {"watermark": 0},
        SAID | {"watermark": "noon"},
        SAID | {"since": True},
        SAID | {"gaps": {"0": 1}},
        SAID | {"gaps": [7]},
        SAID | {"gaps": [a_gap(end=0)]},
        SAID | {"gaps": [a_gap(log_groups="/a")]},
        SAID | {"gaps": [a_gap(tries=-1)]},
        SAID | {"missing": "/gone"},
        SAID | {"gaps": [a_gap(span=["/a"])]},
        SAID | {"gaps": [a_gap(reason=7)]},
        SAID | {"unresolved_count": 10**30},
        SAID | {"spend": {"bytes": "10"}},
        SAID | {"spend": {"midnight": 10**12}},
    ],
)
def test_what_cannot_be_read_says_nothing(said: Any) -> None:
    assert AgentCoverage.read(said, NOON) is None


@pytest.mark.parametrize("reason", ["", "x" * 33, "<!channel>", "of_a_later_version"])
def test_a_reason_that_is_not_known_is_unknown(reason: str) -> None:
    assert a_coverage(gaps=[a_gap(reason=reason)]).gaps[0].reason is GapReason.UNKNOWN


def test_nobody_has_scanned_the_future() -> None:
    coverage = a_coverage(since=NOON + 1, watermark=NOON + 2, late_watermark=NOON + 3)
    assert (coverage.since, coverage.watermark, coverage.late_watermark) == (NOON, NOON, NOON)


def test_too_many_gaps_become_fewer_that_cover_them() -> None:
    gaps = [a_gap(number * 2, number * 2 + 1, tries=number) for number in range(MOST_GAPS + 50)]
    coverage = a_coverage(gaps=gaps[::-1])
    assert len(coverage.gaps) == MOST_GAPS
    assert coverage.gaps[0] == Gap(Window(NOON - 900, NOON - 799), (), GapReason.THROTTLED, tries=50)


def test_too_many_names_become_all_log_groups() -> None:
    names = [f"/log/{number}" for number in range(MOST_NAMES + 1)]
    assert a_coverage(gaps=[a_gap(log_groups=names)]).gaps[0].log_groups == ()
    assert len(a_coverage(gaps=[a_gap(log_groups=names[1:])]).gaps[0].log_groups) == MOST_NAMES
    assert len(a_coverage(missing=names).missing) == MOST_MISSING


def test_names_that_are_too_long_together_become_all_log_groups() -> None:
    long = [f"/{number}" + "x" * 500 for number in range(MOST_NAMES)]
    coverage = a_coverage(gaps=[a_gap(log_groups=long)], late_gaps=[a_gap(span=["/a", "/b"])])
    assert [(each.log_groups, each.span) for each in (*coverage.gaps, *coverage.late_gaps)] == [((), ())] * 2


@pytest.mark.parametrize(
    ("gap", "concerned"),
    [
        (a_gap(), {"", "/a", "/b", "/c"}),
        (a_gap(log_groups=["/a"]), {"", "/a"}),
        (a_gap(span=["/b", "/c"]), {"", "/b", "/c"}),
    ],
)
def test_a_gap_concerns_the_log_groups_it_is_about(gap: dict[str, Any], concerned: set[str]) -> None:
    coverage = a_coverage(gaps=[gap])
    assert {name for name in ("", "/a", "/b", "/c") if coverage.missed(0, NOON, name)} == concerned


@SOME
@given(GAPS, st.sampled_from(["", "/a", "/d"]), st.integers(-1_200, 100), st.integers(-1_200, 100))
def test_each_second_requested_was_scanned_or_missed_or_lies_outside(
    gaps: list[dict[str, Any]], log_group: str, low: int, high: int
) -> None:
    coverage, start, end = a_coverage(gaps=gaps), NOON + min(low, high), NOON + max(low, high)
    scanned, missed = coverage.scanned(start, end, log_group), coverage.missed(start, end, log_group)
    windows = [*scanned, *(each.window for each in missed)]
    assert all(start <= each.start < each.end <= end for each in windows)
    assert not any(one.start < gap.window.end and gap.window.start < one.end for one in scanned for gap in missed)
    requested = max(0, min(end, coverage.watermark) - max(start, coverage.since))
    before = [Window(start, coverage.since)] if start < coverage.since else []
    assert union([*windows, *before]) - union(before) == requested


@SOME
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["window", *SAID]), inner),
        max_leaves=8,
    ),
    st.sampled_from([*SAID, "late_gaps", "previous"]),
)
def test_whatever_is_said_is_read_or_not_and_never_fails(value: Any, field: str) -> None:
    coverage = AgentCoverage.read(SAID | {field: value}, NOON)
    if coverage is not None:
        assert len(json.encode(coverage)) <= LARGEST
        assert AgentCoverage.read(to_builtins(coverage), coverage.watermark) == coverage


def test_the_day_before_is_remembered_when_a_new_one_begins() -> None:
    yesterday = a_coverage(spend=SAID["spend"] | {"midnight": TODAY - DAY})
    today = a_coverage().after(yesterday)
    again = a_coverage().after(today)
    assert again.previous == today.previous == yesterday.spend
    assert (again.spent_on(TODAY - DAY).bytes, again.spent_on(TODAY).bytes) == (10, 10)
    assert again.spent_on(TODAY - 2 * DAY) == Spend()
    assert a_coverage().after(None) == a_coverage()


@pytest.mark.parametrize(("now", "lag"), [(NOON, 100), (NOON - 200, 0)])
def test_the_lag_is_the_time_since_the_watermark(now: int, lag: int) -> None:
    assert a_coverage().lag(now) == lag


def test_the_second_pass_has_gaps_of_its_own() -> None:
    coverage = a_coverage(late_gaps=[a_gap(0, 900)])
    assert [each.window for each in coverage.late_missed(NOON - 1_000, NOON)] == [Window(NOON - 900, NOON - 400)]
