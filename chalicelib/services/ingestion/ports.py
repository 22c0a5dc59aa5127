"""What ingestion needs of the world beyond what others need too."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.notifications.unmerged_events import Entries, UnmergedEvents


class UnmergedEventStore(Protocol):
    """The events that were stored alone and wait for their alerts; the ledger enters and merges them."""

    def entered(self, limit: int, after: str = "") -> list[Entries]:
        """Return the entries of about `limit` events, by name, from behind `after` on; fewer is all there is."""
        ...

    def unmerged(self, entered: Sequence[Entries], *, with_details: bool = True) -> list[UnmergedEvents]:
        """Return entries with the events that they stand for.

        Some have no record: their events may still come, or never will. Entries that stand for nothing are removed.

        Without details they are as merging needs them where no rule matches what stands in details.
        """
        ...

    def alerts_of(self, fingerprints: Sequence[str]) -> Mapping[str, Alert]:
        """Return the alerts of these fingerprints that there are, as last written (a consistent read)."""
        ...

    def unmerged_now(self, some: Sequence[UnmergedEvents]) -> list[UnmergedEvents]:
        """Return these as far as they still wait (a consistent read)."""
        ...
