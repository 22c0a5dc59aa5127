"""The events: events and notifications by outcome; failed ones can be sent again."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from chalice.app import Response
from msgspec import Struct
from msgspec.structs import replace

from chalicelib.api.ui import labels, replies
from chalicelib.api.ui.visit import Visit
from chalicelib.domain.errors import Conflict, Invalid, NotFound
from chalicelib.domain.notifications.notification import Delivery, Notification, Record, suppressed
from chalicelib.domain.pagination import Cursor
from chalicelib.domain.queries import EventQuery, NotificationQuery
from chalicelib.domain.text import clean
from chalicelib.sources.registry import KINDS

PAGE_SIZE = 50
MOST_AT_ONCE = 100
LONGEST_VALUE = 128
ACCOUNT_ID = 12


class EventTab(StrEnum):
    """A tab of the list."""

    EVENTS = "events"
    FAILED = "failed"
    PENDING = "pending"
    DELIVERED = "delivered"
    SUPPRESSED = "suppressed"


NAMES = {
    EventTab.EVENTS: "All events",
    EventTab.SUPPRESSED: "Nobody notified",
    EventTab.FAILED: "Not sent",
    EventTab.PENDING: "Waiting",
    EventTab.DELIVERED: "Sent",
}


class EventFilters(Struct, frozen=True, kw_only=True):
    """The filters in the address; all but `receiver` are for events."""

    tab: EventTab = EventTab.EVENTS
    text: str = ""
    account: str = ""
    kind: str = ""
    fingerprint: str = ""
    receiver: str = ""

    def parameters(self) -> dict[str, str]:
        """Return them as parameters of an address."""
        texts = {name: getattr(self, name) for name in ("text", "account", "kind", "fingerprint", "receiver")}
        return {"tab": "" if self.tab is EventTab.EVENTS else self.tab.value, **texts}

    @property
    def are_set(self) -> bool:
        """Whether any filter is active."""
        return any((self.text, self.account, self.kind, self.fingerprint, self.receiver))


def show(visit: Visit) -> replies.PageReply:
    """Show a page of the events."""
    visit.hub.accounts.load()
    filters = _filters(visit)
    is_of_events = filters.tab in {EventTab.EVENTS, EventTab.SUPPRESSED}
    rows, following, preceding = _of_events(visit, filters) if is_of_events else _of_notifications(visit, filters)

    def address(cursor: str) -> str | None:
        return visit.to("events", **filters.parameters(), cursor=cursor) if cursor else None

    values: dict[str, Any] = {
        "filters": filters,
        "is_of_events": is_of_events,
        "rows": rows,
        "next": address(following),
        "previous": address(preceding),
        "tabs": [
            (name, visit.to("events", **replace(filters, tab=tab).parameters()), tab is filters.tab)
            for tab, name in NAMES.items()
        ],
        "clear": visit.to("events", tab=filters.parameters()["tab"]),
        "here": visit.to("events", **filters.parameters()).partition("?")[2],
        "kinds": labels.kinds(KINDS),
        "receivers": visit.hub.receivers.named,
        "sent": count_said(visit, "n") if visit.done == "sent" else "",
        "refused": count_said(visit, "refused"),
    }
    return replies.PageReply("events", values)


def count_said(visit: Visit, name: str) -> str:
    """Return a count in the address, of what a form did; empty where it is invalid."""
    said = visit.param(name)
    return said if said.isascii() and said.isdecimal() and len(said) <= len(str(MOST_AT_ONCE)) else ""


def act(visit: Visit) -> Response:
    """Send the selected notifications again, and return to the list."""
    if visit.field("action") != "send":
        raise Invalid("Choose an action.")
    chosen = visit.form.get("of", [])[:MOST_AT_ONCE]
    sent = sum(_is_sent(visit, each) for each in dict.fromkeys(chosen))
    if event_id := visit.field("event"):
        return replies.redirect(visit.to_done("events", event_id, done="sent" if sent else "refused"))
    back = visit.field("back")
    known = [back] if back and back.isascii() and back.isprintable() else []
    result = visit.to_done(done="sent", n=str(sent), refused=str(len(chosen) - sent)).partition("?")[2]
    return replies.redirect(f"{visit.to('events')}?{'&'.join([*known, result])}")


def _is_sent(visit: Visit, notification_id: str) -> bool:
    try:
        visit.hub.notifications.redeliver(notification_id)
    except (Conflict, NotFound):
        return False
    return True


def _filters(visit: Visit) -> EventFilters:
    tab = visit.param("tab")
    texts = {
        name: clean(visit.param(name), LONGEST_VALUE) for name in ("text", "account", "kind", "fingerprint", "receiver")
    }
    return EventFilters(tab=EventTab(tab) if tab in set(EventTab) else EventTab.EVENTS, **texts)


def _of_events(visit: Visit, filters: EventFilters) -> tuple[list[Notification], str, str]:
    is_id = len(filters.account) == ACCOUNT_ID and filters.account.isdecimal()
    named = None
    if filters.account and not is_id:
        named = tuple(sorted(visit.hub.accounts.called(filters.account)))
    query = EventQuery(
        text=filters.text,
        named=visit.hub.accounts.called(filters.text) if filters.text else frozenset(),
        account=filters.account if is_id else "",
        account_name="" if is_id else filters.account,
        account_ids=named,
        kind=filters.kind,
        fingerprint=filters.fingerprint,
        outcomes=(Delivery.SUPPRESSED,) if filters.tab is EventTab.SUPPRESSED else (),
        limit=PAGE_SIZE,
    )
    try:
        query = query.at(visit.param("cursor"))
    except Invalid:
        query = replace(query, cursor=None)
    page = visit.hub.event_store.page(query, visit.now)
    return list(_rows(page.items)), *_cursors(query.filters, page.next, page.previous)


def _rows(records: tuple[Record, ...]) -> Iterator[Notification]:
    """Iterate over events as notifications, for the list."""
    for record in records:
        receivers = ", ".join(record.outcome.deliveries)
        row = replace(suppressed(record), status=record.outcome.status, receiver=receivers)
        yield replace(row, created_at=record.event.published_at)


def _of_notifications(visit: Visit, filters: EventFilters) -> tuple[list[Notification], str, str]:
    query = NotificationQuery(statuses=(Delivery(filters.tab),), receiver=filters.receiver, limit=PAGE_SIZE)
    try:
        query = query.at(visit.param("cursor"))
    except Invalid:
        query = replace(query, cursor=None)
    page = visit.hub.notifications.page(query)
    return list(page.items), *_cursors(query.filters, page.next, page.previous)


def _cursors(filters: str, following: Cursor | None, preceding: Cursor | None) -> tuple[str, str]:
    return (following.encode(filters) if following else ""), (preceding.encode(filters) if preceding else "")
