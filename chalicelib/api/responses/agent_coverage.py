"""Answers about coverage: what an agent has scanned of a stretch of log time, and what it has not."""

from typing import TYPE_CHECKING, Any

from chalicelib.domain.events.event import iso

if TYPE_CHECKING:
    from chalicelib.domain.agents.agent import Agent
    from chalicelib.domain.agents.coverage import AgentCoverage
    from chalicelib.domain.queries import CoverageQuery
    from chalicelib.domain.scanning.gaps import Gap
    from chalicelib.domain.scanning.windows import Window


def coverage_of(agent: "Agent", query: "CoverageQuery", now: int) -> dict[str, Any]:
    """Describe one agent's coverage of the time that is asked for; one that never said anything has none."""
    known = agent.coverage
    return {
        "agent": agent.id,
        "account": agent.account,
        "region": agent.region,
        "name": agent.name,
        "status": agent.status,
        "coverage": known and coverage(known, query, now),
    }


def coverage(known: "AgentCoverage", query: "CoverageQuery", now: int) -> dict[str, Any]:
    """Describe what was scanned, and what was not, in the time asked for and of the log group asked for, if any."""
    start, end = query.start or 0, now if query.end is None else query.end + 1
    return {
        "since": iso(known.since),
        "watermark": iso(known.watermark),
        "late_watermark": iso(known.late_watermark) if known.late_watermark else None,
        "lag": known.lag(now),
        "scanned": [_window(each) for each in known.scanned(start, end, query.log_group)],
        "gaps": [_gap(each) for each in known.missed(start, end, query.log_group)],
        "late_gaps": [_gap(each) for each in known.late_missed(start, end, query.log_group)],
        "missing": [each for each in known.missing if query.log_group in ("", each)],
        "unresolved_count": known.unresolved_count,
        "access_denied": list(known.access_denied),
        "spend": _spend(known) if known.spend.midnight else None,
    }


def _gap(missed: "Gap") -> dict[str, Any]:
    return {
        **_window(missed.window),
        "reason": missed.reason,
        "tries": missed.tries,
        "log_groups": list(missed.log_groups) or None,
        "from": missed.span[0] if missed.span else None,
        "to": missed.span[1] if missed.span else None,
    }


def _window(window: "Window") -> dict[str, str]:
    return {"start": iso(window.start), "end": iso(window.end)}


def _spend(known: "AgentCoverage") -> dict[str, Any]:
    spend = known.spend
    return {"day": spend.day, "bytes": spend.bytes, "budget": known.budget or None, "forecast": known.forecast}
