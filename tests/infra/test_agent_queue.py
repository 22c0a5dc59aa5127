"""What an agent could not forward comes to the hub all the same, around the bus that nobody may put it on again."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.gateways import sqs
from chalicelib.gateways.sqs import SqsQueues
from chalicelib.services.operations.redrive import Redrive, RedriveOrder
from infra import redrive
from infra.agent_queue import AgentQueue
from infra.errors import DeployError
from tests.failure_fakes import failed
from tests.services.notifying.test_crash import stack_event
from tests.services.world import World, finding

LETTER = {
    "RULE_ARN": "arn:aws:events:eu-north-1:111122223333:rule/monitoring-agent-prod-guardduty",
    "TARGET_ARN": "arn:aws:events:eu-west-1:123456789012:event-bus/default",
    "ERROR_CODE": "NO_PERMISSIONS",
    "ERROR_MESSAGE": "",
}
# moto's own.
ACCOUNT = "123456789012"


def of_this_account(raw: dict[str, Any]) -> dict[str, Any]:
    """Return an event as if it had been this account's all along, in its detail, too."""
    return json.loads(json.dumps(raw).replace("111122223333", ACCOUNT))  # type: ignore[no-any-return]


OWN = of_this_account(finding())
OWN_STACK = of_this_account(stack_event())
SCAN = LETTER | {"RULE_ARN": "arn:aws:events:eu-north-1:111122223333:rule/monitoring-agent-prod-scan"}


@dataclass(frozen=True)
class Two:
    """An agent's region and the hub's, with their queues."""

    agent: Any
    hub: Any

    def put(self, body: Any, attributes: dict[str, str] | None = None) -> None:
        """Let something end in the agent's queue."""
        texts = {name: value for name, value in (attributes or {}).items() if value}
        self.agent.send_message(
            QueueUrl=self.agent.get_queue_url(QueueName="monitoring-agent-prod-dead-letters")["QueueUrl"],
            MessageBody=body if isinstance(body, str) else json.dumps(body),
            MessageAttributes={name: {"DataType": "String", "StringValue": value} for name, value in texts.items()},
        )

    def bring(self, **how: bool) -> list[str]:
        """Bring what waits."""
        return list(AgentQueue(self.agent, self.hub, "prod").bring(**how))

    def waiting(self) -> int:
        """Count what waits in the agent's queue and can be seen."""
        url = self.agent.get_queue_url(QueueName="monitoring-agent-prod-dead-letters")["QueueUrl"]
        name = "ApproximateNumberOfMessages"
        return int(self.agent.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name])

    def redriven(self) -> World:
        """Return a hub after it put back what has come."""
        hub = World()
        handlers: dict[str, Callable[[Any], object]] = {
            "handle_monitoring_events": hub.receive,
            "update_deployment": hub.deployments.update,
        }
        Redrive(SqsQueues(self.hub, "prod"), handlers, (), "monitoring-prod-")(
            RedriveOrder("undelivered"), lambda: 900_000
        )
        return hub


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> Iterator[Two]:
    monkeypatch.setattr(sqs, "PATIENCE", 0)
    with mock_aws():
        made: Any = boto3.client
        agent, hub = (made("sqs", region_name=region) for region in ("eu-north-1", "eu-west-1"))
        agent.create_queue(QueueName="monitoring-agent-prod-dead-letters", Attributes={"VisibilityTimeout": "900"})
        hub.create_queue(QueueName="monitoring-prod-undelivered", Attributes={"VisibilityTimeout": "900"})
        yield Two(agent, hub)


def test_an_event_that_could_not_be_forwarded_is_stored_and_announced(two: Two) -> None:
    two.put(OWN, LETTER)

    assert two.bring() == ["moved: aws.guardduty, GuardDuty Finding: NO_PERMISSIONS"]
    hub = two.redriven()
    assert len(hub.store.records) == len(hub.sent()) == 1
    assert two.waiting() == 0


