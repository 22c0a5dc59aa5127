"""Ports that only ingestion needs."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.notifications.unmerged_events import Entries, UnmergedEvents


class UnmergedEventStore(Protocol):
    """The events that were stored alone and wait to be merged; the ledger stores and merges them."""

    def entered(self, limit: int, after: str = "") -> list[Entries]:
        """Return the entries of about `limit` events, in order of their names, after `after`; fewer: these are all."""
        ...

    def unmerged(self, entered: Sequence[Entries], *, with_details: bool = True) -> list[UnmergedEvents]:
        """Return entries with the events that they stand for.

        Some have no record: their events may still arrive, or never will. Entries that stand for nothing are removed.
        Without details, events lack what only rules about details need.
        """
        ...

    def alerts_of(self, fingerprints: Sequence[str]) -> Mapping[str, Alert]:
        """Return those of the alerts that exist, by fingerprint (a consistent read)."""
        ...

    def unmerged_now(self, some: Sequence[UnmergedEvents]) -> list[UnmergedEvents]:
        """Return those of them that still wait (a consistent read)."""
        ...
