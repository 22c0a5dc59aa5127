"""Rules: what an agent forwards to the hub, and what the hub takes, as EventBridge patterns and as resources."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from chalicelib.sources.registry import CUSTOM_PREFIX
from infra.catalogue import interests as declared_interests
from infra.interests import CORE, OWN_EVENTS, Interest, Pattern, alternatives, core_interests, packed
from infra.short_yaml import Resources, get_att, ref, sub
from infra.source_index import Catalogue, Declared

# An agent's pattern also holds its account, as `{"account": ["123456789012"], …}`.
ACCOUNT = '"account": ["123456789012"], '
FORWARDS = "Forwards"


class Forwarding(NamedTuple):
    """A forwarding rule: what it is called, what it matches, and on which group it depends."""

    name: str
    pattern: Pattern
    group: str = CORE
    only_all: bool = False

    @property
    def condition(self) -> str:
        """The condition of agent.yaml on which it is there."""
        return FORWARDS if self.group == CORE else f"{FORWARDS}{self.group.title()}{'All' * self.only_all}"

    @property
    def switch(self) -> str:
        """The condition itself, as CloudFormation has it in its short form."""
        parameter = f"!Ref {self.group.title()}Events"
        chosen = f"!Equals [{parameter}, all]" if self.only_all else f'!Not [!Equals [{parameter}, "off"]]'
        return f"!And [{{ Condition: {FORWARDS} }}, {chosen}]"

    @property
    def logical_id(self) -> str:
        """What the template calls it: `ForwardSecurity2` of `security-2`."""
        return f"Forward{self.name.title().replace('-', '')}"


def interests(known: Declared, declared: Catalogue) -> tuple[Interest, ...]:
    """Return all that is wanted of agents."""
    return (*core_interests(known), *declared_interests(declared))


def agent_resources(known: Declared, declared: Catalogue) -> Resources:
    """Return the forwarding rules for sources."""
    return {each.logical_id: _rule(each) for each in forwardings(known, declared)}


def agent_conditions(known: Declared, declared: Catalogue) -> str:
    """Return the conditions on which an agent has the rules of its groups, as YAML."""
    switched = {each.condition: each for each in forwardings(known, declared) if each.group != CORE}
    return "".join(f"  {name}: {switched[name].switch}\n" for name in sorted(switched))


def forwardings(known: Declared, declared: Catalogue) -> Iterator[Forwarding]:
    """Iterate over the rules: of what is always forwarded one for each service, and as many as it takes for each group.

    Only what the hub knows is forwarded: what a service says beyond that can be a thousand times as much. An agent's
    own account is added by the template.
    """
    families: dict[str, list[Interest]] = {}
    groups: dict[tuple[str, bool], list[Interest]] = {}
    for each in interests(known, declared):
        if each.group == CORE:
            families.setdefault(each.family, []).append(each)
        else:
            groups.setdefault((each.group, each.only_all), []).append(each)
    for name, family in families.items():
        yield from _numbered(name, family)
    yield Forwarding(CUSTOM_PREFIX.rstrip("."), OWN_EVENTS)
    for (group, only_all), wanted in sorted(groups.items()):
        yield from _numbered(f"{group}-all" if only_all else group, wanted)


def hub_patterns(known: Declared, declared: Catalogue) -> list[Pattern]:
    """Return the patterns of the rules by which the hub takes events, whichever groups are on in its agents."""
    wanted = interests(known, declared)
    core = [each for each in wanted if each.group == CORE]
    others = [each for each in wanted if each.group != CORE]
    first = packed([*alternatives(core, together=True), OWN_EVENTS])
    return [*first, *packed(alternatives(others))]


def _numbered(name: str, wanted: list[Interest]) -> Iterator[Forwarding]:
    """Iterate over the rules of events that are wanted on the same condition."""
    for number, pattern in enumerate(packed(alternatives(wanted), reserved=len(ACCOUNT)), 1):
        numbered = name if number == 1 else f"{name}-{number}"
        yield Forwarding(numbered, pattern, wanted[0].group, wanted[0].only_all)


def _rule(forwarding: Forwarding) -> dict[str, Any]:
    target = {
        "Id": "hub",
        "Arn": sub("arn:${AWS::Partition}:events:${HubRegion}:${HubAccount}:event-bus/default"),
        "RoleArn": get_att("ForwardRole.Arn"),
        "DeadLetterConfig": {"Arn": get_att("DeadLetters.Arn")},
    }
    return {
        "Type": "AWS::Events::Rule",
        "Condition": forwarding.condition,
        "Properties": {
            "Name": sub(f"monitoring-agent-${{Stage}}-{forwarding.name}"),
            "EventPattern": {"account": [ref("AWS::AccountId")]} | forwarding.pattern,
            "Targets": [target],
        },
    }
