"""Scan report: what a run of the scan did, and what is covered now."""

from collections.abc import Iterable
from typing import Any

from msgspec import Struct, field, to_builtins

from chalicelib.domain.agents.coverage import MOST_MISSING, AgentCoverage
from chalicelib.domain.scanning.coverage import Coverage
from chalicelib.domain.scanning.error_groups import ErrorGroup, LogGroupListing
from chalicelib.domain.scanning.scan_state import ScanState

NOTHING_KNOWN = ScanState(Coverage(0, 0))
NOTHING_LISTED = LogGroupListing(())


class ScanReport(Struct, kw_only=True):
    """What a run did: windows scanned (pieces of gaps included), lines that were errors, events published.

    `left` windows are still due; `missing` log groups do not exist; AWS bills `scanned` bytes, and is forecast to bill
    `forecast` for the whole day, of which `budget` are allowed (0: any number). `error` names what ended the run early.
    """

    state: ScanState = NOTHING_KNOWN
    listing: LogGroupListing = NOTHING_LISTED
    windows: int = 0
    left: int = 0
    errors: int = 0
    events: int = 0
    missing: set[str] = field(default_factory=set)
    scanned: int = 0
    budget: int = 0
    forecast: int = 0
    error: str = ""

    @property
    def watermark(self) -> int:
        """The watermark of the first pass."""
        return self.state.first.watermark

    @property
    def gaps(self) -> int:
        """How many gaps are open."""
        return len(self.state.first.gaps)

    def add(self, groups: Iterable[ErrorGroup], missing: Iterable[str], scanned: int) -> None:
        """Count the results of one window, or piece of a gap."""
        counts = [group.count for group in groups]
        self.windows += 1
        self.events += len(counts)
        self.errors += sum(counts)
        self.missing.update(missing)
        self.scanned += scanned

    @property
    def coverage(self) -> AgentCoverage | None:
        """Return what was scanned, what was not and why, and the cost; None where the run failed before it knew."""
        state = self.state
        if not state.first.watermark:
            return None
        late = state.late or Coverage(0, 0)
        return AgentCoverage(
            since=state.first.since,
            watermark=state.first.watermark,
            late_watermark=late.watermark,
            gaps=state.first.gaps,
            late_gaps=late.gaps,
            missing=tuple(sorted(self.missing)[:MOST_MISSING]),
            unresolved_count=self.listing.unresolved_count,
            access_denied=self.listing.access_denied,
            spend=state.spend,
            budget=self.budget,
            forecast=self.forecast,
        )

    def to_heartbeat(self) -> dict[str, Any]:
        """Return the part of a heartbeat that is about the run."""
        return {
            "log_group_count": len(self.listing.log_groups),
            "watermark": self.watermark,
            "left": self.left,
            "gaps": self.gaps,
            "coverage": to_builtins(self.coverage),
            "scanned": self.scanned,
            "error": self.error,
        }

    def to_log(self) -> dict[str, object]:
        """Return the figures as fields for the log, under names that log records do not use themselves."""
        return {
            "watermark": self.watermark,
            "windows": self.windows,
            "windows_left": self.left,
            "log_groups": len(self.listing.log_groups),
            "errors": self.errors,
            "events": self.events,
            "gaps": self.gaps,
            "missing": len(self.missing),
            "bytes_scanned": self.scanned,
            "failure": self.error,
        }
