"""The outbox: pending notifications, and settling them."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import batched, islice
from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.domain.errors import Conflict
from chalicelib.domain.notifications.notification import Delivery, Notification
from chalicelib.domain.notifications.sending_order import worst_first
from chalicelib.domain.text import plural
from chalicelib.gateways.dynamodb import items
from chalicelib.gateways.dynamodb.expressions import ABSENT, IS, PRESENT, Expected, Item, Update, Write
from chalicelib.gateways.dynamodb.table import CONDITION_FAILED, LARGEST_TRANSACTION, DynamoTable, key_of

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock

log = logging.getLogger(__name__)

LARGEST_COUNT = 1_000
# Index entries read at a time; they are keys only.
MOST_PASSED_BY = 100_000
# Attempts to settle. Only senders to other receivers of the same event are in the way: few, and soon done.
MOST_ATTEMPTS = 6
FIRST_PAUSE = 0.05


class DynamoOutbox(Struct, frozen=True):
    """The notifications, kept for `keep_for` seconds."""

    table: DynamoTable
    clock: "Clock"
    keep_for: int

    def pending(
        self,
        receiver: str,
        limit: int,
        just_written: Iterable[Notification] = (),
        is_wanted: Callable[[str], bool] | None = None,
    ) -> list[Notification]:
        """Return up to `limit` pending notifications, most urgent first, each checked by a consistent read.

        Those that are `just_written` are added, as the index may not show them yet. With `is_wanted`, up to 100,000
        others are skipped.
        """
        fresh = [items.notification_key(each.id) for each in just_written]
        size = 0 if is_wanted else limit
        waiting = self.table.query(items.work(Delivery.PENDING, receiver), index="work", size=size)
        if is_wanted:
            passed = islice(waiting, MOST_PASSED_BY)
            waiting = (item for item in passed if is_wanted(items.notification_id_of(item)))
        listed = [key_of(item) for item in islice(waiting, limit)]
        if not listed and not fresh:
            return []
        found = filter(None, map(_readable, self.table.get_all([*listed, *fresh])))
        return worst_first([each for each in found if each.status is Delivery.PENDING])

    def enqueue(self, notification: Notification) -> bool:
        """Store a pending notification that belongs to no event; False where its id exists already."""
        return self.table.put(items.notification_item(notification, self.keep_for), ABSENT)

    def settle(self, notifications: Sequence[Notification]) -> None:
        """Write the status of notifications that are still pending, and the outcomes of their events.

        Conflict where some met other transactions in every attempt; those are still pending.
        """
        each_once = {each.id: each for each in notifications}.values()
        stuck = [
            each.id
            for together in batched(each_once, LARGEST_TRANSACTION // 2)
            if self.table.transact(self._settling(together))
            for each in together
            if not self._settle_alone(each)
        ]
        if stuck:
            raise Conflict(
                f"{plural(len(stuck), 'notification')} still pending after concurrent updates, {stuck[0]} first."
            )

    def count(self, status: Delivery, receivers: Iterable[str]) -> Mapping[str, int]:
        """Count the pending, or failed, notifications of each receiver (up to 1,000 each)."""
        works = {receiver: items.work(status, receiver) for receiver in receivers}
        return {receiver: self.table.count("work", work, LARGEST_COUNT) for receiver, work in works.items()}

    def _settle_alone(self, notification: Notification) -> bool:
        """Settle one notification; False where every attempt met another transaction."""
        reasons = insist(self.table, self.clock, self._settling([notification]))
        return not reasons or reasons[0] == CONDITION_FAILED

    def _settling(self, notifications: Sequence[Notification]) -> list[Write]:
        """Return the writes for the notifications, followed by one for each event whose outcome changes.

        An event knows already of notifications that are still pending.
        """
        deliveries: dict[str, list[Notification]] = {}
        for each in notifications:
            if each.event_id and each.status is not Delivery.PENDING:
                deliveries.setdefault(each.event_id, []).append(each)
        return [
            *[settling(each, Delivery.PENDING) for each in notifications],
            *[settling_event(each, max([one.settled_at for one in each])) for each in deliveries.values()],
        ]


def _readable(item: Item) -> Notification | None:
    """Read a notification; None, and a log line, where an unknown version of the hub wrote it."""
    try:
        return items.notification_of(item)
    except (ValueError, TypeError, LookupError):
        log.exception("Notification not readable; left pending", extra={"key": item.get("pk", {}).get("S", "")})
        return None


def settling(notification: Notification, was: Delivery) -> Update:
    """Return the write of a notification's new status, on condition that its status still `was` that."""
    changes = {name: getattr(notification, name) for name in ("status", "attempts", "error", "settled_at")}
    key, work = items.notification_key(notification.id), items.work_of(notification)
    return Update(key, changes | work, [Expected(IS, "status", was)])


def settling_event(notifications: Sequence[Notification], now: int) -> Update:
    """Return the write that puts the results of notifications into their event's outcome."""
    deliveries = {each.receiver: each.status for each in notifications}
    key = items.event_key(notifications[0].event_id)
    expected = [Expected(PRESENT, receiver, within="deliveries") for receiver in deliveries]
    return Update(key, {"updated_at": now}, expected, within={"deliveries": deliveries})


def insist(table: DynamoTable, clock: "Clock", writes: Sequence[Write]) -> list[str]:
    """Write a notification and its event, or it alone if the event has expired; retry while others are in the way.

    Returns nothing on success; else the reason for each write: its status was another one, or every attempt met another
    transaction.
    """
    reasons: list[str] = []
    for attempt in range(MOST_ATTEMPTS):
        reasons = table.transact(writes)
        if not reasons or reasons[0] == CONDITION_FAILED:
            break
        if CONDITION_FAILED in reasons:
            writes = writes[:1]
        else:
            clock.sleep(FIRST_PAUSE * 2**attempt)
    return reasons
