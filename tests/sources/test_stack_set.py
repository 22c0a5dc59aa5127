"""CloudFormation StackSets: each account and region, and each operation."""

import pytest

from chalicelib.domain.events.event import Severity, Signal
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.sources.stack_set import STATUSES
from tests.sources.samples import altered, load, read, without

INSTANCE, OPERATION = "stack_set-instance-failed", "stack_set-operation-failed"


def test_an_instance_that_failed_is_a_problem_of_its_account_and_region() -> None:
    event = read(INSTANCE)

    assert (event.severity, event.signal, event.lifecycle) == (Severity.HIGH, Signal.FIRING, Lifecycle.POINT)
    assert event.title == "StackSet monitoring-agent in 444455556666 ap-south-1: failed"
    assert event.resource == "monitoring-agent"
    assert event.link.endswith("#/stacksets/monitoring-agent:0c5d7e1a-2f3b-4c6d-8e9f-1a2b3c4d5e6f/info")


def test_an_instance_that_succeeds_ends_what_failed_there_and_nowhere_else() -> None:
    over = read("stack_set-instance-succeeded")
    elsewhere = altered(
        INSTANCE, "stack-id", to=load(INSTANCE)["detail"]["stack-id"].replace("ap-south-1", "eu-west-1")
    )

    assert over.signal is Signal.RESOLVED
    assert over.fingerprint == read(INSTANCE).fingerprint != read(elsewhere).fingerprint


@pytest.mark.parametrize("status", STATUSES)
def test_a_detailed_status_decides_severity_and_signal(status: str) -> None:
    event = read(altered(INSTANCE, "status-details", "detailed-status", to=status))

    assert (event.severity, event.signal) == STATUSES[status]


def test_an_instance_that_cannot_be_operated_on_stays_so() -> None:
    event = read(altered("stack_set-instance-succeeded", "status-details", "status", to="INOPERABLE"))

    assert (event.signal, event.lifecycle) == (Signal.FIRING, Lifecycle.CONTINUOUS)


def test_without_a_stack_the_instance_is_in_an_account_that_is_not_known() -> None:
    assert read(without(INSTANCE, "stack-id")).title == "StackSet monitoring-agent in an account: failed"
    assert read(altered(INSTANCE, "stack-set-arn", to="odd")).title == "StackSet odd in 444455556666 ap-south-1: failed"
    assert read(altered(INSTANCE, "stack-set-arn", to="odd")).link == ""


def test_an_operation_that_failed_is_a_problem_and_the_next_success_ends_it() -> None:
    failed = read(OPERATION)
    raw = altered(OPERATION, "status-details", "status", to="SUCCEEDED")
    raw["detail"]["stack-set-operation-id"] = "another"

    assert (failed.severity, failed.signal, failed.title) == (
        *(Severity.HIGH, Signal.FIRING),
        "StackSet monitoring-agent: create failed",
    )
    assert read(raw).signal is Signal.RESOLVED
    assert read(raw).fingerprint == failed.fingerprint != read(INSTANCE).fingerprint


@pytest.mark.parametrize("status", ["RUNNING", "QUEUED", "STOPPING", "STOPPED"])
def test_an_operation_that_goes_on_or_was_stopped_is_a_notice(status: str) -> None:
    assert read(altered(OPERATION, "status-details", "status", to=status)).signal is Signal.NOTICE


def test_a_status_that_nobody_has_heard_of_is_unknown_and_fires() -> None:
    event = read(altered(OPERATION, "status-details", "status", to="MOVED"))

    assert (event.kind, event.severity, event.signal) == ("stack_set", Severity.UNKNOWN, Signal.FIRING)
