"""What agents forward, what the hub takes, and SOURCES are one and the same."""

import json
from typing import Any

import pytest

from chalicelib.sources.registry import HEARTBEAT, OWN, SOURCES, Source, event_patterns
from infra.event_pattern import matches
from infra.interests import LARGEST_PATTERN
from tests.infra.templates import read, resources
from tests.sources.samples import NAMES, QUIET, TEAMS, load

STRANGER = "999999999999"


def patterns(account: str) -> list[dict[str, Any]]:
    """Return the patterns of agent.yaml's forwarding rules as they are in an account."""
    rules = resources("agent.yaml", "AWS::Events::Rule").values()
    found = [each["Properties"]["EventPattern"] for each in rules if "EventPattern" in each["Properties"]]
    return [each | {"account": [account]} for each in found if each["account"] == [{"Ref": "AWS::AccountId"}]]


def is_forwarded(event: dict[str, Any], account: str) -> int:
    """Return how many rules of an account's agent take an event."""
    return sum(matches(pattern, event) for pattern in patterns(account))


def is_taken(event: dict[str, Any]) -> int:
    """Return how many rules of the hub take an event."""
    return sum(matches(pattern, event) for pattern in event_patterns())


@pytest.mark.parametrize("name", NAMES)
def test_an_agent_forwards_a_sample_once_if_the_hub_takes_it(name: str) -> None:
    event = load(name)

    assert is_forwarded(event, event["account"]) == is_taken(event) <= (name not in QUIET)


@pytest.mark.parametrize(
    "source", [each for each in SOURCES if each.module not in TEAMS], ids=lambda source: source.detail_type
)
def test_some_event_of_every_detail_type_is_forwarded_and_taken(source: Source) -> None:
    events = [load(name) for name in NAMES]
    alike = [each for each in events if (each["source"], each["detail-type"]) == (source.source, source.detail_type)]

    forwarded = [each for each in alike if is_forwarded(each, each["account"]) == is_taken(each) == 1]
    assert forwarded


def test_a_sign_of_life_is_forwarded_and_taken() -> None:
    event = {"source": HEARTBEAT.source, "detail-type": HEARTBEAT.detail_type, "account": "111122223333", "detail": {}}

    assert is_forwarded(event, "111122223333") == is_taken(event) == 1


@pytest.mark.parametrize("source", OWN, ids=lambda source: source.detail_type)
def test_nobody_can_speak_for_the_hub(source: Source) -> None:
    event = {"source": source.source, "detail-type": source.detail_type, "account": "111122223333", "detail": {}}

    assert not is_forwarded(event, "111122223333")
    assert not is_taken(event)


@pytest.mark.parametrize(
    ("source", "detail_type"),
    [
        ("aws.cloudformation", "CloudFormation Resource Status Change"),
        ("aws.ecs", "ECS Task State Change"),
        ("aws.securityhub", "Security Hub Findings - Imported"),
    ],
)
def test_what_the_hub_does_not_know_is_not_forwarded(source: str, detail_type: str) -> None:
    event = {"source": source, "detail-type": detail_type, "account": "111122223333", "detail": {}}

    assert not is_forwarded(event, "111122223333")


def test_an_agent_forwards_nothing_that_was_forwarded_to_it() -> None:
    event = {"source": "custom.billing", "detail-type": "Late", "account": STRANGER, "detail": {}}

    assert not is_forwarded(event, "111122223333")


def test_every_pattern_is_as_long_as_eventbridge_allows() -> None:
    lengths = [len(json.dumps(each)) for each in (*patterns("111122223333"), *event_patterns())]

    assert len(lengths) > 2
    assert max(lengths) <= LARGEST_PATTERN


def test_every_forwarding_rule_leads_to_the_hub_and_nowhere_else() -> None:
    rules = resources("agent.yaml", "AWS::Events::Rule")
    forwarding = [each for name, each in rules.items() if name.startswith("Forward")]

    assert forwarding
    for rule in forwarding:
        (target,) = rule["Properties"]["Targets"]
        assert target["Arn"]["Fn::Sub"].endswith(":events:${HubRegion}:${HubAccount}:event-bus/default")
        assert target["RoleArn"] == {"Fn::GetAtt": ["ForwardRole", "Arn"]}
        assert rule["Condition"].startswith("Forwards")
        assert rule["Condition"] in read("agent.yaml")["Conditions"]


@pytest.mark.parametrize(("product", "forwarded"), [("Inspector", 1), (None, 1), (..., 1), ("GuardDuty", 0)])
def test_a_finding_is_forwarded_unless_guardduty_has_sent_it_itself(product: Any, forwarded: int) -> None:
    event = load("security_hub-new")
    finding = event["detail"]["findings"][0]
    finding.pop("ProductName")
    finding |= {} if product is ... else {"ProductName": product}

    assert is_forwarded(event, event["account"]) == is_taken(event) == forwarded
