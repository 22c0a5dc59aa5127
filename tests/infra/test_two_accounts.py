"""Two accounts: what happens in one goes by its agent's real rules to the hub in the other, to Slack and to the API.

moto plays both, and the rules decide. It cannot hand an event to another account without making another one of it, so
each forwarding rule also fills a queue, and what lies there is taken to the hub's functions by the hub's own patterns.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from moto import mock_aws
from moto.events.models import EventPattern

import app
from chalicelib import container, logging_config
from chalicelib.container import SystemClock
from chalicelib.container.scanning import build_agent
from chalicelib.domain.timestamps import iso
from chalicelib.gateways.http import HttpClient, Response
from chalicelib.settings import AgentSettings
from chalicelib.sources.registry import CANARY
from local.aws import PAYMENTS, Cloud
from local.workloads import Workload, create_workloads, python_error, write_errors
from tests.app.aws import ENVIRONMENT, context, playing
from tests.app.world import gateway_event, invoke

TEMPLATE = Path(__file__).parents[2] / "infra" / "agent.yaml"
HUB_ACCOUNT, HUB_REGION = "123456789012", "eu-central-1"
REGION = "eu-west-1"
# Seconds, as the scanner's settings are by default.
WINDOW, LATENCY = 300, 120
CODE = {"CodeBucketPrefix": "monitoring-code", "CodeKey": "monitoring/0123abcd.zip"}

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse .* not supported by moto")

type Event = dict[str, Any]


class Agent:
    """An agent's stack in its account; `queue` stands for the hub's bus as its rules see it."""

    def __init__(self, cloud: Cloud, **parameters: str) -> None:
        self._cloud = cloud
        self.queue = self.client("sqs").create_queue(QueueName="to-the-hub")["QueueUrl"]
        self.stack_id = self._deploy({"HubAccount": HUB_ACCOUNT, "HubRegion": HUB_REGION} | parameters)
        self._tap()

    def client(self, service: str) -> Any:
        """Return a client as the agent's account has it."""
        return self._cloud.client(service, PAYMENTS, REGION)

    def scan(self) -> None:
        """Run the scanner with the environment that its function has."""
        (function,) = [each for each in self._functions() if each["Handler"] == "app.query_error_logs"]
        settings = AgentSettings.load(function["Environment"]["Variables"])
        session: Any = self._cloud.session(PAYMENTS, REGION)
        build_agent(settings, session.client, REGION, container.scan_file()).run()

    def say(self, source: str, detail_type: str, detail: Mapping[str, Any]) -> None:
        """Put an event on the account's bus."""
        entry = {"Source": source, "DetailType": detail_type, "Detail": json.dumps(detail), "Time": iso(now())}
        answer = self.client("events").put_events(Entries=[entry])
        assert answer["FailedEntryCount"] == 0

    def report_the_stack(self, status: str) -> None:
        """Say of the agent's stack what CloudFormation says."""
        detail = {"stack-id": self.stack_id, "status-details": {"status": status}}
        self.say("aws.cloudformation", "CloudFormation Stack Status Change", detail)

    def forwarded(self) -> Iterator[Event]:
        """Iterate over the events that the rules have sent to the hub since the last time."""
        sqs = self.client("sqs")
        while messages := sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for each in messages:
                sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=each["ReceiptHandle"])
                yield json.loads(each["Body"]) | {"account": PAYMENTS.id}

    def _functions(self) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = self.client("lambda").list_functions()["Functions"]
        return found

    def _deploy(self, parameters: Mapping[str, str]) -> str:
        cloudformation = self.client("cloudformation")
        arn: str = cloudformation.create_stack(
            StackName="monitoring-agent",
            TemplateBody=TEMPLATE.read_text(),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        )["StackId"]
        return arn

    def _tap(self) -> None:
        """Let each rule that leads to the hub's bus lead to the queue; moto would take a schedule for all events."""
        events, hub = self.client("events"), f"arn:aws:events:{HUB_REGION}:{HUB_ACCOUNT}:event-bus/default"
        queue = f"arn:aws:sqs:{REGION}:{PAYMENTS.id}:to-the-hub"
        for rule in events.list_rules()["Rules"]:
            (target,) = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
            events.remove_targets(Rule=rule["Name"], Ids=[target["Id"]])
            if target["Arn"] == hub:
                events.put_targets(Rule=rule["Name"], Targets=[{"Id": "queue", "Arn": queue}])


