"""Notifications: reading them, and enqueuing them again; the outbox has those to be sent."""

from collections.abc import Iterable
from itertools import chain, product
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.notifications.notification import Delivery, Notification
from chalicelib.domain.pagination import Page
from chalicelib.domain.queries import NotificationQuery
from chalicelib.gateways.dynamodb import items
from chalicelib.gateways.dynamodb.expressions import Item
from chalicelib.gateways.dynamodb.outbox import insist, settling, settling_event
from chalicelib.gateways.dynamodb.pagination import LONGEST_KEY, MOST_EXAMINED, fill, position_of, span_of
from chalicelib.gateways.dynamodb.table import DynamoTable

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock

LISTED = (Delivery.PENDING, Delivery.FAILED, Delivery.DELIVERED)


class DynamoNotificationStore(Struct, frozen=True):
    """The notifications; expired ones are left out, deleted already or not."""

    table: DynamoTable
    clock: "Clock"

    def find(self, notification_id: str) -> Notification | None:
        """Return one notification, as last written."""
        if not 0 < len(notification_id) <= LONGEST_KEY:
            return None
        item = self.table.get(items.notification_key(notification_id))
        return _unexpired(item, self.clock.now()) if item else None

    def find_all(self, notification_ids: Iterable[str]) -> list[Notification]:
        """Return the notifications that exist, as last written, in any order."""
        now = self.clock.now()
        found = self.table.get_all(map(items.notification_key, notification_ids))
        return [each for item in found if (each := _unexpired(item, now))]

    def page(self, query: NotificationQuery, receivers: Iterable[str], now: int) -> Page[Notification]:
        """Return a page of the receivers' notifications, having examined at most 1,000."""
        statuses = query.statuses or LISTED
        names = [each for each in receivers if query.receiver in ("", each)]
        partitions = [items.work_partition(status, name) for status, name in product(statuses, names)]
        listed = self.table.through("work", partitions, span_of(query), query.limit + 2, position_of(query.cursor))
        found = ((key, _unexpired(item, now) if item else None) for key, item in chain.from_iterable(listed))
        return fill(found, query, MOST_EXAMINED)

    def enqueue_again(self, notification: Notification, now: int) -> Notification | None:
        """Make a settled notification pending again, and the outcome of its event, together."""
        again = replace(notification, status=Delivery.PENDING)
        writes = [settling(again, notification.status)]
        if notification.event_id:
            writes.append(settling_event([again], now))
        return None if insist(self.table, self.clock, writes) else again


def _unexpired(item: Item, now: int) -> Notification | None:
    return items.notification_of(item) if int(item["expired_at"]["N"]) > now else None
