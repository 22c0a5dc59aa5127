"""CloudFormation stacks, those of agents among them."""

import pytest
from botocore.loaders import Loader

from chalicelib.domain.agents.agent import Deployment
from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Severity, Signal
from chalicelib.sources.stack import PHRASES, STATUSES, deployment_of, is_agent_stack
from tests.sources.samples import RECEIVED_AT, altered, load, read, without

STACK = "stack-update-rollback-in-progress"
AGENT = "stack-agent-create-complete"


def test_every_status_that_cloudformation_has_is_listed() -> None:
    model = Loader().load_service_model("cloudformation", "service-2")
    assert set(STATUSES) == set(model["shapes"]["StackStatus"]["enum"])


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_decides_severity_and_signal(status: str) -> None:
    event = read(altered(STACK, "status-details", "status", to=status))
    assert (event.severity, event.signal) == STATUSES[status]
    assert event.title == f"Stack checkout-api: {PHRASES[status]}"


@pytest.mark.parametrize("status", STATUSES)
def test_only_what_went_well_resolves_and_only_what_goes_on_is_a_notice(status: str) -> None:
    _, signal = STATUSES[status]
    failed = "ROLLBACK" in status or "FAILED" in status
    going_on = status.endswith("_IN_PROGRESS") and (not failed or "CLEANUP" in status)
    assert signal is (Signal.NOTICE if going_on else Signal.FIRING if failed else Signal.RESOLVED)


def test_a_status_that_nobody_has_heard_of_is_unknown_and_fires() -> None:
    event = read(altered(STACK, "status-details", "status", to="EXPORT_IN_PROGRESS"))
    assert (event.kind, event.severity, event.signal) == ("stack", Severity.UNKNOWN, Signal.FIRING)


def test_the_stacks_arn_names_account_and_region() -> None:
    event = read(load(STACK) | {"account": "123456789012", "region": "us-east-1"})
    assert (event.account, event.region, event.resource) == ("111122223333", "eu-west-1", "checkout-api")
    assert event.fingerprint == read(STACK).fingerprint


def test_a_stack_that_is_created_again_settles_what_its_predecessor_left() -> None:
    arn = load(STACK)["detail"]["stack-id"].rsplit("/", 1)[0] + "/a-new-one"
    again = altered("stack-update-complete", "stack-id", to=arn)
    assert read(again).fingerprint == read(STACK).fingerprint
    assert read(again).signal is Signal.RESOLVED


def test_the_same_status_at_another_time_is_another_event() -> None:
    assert read(load(STACK) | {"time": "2026-03-02T13:03:17Z"}).id != read(STACK).id


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "checkout-api",
        "arn:aws:cloudformation:eu-west-1:111122223333:changeSet/checkout-api/1b5c0e60",
        "arn:aws:s3:eu-west-1:111122223333:stack/checkout-api/1b5c0e60",
        7,
        None,
    ],
)
def test_what_is_no_stacks_arn_makes_the_event_unknown(arn: object) -> None:
    assert read(altered(STACK, "stack-id", to=arn)).kind == "unknown"


@pytest.mark.parametrize("path", [("stack-id",), ("status-details",), ("status-details", "status")])
def test_a_stack_without_an_arn_or_a_status_is_unknown(path: tuple[str, ...]) -> None:
    assert read(without(STACK, *path)).kind == "unknown"


def test_the_link_leads_to_the_stack() -> None:
    assert read(STACK).link == (
        "https://eu-west-1.console.aws.amazon.com/cloudformation/home?region=eu-west-1#/stacks/stackinfo?stackId="
        "arn%3Aaws%3Acloudformation%3Aeu-west-1%3A111122223333%3Astack%2Fcheckout-api%2F1b5c0e60-15f2-11f0-9b1a-0a1b2c3d4e5f"
    )


@pytest.mark.parametrize("name", ["monitoring-agent", "monitoring-agent-2", "StackSet-monitoring-agent-7f6b8c9d"])
def test_agents_stacks_are_known_by_their_names(name: str) -> None:
    assert is_agent_stack(name)


@pytest.mark.parametrize("name", ["", "checkout-api", "my-monitoring-agent", "Monitoring-agent", "StackSet-monitoring"])
def test_other_stacks_are_not_agents(name: str) -> None:
    assert not is_agent_stack(name)


def test_a_deployment_of_an_agent_is_read_from_its_stack() -> None:
    assert deployment_of(Envelope.parse(load("stack-agent-stackset-create-complete"), RECEIVED_AT)) == Deployment(
        account="444455556666",
        region="eu-central-1",
        status="CREATE_COMPLETE",
        at=1_772_427_852,
        stack_id=load("stack-agent-stackset-create-complete")["detail"]["stack-id"],
    )


@pytest.mark.parametrize(
    "raw",
    [
        load(STACK),
        load("custom-budget"),
        without(AGENT, "stack-id"),
        load(AGENT) | {"source": "custom.deployments"},
        load(AGENT) | {"detail-type": "CloudFormation Resource Status Change"},
        load(AGENT) | {"detail": None},
    ],
)
def test_what_is_not_a_readable_status_of_an_agents_stack_deploys_nothing(raw: object) -> None:
    assert deployment_of(Envelope.parse(raw, RECEIVED_AT)) is None


# --- what is only noted


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("stack-drifted", "Stack checkout-api: has drifted, 2 of its resources"),
        ("stack-resource-failed", "Stack checkout-api: OrdersTable update failed"),
    ],
)
def test_drift_and_single_resources_are_notices(name: str, title: str) -> None:
    event = read(name)
    assert (event.kind, event.signal, event.severity) == ("stack", Signal.NOTICE, Severity.LOW)
    assert (event.title, event.resource) == (title, "checkout-api")
    assert event.fingerprint != read(STACK).fingerprint


def test_a_stack_without_drift_is_a_notice_too() -> None:
    raw = altered("stack-drifted", "status-details", "stack-drift-status", to="IN_SYNC")
    raw["detail"]["drift-detection-details"]["drifted-stack-resource-count"] = 0
    assert read(raw).title == "Stack checkout-api: has not drifted"
