"""Where events come from: the registry of sources, the pattern that subscribes to them, and their interpretation.

Adding a source is one module in this package, one line in SOURCES, one template and one sample event, both named after
the module. Importing the registry imports no model: a cold start pays for the one source it meets.
"""

import logging
from importlib import import_module
from typing import Any, NamedTuple

from chalicelib.domain.events.event import Envelope, Event

log = logging.getLogger(__name__)


class Source(NamedTuple):
    """A kind of event: EventBridge's names for it, and the module that understands it."""

    source: str
    detail_type: str
    module: str


SOURCES = (
    Source("aws.cloudwatch", "CloudWatch Alarm State Change", "alarm"),
    Source("aws.health", "AWS Health Event", "health"),
    Source("aws.health", "AWS Health Abuse Event", "health"),
    Source("aws.guardduty", "GuardDuty Finding", "guardduty"),
    Source("aws.cloudformation", "CloudFormation Stack Status Change", "stack"),
    Source("monitoring.agent.logs", "Error Logs", "error_logs"),
    Source("monitoring.agent.logs", "Backfill Finished", "backfill"),
    Source("monitoring.agent.budget", "Scan Budget", "scan_budget"),
)

# The hub adds to it what it has counted itself.
BACKFILL = next(each for each in SOURCES if each.module == "backfill")

# No event: it updates the agent's item and nothing else.
HEARTBEAT = Source("monitoring.agent.heartbeat", "Heartbeat", "")

# Your own events: put them with a source that begins so; without a module they are announced as `unknown`.
CUSTOM_PREFIX = "custom."

# The kinds whose events never say that a problem is over: it is when nothing has been heard of it for a while.
ENDLESS = ("error_logs", "unknown")

# The kinds that are about no problem.
NEWS = ("backfill",)

# The kinds whose problems may be in many accounts and regions at once; a public Health event is in all of them.
WIDESPREAD = ("error_logs",)

# Made by the hub about itself and handed to `ingest` directly: nobody may send these, so no pattern subscribes to them.
AGENT_STATE = Source("monitoring.hub", "Agent State Change", "agent_state")
NET_STATE = Source("monitoring.hub", "Net State Change", "failure_destinations")
OWN = (AGENT_STATE, NET_STATE)

# How an agent's stack is called: where it was deployed by hand, and where a StackSet deployed it.
AGENT_STACKS = ("monitoring-agent*", "StackSet-monitoring-agent*")

_MODULES = {(each.source, each.detail_type): each.module for each in (*SOURCES, *OWN)}
# What events can be.
KINDS = (*dict.fromkeys(_MODULES.values()), "unknown")


def event_pattern() -> dict[str, Any]:
    """Return the EventBridge pattern that matches all that the hub takes: sources, heartbeats, custom events.

    Detail types are listed because a source such as CloudFormation has others that are far too many.
    """
    known = (*SOURCES, HEARTBEAT)
    return {
        "$or": [
            {
                "source": sorted({each.source for each in known}),
                "detail-type": sorted({each.detail_type for each in known}),
            },
            {"source": [{"prefix": CUSTOM_PREFIX}]},
        ]
    }


def agent_stack_pattern() -> dict[str, Any]:
    """Return the EventBridge pattern that matches the changes of agents' stacks.

    The name stands within the stack's ARN, behind an account and a region that may be any: only a wildcard finds it.
    """
    return {
        "source": ["aws.cloudformation"],
        "detail-type": ["CloudFormation Stack Status Change"],
        "detail": {"stack-id": [{"wildcard": f"arn:*:stack/{name}"} for name in AGENT_STACKS]},
    }


def interpret(envelope: Envelope) -> Event:
    """Make an event of an envelope; what no model understands becomes `unknown`, whatever is wrong with it."""
    kind = _MODULES.get((envelope.source, envelope.detail_type), "unknown")
    try:
        return _interpret_as(kind, envelope)
    except Exception:  # a model's defect must not hide an event
        log.warning("Unreadable detail", extra={"envelope_id": envelope.id, "source": envelope.source}, exc_info=True)
        return _interpret_as("unknown", envelope)


def _interpret_as(kind: str, envelope: Envelope) -> Event:
    model = import_module(f"{__name__}.{kind}").DETAIL
    detail = model.read(envelope.detail)
    return Event.of(envelope, kind, detail.summary(envelope))
