"""AWS as moto plays it, with what a stage has before its first event; and every way to wake one of its functions."""

import json
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

import boto3
import pytest
from botocore.model import OperationModel
from chalice.local import LambdaContext
from moto import mock_aws
from msgspec.structs import replace

import app
from chalicelib import container
from chalicelib.container import SystemClock
from chalicelib.container.services import Hub
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import REPORT, Notification, Outcome, Reason, Record
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.receivers import SECRETS, Receiver
from chalicelib.domain.routing.silences import Silence
from chalicelib.domain.timestamps import DAY
from chalicelib.gateways import aws_clients
from chalicelib.gateways.dynamodb import DynamoSilenceStore, DynamoTable
from chalicelib.gateways.http import HttpClient, Response
from chalicelib.sources.registry import ALARM_CHANGE
from local.table import create_table
from tests.app.alert_calls import call_alerts_and_notifications
from tests.app.link_calls import call_links
from tests.app.silence_calls import call_silences
from tests.app.slack_calls import CHANNEL, SIGNING_SECRET, button, interaction, signed
from tests.app.test_handlers import TICK, authorize, envelope, stack_event
from tests.app.ui_calls import call_ui
from tests.app.world import BOTH, fresh_caches, gateway_event, invoke, token_parameter
from tests.domain.given import NOON, an_alert, an_event
from tests.failure_fakes import failed
from tests.fakes import NOW
from tests.services.operations.openid import CLIENT, METADATA

STAGE = "dev"
# moto's logs are as old as this machine says; windows are scanned some minutes after they end.
LATER = 1_000
WEBHOOK = "https://slack.example.com"
ENDPOINT = json.dumps({"url": "https://hook.example.com", "secrets": ["whsec_" + "A" * 32]})
# What each type of receiver has for a secret.
RECEIVER_SECRETS = {
    "slack/{}": WEBHOOK,
    "slack-app/bot-token": "xoxb-token",
    "pagerduty/{}": "k" * 32,
    "webhook/{}": ENDPOINT,
    "teams/{}": "https://teams.example.com",
}
# Receivers of each type, and both ways of sending mails.
RECEIVERS = (
    *(Receiver(type=name, channel="C0123456789") for name in SECRETS if name != "email"),
    Receiver(type="email", topic="arn:aws:sns:eu-central-1:123456789012:ops"),
    Receiver(type="email", sender="hub@example.com", to=("ops@example.com",)),
)
# A day's report is no reason to page anybody.
REPORTING = tuple(each for each in RECEIVERS if each.type != "pagerduty")
# What a function's environment holds.
ENVIRONMENT = {
    "TABLE_NAME": "monitoring-dev",
    "GROUP_WAIT_SECONDS": "0",
    "STAGE": STAGE,
    "SCAN_TAG": "team",
    "CALL_HEARTBEAT_URL": "YES",
    "OIDC_ISSUER": CLIENT.issuer,
    "OIDC_CLIENT_ID": CLIENT.client_id,
    "OIDC_READ_GROUPS": "*",
}


class QuickClock:
    """The machine's clock, but that to sleep is to be there at once."""

    def __init__(self) -> None:
        self.ahead = LATER

    def now(self) -> int:
        """Return the epoch seconds."""
        return int(time.time()) + self.ahead

    def sleep(self, seconds: float) -> None:
        """Be there."""
        self.ahead += int(seconds)


@contextmanager
def playing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Play AWS with the table, the secrets, the queues and a log group in it, and a Slack that takes everything."""
    clock = QuickClock()
    monkeypatch.setattr(SystemClock, "now", clock.now)
    monkeypatch.setattr(SystemClock, "sleep", clock.sleep)
    monkeypatch.setattr(HttpClient, "post", take_it)
    monkeypatch.setattr(HttpClient, "get", lambda *_, **__: Response(200, json.dumps(METADATA)))
    with fresh_caches(), mock_aws():
        create_table(client("dynamodb"), "monitoring-dev")
        receivers = ("deployment", "monitoring", "report")
        secrets = {path.format(name): value for name in receivers for path, value in RECEIVER_SECRETS.items()}
        for path, value in secrets.items():
            keep_secret(path, value)
        keep_secret("link-key", "k" * 64)
        keep_secret("slack-app/signing-secret", SIGNING_SECRET)
        keep_secret("oidc-client-secret", "secret")
        keep_secret("base-url", "https://hub.example.com/api")
        keep_secret("api-tokens/both", token_parameter(BOTH, "read", "write"))
        for queue in ("failed", "undelivered"):
            client("sqs").create_queue(QueueName=f"monitoring-dev-{queue}")
        client("sns").create_topic(Name="ops")
        client("sesv2").create_email_identity(EmailIdentity="example.com")
        run_container("/ecs/shop")
        keep_a_silence("1", 0, DAY)
        serve_an_api()
        keep_a_state_machine()
        yield


def take_it(_http: HttpClient, url: str, *_: Any, **__: Any) -> Response:
    """Take whatever is posted, as a webhook of Slack's or its Web API would."""
    document = {"ok": True, "ts": "1.0", "user": {"real_name": "Ann Example"}, "view": {"id": "V1"}}
    return Response(200, "ok" if url == WEBHOOK else json.dumps(document))


