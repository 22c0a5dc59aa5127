"""Rules: what an agent forwards to the hub, and what the hub takes, as EventBridge patterns and as resources."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from chalicelib.sources.registry import CUSTOM_PREFIX, SIGNS_OF_LIFE
from infra.short_yaml import Resources, get_att, ref, sub
from infra.source_index import Declared

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
LARGEST_PATTERN = 2_048
# An agent's pattern also holds its account, as `{"account": ["123456789012"], …}`.
ACCOUNT = '"account": ["123456789012"], '
OWN_EVENTS: "Pattern" = {"source": [{"prefix": CUSTOM_PREFIX}]}

type Pattern = dict[str, Any]


class Interest(NamedTuple):
    """Events that are wanted: a detail type of a source, all of it or what a pattern of its detail matches."""

    source: str
    detail_type: str
    detail: Mapping[str, Any] | None = None

    @property
    def family(self) -> str:
        """The second part of the source's name: `health` of `aws.health`, `agent` of `monitoring.agent.logs`."""
        return self.source.split(".")[1]


def interests(known: Declared) -> tuple[Interest, ...]:
    """Return what the declared sources want to be sent, and the agents' signs of life."""
    wanted = (
        Interest(each.source, detail_type, each.filters.get(detail_type))
        for each in known.values()
        if not each.sent_by_hub
        for detail_type in each.all_types
    )
    return (*wanted, *(Interest(each.source, each.detail_type) for each in SIGNS_OF_LIFE))


def agent_resources(known: Declared) -> Resources:
    """Return the forwarding rules for sources."""
    return {f"Forward{name.title()}": _rule(name, pattern) for name, pattern in forwarding_patterns(known).items()}


def forwarding_patterns(known: Declared) -> dict[str, Pattern]:
    """Return the pattern of each forwarding rule by the rule's name: one rule for a service, one for our own events.

    Only detail types that the hub knows are forwarded: what a service says beyond them can be a thousand times as
    much. An agent's own account is added by the template.
    """
    families: dict[str, list[Interest]] = {}
    for each in interests(known):
        families.setdefault(each.family, []).append(each)
    patterns: dict[str, Pattern] = {}
    for name, family in families.items():
        (patterns[name],) = packed(alternatives(family), reserved=len(ACCOUNT))
    return patterns | {CUSTOM_PREFIX.rstrip("."): OWN_EVENTS}


def hub_patterns(known: Declared) -> list[Pattern]:
    """Return the patterns of the rules by which the hub takes events; the first has all that is not filtered."""
    return packed([*alternatives(interests(known), together=True), OWN_EVENTS])


def alternatives(wanted: Iterable[Interest], *, together: bool = False) -> list[Pattern]:
    """Return patterns that match what is wanted, those of equal filters as one, what is not filtered first.

    `together` makes one pattern of all that is not filtered, whatever its source: detail types are never shared.
    """
    merged: dict[tuple[str, str], list[Interest]] = {}
    for each in wanted:
        is_shared = together and each.detail is None
        merged.setdefault((_compact(each.detail), "" if is_shared else each.source), []).append(each)
    return [_alternative(each) for _, each in sorted(merged.items(), key=lambda item: item[0][0] != "null")]


def packed(patterns: Sequence[Pattern], reserved: int = 0) -> list[Pattern]:
    """Return as few patterns as can be, none longer than EventBridge allows, that match what these match."""
    full: list[list[Pattern]] = [[]]
    for pattern in patterns:
        if full[-1] and len(json.dumps(_either([*full[-1], pattern]))) + reserved > LARGEST_PATTERN:
            full.append([])
        full[-1].append(pattern)
    return [_either(each) for each in full if each]


def _either(patterns: Sequence[Pattern]) -> Pattern:
    return patterns[0] if len(patterns) == 1 else {"$or": list(patterns)}


def _alternative(wanted: Sequence[Interest]) -> Pattern:
    detail = wanted[0].detail
    return {
        "source": sorted({each.source for each in wanted}),
        "detail-type": sorted({each.detail_type for each in wanted}),
    } | ({"detail": dict(detail)} if detail else {})


def _compact(detail: Mapping[str, Any] | None) -> str:
    return json.dumps(detail, sort_keys=True)


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
