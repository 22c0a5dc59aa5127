"""Hourly counts in memory."""

from collections.abc import Collection, Iterable, Mapping


class FakeHourlyCounts:
    """How often busy alerts fired, by hours."""

    def __init__(self) -> None:
        self.counts: dict[str, dict[int, int]] = {}

    def add(self, fingerprint: str, counts: Mapping[int, int]) -> None:
        """Add to the counts of hours."""
        known = self.counts.setdefault(fingerprint, {})
        for hour, count in counts.items():
            known[hour] = known.get(hour, 0) + count

    def find_all(self, fingerprints: Iterable[str], hours: Collection[int]) -> Mapping[str, Mapping[int, int]]:
        """Return what is counted."""
        return {each: self.counts[each] for each in fingerprints if each in self.counts}

    def save(self, fingerprint: str, counts: Mapping[int, int], hours: Collection[int]) -> None:
        """Put counts in the place of others."""
        self.counts[fingerprint] = dict(counts)
