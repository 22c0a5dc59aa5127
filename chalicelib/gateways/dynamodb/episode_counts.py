"""Episode counts: each an item in its alert's partition, in the index `work` while there is something to count."""

from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct, convert, to_builtins

from chalicelib.domain.alerts.episode_count import EpisodeCount
from chalicelib.gateways.dynamodb.content import gzipped, unpack
from chalicelib.gateways.dynamodb.expressions import MISSING, PRESENT, Expected, Item, Key, Update, decode, encode
from chalicelib.gateways.dynamodb.table import HIGHEST, DynamoTable, Span

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock

COUNTED, TO_COUNT = "COUNTED", "TO_COUNT"
ALERT = "ALERT#"


class DynamoEpisodeCounts(Struct, frozen=True):
    """The counts, each kept for `keep_for` seconds after its last write."""

    table: DynamoTable
    clock: "Clock"
    keep_for: int

    def find(self, fingerprint: str) -> EpisodeCount | None:
        """Return the count of an alert; None where there is none."""
        item = self.table.get(_key(fingerprint))
        return count_of(item) if item else None

    def waiting(self, now: int, limit: int) -> list[str]:
        """Return the fingerprints of up to `limit` alerts to be counted by `now`, longest waiting first."""
        found = self.table.query(TO_COUNT, Span(high=f"{now:010d}{HIGHEST}"), index="work", size=limit)
        return [item["pk"]["S"].removeprefix(ALERT) for item in islice(found, limit)]

    def save(self, fingerprint: str, count: EpisodeCount, again_at: int) -> None:
        """Write an alert's count, and when to continue it (epoch seconds; 0: once it has many more events)."""
        values = {"count": gzipped({"count": to_builtins(count)}), "expired_at": self.clock.now() + self.keep_for}
        self.table.put(encode({**_key(fingerprint), **values, **(_work(again_at) if again_at else {})}))

    def postpone(self, fingerprint: str, again_at: int) -> None:
        """Write only when to continue the count."""
        self.table.update(Update(_key(fingerprint), _work(again_at), [Expected(PRESENT, "work")]))


def count_of(item: Item) -> EpisodeCount | None:
    """Read the count of an alert; None where it has not been counted yet."""
    values = decode(item)
    return convert(unpack(values["count"])["count"], EpisodeCount) if "count" in values else None


def to_be_counted(fingerprint: str, at: int, keep_for: int) -> Update:
    """Return the write that schedules an alert to be counted, unless it waits already."""
    changes = {**_work(at), "expired_at": at + keep_for}
    return Update(_key(fingerprint), changes, [Expected(MISSING, "work")])


def _key(fingerprint: str) -> Key:
    return {"pk": f"{ALERT}{fingerprint}", "sk": COUNTED}


def _work(at: int) -> dict[str, str]:
    return {"work": TO_COUNT, "work_at": f"{at:010d}"}
