"""EventBridge: what it did not take is sent again, and only that."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import ANY, Stubber
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from chalicelib.domain.errors import PublishFailed
from chalicelib.domain.events.outgoing import Entry
from chalicelib.domain.scanning.error_groups import SAMPLES, ErrorGroups, LogLine, collect
from chalicelib.domain.scanning.findings import Findings
from chalicelib.domain.scanning.windows import Window
from chalicelib.gateways.eventbridge import ATTEMPTS, LARGEST_CALL, EventBridge, batches, size_of
from chalicelib.services.scanning.publisher import AgentIdentity, Publisher
from tests.fakes import FakeClock
from tests.gateways.aws import aws


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def client() -> Any:
    return aws("events")


@pytest.fixture
def stub(client: Any) -> Iterator[Stubber]:
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


def entry(name: str) -> Entry:
    return Entry("monitoring.agent.logs", "Error Logs", 1_760_000_000, {"name": name})


def request(name: str) -> dict[str, Any]:
    return {
        "EventBusName": "default",
        "Source": "monitoring.agent.logs",
        "DetailType": "Error Logs",
        "Time": ANY,
        "Detail": json.dumps({"name": name}, separators=(",", ":")),
    }


def outcome(*codes: str) -> dict[str, Any]:
    return {
        "FailedEntryCount": sum(bool(code) for code in codes),
        "Entries": [{"ErrorCode": code, "ErrorMessage": "no"} if code else {"EventId": "1"} for code in codes],
    }


def test_entries_arrive_as_events(clock: FakeClock) -> None:
    with mock_aws():
        events, sqs = aws("events"), aws("sqs")
        queue = sqs.create_queue(QueueName="seen")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events.put_rule(Name="all", EventPattern=json.dumps({"source": ["monitoring.agent.logs"]}))
        events.put_targets(Rule="all", Targets=[{"Id": "queue", "Arn": arn}])

        EventBridge(events, clock).publish([entry("a")])

        (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    seen = json.loads(message["Body"])
    assert (seen["detail-type"], seen["detail"], seen["time"]) == ("Error Logs", {"name": "a"}, "2025-10-09T08:53:20Z")


def test_nothing_to_publish_is_no_call(client: Any, stub: Stubber, clock: FakeClock) -> None:
    EventBridge(client, clock).publish([])

    assert clock.slept == []


def test_only_what_failed_is_sent_again(client: Any, stub: Stubber, clock: FakeClock) -> None:
    """FailedEntryCount comes with HTTP 200; position tells which."""
    first = [request("a"), request("b"), request("c"), request("d")]
    stub.add_response("put_events", outcome("", "ThrottlingException", "", "InternalFailure"), {"Entries": first})
    stub.add_response("put_events", outcome("", "InternalFailure"), {"Entries": [first[1], first[3]]})
    stub.add_response("put_events", outcome(""), {"Entries": [first[3]]})

    EventBridge(client, clock).publish([entry(name) for name in "abcd"])

    assert clock.slept == [0.2, 0.4]


def test_what_is_never_taken_is_an_error_that_says_how_many_and_why(
    client: Any, stub: Stubber, clock: FakeClock
) -> None:
    stub.add_response("put_events", outcome("", "InternalFailure", "MalformedDetail"))
    for _ in range(ATTEMPTS - 1):
        stub.add_response("put_events", outcome("InternalFailure", "MalformedDetail"))

    with pytest.raises(PublishFailed, match=r"2 entries .* InternalFailure \(1\), MalformedDetail \(1\)") as failure:
        EventBridge(client, clock).publish([entry(name) for name in "abc"])

    assert failure.value.failed == 2


def test_a_failed_batch_keeps_no_other_from_being_sent(client: Any, stub: Stubber, clock: FakeClock) -> None:
    for _ in range(ATTEMPTS):
        stub.add_client_error("put_events", "InternalException")
    stub.add_response("put_events", outcome(*[""] * 5))

    with pytest.raises(PublishFailed, match=r"10 entries .* InternalException \(10\)"):
        EventBridge(client, clock).publish([entry(str(number)) for number in range(15)])


def test_an_unreachable_bus_is_tried_again(clock: FakeClock) -> None:
    class Flaky:
        calls = 0

        def put_events(self, Entries: list[Any]) -> dict[str, Any]:  # noqa: N803 - boto3's name
            self.calls += 1
            if self.calls == 1:
                raise EndpointConnectionError(endpoint_url="https://events.example.com")
            return outcome(*[""] * len(Entries))

    client = Flaky()
    EventBridge(client, clock).publish([entry("a")])

    assert client.calls == 2


@given(st.lists(st.integers(0, LARGEST_CALL - 100), max_size=40))
def test_batches_keep_to_both_limits_and_leave_nothing_out(sizes: list[int]) -> None:
    requests = [{"Source": "s", "DetailType": "d", "Detail": "x" * size} for size in sizes]

    divided = list(batches(requests))

    assert [each for batch in divided for each in batch] == requests
    assert all(0 < len(batch) <= 10 and sum(map(size_of, batch)) <= LARGEST_CALL for batch in divided)


def test_size_counts_bytes_and_not_characters() -> None:
    assert size_of({"Source": "s", "DetailType": "d", "Detail": "ü"}) == 14 + 1 + 1 + 2


@pytest.mark.parametrize("char", ["x", "\x00", "😀", "\ud800", '"', "\\"])
def test_no_error_group_is_too_large_for_a_call(char: str, clock: FakeClock) -> None:
    """So that an entry never has to be shortened on its way; names are as long as AWS allows."""
    stub = Recorder()
    groups: ErrorGroups = {}
    lines = [LogLine(at, "g" * 512, "s" * 512, "Error: " + char * 200_000 + str(at)) for at in range(SAMPLES)]
    collect(groups, lines, {})
    findings = Findings()
    findings.add(Window(0, 300), groups.values())
    agent = AgentIdentity(account="111122223333", region="eu-central-1")

    Publisher(EventBridge(stub, clock), clock, lambda: agent).errors(findings)

    assert stub.requests
    assert max(map(size_of, stub.requests)) < LARGEST_CALL / 2


class Recorder:
    """A bus that takes everything."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's name
        """Remember entries."""
        self.requests.extend(Entries)
        return outcome(*[""] * len(Entries))
