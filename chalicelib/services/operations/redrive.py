"""Redrive: runs failed events from the dead-letter queues through their handlers again.

A message is deleted only after its event was handled: after a crash in between it comes again, and an event that is
stored already changes nothing. Unreadable messages, and events that fail again, stay in the queue.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self

from msgspec import Struct, ValidationError, convert, field
from msgspec.structs import asdict

from chalicelib.domain.errors import Invalid
from chalicelib.domain.text import clean

if TYPE_CHECKING:
    from chalicelib.services.operations.ports import DeadLetter, DeadLetterQueues

log = logging.getLogger(__name__)

type QueueName = Literal["failed", "undelivered"]
# Messages redriven in one run; the command starts another run if there are more.
LARGEST_RUN = 500
# Milliseconds of the function's time kept for the last message, which may wait for Slack.
RESERVE = 60_000
SHOWN = 50
LINE_LENGTH = 200


class RedriveOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The command's request: to redrive what is in a queue, or with `dry_run` only to list it."""

    queue: QueueName
    dry_run: bool = False

    @classmethod
    def of(cls, payload: Any) -> Self:
        """Read the command's request; Invalid where it is malformed."""
        try:
            return convert(payload, cls)
        except ValidationError as error:
            raise Invalid(f"Invalid redrive order: {error}; use python -m infra.redrive") from None


class FailedInvocation(Struct, frozen=True):
    """What a message says: the handler, the event, and why it failed."""

    handler: str
    event: Any
    why: str

    def __str__(self) -> str:
        event = self.event if isinstance(self.event, dict) else {}
        return clean(f"{self.handler}: {event.get('source')}, {event.get('detail-type')}: {self.why}", LINE_LENGTH)


class RedriveTally(Struct):
    """The result of one run; `has_more` means that it ended before the queue was empty."""

    queue: str
    seen: int = 0
    redriven: int = 0
    overtaken: int = 0
    unreadable: int = 0
    failed: int = 0
    has_more: bool = False
    lines: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return the tally as JSON, with lines for the first fifty messages."""
        return asdict(self) | {"lines": self.lines[:SHOWN]}


class Redrive(Struct, frozen=True):
    """Redrives events; `handlers` take one event each, by the name of the handler in app.py.

    `overtaken` are scheduled handlers that need no redrive, as their next run has done the work long ago.
    """

    queues: DeadLetterQueues
    handlers: Mapping[str, Callable[[Any], object]]
    overtaken: Sequence[str]
    prefix: str

    def __call__(self, order: RedriveOrder, remaining: Callable[[], int]) -> RedriveTally:
        """Redrive what is in a queue while `remaining` returns enough milliseconds, or only list it."""
        tally, dry_run = RedriveTally(order.queue), order.dry_run
        kept: list[DeadLetter] = []
        try:
            for letter in self._letters(tally, remaining):
                if dry_run or not self._is_done(letter, tally):
                    kept.append(letter)
                if dry_run:
                    self._inspect(letter, tally)
        finally:
            for letter in kept:
                self.queues.give_back(letter)
        log.info("Redrive finished", extra={name: getattr(tally, name) for name in ("queue", "redriven", "failed")})
        return tally

    def read(self, letter: DeadLetter) -> FailedInvocation:
        """Read a message of either queue; ValueError where it is malformed.

        A message of the rules' queue has the event as its body and the rest in attributes; one of the functions' queue
        is an invocation record. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
        https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
        """
        try:
            body = json.loads(letter.body)
            if rule := letter.attributes.get("RULE_ARN"):
                name, event = rule.rpartition("/")[2].rpartition("-event")[0], body
                why = letter.attributes.get("ERROR_CODE", "not delivered")
            else:
                name, event = body["requestContext"]["functionArn"].split(":")[6], body["requestPayload"]
                why = body["requestContext"]["condition"]
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            raise ValueError(f"message {letter.id} is neither a rule's nor a function's") from None
        handler = name.removeprefix(self.prefix)
        if not (handler in self.handlers or handler in self.overtaken):
            raise ValueError(f"message {letter.id} is for {clean(handler, 64)}, which is no handler")
        return FailedInvocation(handler, event, str(why))

    def _letters(self, tally: RedriveTally, remaining: Callable[[], int]) -> Iterator[DeadLetter]:
        while letters := self.queues.take(tally.queue):
            for number, letter in enumerate(letters):
                if tally.seen == LARGEST_RUN or remaining() < RESERVE:
                    tally.has_more = True
                    for unused in letters[number:]:
                        self.queues.give_back(unused)
                    return
                tally.seen += 1
                yield letter

    def _inspect(self, letter: DeadLetter, tally: RedriveTally) -> None:
        try:
            tally.lines.append(str(self.read(letter)))
        except ValueError as error:
            tally.unreadable += 1
            tally.lines.append(str(error))

    def _is_done(self, letter: DeadLetter, tally: RedriveTally) -> bool:
        try:
            failure = self.read(letter)
        except ValueError as error:
            tally.unreadable += 1
            tally.lines.append(f"kept: {error}")
            return False
        handle = self.handlers.get(failure.handler)
        if handle is not None and not self._is_handled(failure, handle, tally):
            return False
        self.queues.remove(letter)
        tally.redriven += handle is not None
        tally.overtaken += handle is None
        tally.lines.append(f"{'put back' if handle else 'overtaken'}: {failure}")
        return True

    def _is_handled(self, failure: FailedInvocation, handle: Callable[[Any], object], tally: RedriveTally) -> bool:
        try:
            handle(failure.event)
        except Exception as error:
            log.exception("Redriven event failed again", extra={"handler": failure.handler})
            tally.failed += 1
            tally.lines.append(f"kept, fails again with {type(error).__name__}: {failure}")
            return False
        return True
