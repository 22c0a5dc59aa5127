"""The dead-letter queues in SQS, as moto plays it."""

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.gateways.sqs import SqsQueues
from tests.gateways.aws import aws


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Yield a client, with an empty queue for what failed; nobody waits for more than there is."""
    monkeypatch.setattr("chalicelib.gateways.sqs.PATIENCE", 0)
    with mock_aws():
        client = aws("sqs")
        client.create_queue(QueueName="monitoring-prod-failed", Attributes={"VisibilityTimeout": "900"})
        yield client


def send(sqs: Any, body: str, **attributes: str) -> None:
    url = sqs.get_queue_url(QueueName="monitoring-prod-failed")["QueueUrl"]
    named = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=named)


def test_a_message_comes_with_its_attributes_and_is_then_out_of_sight(sqs: Any) -> None:
    send(sqs, "body", RULE_ARN="arn:rule")
    queues = SqsQueues(sqs, "prod")

    (letter,) = queues.take("failed")

    assert (letter.queue, letter.body, letter.attributes) == ("failed", "body", {"RULE_ARN": "arn:rule"})
    assert queues.take("failed") == []


def test_a_message_that_is_given_back_is_seen_again(sqs: Any) -> None:
    send(sqs, "body")
    queues = SqsQueues(sqs, "prod")
    (letter,) = queues.take("failed")

    queues.give_back(letter)

    assert [each.id for each in queues.take("failed")] == [letter.id]


def test_a_message_that_is_removed_is_gone(sqs: Any) -> None:
    send(sqs, "body")
    queues = SqsQueues(sqs, "prod")
    (letter,) = queues.take("failed")

    queues.remove(letter)

    url = sqs.get_queue_url(QueueName="monitoring-prod-failed")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == attributes["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_ten_messages_are_taken_at_once(sqs: Any) -> None:
    for number in range(12):
        send(sqs, str(number))
    queues = SqsQueues(sqs, "prod")

    assert [len(queues.take("failed")) for _ in range(3)] == [10, 2, 0]
