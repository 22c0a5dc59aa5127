"""Stand-ins for what catches events and counts them: destinations to be cut, queues and metrics in memory."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from msgspec.structs import replace

from chalicelib.services.operations.ports import Backlog, DeadLetter, EventMetric

AT_ONCE = 10


@dataclass
class FakeFailureRouting:
    """Nets that hold, but for those that are in `torn`."""

    torn: set[str] = field(default_factory=set)

    def holds_rule(self, name: str) -> bool:
        """Return whether nobody has cut this rule's."""
        return name not in self.torn

    def holds_function(self, name: str) -> bool:
        """Return whether nobody has cut this function's."""
        return name not in self.torn


class FakeQueues:
    """Queues that hide what is taken until it is removed or given back."""

    def __init__(self) -> None:
        self.waiting: list[DeadLetter] = []
        self.hidden: dict[str, DeadLetter] = {}
        self._numbers = count(1)

    def put(self, queue: str, body: Any, **attributes: str) -> None:
        """Put a message into a queue; what is no text becomes JSON."""
        number = str(next(self._numbers))
        text = body if isinstance(body, str) else json.dumps(body)
        self.waiting.append(DeadLetter(queue, number, "", text, attributes))

    def take(self, queue: str) -> list[DeadLetter]:
        """Hide up to ten messages of a queue, each under a receipt of its own."""
        taken = [each for each in self.waiting if each.queue == queue][:AT_ONCE]
        self.waiting = [each for each in self.waiting if each not in taken]
        shown = [replace(each, receipt=f"receipt-{next(self._numbers)}") for each in taken]
        self.hidden |= {each.receipt: each for each in shown}
        return shown

    def remove(self, letter: DeadLetter) -> None:
        """Delete a message that is hidden."""
        del self.hidden[letter.receipt]

    def give_back(self, letter: DeadLetter) -> None:
        """Show a message again that is hidden."""
        self.waiting.append(self.hidden.pop(letter.receipt))

    def count(self, queue: str) -> int:
        """Return how many messages wait in a queue."""
        return sum(each.queue == queue for each in self.waiting)


def undelivered(stage: str, handler: str) -> Mapping[str, str]:
    """Return the attributes with which EventBridge sends an event of a handler's rule to a dead-letter queue."""
    return {
        "RULE_ARN": f"arn:aws:events:eu-west-1:123456789012:rule/monitoring-{stage}-{handler}-event",
        "TARGET_ARN": f"arn:aws:lambda:eu-west-1:123456789012:function:monitoring-{stage}-{handler}",
        "ERROR_CODE": "NO_PERMISSIONS",
        "ERROR_MESSAGE": "Lambda function permissions error",
        "EXHAUSTED_RETRY_CONDITION": "NonRetryableError",
        "RETRY_ATTEMPTS": "0",
    }


def failed(stage: str, handler: str, event: Any) -> dict[str, Any]:
    """Return the record that Lambda sends to a handler's destination when it has failed on an event three times."""
    function = f"arn:aws:lambda:eu-west-1:123456789012:function:monitoring-{stage}-{handler}:$LATEST"
    return {
        "version": "1.0",
        "timestamp": "2025-10-09T08:53:20.000Z",
        "requestContext": {
            "requestId": "4a1f7c52-90de-4b1c-8a3f-2f6f7f0b9d11",
            "functionArn": function,
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
        },
        "requestPayload": event,
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": {"errorMessage": "table gone", "errorType": "RuntimeError"},
    }


class FakeMetrics:
    """Metrics in memory: `count` counts, and whoever reads them gets sums of whole hours."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[EventMetric, int]] = Counter()

    def count(self, metric: EventMetric, at: int) -> None:
        """Count one more in the hour of a time."""
        self.counts[metric, at - at % 3_600] += 1

    def sums(self, metrics: Sequence[EventMetric], start: int, end: int) -> list[int]:
        """Return the sum of each metric."""
        assert start % 3_600 == end % 3_600 == 0
        hours = range(start, end, 3_600)
        return [sum(self.counts[metric, hour] for hour in hours) for metric in metrics]


class FakeBacklogStore:
    """What the newest sweep left undone, in memory."""

    def __init__(self) -> None:
        self.noted: Backlog | None = None

    def save(self, backlog: Backlog) -> None:
        """Put it in the place of what was noted before."""
        self.noted = backlog

    def find(self) -> Backlog | None:
        """Return what was noted last."""
        return self.noted
