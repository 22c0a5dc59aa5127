"""Who may put events on the hub's bus."""

from fnmatch import fnmatchcase

import pytest

from chalicelib.sources.registry import CUSTOM_PREFIX, HEARTBEAT, OWN, SOURCES
from tests.infra.templates import read

POLICY = read("hub.yaml")["Resources"]["BusPolicy"]
STATEMENT = POLICY["Properties"]["Statement"]
CONDITION = STATEMENT["Condition"]
ROLE = read("agent.yaml")["Resources"]["ForwardRole"]["Properties"]


def test_the_bus_opens_to_the_organisation_alone_and_only_to_put_events() -> None:
    assert POLICY["Condition"] == "HasOrganization"
    assert (STATEMENT["Effect"], STATEMENT["Action"]) == ("Allow", "events:PutEvents")
    assert STATEMENT["Resource"]["Fn::Sub"].endswith(":event-bus/default")
    assert CONDITION["StringEquals"] == {"aws:PrincipalOrgID": {"Ref": "OrganizationId"}}


def test_the_bus_takes_from_the_role_that_an_agent_forwards_with() -> None:
    allowed = CONDITION["ArnLike"]["aws:PrincipalArn"]["Fn::Sub"].rpartition("role/")[2]

    assert fnmatchcase(ROLE["RoleName"]["Fn::Sub"], allowed)
    assert not fnmatchcase("monitoring-agent-scan-${Stage}-eu-west-1", allowed)
    assert not fnmatchcase("Admin", allowed)


def test_the_bus_takes_from_rules_and_not_from_callers_of_the_api() -> None:
    assert CONDITION["BoolIfExists"] == {"events:eventBusInvocation": "true"}


@pytest.mark.parametrize("source", [*(each.source for each in (*SOURCES, HEARTBEAT)), f"{CUSTOM_PREFIX}billing"])
def test_the_bus_takes_every_source_that_the_hub_knows(source: str) -> None:
    assert any(fnmatchcase(source, each) for each in CONDITION["ForAllValues:StringLike"]["events:source"])


@pytest.mark.parametrize("source", [*(each.source for each in OWN), "com.example.shop"])
def test_the_bus_takes_no_other_source(source: str) -> None:
    assert not any(fnmatchcase(source, each) for each in CONDITION["ForAllValues:StringLike"]["events:source"])


@pytest.mark.parametrize("region", ["us-east-1", "ap-southeast-4", "us-gov-west-1"])
def test_the_role_has_a_name_that_iam_takes_whatever_the_stage_and_region(region: str) -> None:
    name = ROLE["RoleName"]["Fn::Sub"].replace("${Stage}", "s" * 20).replace("${AWS::Region}", region)

    assert len(name) <= 64


def test_an_agent_forwards_to_the_hubs_bus_and_may_do_nothing_else() -> None:
    (policy,) = ROLE["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    (trust,) = ROLE["AssumeRolePolicyDocument"]["Statement"]

    assert statement["Action"] == "events:PutEvents"
    assert statement["Resource"]["Fn::Sub"].endswith(":events:${HubRegion}:${HubAccount}:event-bus/default")
    assert trust["Principal"] == {"Service": "events.amazonaws.com"}
    assert trust["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"].endswith(":rule/monitoring-agent-${Stage}-*")
