"""Rules: what an agent forwards to the hub, as EventBridge patterns and as resources of infra/agent.yaml."""

from collections.abc import Sequence
from typing import Any

from chalicelib.sources.registry import CUSTOM_PREFIX, SIGNS_OF_LIFE, SOURCES, Source
from infra.short_yaml import Resources, get_att, ref, sub

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
LARGEST_PATTERN = 2_048

type Pattern = dict[str, Any]


def agent_resources(sources: Sequence[Source]) -> Resources:
    """Return the forwarding rules for sources."""
    patterns = forwarding_patterns(sources)
    return {f"Forward{name.title()}": _rule(name, pattern) for name, pattern in patterns.items()}


def forwarding_patterns(sources: Sequence[Source]) -> dict[str, Pattern]:
    """Return the pattern of each forwarding rule by the rule's name: one rule for a service, one for our own events.

    Only detail types that the hub knows are forwarded: what a service says beyond them can be a thousand times as
    much. An agent's own account is added by the template.
    """
    families: dict[str, list[Source]] = {}
    for each in (*sources, *SIGNS_OF_LIFE):
        families.setdefault(_family(each), []).append(each)
    return {name: _pattern(family) for name, family in families.items()} | {
        CUSTOM_PREFIX.rstrip("."): {"source": [{"prefix": CUSTOM_PREFIX}]}
    }


def agent_patterns(account: str) -> list[Pattern]:
    """Return the patterns of an account's agent, as they are once its stack is deployed."""
    return [{"account": [account]} | each for each in forwarding_patterns(SOURCES).values()]


def _rule(name: str, pattern: Pattern) -> dict[str, Any]:
    target = {
        "Id": "hub",
        "Arn": sub("arn:${AWS::Partition}:events:${HubRegion}:${HubAccount}:event-bus/default"),
        "RoleArn": get_att("ForwardRole.Arn"),
        "DeadLetterConfig": {"Arn": get_att("DeadLetters.Arn")},
    }
    return {
        "Type": "AWS::Events::Rule",
        "Condition": "Forwards",
        "Properties": {
            "Name": sub(f"monitoring-agent-${{Stage}}-{name}"),
            "EventPattern": {"account": [ref("AWS::AccountId")]} | pattern,
            "Targets": [target],
        },
    }


def _family(source: Source) -> str:
    """Return the second part of a source's name: `health` of `aws.health`, `agent` of `monitoring.agent.logs`."""
    return source.source.split(".")[1]


def _pattern(sources: Sequence[Source]) -> Pattern:
    return {
        "source": sorted({each.source for each in sources}),
        "detail-type": sorted({each.detail_type for each in sources}),
    }
