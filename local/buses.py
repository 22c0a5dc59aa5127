"""EventBridge on loopback: every account's own buses, the hub's rules on them, and a queue behind each bus.

moto delivers to queues and not to functions, and leaves the account out of what it delivers; a bus that forwards to
another account's would put the event anew. So the hub's rules stand on each account's bus in each region, and what
they put into its queue says which account it is of, and for which handler.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import product
from typing import Any

from chalicelib.sources.registry import archive_pattern
from infra.event_pattern import matches
from local.aws import ACCOUNTS, REGIONS, STAGE, Account, Cloud
from local.errors import LocalError
from local.samples import Sample

# As Lambda does with asynchronous events: two more attempts, then the event is given up (here, with a line about it).
ATTEMPTS = 3
RETRY_AFTER = 60  # seconds
QUEUE = "hub"
ARCHIVE = f"monitoring-{STAGE}"
# moto does not know all operators of patterns: its rules take everything, and we look which handler wants it.
ANYTHING = {"source": [{"prefix": ""}]}
# What a rule delivers: the envelope, with the account and the handler added.
TEMPLATE = (
    '{"account": "%s", "handler": "%s", "version": "0", "id": "<id>", "time": <time>, "region": "<region>"'
    ', "source": "<source>", "detail-type": "<detail-type>", "resources": <resources>, "detail": <detail>}'
)

type Patterns = Mapping[str, Sequence[Mapping[str, Any]]]
"""The patterns of the rules that invoke each handler."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event on its way to a handler; `attempt` counts from 1, `done` takes it off its queue."""

    handler: str
    event: Mapping[str, Any]
    attempt: int
    done: Callable[[], None]


@dataclass(frozen=True, slots=True)
class _Queue:
    account: Account
    region: str
    url: str


class Buses:
    """All accounts' default buses."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._queues: list[_Queue] = []
        self._patterns: Patterns = {}

    def subscribe(self, patterns: Patterns) -> None:
        """Put a rule on every bus for each handler, a queue behind them, and an archive beside them."""
        self._patterns = patterns
        for account, region in product(ACCOUNTS, REGIONS):
            sqs = self._cloud.client("sqs", account, region)
            attributes = {"VisibilityTimeout": str(RETRY_AFTER)}
            url = sqs.create_queue(QueueName=QUEUE, Attributes=attributes)["QueueUrl"]
            events = self._cloud.client("events", account, region)
            for handler in patterns:
                rule = rule_of(handler)
                events.put_rule(Name=rule, EventPattern=json.dumps(ANYTHING))
                events.put_targets(Rule=rule, Targets=[_target(account, region, handler)])
            bus = f"arn:aws:events:{region}:{account.id}:event-bus/default"
            events.create_archive(ArchiveName=ARCHIVE, EventSourceArn=bus, EventPattern=json.dumps(archive_pattern()))
            self._queues.append(_Queue(account, region, url))

    def put(self, account: Account, region: str, sample: Sample) -> str:
        """Put an event on an account's bus; returns the id that EventBridge gave it."""
        entry = {
            "Source": sample.source,
            "DetailType": sample.detail_type,
            "Detail": json.dumps(sample.detail),
            "Resources": list(sample.resources),
            "Time": datetime.fromtimestamp(sample.at, UTC),
        }
        (response,) = self._cloud.client("events", account, region).put_events(Entries=[entry])["Entries"]
        if "EventId" not in response:
            raise LocalError(f"EventBridge refuses the event: {response.get('ErrorMessage', 'no reason given')}")
        event_id: str = response["EventId"]
        return event_id

    def arrivals(self) -> Iterator[Arrival]:
        """Iterate over what waits in the queues now; what is not `done` comes again."""
        for queue in self._queues:
            sqs = self._cloud.client("sqs", queue.account, queue.region)
            response = sqs.receive_message(
                QueueUrl=queue.url, MaxNumberOfMessages=10, AttributeNames=["ApproximateReceiveCount"]
            )
            for message in response.get("Messages", ()):
                event = json.loads(message["Body"])
                handler = event.pop("handler")
                done = partial(sqs.delete_message, QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
                if not any(matches(pattern, event) for pattern in self._patterns[handler]):
                    done()
                    continue
                attempt = int(message["Attributes"]["ApproximateReceiveCount"])
                yield Arrival(handler=handler, event=event, attempt=attempt, done=done)


def rule_of(handler: str) -> str:
    """Return what a handler's rule is called, as `chalice deploy` calls it."""
    return f"monitoring-{STAGE}-{handler}-event"


def _target(account: Account, region: str, handler: str) -> Mapping[str, Any]:
    return {
        "Id": "queue",
        "Arn": f"arn:aws:sqs:{region}:{account.id}:{QUEUE}",
        "InputTransformer": {"InputTemplate": TEMPLATE % (account.id, handler)},
    }
