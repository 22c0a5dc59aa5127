"""The outbox: what is pending, and what became of it."""

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
# Keys alone are read of them, some thousands at a time.
MOST_PASSED_BY = 100_000
# The others in the way are the senders of other receivers of the same event: few, and soon done.
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
        """Return up to `limit` notifications still pending, the most urgent first, each checked by a consistent read.

        Those that are `just_written` come on top: the index may not show yet what was just written. Where it is said
        whose ids are wanted, the others are passed by, up to 100,000 of them.
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
        """Put a notification that belongs to no event; False where its id is there already."""
        return self.table.put(items.notification_item(notification, self.keep_for), ABSENT)

    def settle(self, notifications: Sequence[Notification]) -> None:
        """Write what became of the notifications that are still pending, and of their events.

        Conflict where others were in the way of some of them again and again; those are still pending.
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
        """Count the notifications that are pending, or failed, for each receiver (at most 1,000 each)."""
        works = {receiver: items.work(status, receiver) for receiver in receivers}
        return {receiver: self.table.count("work", work, LARGEST_COUNT) for receiver, work in works.items()}

    def _settle_alone(self, notification: Notification) -> bool:
        """Settle one; False where others were in the way each time."""
        reasons = insist(self.table, self.clock, self._settling([notification]))
        return not reasons or reasons[0] == CONDITION_FAILED

    def _settling(self, notifications: Sequence[Notification]) -> list[Write]:
        """Return the writes for the notifications and, behind them, one for each event that has to know.

        An event whose notification is still pending knows that.
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
    """Read a notification; None, and a line in the log, where another version of the hub wrote what we do not know."""
    try:
        return items.notification_of(item)
    except (ValueError, TypeError, LookupError):
        log.exception("Notification not readable; left pending", extra={"key": item.get("pk", {}).get("S", "")})
        return None


def settling(notification: Notification, was: Delivery) -> Update:
    """Return the write of what became of a notification whose status `was` that."""
    changes = {name: getattr(notification, name) for name in ("status", "attempts", "error", "settled_at")}
    key, work = items.notification_key(notification.id), items.work_of(notification)
    return Update(key, changes | work, [Expected(IS, "status", was)])


def settling_event(notifications: Sequence[Notification], now: int) -> Update:
    """Return the write that tells one event what became of its notifications, if it knows of their receivers."""
    deliveries = {each.receiver: each.status for each in notifications}
    key = items.event_key(notifications[0].event_id)
    expected = [Expected(PRESENT, receiver, within="deliveries") for receiver in deliveries]
    return Update(key, {"updated_at": now}, expected, within={"deliveries": deliveries})


def insist(table: DynamoTable, clock: "Clock", writes: Sequence[Write]) -> list[str]:
    """Write a notification and its event, or it alone where the event is no longer kept; waits for who is in the way.

    Returns nothing, or where it was another status or others were in the way each time the reason for each write.
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
