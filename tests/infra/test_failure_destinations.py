"""Failure 8: no event falls through; every net is writable for who needs it, watched, and kept as long as can be."""

from fnmatch import fnmatchcase
from typing import Any

import pytest

from app import app
from infra.functions import Function, Trigger, functions_of
from infra.hub_resources import hub_resources
from infra.merge import merge_template, queue_arn, resource_name
from tests.infra.templates import read, resources, statements

STAGE = "${Stage}"
TWO_WEEKS = 1_209_600
ASYNCHRONOUS = [each for each in functions_of(app) if each.is_asynchronous]
QUEUES = [(name, queue) for name in ("hub.yaml", "agent.yaml") for queue in resources(name, "AWS::SQS::Queue")]


def policy_of(template: str, queue: str) -> list[dict[str, Any]]:
    (policy,) = (
        each
        for each in resources(template, "AWS::SQS::QueuePolicy").values()
        if each["Properties"]["Queues"] == [{"Ref": queue}]
    )
    return list(statements(policy))


def writers(template: str, queue: str) -> list[str]:
    """Return the ARNs of the rules that may write to a queue, as patterns; its policy allows nothing else."""
    allowed = [each for each in policy_of(template, queue) if each["Effect"] == "Allow"]
    assert all(each["Principal"] == {"Service": "events.amazonaws.com"} for each in allowed)
    assert all(each["Action"] == "sqs:SendMessage" for each in allowed)
    return [each["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"] for each in allowed]


def rule_arn(name: str) -> str:
    return "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/" + name


@pytest.mark.parametrize(("template", "queue"), QUEUES)
def test_a_queue_is_encrypted_and_keeps_for_two_weeks(template: str, queue: str) -> None:
    properties = read(template)["Resources"][queue]["Properties"]

    assert properties["SqsManagedSseEnabled"] is True
    assert properties["MessageRetentionPeriod"] == TWO_WEEKS


@pytest.mark.parametrize(("template", "queue"), QUEUES)
def test_a_queue_has_a_policy_that_refuses_plain_text(template: str, queue: str) -> None:
    (denied,) = [each for each in policy_of(template, queue) if each["Effect"] == "Deny"]

    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert denied["Resource"] == {"Fn::GetAtt": [queue, "Arn"]}


@pytest.mark.parametrize(("template", "queue"), QUEUES)
def test_somebody_hears_of_what_waits_in_a_queue(template: str, queue: str) -> None:
    (alarm,) = (
        each["Properties"]
        for each in resources(template, "AWS::CloudWatch::Alarm").values()
        if {"Name": "QueueName", "Value": {"Fn::GetAtt": [queue, "QueueName"]}}
        in each["Properties"].get("Dimensions", [])
    )

    assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)
    # An agent's alarm is heard by way of the hub: its own rules forward it.
    assert ("AlarmActions" in alarm) is (template == "hub.yaml")


@pytest.mark.parametrize("function", ASYNCHRONOUS, ids=lambda function: function.handler)
def test_the_hubs_queue_takes_from_every_rule_of_the_app_and_from_no_stranger(function: Function) -> None:
    (pattern,) = writers("hub.yaml", "Undelivered")

    assert fnmatchcase(rule_arn(function.rule_name(STAGE)), pattern)
    assert not fnmatchcase(rule_arn("somebody-elses"), pattern)


@pytest.mark.parametrize(
    "rule", resources("agent.yaml", "AWS::Events::Rule").values(), ids=lambda r: str(r["Properties"]["Name"])
)
def test_every_rule_of_an_agent_has_a_destination_that_takes_from_it(rule: dict[str, Any]) -> None:
    (pattern,) = writers("agent.yaml", "DeadLetters")

    (target,) = rule["Properties"]["Targets"]
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["DeadLetters", "Arn"]}}
    assert fnmatchcase(rule_arn(rule["Properties"]["Name"]["Fn::Sub"]), pattern)


@pytest.mark.parametrize("function", ASYNCHRONOUS, ids=lambda function: function.handler)
def test_the_package_gives_each_asynchronous_function_both_failure_destinations(function: Function) -> None:
    properties = merge_template("prod", [function])["Resources"][resource_name(function)]["Properties"]

    assert len(properties["Events"]) == function.rules
    for event in properties["Events"].values():
        assert event["Properties"]["DeadLetterConfig"] == {"Arn": queue_arn("prod", "undelivered")}
    destination = properties["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]
    assert destination == {"Type": "SQS", "Destination": queue_arn("prod", "failed")}


@pytest.mark.parametrize("function", ASYNCHRONOUS, ids=lambda function: function.handler)
def test_a_schedule_that_waited_too_long_is_not_run_beside_the_next_one(function: Function) -> None:
    config = merge_template("prod", [function])["Resources"][resource_name(function)]["Properties"]["EventInvokeConfig"]

    often = function.trigger is Trigger.SCHEDULE and function.interval <= 3_600
    assert config.get("MaximumEventAgeInSeconds") == (300 if often else None)


def test_schedules_of_an_agent_that_waited_too_long_are_not_run_all_at_once() -> None:
    assert read("agent.yaml")["Resources"]["ScanOnFailure"]["Properties"]["MaximumEventAgeInSeconds"] == 300


@pytest.mark.parametrize("queue", ["undelivered", "failed"])
def test_the_failure_destinations_of_the_package_are_the_hubs_queues(queue: str) -> None:
    names = [each["Properties"]["QueueName"]["Fn::Sub"] for each in resources("hub.yaml", "AWS::SQS::Queue").values()]

    assert queue_arn("${Stage}", queue)["Fn::Sub"].rpartition(":")[2] in names


def test_the_scanner_may_write_to_its_own_queue() -> None:
    config = read("agent.yaml")["Resources"]["ScanOnFailure"]["Properties"]
    (policy,) = read("agent.yaml")["Resources"]["ScanRole"]["Properties"]["Policies"]
    (sending,) = (each for each in policy["PolicyDocument"]["Statement"] if each["Action"] == "sqs:SendMessage")

    assert config["DestinationConfig"]["OnFailure"]["Destination"] == sending["Resource"]
    assert sending["Resource"] == {"Fn::GetAtt": ["DeadLetters", "Arn"]}


@pytest.mark.parametrize("function", functions_of(app), ids=lambda function: function.handler or "api")
def test_every_function_has_a_log_group_that_forgets_in_time(function: Function) -> None:
    logs = hub_resources((function,))[f"{function.logical_id}Logs"]["Properties"]

    assert logs["LogGroupName"] == f"/aws/lambda/{function.name(STAGE)}"
    assert logs["RetentionInDays"] == "LogRetentionInDays"
