"""The registry of sources: which events the hub takes, and which module reads each of them.

To add a source, add its module to this package, then a template and a sample event that are called like the module;
`make generate` does the rest (docs/extending.md). Importing the registry imports no model: a cold start pays for the
one source that it meets.
"""

import logging
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from msgspec import json
from msgspec.structs import replace

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Event
from chalicelib.sources import index

log = logging.getLogger(__name__)

# Written by `make generate` from what the sources declare.
PATTERNS = Path(__file__).parent / "patterns.json"


class Source(NamedTuple):
    """A kind of event: EventBridge's names for it, and the module that reads it."""

    source: str
    detail_type: str
    module: str


# Sent over EventBridge by AWS and by agents.
SOURCES = tuple(Source(*each) for each in index.SENT)

# Made by the hub about itself and handed to `ingest` directly: nobody may send these, so no pattern subscribes to them.
OWN = tuple(Source(*each) for each in index.OWN)

# The kinds that are declared in TOML, and read by one module for all.
DECLARED: frozenset[str] = frozenset(index.DECLARED)
# An event may hold many problems; each of so many is an event of its own.
MOST_PROBLEMS = 100

# The kinds whose events never say that a problem is over, and those whose problems may be in many accounts at once.
ENDLESS, WIDESPREAD = index.ENDLESS, index.WIDESPREAD

# Not events: the one updates the agent's item and nothing else, the other only shows that it arrived.
HEARTBEAT = Source("monitoring.agent.heartbeat", "Heartbeat", "")
CANARY = Source("monitoring.agent.canary", "Canary", "")
SIGNS_OF_LIFE = (HEARTBEAT, CANARY)

# A team's own events: whoever puts them with a source that begins so has them read as `custom` says.
CUSTOM_PREFIX = "custom."

# What an agent's stack is called: deployed by hand, and by a StackSet.
AGENT_STACKS = ("monitoring-agent*", "StackSet-monitoring-agent*")

CUSTOM, UNKNOWN = "custom", "unknown"
# The kind of which a setting says how bad it is, as AWS does not.
ALARM = "alarm"
_MODULES = {(each.source, each.detail_type): each.module for each in (*SOURCES, *OWN)}
# What events can be.
KINDS = (*dict.fromkeys(_MODULES.values()), CUSTOM, UNKNOWN)


def source_of(kind: str) -> Source:
    """Return the only source of a kind; StopIteration where there is none."""
    return next(each for each in (*SOURCES, *OWN) if each.module == kind)


AGENT_STATE = source_of("agent_state")
ALARM_CHANGE = Source("aws.cloudwatch", "CloudWatch Alarm Configuration Change", ALARM)
BACKFILL = source_of("backfill")
CANARY_STATE = source_of("canary")
FAILURE_DESTINATIONS = source_of("failure_destinations")
RECONCILIATION = source_of("reconciliation")


@cache
def event_patterns() -> tuple[dict[str, Any], ...]:
    """Return the EventBridge patterns that match all that the hub takes: one rule for each, as each may be so long.

    They hold sources, heartbeats, canaries and custom events. Detail types are listed, and some filtered by what stands
    in their details, because a source such as CloudFormation has others that are far too many.
    """
    return tuple(json.decode(PATTERNS.read_bytes()))


def event_pattern() -> dict[str, Any]:
    """Return the first of the patterns: that of the rule that Chalice makes."""
    return event_patterns()[0]


def archive_pattern() -> dict[str, Any]:
    """Return a pattern short enough for the archive, that matches all that the hub takes, and more of its sources.

    A replay sends what the archive holds through the hub's rules, which leave out the rest.
    """
    known = sorted({each.source for each in (*SOURCES, *SIGNS_OF_LIFE) if not each.source.startswith(CUSTOM_PREFIX)})
    return {"source": [*known, {"prefix": CUSTOM_PREFIX}]}


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
    """Make an event of an envelope; what no model can read becomes `unknown`, whatever is wrong with it."""
    kind = kind_of(envelope)
    try:
        return _interpret_as(kind, envelope)
    except Exception:  # a model's defect must not hide an event
        log.warning(
            "Event detail not readable; stored as unknown",
            extra={"envelope_id": envelope.id, "source": envelope.source},
            exc_info=True,
        )
        return _interpret_as(UNKNOWN, envelope)


def interpret_all(envelope: Envelope) -> list[Event]:
    """Make an event of each problem that an envelope holds; of what is beyond so many, one of all that is left."""
    kind = kind_of(envelope)
    if kind not in DECLARED:
        return [interpret(envelope)]
    details = _declared().parts(kind, envelope.detail)
    events = [interpret(replace(envelope, detail=detail)) for detail in details[:MOST_PROBLEMS]]
    if rest := details[MOST_PROBLEMS:]:
        events.append(_interpret_as(UNKNOWN, replace(envelope, detail=rest)))
    return events


def kind_of(envelope: Envelope) -> str:
    """Return the module that reads an event, or the declared kind that it is of."""
    other = CUSTOM if envelope.source.startswith(CUSTOM_PREFIX) else UNKNOWN
    return _MODULES.get((envelope.source, envelope.detail_type), other)


def _interpret_as(kind: str, envelope: Envelope) -> Event:
    if kind in DECLARED:
        return Event.of(envelope, kind, _declared().summary_of(kind, envelope))
    model = import_module(f"chalicelib.sources.{kind}").SOURCE.model(envelope.detail_type)
    detail = model.read(envelope.detail)
    return Event.of(envelope, kind, detail.summary(envelope))


def _declared() -> ModuleType:
    return import_module("chalicelib.sources.declared")