def keep_secret(name: str, value: str) -> None:
    """Write a secret of the stage."""
    client("ssm").put_parameter(Name=f"/monitoring/dev/{name}", Value=value, Type="SecureString")


def keep_a_silence(digit: str, age: int, left: int) -> None:
    """Have a silence that stands: whoever decides what is announced reads it, and who reminds of what ends soon."""
    now = SystemClock().now()
    silence = Silence(
        id=digit * 16,
        matchers=(Matcher(Field.KIND, ("alarm",)),),
        starts_at=now - age,
        ends_at=now + left,
        author="on-call",
        reason="A migration.",
        created_at=now,
    )
    DynamoSilenceStore(DynamoTable(client("dynamodb"), "monitoring-dev"), SystemClock(), DAY).save(silence)


def run_container(log_group: str) -> None:
    """Run a task whose container writes to a log group."""
    client("logs").create_log_group(logGroupName=log_group)
    options = {"awslogs-group": log_group, "awslogs-region": "eu-central-1"}
    container = {
        "name": "shop",
        "image": "shop",
        "memory": 128,
        "logConfiguration": {"logDriver": "awslogs", "options": options},
    }
    ecs, ec2 = client("ecs"), client("ec2")
    ecs.register_task_definition(
        family="shop",
        containerDefinitions=[container],
        tags=[{"key": "team", "value": "shop"}],
    )
    ecs.create_cluster(clusterName="shop")
    subnets = [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"][:1]]
    network: Any = {"awsvpcConfiguration": {"subnets": subnets}}
    ecs.run_task(cluster="shop", taskDefinition="shop", launchType="FARGATE", networkConfiguration=network)


def serve_an_api() -> None:
    """Have an API of each sort."""
    client("apigateway").create_rest_api(name="shop")
    client("apigatewayv2").create_api(Name="shop", ProtocolType="HTTP")


def keep_a_state_machine() -> None:
    """Have a state machine."""
    definition = json.dumps({"StartAt": "done", "States": {"done": {"Type": "Succeed"}}})
    role = "arn:aws:iam::123456789012:role/shop"
    client("stepfunctions").create_state_machine(name="shop", definition=definition, roleArn=role)


@cache
def client(service: str) -> Any:
    """Return a client of a service, made once: it asks whatever AWS moto plays just then."""
    return cast("Any", boto3).client(service)


def context() -> LambdaContext:
    """Return the context of a function that may run for a quarter of an hour."""
    return LambdaContext("function", 512, max_runtime_ms=900_000)


# --- the ways: all that a function does in its life, good and bad


def take_events_in() -> None:
    """Take in what is announced, what is not, the end of a backfill, and heartbeats, one of them after a silence."""
    app.handle_monitoring_events(envelope("custom.shop", "Lost"), context())
    app.handle_monitoring_events(backfill_finished(), context())
    app.handle_monitoring_events(logged_errors(), context())
    deleted = envelope("aws.cloudwatch", ALARM_CHANGE.detail_type, alarmName="carts", operation="delete")
    app.handle_monitoring_events(deleted, context())
    miss_an_agent()
    container.hub().agents.check()
    at = int(time.time())
    app.handle_monitoring_events(
        envelope("monitoring.agent.heartbeat", "Heartbeat", at=at, heartbeat_seconds=300), context()
    )
    assert container.hub().agents.get("111122223333", "eu-west-1").status == "active"
    notify_every_type("monitoring")


def know_receivers(hub: Hub, receivers: Mapping[str, Receiver]) -> None:
    """Let the routes file of a hub that has sent already name other receivers, as another deployment would."""
    hub.file = replace(hub.file, known_receivers=receivers)
    vars(hub).pop("notifier", None)
    vars(hub).pop("dispatcher", None)


def notify_every_type(name: str, receivers: Collection[Receiver] = RECEIVERS) -> None:
    """Send an alert to the receiver of this name, as if it were each of these."""
    hub = container.hub()
    for number, receiver in enumerate(receivers, 1):
        know_receivers(hub, {name: receiver})
        enqueue_an_alert(name, f"{number}" * 32)
        hub.clock.sleep(LATER)
        hub.dispatcher.drain(name)


def call_api() -> None:
    """Call every route, with every filter that is asked for in a way of its own."""
    body = {"headers": {"content-type": "application/json"}}
    agent = {"pathParameters": {"agent_id": "111122223333-eu-west-1"}}
    event = {"pathParameters": {"event_id": "1760000000-" + "0" * 32}}
    new = json.dumps({"account": "111122223333", "region": "eu-west-1"})

    def listed(**query: str) -> Mapping[str, Any]:
        return gateway_event("GET", "/events", multiValueQueryStringParameters={name: [query[name]] for name in query})

    expected = [
        (gateway_event("GET", "/health"), 200),
        (gateway_event("POST", "/agents", body=new, **body), 201),
        (gateway_event("PATCH", "/agents/{agent_id}", body='{"name": "Shop"}', **agent, **body), 200),
        (gateway_event("GET", "/agents/{agent_id}", **agent), 200),
        (gateway_event("GET", "/agents"), 200),
        (gateway_event("GET", "/coverage"), 200),
        (gateway_event("DELETE", "/agents/{agent_id}", **agent), 204),
        (gateway_event("GET", "/events/{event_id}", **event), 404),
        (listed(limit="2"), 200),
        (listed(account="111122223333"), 200),
        (listed(fingerprint="0" * 32), 200),
    ]
    assert [invoke(request)[0] for request, _ in expected] == [status for _, status in expected]
    call_alerts_and_notifications()
    call_from_slack()
    call_links()
    call_silences()
    call_ui()


def call_from_slack() -> None:
    """Press buttons of a message in Slack."""
    hub = container.hub()
    know_receivers(hub, {"monitoring": Receiver(type="slack", channel=CHANNEL)})
    enqueue_an_alert("monitoring", "9" * 32)
    for action in ("silence_more", "silence", "acknowledge", "useful"):
        body = interaction(button(action, {"fingerprint": "0" * 32, "episode": 1}))
        headers = {name.lower(): value for name, value in signed(body, hub.clock.now()).items()}
        request = gateway_event("POST", "/slack/{kind}", body=body.decode(), headers=headers)
        assert invoke(request | {"pathParameters": {"kind": "interactions"}}) == (200, None)
    assert hub.alerts.get("0" * 32).status == "acknowledged"


def announce_a_silence() -> None:
    """Miss an agent, and find the hub's own nets gone, twice."""
    enqueue_an_alert("monitoring")
    miss_an_agent()
    keep_a_silence("2", 7_200, 600)
    app.check_agents(TICK, context())
    app.check_agents(TICK, context())
    notify_every_type("monitoring")
    assert container.hub().agents.get("111122223333", "eu-west-1").status == "stale"


def miss_an_agent() -> None:
    """Let an agent have reported long ago."""
    at = int(time.time()) - 2_000
    container.hub().receive(envelope("monitoring.agent.heartbeat", "Heartbeat", at=at, heartbeat_seconds=300))


def follow_a_deployment() -> None:
    """Announce an agent's stack, and whatever else is owed to the same receiver."""
    enqueue_an_alert("deployment")
    app.update_deployment(stack_event("monitoring-agent"), context())
    notify_every_type("deployment")


def report() -> None:
    """Report, and send whatever else is owed to the same receiver."""
    enqueue_an_alert(REPORT)
    app.daily_report(TICK, context())
    keep_what_is_shown()
    notify_every_type(REPORT, REPORTING)


def logged_errors() -> dict[str, Any]:
    """Return what the scan finds, which takes most to be told: where it is, and which deploy it came with."""
    window = {"start": NOW - 300, "end": NOW}
    return envelope(
        "monitoring.agent.logs", "Error Logs", idempotency_key="1", log_group="/shop", fingerprint="1", window=window
    )


def enqueue_an_alert(receiver: str, identity: str = "0" * 32) -> None:
    """Leave an alert, of the kind that takes most to be told, for whoever sends to the receiver next."""
    hub = container.hub()
    now = hub.clock.now()
    event = an_event(now - 60, kind="error_logs", fingerprint="0" * 32)
    outcome = Outcome.pending(Reason.FIRST, [receiver], "all")
    record = Record(event=event, outcome=outcome, change=None, updated_at=now, expired_at=now + LATER)
    hub.ingest.ledger.record(record, Alert.about(event).observe(event)[0], [])
    notification = Notification(
        id=identity,
        receiver=receiver,
        kind=event.kind,
        reason=Reason.FIRST,
        severity=Severity.HIGH,
        title="Lost",
        created_at=now,
        event_id=event.id,
        fingerprint="0" * 32,
        episode=1,
    )
    assert hub.outbox.enqueue(notification)


def release_what_was_held_back() -> None:
    """Evaluate an alert that may hold back others, and with it those others."""
    hub = container.hub()
    hub.ledger.merge([], replace(an_alert(an_event(fingerprint="f" * 32)), inhibits=True, due=hub.clock.now()), ())
    app.deliver_notifications(TICK, context())


def keep_what_is_shown() -> None:
    """Keep the event that an alert shows which has been open for months."""
    hub, event = container.hub(), an_event()
    soon = hub.clock.now() + 60
    record = Record(event=event, outcome=Outcome(reason=Reason.FIRST), change=None, updated_at=NOON, expired_at=soon)
    hub.ledger.record(record, an_alert(event), ())
    app.daily_report(TICK, context())
    kept = hub.event_store.find(event.id)
    assert kept
    assert kept.expired_at > soon


def sweep_up_what_was_stored_alone() -> None:
    """Merge an event that was stored without its alert, while something is pending."""
    hub = container.hub()
    enqueue_an_alert("monitoring", "9" * 32)
    now = hub.clock.now()
    outcome = Outcome(reason=Reason.PROCESSING)
    event = an_event(kind="error_logs")
    record = Record(event=event, outcome=outcome, change=None, updated_at=now, expired_at=now + LATER)
    hub.ingest.ledger.keep_unmerged(record)
    app.deliver_notifications(TICK, context())
    settled = hub.event_store.find(record.event.id)
    assert settled
    assert settled.outcome.reason is not Reason.PROCESSING
    release_what_was_held_back()
    notify_every_type("monitoring")


def backfill_finished() -> dict[str, Any]:
    """Return the end of a backfill."""
    return envelope("monitoring.agent.logs", "Backfill Finished", since=1, until=2, finished_at=2)


def put_back_what_failed() -> None:
    """Put back an event of each handler that has any to lose, and keep a message that nobody can read."""
    sqs = client("sqs")
    url = sqs.get_queue_url(QueueName="monitoring-dev-failed")["QueueUrl"]
    events = (
        ("handle_monitoring_events", logged_errors()),
        ("handle_monitoring_events", backfill_finished()),
        ("update_deployment", stack_event("monitoring-agent")),
        ("daily_report", TICK),
    )
    for body in (*(json.dumps(failed(STAGE, *each)) for each in events), "?"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    for queue in ("failed", "undelivered"):
        app.redrive({"queue": queue}, context())
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"] == {
        "ApproximateNumberOfMessages": "1"
    }


def answer_what_moto_does_not() -> dict[str, Any]:
    """Answer some operations by hand; return the responses by operation, to which further ones may be added."""
    responses: dict[str, Any] = {"GetAccountInformation": {"AccountName": "shop"}, "StopQuery": {"success": True}}

    def answer(**call: Any) -> Any:
        model: OperationModel = call["model"]
        return (SimpleNamespace(status_code=200), responses[model.name]) if model.name in responses else None

    aws_clients.session().register("before-call", answer)
    return responses


def scan() -> None:
    """Scan logs, and again with a query that never ends."""
    responses = answer_what_moto_does_not()
    app.query_error_logs(TICK, context())
    responses["GetQueryResults"] = {"status": "Running", "results": [], "statistics": {}}
    container.agent().clock.sleep(LATER)
    app.query_error_logs(TICK, context())


def scan_the_past() -> None:
    """Scan years that are over, and again with a query that never ends."""
    responses = answer_what_moto_does_not()
    order = {"since": 1_577_836_800, "force": True}
    app.backfill_error_logs(order, context())
    responses["GetQueryResults"] = {"status": "Running", "results": [], "statistics": {}}
    app.backfill_error_logs(order, context())


WAYS: dict[str, Callable[[], object]] = {
    "handle_monitoring_events": take_events_in,
    "update_deployment": follow_a_deployment,
    "daily_report": report,
    "deliver_notifications": sweep_up_what_was_stored_alone,
    "check_agents": announce_a_silence,
    "query_error_logs": scan,
    "backfill_error_logs": scan_the_past,
    "redrive": put_back_what_failed,
    "api_handler": call_api,
    "authorize": lambda: authorize(f"Bearer {BOTH}"),
}
