"""The report says what of a day's logs was not looked at, and what looking cost."""

import json
from typing import Any

import pytest
from msgspec import to_builtins

from chalicelib.domain.agents.agent import BEHIND, Agent, AgentStatus
from chalicelib.domain.agents.coverage import AgentCoverage
from chalicelib.domain.reports.scan_summary import SHOWN, ScanSummary, UnscannedAgent, summarize_scans
from chalicelib.domain.scanning.budget import Spend
from chalicelib.domain.scanning.gaps import Gap, GapReason
from chalicelib.domain.scanning.windows import Window
from chalicelib.domain.timestamps import DAY
from tests.domain.given import NOON

DAWN = NOON - NOON % DAY
DUSK = DAWN + DAY


def a_gap(minutes: int = 5, reason: GapReason = GapReason.THROTTLED, at: int = DAWN + 600) -> Gap:
    return Gap(Window(at, at + 60 * minutes), (), reason)


def an_agent(*gaps: Gap, number: int = 1, status: AgentStatus = AgentStatus.ACTIVE, **coverage: Any) -> Agent:
    known: dict[str, Any] = {"since": DAWN - DAY, "watermark": DUSK - 300, "gaps": gaps}
    return Agent(
        account=f"{number:012d}", region="eu-west-1", status=status, coverage=AgentCoverage(**known | coverage)
    )


def reported(*agents: Agent) -> ScanSummary:
    return summarize_scans(agents, DAWN, DUSK + 60)


def test_a_day_on_which_all_was_scanned_has_nothing_to_report() -> None:
    assert reported(an_agent(), an_agent(number=2)) == ScanSummary(agents=2)


def test_what_was_missed_is_reported_by_reason_and_by_agent() -> None:
    worse = an_agent(a_gap(5), a_gap(5, at=DAWN + 700), a_gap(20, GapReason.OVER_BUDGET, DAWN + 7_200), number=2)
    day = reported(an_agent(a_gap(5)), worse)
    assert day.reasons == {"over_budget": 1_200, "throttled": 300 + 400}
    assert day.unscanned == (
        UnscannedAgent(agent="000000000002-eu-west-1", name="", seconds=1_600, behind=0),
        UnscannedAgent(agent="000000000001-eu-west-1", name="", seconds=300, behind=0),
    )


@pytest.mark.parametrize("at", [DAWN - 3_600, DUSK])
def test_gaps_of_other_days_are_other_days_news(at: int) -> None:
    assert reported(an_agent(a_gap(at=at), watermark=DUSK + 60)).unscanned == ()


@pytest.mark.parametrize(("lag", "behind"), [(BEHIND, 0), (BEHIND + 1, 1)])
def test_a_scan_that_does_not_keep_up_is_reported(lag: int, behind: int) -> None:
    day = reported(an_agent(watermark=DUSK + 60 - lag))
    assert (day.behind, [each.behind for each in day.unscanned]) == (behind, [lag] * behind)


def test_of_many_agents_the_worst_are_named_and_the_rest_counted() -> None:
    day = reported(*(an_agent(a_gap(number), number=number) for number in range(1, SHOWN + 4)))
    assert [each.seconds // 60 for each in day.unscanned] == list(range(SHOWN + 3, 3, -1))
    assert (day.more, day.agents) == (3, SHOWN + 3)
    assert len(json.dumps(to_builtins(day))) < 10_000


def test_agents_that_do_not_scan_or_do_not_say_are_distinguished() -> None:
    silent = Agent(account="1" * 12, region="eu-west-1", status=AgentStatus.ACTIVE)
    gone = [an_agent(a_gap(), status=state) for state in (AgentStatus.REMOVED, AgentStatus.EXPECTED)]
    assert reported(silent, *gone) == ScanSummary(unreporting=1)


def test_the_bytes_are_those_of_the_day_though_the_next_has_begun() -> None:
    yesterday, today = Spend(midnight=DAWN, bytes=30 * 10**9), Spend(midnight=DAWN + DAY, bytes=10**12)
    both = an_agent(spend=today, previous=yesterday, budget=20 * 10**9)
    day = reported(both, an_agent(number=2, spend=yesterday, budget=20 * 10**9), an_agent(number=3))
    assert (day.gigabytes, day.over_budget) == (60.0, 2)
    assert day.dollars == pytest.approx(0.30)
