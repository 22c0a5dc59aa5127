"""A budget: what a day's scans may read, and that everybody knows what they left out for it."""

from contextlib import suppress
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.scanning.budget import Budget, Excess
from chalicelib.domain.scanning.gaps import Gap, GapReason
from chalicelib.domain.scanning.windows import Window
from chalicelib.domain.timestamps import DAY
from chalicelib.services.scanning.plan import ScanPlan
from tests.scan_fakes import Crash
from tests.services.scanning.scan_rig import START, Rig, error

# A window of two log groups costs 200 bytes here, and the rest of the first day 36,200.
MIDNIGHT = START // DAY * DAY + DAY


def rig_with(limit: int, excess: Excess = Excess.SAMPLE, **plan: Any) -> Rig:
    return Rig(plan=replace(ScanPlan(budget=Budget(limit, excess)), **plan))


def run_for(rig: Rig, seconds: int) -> None:
    until = rig.clock.time + seconds
    while rig.clock.time < until:
        began = rig.clock.time
        rig.run()
        rig.clock.time = began + 300


def announced(rig: Rig) -> list[tuple[str, str]]:
    """Return what was told of the budget: the state and the day."""
    entries = [each for each in rig.bus.entries if each.source == "monitoring.agent.budget"]
    return [(each.detail["state"], each.detail["day"]) for each in entries]


def test_a_scan_that_stops_leaves_the_rest_of_the_day_as_a_gap_and_says_so_once() -> None:
    rig = rig_with(1_000, Excess.STOP)

    run_for(rig, 3_600)

    assert len(rig.logs.requested) == 5
    assert rig.state.gaps == (Gap(Window(START + 1_200, START + 3_300), (), GapReason.OVER_BUDGET),)
    assert announced(rig) == [("over", "2025-10-09")]
    assert rig.heartbeat["coverage"]["budget"] == 1_000


def test_a_scan_that_samples_keeps_to_its_budget_and_examines_each_part_of_the_day() -> None:
    rig = rig_with(10_000)

    run_for(rig, MIDNIGHT - START - 600)

    scanned = sorted(window.start for _, window in rig.logs.requested)
    assert 9_000 <= rig.heartbeat["coverage"]["spend"]["bytes"] <= 10_000
    assert scanned[-1] >= MIDNIGHT - 5_400
    assert rig.heartbeat["coverage"]["gaps"]
    assert announced(rig) == [("over", "2025-10-09")]


def test_the_next_day_scans_everything_again_and_says_so() -> None:
    rig = rig_with(36_000, Excess.STOP)
    rig.clock.time = MIDNIGHT - 7_200
    rig.begin_at(MIDNIGHT - 7_500)
    rig.scanner = replace(rig.scanner, plan=replace(rig.plan, budget=Budget(1_000, Excess.STOP)))

    run_for(rig, 7_500)

    assert announced(rig) == [("over", "2025-10-09"), ("within", "2025-10-10")]
    assert rig.state.watermark > MIDNIGHT - 900


def test_what_was_left_out_is_filled_while_a_day_has_something_to_spare() -> None:
    rig = rig_with(1_000, Excess.STOP)
    run_for(rig, 3_600)
    rig.scanner = replace(rig.scanner, plan=replace(rig.plan, budget=Budget(1_000_000, Excess.STOP)))

    run_for(rig, 600)

    assert rig.state.gaps == ()
    assert announced(rig)[-1][0] == "within"


def test_a_budget_that_is_used_up_fills_no_gap_and_delays_no_other_gaps() -> None:
    rig = rig_with(1_000, Excess.STOP)
    run_for(rig, 3_600)
    rig.scanner = replace(rig.scanner, plan=replace(rig.plan, budget=Budget(20_000, Excess.STOP), refills=1))
    rig.logs.fault = lambda names, window: GapReason.FAILED
    rig.run()
    rig.clock.time += 300
    rig.logs.fault = lambda names, window: None

    rig.run()

    assert {gap.reason for gap in rig.state.gaps} == {GapReason.OVER_BUDGET}


def test_late_lines_are_the_first_that_a_small_budget_does_without() -> None:
    rig = rig_with(1_000, Excess.STOP, late_delay=3_600)

    run_for(rig, 9_000)

    assert not any(each.delay for each in rig.logs.whole)
    assert [gap["reason"] for gap in rig.heartbeat["coverage"]["late_gaps"]] == ["over_budget"]


def test_a_bus_that_does_not_take_the_news_is_reported_again_and_breaks_nothing() -> None:
    rig = rig_with(100)
    rig.bus.down = True
    rig.run()
    assert rig.heartbeat["error"] == ""
    rig.bus.down = False

    rig.run()

    assert announced(rig) == [("over", "2025-10-09")]


@pytest.mark.parametrize("calls", range(10))
def test_a_crash_reports_the_budget_under_the_same_day(calls: int) -> None:
    rig = rig_with(100, Excess.STOP)
    rig.logs.lines = [error(START - 1)]
    rig.begin_at(START - 300)
    rig.fuse.calls = calls
    with suppress(Crash):
        rig.run()
    rig.fuse.calls = None
    rig.clock.time += 300

    rig.run()

    assert set(announced(rig)) == {("over", "2025-10-09")}
    assert rig.bus.counts == {"Error: card refused": 1}
