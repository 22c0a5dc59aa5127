"""Unmerged events: entries for events that are stored alone and wait to be merged.

An event is entered before it is stored, and carries the token of its entry, so that none is ever missed. An entry of a
second delivery, or of a function that died before it stored the event, stands for nothing. Entries are removed in the
transaction that counts their events, so each is counted once. Several entries share an item: entering one costs a write
unit, removing all of them two.
"""

import logging
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import merge
from itertools import batched, chain, groupby, islice
from typing import TYPE_CHECKING
from uuid import uuid4

from botocore.exceptions import ClientError
from msgspec import Struct, field

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.notifications.notification import Record
from chalicelib.domain.notifications.unmerged_events import Entries, UnmergedEvents
from chalicelib.gateways.dynamodb import items
from chalicelib.gateways.dynamodb.expressions import (
    IS,
    PRESENT,
    Delete,
    Expected,
    Item,
    Key,
    StringSet,
    Update,
    Write,
)
from chalicelib.gateways.dynamodb.table import LOWEST, TRANSACTION_CONFLICT, DynamoTable, Span, key_of, sort_key

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock

log = logging.getLogger(__name__)

# A partition takes 1,000 units a second, and all functions together store half as many events.
PARTITIONS = ("UNMERGED#0", "UNMERGED#1")
# So many entries, with their fingerprint, are less than 1 kB.
MOST_ENTRIES = 16
# An instance remembers, for so many problems, the item with its last entries.
MOST_REMEMBERED = 1_000
# Seconds. No function runs longer: an event entered earlier that is not stored will not come.
LONGEST_RUN = 900
# So many of them are looked up one by one at a time, which takes some seconds; the others stay.
MOST_LOOKUPS = 500
# Events stored by an older version have no token, and no entry.
OLDER = tuple(f"UNMERGED#{shard}" for shard in range(items.SHARDS))
# Those are searched for once in so many seconds, in the last minute of these.
SOUGHT_EACH, LAST = 600, 60
# Those read at a time, with their content.
MOST_OLDER = 5_000
TOKEN_OF_OLDER = "older"  # noqa: S105 - nothing that opens anything


class UnmergedEventsWriter(Struct):
    """Enters events; those of one problem go into one item until it is full."""

    _open: dict[str, tuple[str, int]] = field(default_factory=dict)

    def enter(self, table: DynamoTable, record: Record) -> str:
        """Enter an event that is about to be stored alone; return the token that it has to carry."""
        token, fingerprint = _new_token(), record.event.fingerprint
        if len(self._open) >= MOST_REMEMBERED:
            self._open.clear()
        name, count = self._open.get(fingerprint, ("", MOST_ENTRIES))
        while count >= MOST_ENTRIES or not _added(table, name, record, token):
            # With a new token, as an update whose response was lost may have entered the old one.
            name, count, token = f"{record.updated_at:010d}-{_new_token()}", 0, _new_token()
        self._open[fingerprint] = name, count + 1
        return token


def _new_token() -> str:
    return uuid4().hex[:8]


def _added(table: DynamoTable, name: str, record: Record, token: str) -> bool:
    """Add an entry to an item; False where the item is just being removed."""
    lasting = {"fingerprint": record.event.fingerprint, "expired_at": record.expired_at}
    entry = StringSet((f"{record.event.id}#{token}",))
    changes = lasting | {"entered_at": record.updated_at}
    try:
        return table.update(Update(key_of_entries(name), changes, added={"entries": entry}))
    except ClientError as error:
        if error.response["Error"]["Code"] != TRANSACTION_CONFLICT:
            raise
        return False


def key_of_entries(name: str) -> Key:
    """Return the key of an item of entries; its name begins with the time at which it was created."""
    return {"pk": PARTITIONS[zlib.crc32(name.encode()) % len(PARTITIONS)], "sk": name}


def leaving(some: UnmergedEvents) -> Update | Delete:
    """Return the write that removes entries of merged records, if no others have changed meanwhile."""
    key, expected = key_of_entries(some.name), as_read(some)
    return Update(key, {"entries": StringSet(some.left)}, expected) if some.left else Delete(key, expected)


def as_read(some: UnmergedEvents) -> list[Expected]:
    """Return the condition that entries are still those that were read."""
    return [Expected(IS, "entries", StringSet(some.entries))]


def entries_of(item: Item) -> list[str]:
    """Return the entries of an item."""
    entries: list[str] = item["entries"]["SS"]
    return entries


def event_id_of(entry: str) -> str:
    """Return the id of the event that an entry stands for."""
    return entry.partition("#")[0]


