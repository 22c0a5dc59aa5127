"""SQS: the two dead-letter queues of a stage."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from chalicelib.services.operations.ports import DeadLetter

AT_ONCE = 10
# Long polling: queries all of SQS's servers, where short polling may miss the one with the message.
PATIENCE = 1


class SqsQueues:
    """The queues `monitoring-<stage>-failed` and `…-undelivered`; `client` is boto3's for `sqs`."""

    def __init__(self, client: Any, stage: str) -> None:
        self._client = client
        self._url = cache(lambda queue: client.get_queue_url(QueueName=f"monitoring-{stage}-{queue}")["QueueUrl"])

    def take(self, queue: str) -> Sequence[DeadLetter]:
        """Take up to ten messages, hidden from other readers for the queue's visibility time-out."""
        answer = self._client.receive_message(
            QueueUrl=self._url(queue),
            MaxNumberOfMessages=AT_ONCE,
            WaitTimeSeconds=PATIENCE,
            MessageAttributeNames=["All"],
        )
        return [_letter(queue, message) for message in answer.get("Messages", ())]

    def remove(self, letter: DeadLetter) -> None:
        """Delete a message."""
        self._client.delete_message(QueueUrl=self._url(letter.queue), ReceiptHandle=letter.receipt)

    def give_back(self, letter: DeadLetter) -> None:
        """Make a message visible again."""
        self._client.change_message_visibility(
            QueueUrl=self._url(letter.queue), ReceiptHandle=letter.receipt, VisibilityTimeout=0
        )

    def count(self, queue: str) -> int:
        """Return about how many messages wait in a queue."""
        names: Any = ["ApproximateNumberOfMessages"]
        answer = self._client.get_queue_attributes(QueueUrl=self._url(queue), AttributeNames=names)
        return int(answer["Attributes"][names[0]])


def _letter(queue: str, message: dict[str, Any]) -> DeadLetter:
    attributes = message.get("MessageAttributes", {})
    return DeadLetter(
        queue=queue,
        id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        body=message["Body"],
        attributes={name: each.get("StringValue", "") for name, each in attributes.items()},
    )
