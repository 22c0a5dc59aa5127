"""Scan run: one run of the scan, from the state that it finds to the state that it leaves.

For each window: search, publish everything found, write the state down. So a crash at any point repeats at most one
window, under the same idempotency keys.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from chalicelib.domain.coverage import Coverage, Gap
from chalicelib.domain.logs import LogGroup
from chalicelib.domain.look import Look
from chalicelib.domain.scan_state import ScanState
from chalicelib.domain.windows import Grid, Window
from chalicelib.services.scan_report import ScanReport

if TYPE_CHECKING:
    from chalicelib.services.scan import Scan

# A gap is asked for in pieces of so many windows; the more often a piece was missed, the smaller the next ones are.
LARGEST_PIECE = 72


class ScanRun:
    """One run; `remaining` tells how many milliseconds are left of it."""

    def __init__(self, scan: "Scan", remaining: Callable[[], int]) -> None:
        self._scan, self._plan, self._remaining = scan, scan.plan, remaining
        self._state = ScanState(Coverage(0, 0))
        self._owners: dict[str, LogGroup] = {}
        self._refused: tuple[str, ...] = ()
        self._unlisted = self._windows = self._left = self._errors = self._events = self._scanned = 0
        self._missing: set[str] = set()
        self.error = ""

    def work(self) -> None:
        """Fill gaps with up to half of the time, and scan what is due with the rest."""
        reserve = self._plan.reserve * 1_000
        for_refills = max(reserve, self._remaining() // 2)
        self._state = self._load()
        listing = self._scan.inventory.list_log_groups()
        self._owners = {each.name: each for each in listing.log_groups}
        self._unlisted, self._refused = listing.unlisted, listing.refused
        due = self._plan.grid.due(self._state.first.watermark, self._scan.clock.now())
        self._left = len(due)
        self._refill(for_refills)
        self._advance(due[: self._plan.windows], reserve)

    def report(self) -> ScanReport:
        """Say what was done."""
        return ScanReport(
            state=self._state.compact(),
            windows=self._windows,
            left=self._left,
            log_groups=len(self._owners),
            errors=self._errors,
            events=self._events,
            missing=tuple(sorted(self._missing)),
            unlisted=self._unlisted,
            refused=self._refused,
            scanned=self._scanned,
            forecast=self._state.spend.forecast(self._scan.clock.now()),
            error=self.error,
        )

    def _refill(self, reserve: int) -> None:
        """Scan the first pieces of the gaps again, those with the fewest tries first, so that none waits for ever."""
        pieces = self._pieces(sorted(self._state.first.gaps, key=lambda gap: (gap.tries, gap.window)))
        for gap, piece in islice(pieces, self._plan.refills):
            if not self._worth_beginning(reserve):
                return
            missed = self._scan_stretch(piece, self._missed_in(gap), reserve)
            self._save(replace(self._state, first=self._state.first.refilled(gap, piece, missed)))

    def _advance(self, due: Iterable[Window], reserve: int) -> None:
        for window in due:
            if not self._worth_beginning(reserve):
                return
            missed = self._scan_stretch(window, self._owners.values(), reserve)
            self._save(replace(self._state, first=self._state.first.advanced(window, missed)))
            self._left -= 1

    def _pieces(self, gaps: Iterable[Gap]) -> Iterator[tuple[Gap, Window]]:
        """Cut gaps at the grid's lines; each piece comes with what its gap then is, the pieces before it gone."""
        for gap in gaps:
            windows = max(1, LARGEST_PIECE >> (gap.tries - 1))
            for piece in Grid(self._plan.window * windows).pieces(gap.window):
                yield replace(gap, window=Window(piece.start, gap.window.end)), piece

    def _missed_in(self, gap: Gap) -> list[LogGroup]:
        """Return the log groups that a gap is about; those that it names may not be listed any more."""
        if gap.log_groups:
            return [self._owners.get(name, LogGroup(name)) for name in gap.log_groups]
        return [each for name, each in self._owners.items() if gap.concerns(name)]

    def _scan_stretch(self, stretch: Window, log_groups: Collection[LogGroup], reserve: int) -> list[Gap]:
        """Search a stretch of log time and publish what is found; returns what was missed."""
        look = Look(self._plan.grid)
        findings = self._scan.search(stretch, log_groups, look, lambda: self._remaining() - reserve)
        groups = self._scan.publish(findings.kinds)
        self._events += len(groups)
        self._errors += sum(group.count for group in groups)
        self._missing |= findings.missing
        self._scanned += findings.scanned
        self._windows += 1
        self._count(findings.scanned, stretch, len(log_groups))
        names = sorted(self._owners)
        return [told for gap in findings.missed for told in gap.told_shortly(names)]

    def _count(self, scanned: int, stretch: Window, log_groups: int) -> None:
        """Add up what the day costs; a look at some of the log groups counts as a look at a part of the time."""
        seconds = stretch.seconds * log_groups // max(log_groups, len(self._owners), 1)
        spend = self._state.spend.at(self._scan.clock.now()).plus(scanned, seconds)
        self._state = replace(self._state, spend=spend)

    def _worth_beginning(self, reserve: int) -> bool:
        """Tell whether a window has a chance; one that was begun and runs out of time leaves a gap."""
        return self._remaining() - reserve > self._plan.reserve * 1_000

    def _load(self) -> ScanState:
        """Read the state; a first run writes down at once where it begins, lest a crash move the beginning."""
        text = self._scan.state.get(self._plan.parameter)
        if text is None:
            origin = self._plan.grid.origin(self._scan.clock.now())
            self._save(ScanState(Coverage(origin, origin)))
            return self._state
        return ScanState.decode(text, self._plan.parameter)

    def _save(self, state: ScanState) -> None:
        self._scan.state.put(self._plan.parameter, state.compact().encode())
        self._state = state