def test_what_is_delivered_twice_is_stored_once(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    two.put(OWN, LETTER)
    queue = AgentQueue(two.agent, two.hub, "prod")

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(SqsQueues, "remove", die)
        with pytest.raises(KeyboardInterrupt):
            list(queue.bring())
    two.put(OWN, LETTER)  # it is seen again when its time out of sight is over
    two.bring()

    hub = two.redriven()
    assert len(hub.store.records) == len(hub.sent()) == 1


def test_what_became_of_an_agents_stack_keeps_the_register_true(two: Two) -> None:
    two.put(OWN_STACK, LETTER)

    two.bring()

    hub = two.redriven()
    assert len([*hub.agents.all()]) == len(hub.store.records) == 1


def test_a_scan_that_failed_is_overtaken_by_the_next_one(two: Two) -> None:
    two.put(failed("prod", "agent", {}))
    two.put({"source": "aws.events", "detail-type": "Scheduled Event"}, SCAN)

    assert two.bring() == ["overtaken: a scan: RetriesExhausted", "overtaken: a scan: NO_PERMISSIONS"]
    assert two.redriven().store.records == {}
    assert two.waiting() == 0


@pytest.mark.parametrize("body", ["no JSON", "[]", '{"requestContext": 7}', "[" * 100_000])
def test_what_nobody_can_read_stays_where_it_is(two: Two, body: str) -> None:
    two.put(body)

    (line,) = two.bring()

    assert line.startswith("kept: message ")
    assert two.waiting() == 1


def test_nobody_speaks_for_another_account(two: Two) -> None:
    two.put(OWN | {"account": "999999999999"}, LETTER)

    (line,) = two.bring()

    assert line.endswith("is about another account or region than its own")
    assert two.waiting() == 1


@pytest.mark.parametrize(
    ("forged", "problem"),
    [
        (finding() | {"account": ACCOUNT}, "about another account"),
        (stack_event() | {"account": ACCOUNT}, "about another account"),
        (OWN | {"region": "ap-south-1"}, "about another account or region"),
        (OWN | {"source": "monitoring.hub", "detail-type": "Agent State Change"}, "of a kind that no agent forwards"),
        (OWN | {"source": "aws.s3"}, "of a kind that no agent forwards"),
    ],
    ids=["another's finding", "another's stack", "another region's", "the hub's own", "an unknown source"],
)
def test_only_what_an_agent_forwards_about_itself_is_redriven(two: Two, forged: dict[str, Any], problem: str) -> None:
    two.put(forged, LETTER)

    (line,) = two.bring()

    assert line.startswith("kept: ")
    assert problem in line
    assert two.waiting() == 1


def test_to_peek_takes_nothing(two: Two) -> None:
    two.put(OWN, LETTER)

    assert two.bring(dry_run=True) == ["waiting: aws.guardduty, GuardDuty Finding: NO_PERMISSIONS"]
    assert two.waiting() == 1


def test_where_no_agent_is_the_missing_queue_is_named(two: Two) -> None:
    queue = AgentQueue(two.agent, two.hub, "test")

    with pytest.raises(DeployError, match=r"^There is no queue monitoring-agent-test-dead-letters in eu-north-1: "):
        list(queue.bring())


def test_the_command_begins_with_the_agents_queue(
    two: Two, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    two.put(OWN, LETTER)
    two.put("no JSON")
    monkeypatch.setattr(redrive, "runs", lambda *_, **__: [])

    assert redrive.main(["--stage", "prod", "--agent-region", "eu-north-1", "--dry-run"]) == 1
    announced = capsys.readouterr().out
    assert "  waiting: aws.guardduty, GuardDuty Finding: NO_PERMISSIONS\n" in announced
    assert "  kept: message " in announced


def test_a_profile_alone_does_not_say_which_agent(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        redrive.main(["--stage", "prod", "--agent-profile", "sandbox"])

    assert "--agent-profile needs --agent-region" in capsys.readouterr().err