def now() -> int:
    """Return the time of the world that is played."""
    return SystemClock().now()


def receive(events: Iterator[Event]) -> int:
    """Let the hub's rules invoke its functions; returns how often they did, canaries left out."""
    patterns = {each.name: each.event_pattern for each in app.app.event_sources if hasattr(each, "event_pattern")}
    arrived = list(events)
    canaries = len([each for each in arrived if each["source"] == CANARY.source])
    invoked = [
        getattr(app, name)(event, context())
        for event in arrived
        for name, pattern in patterns.items()
        if EventPattern(None, pattern).matches_event(event)  # type: ignore[arg-type]  # moto's own type of an event
    ]
    return len(invoked) - canaries


def listed_agents() -> list[Mapping[str, Any]]:
    """Return what GET /agents shows."""
    status, page = invoke(gateway_event("GET", "/agents"))
    assert status == 200
    found: list[Mapping[str, Any]] = page["items"]
    return found


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Play AWS around a hub, and collect what it posts to Slack."""
    texts: list[str] = []

    def take(_client: HttpClient, _url: str, message: Any) -> Response:
        texts.append(json.dumps(message, ensure_ascii=False))
        return Response(200, "ok")

    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(logging_config, "configure", lambda _: None)
    logging.getLogger("moto").setLevel(logging.ERROR)
    with mock_aws(config={"lambda": {"use_docker": False}}), playing(monkeypatch):
        monkeypatch.setattr(HttpClient, "post", take)
        yield texts
    logging.getLogger("moto").setLevel(logging.NOTSET)


def test_an_error_in_one_accounts_logs_is_reported_by_the_hub_in_the_other(posted: list[str]) -> None:
    cloud = Cloud()
    buckets = cloud.client("s3", PAYMENTS, REGION)
    buckets.create_bucket(Bucket=f"monitoring-code-{REGION}", CreateBucketConfiguration={"LocationConstraint": REGION})
    buckets.put_object(Bucket=f"monitoring-code-{REGION}", Key=CODE["CodeKey"], Body=b"code")
    agent = Agent(cloud, ScanRegions="all", AgentName="payments-prod", **CODE)
    workload = Workload(PAYMENTS, REGION, "capture", "python3.13", (python_error,))
    create_workloads(cloud, [workload])
    agent.scan()
    assert receive(agent.forwarded()) == 1  # the first heartbeat
    (shown,) = listed_agents()
    assert (shown["id"], shown["name"], shown["status"]) == (f"{PAYMENTS.id}-{REGION}", "payments-prod", "active")

    SystemClock().sleep(WINDOW)
    write_errors(cloud, workload, 3, latest=(now() - LATENCY) // WINDOW * WINDOW - 10, seed=Random(1))
    agent.scan()

    assert receive(agent.forwarded()) == 2  # the errors, and a heartbeat
    (message,) = posted
    assert "KeyError" in message
    assert "payments-prod" in message


def test_an_agent_that_only_forwards_is_listed_and_its_events_are_announced(posted: list[str]) -> None:
    agent = Agent(Cloud(), ScanRegions="none")

    agent.report_the_stack("CREATE_COMPLETE")
    agent.say("custom.billing", "Invoice run failed", {"run": 42})
    agent.say("aws.ec2", "EC2 Instance State-change Notification", {"state": "running"})

    assert receive(agent.forwarded()) == 3  # the stack's change goes to two functions, what nobody knows to none
    assert [shown["id"] for shown in listed_agents()] == [f"{PAYMENTS.id}-{REGION}"]
    assert sum("Invoice run failed" in each for each in posted) == 1


def test_an_agent_that_is_deleted_says_so_and_is_not_missed(posted: list[str]) -> None:
    agent = Agent(Cloud(), ScanRegions="none")
    agent.say("monitoring.agent.heartbeat", "Heartbeat", {"at": now() - 10_000, "heartbeat_seconds": 300})
    agent.report_the_stack("DELETE_IN_PROGRESS")
    receive(agent.forwarded())
    announced = len(posted)

    container.hub().checks.run(HUB_ACCOUNT, HUB_REGION)

    assert [shown["status"] for shown in listed_agents()] == ["removed"]
    assert len(posted) == announced
