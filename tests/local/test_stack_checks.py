"""What the one-machine stack has of AWS's own doing: counts of events and log lines, archives, queues, invocations."""

import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.gateways.cloudwatch.metrics import CloudWatchMetrics
from chalicelib.services.ingestion.ingest import STORED_LINE
from chalicelib.services.operations.reconciliation import HANDLED, STORED, metrics_of
from local import lambdas
from local.aws import HUB_REGION, STAGE, Cloud
from local.counts import Counts, counted_by, span_of
from local.failure_queues import FAILED, create_queues, keep_failed
from local.quick_aws import quicken


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Return AWS as the stack has it."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", HUB_REGION)
    monkeypatch.setenv("AWS_REGION", HUB_REGION)
    quicken()
    with mock_aws(config={"lambda": {"use_docker": False}}):
        yield Cloud()


def line(message: str, **fields: Any) -> logging.LogRecord:
    return logging.makeLogRecord({"msg": message, "name": "chalicelib", **fields})


@pytest.mark.parametrize(("days_old", "metrics"), [(0, [STORED]), (1, []), (-1, [])])
def test_a_line_is_counted_as_the_filters_of_the_hub_say(days_old: int, metrics: list[str]) -> None:
    record = line(STORED_LINE, days_old=days_old)

    assert [each.name for each in counted_by("handle_monitoring_events", record, STAGE)] == metrics
    assert not list(counted_by("query_error_logs", record, STAGE))


def test_what_was_counted_is_found_in_cloudwatch_once(cloud: Cloud) -> None:
    counts = Counts(cloud)
    counts.arrive("handle_monitoring_events")
    counts.function = "handle_monitoring_events"
    counts.emit(line("Event handled"))
    counts.publish()
    counts.publish()

    start, end = span_of(int(time.time()))
    metrics = metrics_of(STAGE)
    sums = dict.fromkeys((each.name for each in metrics), 0)
    counted = CloudWatchMetrics(cloud.client("cloudwatch")).sums(metrics, start, end)
    for metric, count in zip(metrics, counted, strict=True):
        sums[metric.name] += count
    assert {name for name, count in sums.items() if count} == {
        "MatchedEvents",
        "Invocations",
        "AsyncEventsReceived",
        HANDLED,
    }
    assert set(sums.values()) == {0, 1}


def test_an_event_that_failed_for_good_waits_in_the_queue_of_its_function(cloud: Cloud) -> None:
    create_queues(cloud)
    keep_failed(cloud, "update_deployment", {"id": "1"}, RuntimeError("table gone"))

    sqs = cloud.client("sqs")
    url = sqs.get_queue_url(QueueName=FAILED)["QueueUrl"]
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    record = json.loads(message["Body"])
    assert record["requestPayload"] == {"id": "1"}
    assert "update_deployment" in record["requestContext"]["functionArn"]


def test_a_function_that_is_invoked_by_name_is_called_and_its_error_reported(cloud: Cloud) -> None:
    def add(order: Any, _context: Any) -> Any:
        return order["one"] + order["other"]

    lambdas.serve({"add": add})
    client = cloud.client("lambda")

    answer = client.invoke(FunctionName="add", Payload=json.dumps({"one": 1, "other": 2}))
    assert json.loads(answer["Payload"].read()) == 3
    failed = client.invoke(FunctionName="add", Payload=json.dumps({"one": 1}))
    assert failed["FunctionError"] == "Unhandled"
    assert json.loads(failed["Payload"].read())["errorType"] == "KeyError"


def test_a_replay_sends_what_is_of_its_time_to_the_rules_that_it_names(cloud: Cloud) -> None:
    events, sqs = cloud.client("events"), cloud.client("sqs")
    bus = f"arn:aws:events:{HUB_REGION}:123456789012:event-bus/default"
    events.create_archive(ArchiveName="all", EventSourceArn=bus, EventPattern='{"source": ["custom.shop"]}')
    urls = {}
    for name in ("wanted", "other"):
        urls[name] = sqs.create_queue(QueueName=name)["QueueUrl"]
        events.put_rule(Name=name, EventPattern='{"source": ["custom.shop"]}')
        template = '{"handler": "x", "detail": <detail>}'
        target = {
            "Id": "queue",
            "Arn": f"arn:aws:sqs:{HUB_REGION}:123456789012:{name}",
            "InputTransformer": {"InputTemplate": template},
        }
        events.put_targets(Rule=name, Targets=[target])
    now = int(time.time())
    for run, at in ((1, now - 7_200), (2, now - 60)):
        entry = {"Source": "custom.shop", "DetailType": "Sold", "Detail": json.dumps({"run": run}), "Time": at}
        events.put_events(Entries=[entry])
    for url in urls.values():
        sqs.purge_queue(QueueUrl=url)

    events.start_replay(
        ReplayName="again",
        EventSourceArn=events.describe_archive(ArchiveName="all")["ArchiveArn"],
        EventStartTime=now - 3_600,
        EventEndTime=now,
        Destination={"Arn": bus, "FilterArns": [bus.replace(":event-bus/default", ":rule/wanted")]},
    )

    found = {name: sqs.receive_message(QueueUrl=url).get("Messages", []) for name, url in urls.items()}
    assert found["other"] == []
    (message,) = found["wanted"]
    assert json.loads(message["Body"])["detail"] == {"run": 2}
    assert json.loads(message["Body"])["handler"] == "x"
