"""What each function may do: what it does, where it does it, and nothing else."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

import app
from chalicelib import logging_config
from chalicelib.gateways import aws_clients
from infra.mails import with_mails
from infra.policies import spelt_out
from tests.app.aws import ENVIRONMENT, RECEIVERS, STAGE, WAYS, playing
from tests.app.calls import VARIABLES, Call, allows, record
from tests.app.world import ROOT

CONFIG = json.loads((ROOT / ".chalice" / "config.json").read_text())
FUNCTIONS: dict[str, dict[str, Any]] = CONFIG["lambda_functions"]
ASYNCHRONOUS = {each.name for each in app.app.event_sources}
# What Lambda itself does with a function's role: logs, traces, and the destination of what the function failed on. No
# key is among it: table, queues and secrets are encrypted with keys that AWS manages for whoever may read them.
LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}
TRACES = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}
DESTINATION = "sqs:SendMessage"
# These know no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
NAMELESS = {
    *("ecs:DescribeTaskDefinition", "ecs:ListClusters", "ecs:ListTaskDefinitionFamilies", "ecs:ListTasks"),
    "cloudwatch:GetMetricData",
    *("lambda:ListFunctions", "logs:GetQueryResults", "logs:StopQuery", "states:ListStateMachines", "tag:GetResources"),
    *TRACES,
}
# Who writes to the logs that are scanned; what belongs to API Gateway has no account.
WRITERS = (":task/*", ":stateMachine:*")

QUEUE = "arn:aws:sqs:eu-central-1:123456789012:monitoring-dev-failed"
# What a way calls that its function would not: to fill a queue and look into it.
SETTING_THE_SCENE = {"redrive": {Call("sqs:SendMessage", QUEUE), Call("sqs:GetQueueAttributes", QUEUE)}}
# The API has alerts to act on, whose events others store.
STORING_EVENTS = ("PutItem EVENTS#", "PutItem SEEN", "UpdateItem SEEN#")


def statements(function: str) -> list[dict[str, Any]]:
    """Return what a function's role is allowed, spelt out for a stage."""
    policy = json.loads((ROOT / ".chalice" / FUNCTIONS[function]["iam_policy_file"]).read_text())
    whole = with_mails(policy, {str(number): each for number, each in enumerate(RECEIVERS)})
    found: list[dict[str, Any]] = spelt_out(whole, VARIABLES | {"Stage": STAGE})["Statement"]
    return found


def actions(function: str) -> set[str]:
    """Return all actions that a function's role is allowed."""
    return {action for statement in statements(function) for action in statement["Action"]}


def of_the_service(function: str) -> set[str]:
    """Return what Lambda itself does for a function."""
    own = set(LOGS)
    if function in ASYNCHRONOUS:
        own.add(DESTINATION)
    if FUNCTIONS[function].get("xray"):
        own |= TRACES
    return own


@pytest.fixture(params=sorted(WAYS))
def function(request: pytest.FixtureRequest) -> str:
    """Return each function's name."""
    name: str = request.param
    return name


