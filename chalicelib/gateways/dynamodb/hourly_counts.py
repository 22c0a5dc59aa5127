"""Hourly counts: one item for each busy alert and day, to which its hours are added; kept for two days."""

from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct

from chalicelib.domain.alerts.hourly_counts import HOURS
from chalicelib.domain.timestamps import DAY
from chalicelib.gateways.dynamodb.expressions import Item, Key, Update, decode, encode
from chalicelib.gateways.dynamodb.table import DynamoTable

KEPT_DAYS = 3
DAYS = "HOURS#"


class DynamoHourlyCounts(Struct, frozen=True):
    """The counts; without transactions, as they can be recounted and nothing depends on them."""

    table: DynamoTable

    def add(self, fingerprint: str, counts: Mapping[int, int]) -> None:
        """Add to the counts of hours."""
        for day in sorted({hour // HOURS for hour in counts}):
            self.table.update(Update(_key(fingerprint, day), _expiry(day), added=_of_day(counts, day)))

    def find_all(self, fingerprints: Iterable[str], hours: Collection[int]) -> dict[str, dict[int, int]]:
        """Return the counts of hours, by alert; alerts without counts are missing."""
        days = sorted({hour // HOURS for hour in hours})
        found: dict[str, dict[int, int]] = {}
        for item in self.table.get_all(_key(each, day) for each in fingerprints for day in days):
            found.setdefault(item["pk"]["S"].partition("#")[2], {}).update(counts_of(item))
        return found

    def save(self, fingerprint: str, counts: Mapping[int, int], hours: Collection[int]) -> None:
        """Write the counts of hours, replacing all counts of their days."""
        for day in sorted({hour // HOURS for hour in hours}):
            self.table.put(encode({**_key(fingerprint, day), **_expiry(day), **_of_day(counts, day)}))


def counts_of(item: Item) -> dict[int, int]:
    """Read how often an alert fired in the hours of a day."""
    values = decode(item)
    first = int(values["sk"].removeprefix(DAYS)) * HOURS
    return {first + int(name[1:]): count for name, count in values.items() if name[0] == "h"}


def _of_day(counts: Mapping[int, int], day: int) -> dict[str, int]:
    return {f"h{hour % HOURS}": count for hour, count in counts.items() if hour // HOURS == day}


def _key(fingerprint: str, day: int) -> Key:
    return {"pk": f"ALERT#{fingerprint}", "sk": f"{DAYS}{day}"}


def _expiry(day: int) -> dict[str, int]:
    return {"expired_at": (day + KEPT_DAYS) * DAY}
