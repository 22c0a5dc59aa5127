"""Notifications: the status of each, suppressed ones too, and sending failed ones again."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.notifications.notification import Delivery, Notification, Record, notification_id, suppressed
from chalicelib.domain.pagination import Page
from chalicelib.domain.queries import EventQuery, NotificationQuery
from chalicelib.services.notifying.digest_attempts import DigestAttempts
from chalicelib.services.notifying.receivers import Receivers

if TYPE_CHECKING:
    from chalicelib.services import ports

log = logging.getLogger(__name__)


class Notifications(Struct, frozen=True):
    """Reads notifications; pending ones show the attempts and errors of failed digests, too."""

    store: ports.NotificationStore
    event_store: ports.EventStore
    receivers: Receivers
    clock: ports.Clock
    digests: DigestAttempts

    def explain(self, event_id: str) -> tuple[Record, list[Notification]]:
        """Return an event, whole, and its notifications; NotFound where there is none."""
        record = self.event_store.find(event_id)
        if record is None:
            raise NotFound("There is no event with this id.")
        return record, self.of(record)

    def of(self, record: Record) -> list[Notification]:
        """Return the notifications of an event, by receiver."""
        ids = [notification_id(record.event.id, receiver) for receiver in record.outcome.deliveries]
        return sorted(self.digests.counted(self.store.find_all(ids)), key=lambda each: each.receiver)

    def page(self, query: NotificationQuery) -> Page[Notification]:
        """Return a page of notifications by when they were created; suppressed ones by when their events happened.

        There are no suppressed notifications: the event that was not announced stands for one. As no index has these, a
        page of them may be short, or empty, and still have a `next`.
        """
        now = self.clock.now()
        if query.statuses != (Delivery.SUPPRESSED,):
            receivers = (query.receiver,) if query.receiver else self.receivers.everybody()
            page = self.store.page(query, receivers, now)
            return replace(page, items=tuple(self.digests.counted(page.items)))
        events = EventQuery(
            start=query.start,
            end=query.end,
            direction=query.direction,
            limit=query.limit,
            cursor=query.cursor,
            outcomes=query.statuses,
        )
        found = self.event_store.page(events, now)
        return Page(tuple(map(suppressed, found.items)), found.next, found.previous)

    def get(self, notification_id: str) -> Notification:
        """Return one notification; NotFound where there is none."""
        notification = self.store.find(notification_id)
        if notification is None:
            raise NotFound("There is no notification with this id.")
        return self.digests.counted([notification])[0]

    def redeliver(self, notification_id: str, *, force: bool = False) -> Notification:
        """Enqueue a failed notification again, or with `force` a delivered one; the next sweep sends it.

        A pending one stays as it is. Conflict where it was delivered, its receiver is gone, or it has just changed.
        """
        notification = self.get(notification_id)
        if notification.status is Delivery.PENDING:
            return notification
        if notification.status is not Delivery.FAILED and not force:
            raise Conflict(f'The notification is {notification.status}; send {{"force": true}} to have it sent again.')
        if notification.receiver not in self.receivers.named:
            raise Conflict(f"The receiver {notification.receiver} no longer exists.")
        pending = self.store.enqueue_again(notification, self.clock.now())
        if pending is None:
            raise Conflict("The notification was updated concurrently; try again.")
        log.info(
            "Notification enqueued again", extra={"notification": notification.id, "receiver": notification.receiver}
        )
        return pending