@pytest.fixture
def calls(function: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[set[Call]]:
    """Return what a function has called after all that can happen to it."""
    for name, value in (ENVIRONMENT | {"AWS_LAMBDA_FUNCTION_NAME": f"monitoring-dev-{function}"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(logging_config, "configure", lambda _: None)
    with playing(monkeypatch):
        session = aws_clients.session()
        monkeypatch.setattr(aws_clients, "session", lambda: session)
        made = record(session)
        WAYS[function]()
        yield {each for each in made if not is_of_the_scene(function, each)}


def is_of_the_scene(function: str, call: Call) -> bool:
    """Return whether a call only prepares what a function finds."""
    stores = f"{call.action.partition(':')[2]} {call.partition}".startswith(STORING_EVENTS)
    return call in SETTING_THE_SCENE.get(function, set()) or (function == "api_handler" and stores)


def test_every_way_is_walked() -> None:
    assert WAYS.keys() == FUNCTIONS.keys()


def test_a_function_may_do_what_it_does_where_it_does_it_and_nothing_else(function: str, calls: set[Call]) -> None:
    allowed = statements(function)

    assert {each for each in calls if not allows(allowed, each)} == set()
    assert actions(function) == {each.action for each in calls} | of_the_service(function)
    needless = [
        (each["Sid"], resource)
        for each in allowed
        if not set(each["Action"]) <= of_the_service(function)
        for resource in each["Resource"]
        if not any(allows([each | {"Resource": [resource]}], call) for call in calls)
    ]
    assert needless == []


def test_whatever_can_be_named_is_named_exactly(function: str) -> None:
    for statement in statements(function):
        assert statement["Effect"] == "Allow"
        assert not any("*" in action for action in statement["Action"])
        for resource in statement["Resource"]:
            if resource == "*":
                assert set(statement["Action"]) <= NAMELESS
            else:
                assert "*" not in "".join(resource.split(":", 5)[:5]), "account and region"
                assert f"monitoring-{STAGE}" in resource or f"/monitoring/{STAGE}/" in resource or is_shared(resource)


def is_shared(resource: str) -> bool:
    """Return whether a resource belongs to no stage: the account, its bus, its logs, their writers, its mails."""
    mails = (":ops", ":identity/*", ":configuration-set/*")
    return resource.endswith((":account", ":event-bus/default", ":log-group:*", *WRITERS, *mails)) or "::/" in resource


def test_each_function_has_a_policy_of_its_own_and_no_policy_is_left_over() -> None:
    files = [each["iam_policy_file"] for each in FUNCTIONS.values()]

    assert sorted(files) == sorted(path.name for path in (ROOT / ".chalice").glob("policy-*.json"))
    assert len(set(files)) == len(FUNCTIONS)
    assert CONFIG["autogen_policy"] is False


def test_what_a_function_failed_on_may_be_left_in_its_stages_queue(function: str) -> None:
    (sending,) = [each for each in statements(function) if DESTINATION in each["Action"]] or [{"Resource": []}]

    assert sending["Resource"] == ([QUEUE] if function in ASYNCHRONOUS else [])


def test_the_api_may_write_agents_alerts_silences_and_what_is_pending_and_no_event() -> None:
    """Of an event it may change what became of its notifications, but put none."""
    writing = {"PutItem", "UpdateItem", "DeleteItem"}
    keys: dict[str, set[str]] = {}
    for statement in statements("api_handler"):
        for action in {each.partition(":")[2] for each in statement["Action"]} & writing:
            keys.setdefault(action, set()).update(
                statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
            )

    assert keys == {
        "DeleteItem": {"AGENTS", "IDEMPOTENCY#*"},
        "PutItem": {
            *("AGENTS", "ALERT#*", "FEEDBACK#*", "IDEMPOTENCY#*", "NOTIFICATION#*", "SIGN_IN#*"),
            *("SILENCES", "SILENCES#STANDING"),
        },
        "UpdateItem": {"BUDGET#*", "EVENTS#*", "NOTIFICATION#*"},
    }


def test_only_those_who_post_may_read_webhooks_and_only_the_api_digests() -> None:
    readers = {name for name in FUNCTIONS if any("/slack/" in str(each) for each in statements(name))}

    assert readers == FUNCTIONS.keys() - {
        "api_handler",
        "authorize",
        "query_error_logs",
        "backfill_error_logs",
        "redrive",
    }
    assert [name for name in FUNCTIONS if "ssm:GetParametersByPath" in actions(name)] == [
        "api_handler",
        "authorize",
    ]


def test_the_scanner_of_the_hub_may_do_what_an_agents_may() -> None:
    scanners = [each for each in statements("query_error_logs") if each["Sid"] == "Publish"]

    assert [each["Condition"] for each in scanners] == [
        {"ForAllValues:StringLike": {"events:source": ["monitoring.agent.*"]}}
    ]
