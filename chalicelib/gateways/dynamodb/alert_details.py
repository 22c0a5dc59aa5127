"""Alert details: all items of an alert's partition, in one query; and the items that these refer to, in one batch."""

from collections.abc import Collection, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.gateways.dynamodb import episode_counts, hour_index, hourly_counts, items
from chalicelib.gateways.dynamodb.expressions import Item, Key
from chalicelib.gateways.dynamodb.pagination import LONGEST_KEY
from chalicelib.gateways.dynamodb.table import DynamoTable, Span, key_of, sort_key
from chalicelib.services.alerting.ports import AlertDetails, Mentioned

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock

# Far more items than an alert has actions and reminders.
MOST_BESIDE = 1_000


class DynamoAlertDetailStore(Struct, frozen=True):
    """Everything known about an alert, as last written; expired items are left out, deleted already or not."""

    table: DynamoTable
    clock: "Clock"

    def find(self, fingerprint: str) -> AlertDetails | None:
        """Return an alert with its details, newest first; None where there is no such alert."""
        if not 0 < len(fingerprint) <= LONGEST_KEY:
            return None
        beside = dict(self._beside(fingerprint))
        alert, count = beside.get(items.ALERT), beside.get(episode_counts.COUNTED)
        if alert is None:
            return None
        days = [hourly_counts.counts_of(item) for place, item in beside.items() if place.startswith(hourly_counts.DAYS)]
        return AlertDetails(
            alert=items.alert_of(alert),
            actions=tuple(items.action_of(item) for place, item in beside.items() if place.startswith(items.ACTION)),
            reminders=tuple(place.partition("-")[2] for place in beside if place.startswith(items.REMINDER)),
            count=episode_counts.count_of(count) if count else None,
            hours={hour: times for day in days for hour, times in day.items()},
        )

    def mentioned(
        self, notification_ids: Collection[str], event_ids: Collection[str], kinds: Collection[str], hours: range
    ) -> Mentioned:
        """Return notifications and whole events, and whether there may be events of the kinds in the hours."""
        keys = [*map(items.notification_key, notification_ids), *hour_index.kind_keys(kinds, hours), hour_index.SINCE]
        keys += [key for each in event_ids for key in (items.event_key(each), items.content_key(each))]
        found = {_place(key_of(item)): item for item in self.table.get_all(keys)}
        now = self.clock.now()
        notified = (found.get(_place(items.notification_key(each))) for each in notification_ids)
        whole = (
            items.record_of(found.get(_place(items.content_key(each)), {}) | item)
            for each in event_ids
            if (item := found.get(_place(items.event_key(each))))
        )
        return Mentioned(
            notifications=tuple(items.notification_of(item) for item in notified if item and _lasts(item, now)),
            records={record.event.id: record for record in whole if record.expired_at > now},
            has_kinds=hour_index.may_have(found, kinds, hours),
        )

    def _beside(self, fingerprint: str) -> Iterator[tuple[str, Item]]:
        """Iterate over an alert's partition; if it has very many reminders, what follows them is read by itself."""
        partition, now = items.alert_key(fingerprint)["pk"], self.clock.now()
        for span in (Span(ascending=False), Span(high=items.REMINDER, ascending=False)):
            found = self.table.query(partition, span, size=MOST_BESIDE, consistent=True)
            read = list(islice(found, MOST_BESIDE))
            yield from ((sort_key(item), item) for item in read if _lasts(item, now))
            if len(read) < MOST_BESIDE:
                return


def _place(key: Key) -> tuple[str, str]:
    return key["pk"], key["sk"]


def _lasts(item: Item, now: int) -> bool:
    return int(item["expired_at"]["N"]) > now