class DynamoUnmergedEventStore(Struct, frozen=True):
    """The events that wait to be merged."""

    table: DynamoTable
    clock: "Clock"

    def entered(self, limit: int, after: str = "") -> list[Entries]:
        """Return the entries of about `limit` events, oldest first."""
        if self.clock.now() % SOUGHT_EACH >= SOUGHT_EACH - LAST:
            self._enter_older(MOST_OLDER)
        found, span = list[Entries](), Span(after + LOWEST)
        for item in merge(*[self.table.query(each, span, consistent=True) for each in PARTITIONS], key=sort_key):
            if limit <= 0:
                break
            found.append(_entries(item))
            limit -= len(found[-1].entries)
        return found

    def unmerged(self, entered: Sequence[Entries], *, with_details: bool = True) -> list[UnmergedEvents]:
        """Return entries with their events, with or without details.

        Entries that stand for nothing are removed; those of events that may still be on their way stay.
        """
        ids = {event_id_of(entry) for each in entered for entry in each.entries}
        found = self.table.get_all(map(items.event_key, ids))
        events = dict(_readable(self._all_whole(found) if with_details else found))
        lookups = iter(range(MOST_LOOKUPS))
        unmerged = [self._read(each, events, lookups) for each in entered]
        for each in unmerged:
            if not each.records and not each.left:
                self.table.delete(key_of_entries(each.name), as_read(each))
        return unmerged

    def alerts_of(self, fingerprints: Iterable[str]) -> dict[str, Alert]:
        """Return those of the alerts that exist, by fingerprint, as last written."""
        found = map(items.alert_of, self.table.get_all(map(items.alert_key, fingerprints)))
        return {each.fingerprint: each for each in found}

    def unmerged_now(self, some: Iterable[UnmergedEvents]) -> list[UnmergedEvents]:
        """Return those of them that still wait."""
        found = {sort_key(item): item for item in self.table.get_all(key_of_entries(each.name) for each in some)}
        now = [each.as_now(entries_of(found[each.name])) for each in some if each.name in found]
        return [each for each in now if each.records]

    def _read(self, some: Entries, events: Mapping[str, tuple[str, Record]], lookups: Iterator[int]) -> UnmergedEvents:
        """Return entries with those of their events that carry their tokens and are kept; unread ones stay."""
        now, entries = self.clock.now(), some.entries
        is_young = some.entered_at > now - LONGEST_RUN
        missing = [each for each in entries if event_id_of(each) not in events]
        stays = [each for each in missing if is_young or not self._is_gone(each, lookups)]
        return UnmergedEvents(
            name=some.name,
            fingerprint=some.fingerprint,
            entries=entries,
            entered_at=some.entered_at,
            records=dict(_records(entries, events, now)),
            stays=frozenset(stays),
        )

    def _is_gone(self, entry: str, lookups: Iterator[int]) -> bool:
        return next(lookups, None) is not None and not self.table.get(items.event_key(event_id_of(entry)))

    def _all_whole(self, events: Sequence[Item]) -> list[Item]:
        """Return events with contents that are stored apart; without those that a busy table left out."""
        apart = [items.content_key(sort_key(each)) for each in events if "content" not in each]
        contents = {each["pk"]["S"]: each for each in self.table.get_all(apart)}
        whole = [contents.get(items.content_key(sort_key(each))["pk"], {}) | each for each in events]
        return [each for each in whole if "content" in each]

    def _enter_older(self, limit: int) -> None:
        """Enter events that versions before ADR 41 have stored alone and marked in the index `work`."""
        marked = chain.from_iterable(self.table.query(each, index="work") for each in OLDER)
        found = [each for each in self.table.get_all(map(key_of, islice(marked, limit))) if "work" in each]
        for _, some in groupby(sorted(found, key=_fingerprint), _fingerprint):
            for together in batched(some, MOST_ENTRIES):
                self.table.transact(_entering(together))


def _entries(item: Item) -> Entries:
    return Entries(
        name=sort_key(item),
        fingerprint=_fingerprint(item),
        entries=tuple(entries_of(item)),
        entered_at=int(item["entered_at"]["N"]),
    )


def _entering(events: Sequence[Item]) -> list[Write]:
    name, entries = uuid4().hex, StringSet(f"{sort_key(each)}#{TOKEN_OF_OLDER}" for each in events)
    last = {name: int(events[-1][name]["N"]) for name in ("updated_at", "expired_at")}
    changes = {"fingerprint": _fingerprint(events[0]), "entered_at": last["updated_at"]}
    unmarked = {"work": "", "work_at": "", "entry": TOKEN_OF_OLDER}
    return [
        Update(key_of_entries(name), changes | {"expired_at": last["expired_at"], "entries": entries}),
        *[Update(key_of(each), unmarked, [Expected(PRESENT, "work")]) for each in events],
    ]


def _fingerprint(item: Item) -> str:
    fingerprint: str = item["fingerprint"]["S"]
    return fingerprint


def _readable(events: Iterable[Item]) -> Iterator[tuple[str, tuple[str, Record]]]:
    """Iterate over the ids of events with their tokens and records; without those of an unknown version."""
    for each in events:
        try:
            yield sort_key(each), (each.get("entry", {}).get("S", ""), items.record_of(each))
        except Exception:
            log.exception("Event not readable; left unmerged", extra={"event_id": sort_key(each)})


def _records(
    entries: Iterable[str], events: Mapping[str, tuple[str, Record]], now: int
) -> Iterator[tuple[str, Record]]:
    for each in sorted(entries):
        event_id, _, token = each.partition("#")
        carried, record = events.get(event_id, ("", None))
        if record and carried == token and record.expired_at > now:
            yield each, record
