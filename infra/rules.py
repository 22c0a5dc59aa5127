"""Rules: what an agent forwards, as EventBridge patterns made from SOURCES."""

from typing import Any

from chalicelib.sources import CUSTOM_PREFIX, HEARTBEAT, SOURCES, Source

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
LARGEST_PATTERN = 2_048

type Pattern = dict[str, Any]


def forwarding_patterns() -> dict[str, Pattern]:
    """Return the pattern of each forwarding rule by the rule's name: one rule for a service, one for our own events.

    Only detail types that the hub knows are forwarded: what a service says beyond them can be a thousand times as
    much. An agent's own account is added by the template.
    """
    families: dict[str, list[Source]] = {}
    for each in (*SOURCES, HEARTBEAT):
        families.setdefault(_family(each), []).append(each)
    return {name: _pattern(sources) for name, sources in families.items()} | {
        CUSTOM_PREFIX.rstrip("."): {"source": [{"prefix": CUSTOM_PREFIX}]}
    }


def _family(source: Source) -> str:
    """Return the second part of a source's name: `health` of `aws.health`, `agent` of `monitoring.agent.logs`."""
    return source.source.split(".")[1]


def _pattern(sources: list[Source]) -> Pattern:
    return {
        "source": sorted({each.source for each in sources}),
        "detail-type": sorted({each.detail_type for each in sources}),
    }
