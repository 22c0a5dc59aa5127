"""Agents and coverage: a map of accounts and regions, silent agents, and how far each scan has come."""

from collections.abc import Iterable
from enum import StrEnum
from itertools import islice
from typing import Any, NamedTuple

from chalicelib.api.ui import replies
from chalicelib.api.ui.visit import Visit
from chalicelib.domain.agents.agent import Agent, AgentStatus, parse_agent_id
from chalicelib.domain.errors import NotFound
from chalicelib.domain.scanning.budget import GIGABYTE

MOST_AGENTS = 500
SHOWN_GAPS = 50
MEGABYTE = 1_000_000


class AgentHealth(StrEnum):
    """An agent's health, the worst first."""

    SILENT = "silent"
    BEHIND = "behind"
    GAPS = "gaps"
    EXPECTED = "expected"
    WELL = "well"
    REMOVED = "removed"


HEALTH_IN_WORDS = {
    AgentHealth.SILENT: "went silent",
    AgentHealth.BEHIND: "its scan falls behind",
    AgentHealth.GAPS: "some log time was not scanned",
    AgentHealth.EXPECTED: "has not reported yet",
    AgentHealth.WELL: "reports, and scans everything",
    AgentHealth.REMOVED: "was removed",
}
IN_ORDER = list(AgentHealth)


class AgentRow(NamedTuple):
    """An agent with its health, the lag of its scan in seconds, and its spend in words."""

    agent: Agent
    health: AgentHealth
    lag: int
    gaps: int
    spend: str


class AccountRow(NamedTuple):
    """An account in the map, with its agents by region."""

    account: str
    cells: dict[str, AgentRow]


def show(visit: Visit) -> replies.PageReply:
    """Show all agents: the map, and a list with the worst first."""
    visit.hub.accounts.load()
    agents = list(islice(visit.hub.agents.all(), MOST_AGENTS + 1))
    rows = [row_of(each, visit.now) for each in agents[:MOST_AGENTS]]
    ranked = sorted(rows, key=lambda row: (IN_ORDER.index(row.health), row.agent.id))
    values: dict[str, Any] = {
        "rows": ranked,
        "regions": sorted({each.agent.region for each in rows}),
        "map": _map(rows),
        "missing": [each for each in ranked if each.health in {AgentHealth.SILENT, AgentHealth.EXPECTED}],
        "counts": {health: sum(row.health is health for row in rows) for health in AgentHealth},
        "in_words": HEALTH_IN_WORDS,
        "complete": len(agents) <= MOST_AGENTS,
    }
    return replies.PageReply("agents", values)


def show_one(visit: Visit) -> replies.PageReply:
    """Show one agent with its coverage."""
    try:
        account, region = parse_agent_id(visit.item)
    except ValueError:
        raise NotFound("There is no agent of this name.") from None
    agent = visit.hub.agents.get(account, region)
    coverage = agent.coverage
    gaps = coverage.missed(0, visit.now) if coverage else []
    late = coverage.late_missed(0, visit.now) if coverage else []
    values = {
        "row": row_of(agent, visit.now),
        "agent": agent,
        "coverage": coverage,
        "gaps": gaps[::-1][:SHOWN_GAPS],
        "late_gaps": late[::-1][:SHOWN_GAPS],
        "in_words": HEALTH_IN_WORDS,
    }
    return replies.PageReply("agent", values)


def row_of(agent: Agent, now: int) -> AgentRow:
    """Return an agent's row."""
    coverage = agent.coverage
    gaps = len(coverage.missed(0, now)) if coverage else 0
    return AgentRow(agent, _health(agent, now, gaps), coverage.lag(now) if coverage else 0, gaps, _spend(agent))


def _health(agent: Agent, now: int, gaps: int) -> AgentHealth:
    match agent.status:
        case AgentStatus.REMOVED:
            return AgentHealth.REMOVED
        case AgentStatus.EXPECTED:
            return AgentHealth.EXPECTED
        case _ if agent.status is AgentStatus.STALE or agent.is_silent(now):
            return AgentHealth.SILENT
        case _ if agent.is_behind(now):
            return AgentHealth.BEHIND
        case _:
            return AgentHealth.GAPS if gaps else AgentHealth.WELL


def _spend(agent: Agent) -> str:
    coverage = agent.coverage
    if coverage is None or not coverage.spend.midnight:
        return ""
    spent = _size(coverage.spend.bytes)
    return f"{spent} of {coverage.budget / GIGABYTE:,.0f} GB" if coverage.budget else spent


def _size(count: int) -> str:
    """Return bytes in a suitable unit."""
    return f"{count / GIGABYTE:,.1f} GB" if count >= GIGABYTE // 10 else f"{count / MEGABYTE:,.1f} MB"


def _map(rows: Iterable[AgentRow]) -> list[AccountRow]:
    accounts: dict[str, dict[str, AgentRow]] = {}
    for row in rows:
        accounts.setdefault(row.agent.account, {})[row.agent.region] = row
    return [AccountRow(account, cells) for account, cells in sorted(accounts.items())]
