"""Scan summary: which of a day's logs were scanned, what was not and why, and the cost."""

from collections import Counter
from collections.abc import Iterable, Mapping
from heapq import nsmallest
from itertools import groupby

from msgspec import Struct, field

from chalicelib.domain.agents.agent import Agent, AgentStatus
from chalicelib.domain.agents.coverage import DOLLARS_PER_GB, GB, AgentCoverage, union
from chalicelib.domain.text import shortened
from chalicelib.domain.timestamps import DAY

SHOWN = 8
NAME = 64


class UnscannedAgent(Struct, frozen=True, kw_only=True):
    """An agent that has not scanned the whole day: for how many `seconds`, and how far `behind` it is now."""

    agent: str
    name: str
    seconds: int
    behind: int


class ScanSummary(Struct, frozen=True, kw_only=True):
    """What `agents` report of one UTC day; `unreporting` further ones report no coverage.

    `reasons` are the seconds missed by reason, of all agents. `unscanned` are the worst agents that missed something or
    are an hour `behind`; `more` are not shown. `bytes` were scanned; `over_budget` agents exceeded their budget.
    """

    agents: int = 0
    unreporting: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    behind: int = 0
    unscanned: tuple[UnscannedAgent, ...] = ()
    more: int = 0
    bytes: int = 0
    over_budget: int = 0

    @property
    def gigabytes(self) -> float:
        """The bytes scanned, as AWS bills them."""
        return self.bytes / GB

    @property
    def dollars(self) -> float:
        """What they cost, at the price in most regions."""
        return self.gigabytes * DOLLARS_PER_GB


def summarize_scans(agents: Iterable[Agent], day: int, now: int) -> ScanSummary:
    """Summarise the UTC day that begins at `day`; agents that never reported or are removed do not scan."""
    scanning = [each for each in agents if each.status not in (AgentStatus.REMOVED, AgentStatus.EXPECTED)]
    reporting = [(each, each.coverage) for each in scanning if each.coverage]
    reasons: Counter[str] = Counter()
    unscanned: list[UnscannedAgent] = []
    for agent, coverage in reporting:
        reasons.update(_missed(coverage, day))
        if lacking := _unscanned(agent, coverage, day, now):
            unscanned.append(lacking)
    worst = nsmallest(SHOWN, unscanned, key=lambda each: (-each.seconds - each.behind, each.agent))
    spent = [(coverage.spent_on(day).bytes, coverage.budget) for _, coverage in reporting]
    return ScanSummary(
        agents=len(reporting),
        unreporting=len(scanning) - len(reporting),
        reasons=dict(reasons.most_common(SHOWN)),
        behind=sum(each.behind > 0 for each in unscanned),
        unscanned=tuple(worst),
        more=len(unscanned) - len(worst),
        bytes=sum(read for read, _ in spent),
        over_budget=sum(0 < budget < read for read, budget in spent),
    )


def _missed(coverage: AgentCoverage, day: int) -> dict[str, int]:
    gaps = sorted(coverage.missed(day, day + DAY), key=lambda each: each.reason)
    return {
        reason: union(each.window for each in alike) for reason, alike in groupby(gaps, key=lambda each: each.reason)
    }


def _unscanned(agent: Agent, coverage: AgentCoverage, day: int, now: int) -> UnscannedAgent | None:
    seconds = union(each.window for each in coverage.missed(day, day + DAY))
    lag = coverage.lag(now)
    behind = lag if lag > agent.patience else 0
    if not seconds + behind:
        return None
    return UnscannedAgent(
        agent=shortened(agent.id, NAME), name=shortened(agent.name, NAME), seconds=seconds, behind=behind
    )
