"""Scan run: one run of the scan, from the state that it finds to the state that it leaves.

For each window: search, publish everything found, write the state down. So a crash at any point repeats at most one
window, under the same idempotency keys.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from chalicelib.domain.coverage import Coverage, Gap
from chalicelib.domain.logs import LogGroup
from chalicelib.domain.look import Lateness, Look
from chalicelib.domain.scan_state import ScanState
from chalicelib.domain.windows import Grid, Window
from chalicelib.services.scan_report import ScanReport

if TYPE_CHECKING:
    from chalicelib.services.scan import Scan

# A gap is asked for in pieces of so many seconds; the more often a piece was missed, the smaller the next ones are.
LARGEST_PIECE = 21_600


@dataclass(frozen=True, slots=True)
class Round:
    """What a run does of one look: the look itself, and the grid on which its watermark moves."""

    look: Look
    grid: Grid

    @property
    def is_late(self) -> bool:
        """Tell whether it looks for what came late."""
        return self.look.lateness is Lateness.LATE


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
        self._state = self._plan.with_looks(self._load())
        listing = self._scan.inventory.list_log_groups()
        self._owners = {each.name: each for each in listing.log_groups}
        self._unlisted, self._refused = listing.unlisted, listing.refused
        rounds = self._plan.rounds(self._state)
        self._left = len(self._due(rounds[0]))
        for each in rounds:
            self._refill(each, for_refills)
        for each in rounds:
            self._advance(each, reserve)

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
            forecast=self._state.spend.forecast(self._scan.clock.now(), looks=2 if self._state.late else 1),
            error=self.error,
        )

    def _refill(self, turn: Round, reserve: int) -> None:
        """Scan the first pieces of the gaps again, those with the fewest tries first, so that none waits for ever."""
        gaps = sorted(self._state.of(turn.look).gaps, key=lambda gap: (gap.tries, gap.window))
        for gap, piece in islice(self._pieces(gaps, turn.grid), self._plan.refills):
            if not self._worth_beginning(reserve):
                return
            missed = self._scan_stretch(turn, piece, self._missed_in(gap), reserve)
            self._save(self._state.covering(turn.look, self._state.of(turn.look).refilled(gap, piece, missed)))

    def _advance(self, turn: Round, reserve: int) -> None:
        """Scan what is due, up to as many windows as one run may."""
        for window in self._due(turn)[: self._plan.windows]:
            if not self._worth_beginning(reserve):
                return
            missed = self._scan_stretch(turn, window, self._owners.values(), reserve)
            self._save(self._state.covering(turn.look, self._state.of(turn.look).advanced(window, missed)))
            self._left -= not turn.is_late

    def _due(self, turn: Round) -> list[Window]:
        return turn.grid.due(self._state.of(turn.look).watermark, self._scan.clock.now())

    def _pieces(self, gaps: Collection[Gap], grid: Grid) -> Iterator[tuple[Gap, Window]]:
        """Cut gaps at the grid's lines; each piece comes with what its gap then is, the pieces before it gone."""
        for gap in gaps:
            windows = max(1, (LARGEST_PIECE // grid.step) >> (gap.tries - 1))
            for piece in Grid(grid.step * windows).pieces(gap.window):
                yield replace(gap, window=Window(piece.start, gap.window.end)), piece

    def _missed_in(self, gap: Gap) -> list[LogGroup]:
        """Return the log groups that a gap is about; those that it names may not be listed any more."""
        if gap.log_groups:
            return [self._owners.get(name, LogGroup(name)) for name in gap.log_groups]
        return [each for name, each in self._owners.items() if gap.concerns(name)]

    def _scan_stretch(self, turn: Round, stretch: Window, log_groups: Collection[LogGroup], reserve: int) -> list[Gap]:
        """Search a stretch of log time and publish what is found; returns what was missed."""
        findings = self._scan.search(stretch, log_groups, turn.look, lambda: self._remaining() - reserve)
        groups = self._scan.publish(findings.kinds, turn.grid if turn.is_late else None)
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
