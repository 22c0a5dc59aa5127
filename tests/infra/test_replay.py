"""Replay: what is asked of EventBridge, how far it is, and that what comes twice is stored once."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.session import Session
from botocore.stub import ANY, Stubber
from moto import mock_aws

from app import app
from chalicelib.handlers import rules_of
from chalicelib.sources.registry import event_pattern
from infra import replay
from infra.errors import DeployError
from infra.functions import Trigger, functions_of
from infra.replay import Replay, Span, handlers_for
from tests.fakes import NOW
from tests.services.world import World

HANDLERS = ["handle_monitoring_events", "update_deployment"]
PUBLISHED = datetime.fromtimestamp(NOW - 3_600, UTC)
BUS = "arn:aws:events:eu-central-1:123456789012:event-bus/default"
ARCHIVE = {
    "ArchiveArn": "arn:aws:events:eu-central-1:123456789012:archive/monitoring-prod",
    "ArchiveName": "monitoring-prod",
    "EventSourceArn": BUS,
    "RetentionDays": 14,
}


@pytest.fixture
def events() -> Any:
    return Session().create_client("events", region_name="eu-central-1")


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "time", SimpleNamespace(time=lambda: NOW, sleep=lambda _seconds: None))


def test_it_addresses_the_hubs_rules_and_no_others(events: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "token_hex", lambda _size: "00c0ffee")
    name = f"monitoring-prod-{NOW}-00c0ffee"
    with Stubber(events) as aws:
        aws.add_response("describe_archive", ARCHIVE, {"ArchiveName": "monitoring-prod"})
        names = [rule for each in HANDLERS for rule in rules_of("prod", each)]
        rules = [f"arn:aws:events:eu-central-1:123456789012:rule/{each}" for each in names]
        aws.add_response(
            "start_replay",
            {"State": "STARTING"},
            {
                "ReplayName": name,
                "Description": ANY,
                "EventSourceArn": ARCHIVE["ArchiveArn"],
                "EventStartTime": datetime.fromtimestamp(NOW - 7_200, UTC),
                "EventEndTime": datetime.fromtimestamp(NOW - 3_600, UTC),
                "Destination": {"Arn": BUS, "FilterArns": rules},
            },
        )

        assert Replay(events, "prod").start(Span(NOW - 7_200, NOW - 3_600), HANDLERS, NOW) == name


def test_a_stage_without_an_archive_is_reported(events: Any) -> None:
    with Stubber(events) as aws:
        aws.add_client_error("describe_archive", "ResourceNotFoundException")
        with pytest.raises(DeployError, match="There is no archive monitoring-prod"):
            Replay(events, "prod").start(Span(NOW - 7_200, NOW - 3_600), HANDLERS, NOW)


def test_what_the_archive_keeps_no_more_is_refused(events: Any) -> None:
    with Stubber(events) as aws:
        aws.add_response("describe_archive", ARCHIVE)
        with pytest.raises(DeployError, match="keeps events for 14 days"):
            Replay(events, "prod").start(Span(NOW - 15 * 86_400, NOW - 3_600), HANDLERS, NOW)


def test_progress_is_reported_as_it_is_made(events: Any) -> None:
    reached = datetime.fromtimestamp(NOW - 7_000, UTC)
    with Stubber(events) as aws:
        for state, more in (
            ("STARTING", {}),
            ("RUNNING", {"EventLastReplayedTime": reached}),
            ("RUNNING", {"EventLastReplayedTime": reached}),
            ("COMPLETED", {"EventLastReplayedTime": reached}),
        ):
            aws.add_response("describe_replay", {"State": state} | more)

        assert list(Replay(events, "prod").progress("night")) == [
            "replayed up to 2025-10-09T06:56:40Z",
            "completed",
        ]


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED", "CANCELLING"])
def test_a_replay_that_does_not_complete_fails(events: Any, state: str) -> None:
    with Stubber(events) as aws:
        aws.add_response("describe_replay", {"State": state, "StateReason": "no such rule"})
        with pytest.raises(DeployError, match=f"ended as {state}: no such rule"):
            list(Replay(events, "prod").progress("night"))


def test_without_an_end_it_ends_when_events_are_sure_to_be_in_the_archive() -> None:
    assert Span.of(NOW - 3_600, None, NOW) == Span(NOW - 3_600, NOW - 600)


@pytest.mark.parametrize(
    ("since", "until", "problem"),
    [
        (NOW - 3_600, NOW - 599, "is too recent: .* the latest end is 2025-10-09T08:43:20Z"),
        (NOW - 60, None, "is not before the end"),
        (NOW - 3_600, NOW - 3_600, "is not before the end"),
    ],
)
def test_a_span_that_cannot_be_replayed_is_refused(since: int, until: int | None, problem: str) -> None:
    with pytest.raises(DeployError, match=problem):
        Span.of(since, until, NOW)


def test_without_a_source_every_rule_for_events_is_replayed_to() -> None:
    assert handlers_for([]) == [each.handler for each in functions_of(app) if each.trigger is Trigger.EVENT] == HANDLERS


@pytest.mark.parametrize(
    ("source", "handlers"),
    [
        ("aws.health", HANDLERS[:1]),
        ("custom.billing", HANDLERS[:1]),
        ("aws.cloudformation", HANDLERS),
    ],
)
def test_a_source_chooses_the_rules_that_match_it(source: str, handlers: list[str]) -> None:
    assert handlers_for([source]) == handlers


@pytest.mark.parametrize("source", ["aws.s3", "custom", "aws.health.more", ""])
def test_a_source_that_no_rule_matches_is_refused(source: str) -> None:
    with pytest.raises(DeployError, match=r"expected one of aws\..*, aws\.cloudformation, .*, custom\., "):
        handlers_for([source])


@pytest.mark.parametrize("text", ["yesterday", "", "31.1.2026"])
def test_a_time_that_is_none_is_said_in_one_line(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        replay.main(["--stage", "prod", "--since", text])
    assert f"invalid time {text!r}; expected one such as 2026-01-31T02:00:00Z" in capsys.readouterr().err


def test_a_dry_run_only_says_what_it_would_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert replay.main(["--stage", "prod", "--since", "2025-10-09T02:00:00Z", "--dry-run"]) == 0
    said = "Events of 2025-10-09T02:00:00Z to 2025-10-09T08:43:20Z to handle_monitoring_events, update_deployment\n"
    assert capsys.readouterr().out == said


# --- moto replays the whole archive to all rules of the bus, with other ids


@pytest.fixture
def queue() -> Iterator[Any]:
    """Yield the messages of a queue behind a rule of a bus with an archive, in a stand-in for AWS."""
    with mock_aws():
        bus, sqs = boto3.client("events"), boto3.client("sqs")
        url = sqs.create_queue(QueueName="hub")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        pattern = json.dumps(event_pattern())
        bus.create_archive(ArchiveName="monitoring-prod", EventSourceArn=BUS, EventPattern=pattern, RetentionDays=14)
        bus.put_rule(Name="monitoring-prod-handle_monitoring_events-event", EventPattern=pattern)
        bus.put_targets(Rule="monitoring-prod-handle_monitoring_events-event", Targets=[{"Id": "queue", "Arn": arn}])

        def received() -> list[dict[str, Any]]:
            messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
            for each in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
            return [{"account": "123456789012"} | json.loads(each["Body"]) for each in messages]

        yield received


def test_what_is_replayed_twice_is_stored_once(queue: Any) -> None:
    for run in (1, 2):
        detail = json.dumps({"run": run})
        boto3.client("events").put_events(
            Entries=[{"Source": "custom.billing", "DetailType": "Run failed", "Detail": detail, "Time": PUBLISHED}]
        )
    world = World()
    first = queue()
    for each in first[:1]:  # the other is lost on its way to the handler
        world.ingest(each)
    for name in ("first", "second"):
        boto3.client("events").start_replay(
            ReplayName=name,
            EventSourceArn=ARCHIVE["ArchiveArn"],
            EventStartTime=datetime.fromtimestamp(NOW - 7_200, UTC),
            EventEndTime=datetime.fromtimestamp(NOW, UTC),
            Destination={"Arn": BUS},
        )
        replayed = queue()
        assert len(replayed) == 2
        assert {each["id"] for each in replayed}.isdisjoint(each["id"] for each in first)
        for each in replayed:
            world.ingest(each)

    assert sorted(each.event.detail["run"] for each in world.store.records.values()) == [1, 2]
