"""A store in simulated time, with a meter for write units, whose transactions also lose races."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bench.simulation import Simulation
from chalicelib.domain.alerts.alert import Alert, Mark
from chalicelib.domain.alerts.hourly_counts import HOURS
from chalicelib.domain.events.event import Event
from chalicelib.domain.notifications.lease import Lease
from chalicelib.domain.notifications.notification import Delivery, Notification, Record, Recording
from chalicelib.domain.notifications.unmerged_events import UnmergedEvents
from chalicelib.domain.timestamps import DAY
from chalicelib.gateways.dynamodb import items
from chalicelib.gateways.dynamodb.capacity import units
from chalicelib.gateways.dynamodb.expressions import Item, StringSet, encode
from chalicelib.gateways.dynamodb.unmerged_events import key_of_entries
from tests.fakes import FakeReferences, FakeStore
from tests.gateways.dynamodb.write_units import units_of_rewriting, units_of_writing
from tests.hourly_fakes import FakeHourlyCounts

CONFLICT = 0.05
KEEP = 90 * DAY
# As long as those of entries are.
TOKEN = "0a1b2c3d"  # noqa: S105 - nothing that opens anything


class StormyStore(FakeStore):
    """The store in memory with a meter, whose transactions also lose races against others under way."""

    def __init__(self, clock: Simulation) -> None:
        super().__init__(clock)
        self._clock, self.chance = clock, clock.chance
        self.attempts = 0
        self.units = 0
        self.settled_at = 0.0
        self.contents: set[str] = set()
        self.writer = ""
        self.hourly = MeteredHourlyCounts(self)
        self.references = BilledReferences(self)

    def record(self, record: Record, alert: Alert, pending: Sequence[Notification]) -> Recording:
        """Record, or conflict; either way the transaction is billed, and content that lies apart."""
        self.attempts += 1
        event = self._without_content(record)
        written = [event, *_notifications(pending)]
        return self._billed(written, alert, lambda: super(StormyStore, self).record(record, alert, pending))

    def keep_unmerged(self, record: Record) -> Recording:
        """Keep the event alone: a plain put is billed once, its places in the indexes too, and so is its entry."""
        self.attempts += 1
        event = self._without_content(record, TOKEN)
        self.settled_at = self._clock.time
        self.units += units_of_writing(event) - units(event)
        return super().keep_unmerged(record)

    def _enter(self, event: Event, writer: str = "") -> str:
        name = super()._enter(event, writer or self.writer)
        self.units += units(_entries(self.unmerged_events[name]))
        return name

    def merge(
        self,
        records: Sequence[Record],
        alert: Alert,
        pending: Sequence[Notification],
        action: Mark | None = None,
        merged: Sequence[UnmergedEvents] = (),
    ) -> Recording:
        """Merge, or conflict; events with other outcomes change in their indexes."""
        events = sum(map(self._units_of_merging, records))
        entries = sum(2 * units(_entries(each)) for each in merged)
        outcome = self._billed(
            _notifications(pending),
            alert,
            lambda: super(StormyStore, self).merge(records, alert, pending, action, merged),
        )
        self.units += entries + (events if outcome is Recording.RECORDED else 2 * len(records))
        return outcome

    def _units_of_merging(self, record: Record) -> int:
        before, _ = items.event_items(self.records[record.event.id], TOKEN)
        return units_of_rewriting(before, items.event_items(record, TOKEN)[0])

    def settle(self, notifications: Sequence[Notification]) -> None:
        """Settle: the notification, which leaves its place in an index or stays, and what its event says of it."""
        self.settled_at = self._clock.time
        for each in notifications:
            event, before = self.records.get(each.event_id), self.notifications[each.id]
            self.units += units_of_rewriting(items.notification_item(before, KEEP), items.notification_item(each, KEEP))
            is_still_pending = each.status is Delivery.PENDING
            self.units += units_of_writing(items.event_items(event)[0]) if event and not is_still_pending else 0
        super().settle(notifications)

    def acquire(self, receiver: str, now: int, until: int, patience: int = 0, *, urgent: bool = True) -> Lease | None:
        """Take the lease, or not; a condition that does not hold is billed as well."""
        self.units += 1
        return super().acquire(receiver, now, until, patience, urgent=urgent)

    def release(self, lease: Lease, next_send_at: int) -> None:
        """Give the lease back."""
        self.units += 1
        super().release(lease, next_send_at)

    def _without_content(self, record: Record, entry: str = "") -> Item:
        """Bill content that lies apart, once for each invocation, as the gateway puts it."""
        event, content = items.event_items(record, entry)
        if content and record.event.id not in self.contents:
            self.contents.add(record.event.id)
            self.units += units(content)
        return event

    def _billed(self, written: Sequence[Item], alert: Alert, transaction: Callable[[], Recording]) -> Recording:
        before, after = self.alerts.get(alert.fingerprint), items.alert_item(alert, KEEP)
        outcome = Recording.CONFLICT if self.chance.random() < CONFLICT else transaction()
        if outcome is Recording.RECORDED:
            self.settled_at = self._clock.time
            known = items.alert_item(before, KEEP) if before else {}
            self.units += units_of_writing(*written) + units_of_rewriting(known, after)
        else:
            self.units += 2 * sum(map(units, [*written, after]))
        return outcome


class MeteredHourlyCounts(FakeHourlyCounts):
    """Hourly counts, of which each addition is an update of an item that is small."""

    def __init__(self, store: StormyStore) -> None:
        super().__init__()
        self.store = store

    def add(self, fingerprint: str, counts: Mapping[int, int]) -> None:
        """Add, and bill it."""
        self.store.units += len({hour // HOURS for hour in counts})
        super().add(fingerprint, counts)


class BilledReferences(FakeReferences):
    """What receivers call their messages, with the store's meter."""

    def __init__(self, store: StormyStore) -> None:
        super().__init__()
        self._store = store

    def save(self, receiver: str, subject: str, reference: str) -> None:
        """Write one item."""
        self._store.units += units(encode({"pk": subject, "sk": receiver, "reference": reference, "expired_at": KEEP}))
        super().save(receiver, subject, reference)


class InstanceStore:
    """The store as one function instance has it, which enters what it stores alone in items of its own."""

    def __init__(self, store: StormyStore, writer: str) -> None:
        self._store, self._writer = store, writer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def keep_unmerged(self, record: Record) -> Recording:
        """Keep the event alone."""
        self._store.writer = self._writer
        return self._store.keep_unmerged(record)


def _entries(some: UnmergedEvents) -> Item:
    """Return the item that holds some entries."""
    entries = StringSet(f"{each}#{TOKEN}" for each in some.entries)
    lasting = {"fingerprint": some.fingerprint, "entered_at": KEEP, "expired_at": KEEP}
    return encode(key_of_entries(f"{KEEP:010d}-{TOKEN}") | lasting | {"entries": entries})


def _notifications(pending: Sequence[Notification]) -> list[Item]:
    return [items.notification_item(each, KEEP) for each in pending]
