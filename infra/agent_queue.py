"""Events that an agent could not forward are moved to the hub's own queue, from where `redrive` puts them back.

Nobody may put an `aws.*` event on a bus again, so they go around it. A message is deleted in the agent's account once
the hub's queue has it, and not before: what is moved twice is stored once.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.text import clean
from chalicelib.gateways.sqs import SqsQueues
from chalicelib.services.operations.ports import DeadLetter
from chalicelib.sources.registry import CUSTOM_PREFIX, SIGNS_OF_LIFE, SOURCES, interpret
from infra.errors import DeployError

QUEUE, HUBS_QUEUE = "dead-letters", "undelivered"
# What the handler `update_deployment` takes in as well as `handle_monitoring_events`, and keeps the register with.
DEPLOYMENTS = "aws.cloudformation"
FORWARDED = {(each.source, each.detail_type) for each in (*SOURCES, *SIGNS_OF_LIFE)}
LINE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Unforwarded:
    """An event that its rule could not forward, and why; `event` is None where a scan failed, which comes again."""

    event: dict[str, Any] | None
    why: str

    def __str__(self) -> str:
        if self.event is None:
            return f"a scan: {self.why}"
        return clean(f"{self.event.get('source')}, {self.event.get('detail-type')}: {self.why}", LINE_LENGTH)


def read(letter: DeadLetter, stage: str) -> Unforwarded:
    """Read a message of an agent's queue; ValueError where it is none.

    A rule's has the event as its body and says the rest in attributes; the scanner's is an invocation record.
    """
    rule, why = letter.attributes.get("RULE_ARN", ""), letter.attributes.get("ERROR_CODE", "not delivered")
    try:
        body = json.loads(letter.body)
        if not rule:
            return Unforwarded(None, body["requestContext"]["condition"])
    except (ValueError, TypeError, KeyError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise ValueError(f"message {letter.id} is neither a rule's nor the scanner's")  # noqa: TRY004 - of a wrong value
    return Unforwarded(None if rule.endswith(f"/monitoring-agent-{stage}-scan") else body, why)


def _check(letter: DeadLetter, raw: dict[str, Any], account: str) -> None:
    """Raise ValueError where an event is not what an agent of this account forwards about itself."""
    envelope = Envelope.parse(raw, int(time.time()))
    if (envelope.source, envelope.detail_type) not in FORWARDED and not envelope.source.startswith(CUSTOM_PREFIX):
        raise ValueError(f"message {letter.id} is of a kind that no agent forwards")
    event = interpret(envelope)
    if envelope.account != account or (event.account, event.region) != (account, envelope.region):
        raise ValueError(f"message {letter.id} is about another account or region than its own")


class AgentQueue:
    """An agent's dead-letter queue; `agent` and `hub` are boto3's clients for `sqs` in the two places."""

    def __init__(self, agent: Any, hub: Any, stage: str) -> None:
        self._agent, self._hub, self._stage = agent, hub, stage
        self._queues = SqsQueues(agent, f"agent-{stage}")

    def bring(self, *, dry_run: bool = False) -> Iterator[str]:
        """Bring what waits to the hub's queue, or only look; iterates over lines that say what became of each."""
        kept: list[DeadLetter] = []
        try:
            for letter in self._letters():
                try:
                    found = self._read(letter)
                except ValueError as error:
                    kept.append(letter)
                    yield f"kept: {error}"
                    continue
                if dry_run:
                    kept.append(letter)
                    yield f"waiting: {found}"
                    continue
                if found.event is not None:
                    self._send(letter, found.event)
                self._queues.remove(letter)
                yield f"{'overtaken' if found.event is None else 'moved'}: {found}"
        finally:
            for letter in kept:
                self._queues.give_back(letter)

    def _read(self, letter: DeadLetter) -> Unforwarded:
        """Read a message; ValueError where it is none that this agent's rules could have left.

        Whoever may write to the queue could make one up: of a kind that no rule forwards, or about another account's
        findings, stacks or agents, in whose name the hub would act.
        """
        found = read(letter, self._stage)
        if found.event is not None:
            _check(letter, found.event, self._account)
        return found

    @cached_property
    def _account(self) -> str:
        url: str = self._agent.get_queue_url(QueueName=f"monitoring-agent-{self._stage}-{QUEUE}")["QueueUrl"]
        return url.split("/")[-2]

    def _letters(self) -> Iterator[DeadLetter]:
        try:
            while letters := self._queues.take(QUEUE):
                yield from letters
        except self._agent.exceptions.QueueDoesNotExist:
            name, region = f"monitoring-agent-{self._stage}-{QUEUE}", self._agent.meta.region_name
            raise DeployError(f"There is no queue {name} in {region}: does an agent of this stage run there?") from None

    def _send(self, letter: DeadLetter, event: dict[str, Any]) -> None:
        """Send a letter as if the hub's own rule had failed to deliver the event: this is who is to get it."""
        handler = "update_deployment" if event.get("source") == DEPLOYMENTS else "handle_monitoring_events"
        rule = f"{letter.attributes['RULE_ARN'].rpartition('/')[0]}/monitoring-{self._stage}-{handler}-event"
        attributes = {**letter.attributes, "RULE_ARN": rule}
        self._hub.send_message(
            QueueUrl=self._hub.get_queue_url(QueueName=f"monitoring-{self._stage}-{HUBS_QUEUE}")["QueueUrl"],
            MessageBody=letter.body,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items() if value
            },
        )
