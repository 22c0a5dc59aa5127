"""Scan report: what a run of the scan did, and what is covered now."""

from typing import Any

from msgspec import Struct

from chalicelib.domain.scanning.checkpoint import ScanState, gap_fields

# A heartbeat names so many log groups that do not exist.
MOST_MISSING = 20


class ScanReport(Struct, frozen=True, kw_only=True):
    """What a run did: windows scanned (pieces of gaps among them), lines that were errors, events published.

    `left` windows are still due, `gaps` still open; `missing` log groups do not exist, `unlisted` owners of further
    ones were not looked at, and `refused` services may not be asked for theirs; AWS bills `scanned` bytes, and
    `forecast` on the whole day, of which `budget` are allowed (0: any number). `error` names what ended the run early.
    """

    state: ScanState
    windows: int = 0
    left: int = 0
    log_groups: int = 0
    errors: int = 0
    events: int = 0
    missing: tuple[str, ...] = ()
    unlisted: int = 0
    refused: tuple[str, ...] = ()
    scanned: int = 0
    budget: int = 0
    forecast: int = 0
    error: str = ""

    @property
    def watermark(self) -> int:
        """How far the scan has come."""
        return self.state.first.watermark

    @property
    def gaps(self) -> int:
        """How many gaps it has left open."""
        return len(self.state.first.gaps)

    @property
    def coverage(self) -> dict[str, Any]:
        """What was scanned, what was not and why, and what it cost; all times in epoch seconds.

        A gap without `log_groups` is about all of them or, where it has them, about those whose names lie from `from`
        to `to`. `late` gaps are stretches that were not yet looked at again for lines that came late. Empty where a
        run failed before it knew.
        """
        first, late, spend = self.state.first, self.state.late, self.state.spend
        if not first.watermark:
            return {}
        return {
            "since": first.since,
            "watermark": first.watermark,
            "late_watermark": late.watermark if late else 0,
            "gaps": [gap_fields(each) for each in first.gaps],
            "late_gaps": [gap_fields(each) for each in late.gaps] if late else [],
            "missing": list(self.missing[:MOST_MISSING]),
            "unlisted": self.unlisted,
            "refused": list(self.refused),
            "spend": {"day": spend.day, "bytes": spend.bytes, "budget": self.budget, "forecast": self.forecast},
        }

    def to_log(self) -> dict[str, object]:
        """Return the figures under names that a log record does not use itself."""
        return {
            "watermark": self.watermark,
            "windows": self.windows,
            "windows_left": self.left,
            "log_groups": self.log_groups,
            "errors": self.errors,
            "events": self.events,
            "gaps": self.gaps,
            "missing": len(self.missing),
            "bytes_scanned": self.scanned,
            "failure": self.error,
        }
