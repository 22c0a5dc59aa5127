"""Heartbeats: what an agent reports after each scan; not an event, but an update of the agent's item."""

from typing import Any

from chalicelib.domain.agents.agent import Heartbeat
from chalicelib.domain.agents.coverage import AgentCoverage
from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.text import clean

# A day: an agent that promises less could fall silent for as long as it likes.
SHORTEST, LONGEST = 60, 86_400
DEFAULT = 300
LATEST = 10**10
MOST_LOG_GROUPS = 10**10
LONGEST_WORD = 64
# As long as an agent's setting may be.
LONGEST_TAG = 256


def heartbeat_of(envelope: Envelope) -> Heartbeat | None:
    """Read a heartbeat; None where it has no time or origin. The sender is the envelope's account."""
    detail = envelope.detail if isinstance(envelope.detail, dict) else {}
    at = _whole(detail.get("at"), 1, LATEST, default=0)
    if not (envelope.account and envelope.region and at):
        return None
    stage, name, version, commit = (_text(detail.get(key)) for key in ("stage", "name", "version", "commit"))
    return Heartbeat(
        account=envelope.account,
        region=envelope.region,
        at=min(at, envelope.received_at),
        heartbeat_seconds=_whole(detail.get("heartbeat_seconds"), SHORTEST, LONGEST, default=DEFAULT),
        stage=stage,
        name=name,
        version=version,
        commit=commit,
        log_group_count=_whole(detail.get("log_group_count"), 0, MOST_LOG_GROUPS, default=0),
        scan_tag=_text(detail.get("scan_tag"), LONGEST_TAG),
        coverage=AgentCoverage.read(detail.get("coverage"), envelope.received_at),
    )


def _text(value: Any, length: int = LONGEST_WORD) -> str:
    return clean(value or "", length)


def _whole(value: Any, lowest: int, highest: int, default: int) -> int:
    return value if isinstance(value, int) and lowest <= value <= highest else default
