"""What EventBridge and Lambda say of nets, as moto plays them."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.gateways.failure_destinations import FailureDestinations
from tests.gateways.aws import REGION, aws

QUEUE = f"arn:aws:sqs:{REGION}:123456789012:undelivered"
TARGET = {"Id": "1", "Arn": f"arn:aws:lambda:{REGION}:123456789012:function:work"}


@pytest.fixture
def destinations() -> Iterator[FailureDestinations]:
    with mock_aws(config={"lambda": {"use_docker": False}}):
        yield FailureDestinations(aws("events"), aws("lambda"))


def put_rule(*targets: dict[str, Any]) -> None:
    events = aws("events")
    events.put_rule(Name="work-event", ScheduleExpression="rate(1 minute)")
    if targets:
        events.put_targets(Rule="work-event", Targets=list(targets))


def create_function() -> None:
    role = aws("iam").create_role(RoleName="work", AssumeRolePolicyDocument=json.dumps({}))["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", "")
    aws("lambda").create_function(
        FunctionName="work", Runtime="python3.13", Role=role, Handler="app.work", Code={"ZipFile": code.getvalue()}
    )


def test_a_rule_whose_targets_have_dead_letter_queues_holds(destinations: FailureDestinations) -> None:
    put_rule(TARGET | {"DeadLetterConfig": {"Arn": QUEUE}})

    assert destinations.holds_rule("work-event")


@pytest.mark.parametrize(
    "targets",
    [
        [],
        [TARGET],
        [TARGET | {"DeadLetterConfig": {}}],
        [TARGET | {"DeadLetterConfig": {"Arn": QUEUE}}, TARGET | {"Id": "2"}],
    ],
)
def test_a_rule_without_a_target_or_with_one_that_has_no_queue_does_not(
    destinations: FailureDestinations, targets: list[dict[str, Any]]
) -> None:
    put_rule(*targets)

    assert not destinations.holds_rule("work-event")


def test_a_rule_that_is_not_there_does_not(destinations: FailureDestinations) -> None:
    assert not destinations.holds_rule("work-event")


def test_a_function_with_a_destination_holds(destinations: FailureDestinations) -> None:
    create_function()
    aws("lambda").put_function_event_invoke_config(
        FunctionName="work", DestinationConfig={"OnFailure": {"Destination": QUEUE}}
    )

    assert destinations.holds_function("work")


def test_a_function_with_a_destination_for_success_alone_does_not(destinations: FailureDestinations) -> None:
    create_function()
    aws("lambda").put_function_event_invoke_config(
        FunctionName="work", DestinationConfig={"OnSuccess": {"Destination": QUEUE}}
    )

    assert not destinations.holds_function("work")


def test_a_function_without_any_or_that_is_not_there_does_not(destinations: FailureDestinations) -> None:
    create_function()

    assert not destinations.holds_function("work")
    assert not destinations.holds_function("nobody")
