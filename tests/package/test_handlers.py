"""Each function of the package does its job, from the event that wakes it to what it leaves in AWS and in Slack."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from bench.runtime import Response
from bench.world import TABLE, TOKEN, World, alarm, authorization, occasions, request, sample, schedule
from chalicelib.api.swagger_ui import OURS, SHIPPED
from local.aws import HUB, HUB_REGION, STAGE
from local.workloads import Workload, create_workloads, python_error
from tests.package.conftest import Start

READER = {"name": "bench", "scopes": "read write"}
WINDOW = 60


@pytest.fixture
def invoke(start: Start) -> Callable[..., Response]:
    """Return what starts a function, sends it one event and ends it; an error is the test's."""

    def invoke(handler: str, event: Any) -> Response:
        with start(handler) as function:
            answer = function.invoke(event)
            assert not answer.failed, f"{answer.payload}\n{function.log()}"
        return answer

    return invoke


def texts(world: World) -> list[str]:
    """Return what each message in Slack says, as JSON."""
    return [json.dumps(message.payload, ensure_ascii=False) for message in world.slack.messages]


def agents(world: World) -> list[dict[str, Any]]:
    """Return the agents in the table."""
    return [item for item in world.items() if item["pk"]["S"] == "AGENTS"]


def heartbeat(at: int) -> dict[str, Any]:
    """Return an agent's heartbeat at `at`, in epoch seconds."""
    detail = {"at": at, "heartbeat_seconds": 300, "name": "Shop", "version": "1", "log_group_count": 2}
    return sample("custom-budget") | {
        "source": "monitoring.agent.heartbeat",
        "detail-type": "Heartbeat",
        "detail": detail,
    }


def test_an_event_is_stored_and_announced(invoke: Callable[..., Response], world: World) -> None:
    invoke("handle_monitoring_events", alarm("checkout-errors"))

    (text,) = texts(world)
    assert "checkout-errors" in text
    assert any("checkout-errors" in json.dumps(item.get("title", "")) for item in world.items())
    assert world.slack.refusals == ()


@pytest.mark.parametrize(
    "name",
    ["guardduty-ec2", "health-issue-open-public", "stack-create-failed", "error_logs-python", "custom-budget"],
)
def test_an_event_of_each_source_is_announced(invoke: Callable[..., Response], world: World, name: str) -> None:
    invoke("handle_monitoring_events", sample(name))

    assert len(texts(world)) == 1
    assert world.slack.refusals == ()


def test_the_same_event_again_is_not_announced_again(start: Start, world: World) -> None:
    event = alarm()

    with start("handle_monitoring_events") as function:
        responses = [function.invoke(event) for _ in range(2)]

    assert [answer.failed for answer in responses] == [False, False]
    assert len(texts(world)) == 1


def test_a_heartbeat_registers_its_agent_and_announces_nothing(invoke: Callable[..., Response], world: World) -> None:
    invoke("handle_monitoring_events", heartbeat(int(time.time())))

    (agent,) = agents(world)
    assert agent["name"]["S"] == "Shop"
    assert texts(world) == []


def test_an_agents_stack_becomes_an_agent(invoke: Callable[..., Response], world: World) -> None:
    invoke("update_deployment", sample("stack-agent-create-complete"))

    (agent,) = agents(world)
    assert "777788889999" in json.dumps(agent)


def test_a_silent_agent_is_announced(invoke: Callable[..., Response], world: World) -> None:
    invoke("handle_monitoring_events", heartbeat(int(time.time()) - 2_000))

    invoke("check_agents", schedule("check_agents"))
    invoke("deliver_notifications", schedule("deliver_notifications"))

    (text,) = texts(world)
    assert "Agent silent" in text


def test_what_slack_would_not_take_is_delivered_by_the_sweep(invoke: Callable[..., Response], world: World) -> None:
    world.slack.outage("500")
    invoke("handle_monitoring_events", alarm())
    world.slack.outage(None)
    forget_the_pause(world)

    invoke("deliver_notifications", schedule("deliver_notifications"))

    assert len(texts(world)) == 1


def forget_the_pause(world: World) -> None:
    """Let the receivers be sent to again at once."""
    for item in world.items():
        if item["sk"]["S"] == "LEASE":
            world.table.delete_item(TableName=TABLE, Key={"pk": item["pk"], "sk": item["sk"]})


def test_the_report_of_the_day_is_sent(invoke: Callable[..., Response], world: World) -> None:
    invoke("daily_report", schedule("daily_report"))

    (message,) = world.slack.messages
    assert message.channel == "report"


def test_a_scan_publishes_the_errors_that_it_finds_and_a_heartbeat(start: Start, world: World) -> None:
    published = subscribe(world)
    fail(world, Workload(HUB, HUB_REGION, "checkout", "python3.13", (python_error,)))

    variables = {"SCAN_WINDOW_SECONDS": str(WINDOW), "SCAN_LATENCY_SECONDS": "0"}
    with start("query_error_logs", TABLE_NAME=None, **variables) as function:
        answer = function.invoke(schedule("query_error_logs"))
        assert not answer.failed, function.log()

    events = published()
    kinds = {event["detail-type"] for event in events}
    assert kinds == {"Error Logs", "Heartbeat", "Canary"}
    (found,) = (event["detail"] for event in events if event["detail-type"] == "Error Logs")
    assert found["log_group"] == "/aws/lambda/checkout"
    assert world.cloud.client("ssm").get_parameter(Name=f"/monitoring/{STAGE}/scan")["Parameter"]["Value"]


def fail(world: World, workload: Workload) -> None:
    """Let a function fail in this window and in the one before: whichever the scan takes, there is one failure."""
    create_workloads(world.cloud, [workload])
    now = int(time.time())
    moments = (now // WINDOW * WINDOW - WINDOW // 2, now)
    lines = [{"timestamp": at * 1_000, "message": "[ERROR] KeyError: 'order'"} for at in moments]
    world.cloud.client("logs").put_log_events(
        logGroupName=workload.log_group, logStreamName=workload.stream, logEvents=lines
    )


def subscribe(world: World) -> Callable[[], list[dict[str, Any]]]:
    """Put a queue behind the bus, and return what takes all that came."""
    sqs, events = world.cloud.client("sqs"), world.cloud.client("events")
    url = sqs.create_queue(QueueName="published")["QueueUrl"]
    events.put_rule(Name="published", EventPattern=json.dumps({"source": [{"prefix": "monitoring."}]}))
    arn = f"arn:aws:sqs:{HUB_REGION}:{HUB.id}:published"
    events.put_targets(Rule="published", Targets=[{"Id": "queue", "Arn": arn}])

    def take() -> list[dict[str, Any]]:
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in messages]

    return take


def test_the_authorizer_lets_a_known_token_in_and_no_other(start: Start) -> None:
    with start("authorize") as function:
        known, unknown = (function.invoke(authorization(token)).payload for token in (TOKEN, "another"))

    assert known["context"]["scopes"] == READER["scopes"]
    assert known["policyDocument"]["Statement"][0]["Resource"] != []
    assert "context" not in unknown or not unknown["context"]
    assert unknown["policyDocument"]["Statement"][0]["Resource"] == []


def test_the_api_shows_what_came_in(invoke: Callable[..., Response]) -> None:
    invoke("handle_monitoring_events", alarm("checkout-errors"))

    answer = invoke("app", request("/events", caller=READER)).payload

    (event,) = json.loads(answer["body"])["items"]
    assert answer["statusCode"] == 200
    assert "checkout-errors" in event["title"]


def test_the_api_requires_a_scope_and_health_none(start: Start) -> None:
    with start("app") as function:
        responses = [function.invoke(request(path)).payload["statusCode"] for path in ("/events", "/health")]

    assert responses == [401, 200]


@pytest.mark.parametrize(
    ("handler", "variables", "complaint"),
    [
        ("handle_monitoring_events", {"TABLE_NAME": None}, "TABLE_NAME is not set"),
        ("deliver_notifications", {"STAGE": None}, "STAGE is not set"),
        ("daily_report", {"EVENT_TTL_DAYS": "ninety"}, "EVENT_TTL_DAYS is 'ninety': it must be a whole number"),
        ("check_agents", {"MINIMUM_SEVERITY": "BAD"}, "MINIMUM_SEVERITY is 'BAD'"),
        ("query_error_logs", {"STAGE": None}, "STAGE is not set"),
        ("query_error_logs", {"SCAN_WINDOW_SECONDS": "5"}, "SCAN_WINDOW_SECONDS is 5: it must be from 60 to 3600"),
    ],
)
def test_a_bad_setting_stops_a_function_with_one_line_that_names_it(
    start: Start, handler: str, variables: dict[str, str | None], complaint: str
) -> None:
    with start(handler, **variables) as function:
        answer = function.invoke(schedule(handler))

    assert answer.failed
    assert answer.payload["errorType"] == "Misconfigured"
    assert answer.payload["errorMessage"].startswith(complaint)
    assert "\n" not in answer.payload["errorMessage"]


def test_an_agent_needs_no_setting_of_the_hubs(start: Start) -> None:
    with start("query_error_logs", TABLE_NAME=None) as function:
        answer = function.invoke(schedule("query_error_logs"))

    assert not answer.failed


ORDERS: dict[str, Any] = {"redrive": {"queue": "failed"}, "backfill_error_logs": {"since": 1_577_836_800}}


def test_the_api_shows_its_document_and_the_page_to_try_it_on(start: Start) -> None:
    assets = [request("/docs/{asset}", pathParameters={"asset": each}) for each in (*SHIPPED, *OURS)]
    with start("app") as function:
        document, page, *files = [
            function.invoke(each).payload for each in (request("/openapi.json"), request("/docs"), *assets)
        ]

    assert json.loads(document["body"])["openapi"] == "3.1.0"
    assert "swagger-ui-bundle.js" in page["body"]
    assert {each["statusCode"] for each in (document, page, *files)} == {200}
    assert not any(each.get("isBase64Encoded") for each in files)


@pytest.mark.parametrize("handler", [*(each for each in occasions() if each != "app"), *ORDERS])
def test_no_handler_but_the_apis_imports_pydantic(start: Start, handler: str) -> None:
    event = {**occasions(), **ORDERS}[handler]

    with start(handler, PYTHONVERBOSE="1") as function:
        function.invoke(event)
        log = function.log()

    assert "import 'msgspec'" in log
    assert "import 'pydantic" not in log


def test_requests_is_imported_only_when_a_message_is_due(start: Start) -> None:
    logs = []
    for event in (heartbeat(int(time.time())), alarm()):
        with start("handle_monitoring_events", PYTHONVERBOSE="1") as function:
            assert not function.invoke(event).failed
            logs.append(function.log())

    assert ["import 'requests'" in log for log in logs] == [False, True]


@pytest.mark.parametrize("handler", ["handle_monitoring_events", "daily_report", "app"])
def test_a_cold_start_compiles_nothing_of_the_package(start: Start, handler: str) -> None:
    event = {"handle_monitoring_events": alarm(), "app": request("/events", caller=READER)}.get(handler)

    with start(handler, PYTHONVERBOSE="1") as function:
        assert not function.invoke(event or schedule(handler)).failed
        log = function.log()

    assert re.search(r"code object from '?\S*chalicelib\S*\.pyc", log)
    assert re.findall(r"code object from '?(\S*/task/\S*\.py)\b", log) == []
