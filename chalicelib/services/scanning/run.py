"""Scan run: one run of the scan, from the state that it finds to the state that it leaves.

For each window: search, publish everything found, write the state down. So a crash at any point repeats at most one
window, under the same idempotency keys.
"""

import logging
from collections.abc import Callable, Collection, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.errors import PublishFailed
from chalicelib.domain.scanning.budget import Allowance, is_sample
from chalicelib.domain.scanning.checkpoint import ScanState
from chalicelib.domain.scanning.coverage import Coverage, Gap, GapReason
from chalicelib.domain.scanning.error_groups import LogGroup
from chalicelib.domain.scanning.passes import Arrival, ScanPass
from chalicelib.domain.scanning.windows import Grid, Window
from chalicelib.services.scanning.report import ScanReport

if TYPE_CHECKING:
    from chalicelib.services.scanning.scanner import Scan

log = logging.getLogger(__name__)

# A gap is asked for in pieces of so many seconds; the more often a piece was missed, the smaller the next ones are.
LARGEST_PIECE, SMALLEST_PIECE = 21_600, 5
# What cannot be cut any smaller is tried no more often.
MOST_TRIES = 3


class PassPlan(Struct, frozen=True):
    """What a run does of one look: the look itself, and the grid on which its watermark moves."""

    look: ScanPass
    grid: Grid

    @property
    def is_late(self) -> bool:
        """Tell whether it looks for what came late."""
        return self.look.lateness is Arrival.LATE


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
        self._watch_budget()

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
            budget=self._plan.budget.limit,
            forecast=self._forecast(),
            error=self.error,
        )

    def _refill(self, turn: PassPlan, reserve: int) -> None:
        """Scan the first pieces of the gaps again, those with the fewest tries first, so that none waits for ever."""
        gaps = [gap for gap in self._state.of(turn.look).gaps if self._may_refill(gap)]
        gaps.sort(key=lambda gap: (gap.tries, gap.window))
        for gap, piece in islice(self._pieces(gaps, turn.grid), self._plan.refills):
            if not self._worth_beginning(reserve):
                return
            if not self._may_refill(gap):
                continue
            missed = self._scan_stretch(turn, piece, self._missed_in(gap), reserve)
            self._save(self._state.covering(turn.look, self._state.of(turn.look).refilled(gap, piece, missed)))

    def _advance(self, turn: PassPlan, reserve: int) -> None:
        """Scan what is due, up to as many windows as one run may; what the budget does not allow becomes a gap."""
        for window in self._due(turn)[: self._plan.windows]:
            if not self._worth_beginning(reserve):
                return
            if self._may_scan(turn, window):
                missed = self._scan_stretch(turn, window, self._owners.values(), reserve)
            else:
                missed = [Gap(window, (), GapReason.OVER_BUDGET)]
            self._save(self._state.covering(turn.look, self._state.of(turn.look).advanced(window, missed)))
            self._left -= not turn.is_late

    def _may_scan(self, turn: PassPlan, window: Window) -> bool:
        """Tell whether the budget allows a look at a window; what came late is the first that it does without."""
        allowance = self._allowance()
        if allowance is Allowance.SAMPLE:
            return not turn.is_late and is_sample(window)
        return allowance is Allowance.ALL

    def _may_refill(self, gap: Gap) -> bool:
        """Tell whether the budget allows it; what it once did not is filled from what a day has to spare.

        A second that holds too much will hold as much each time, and each time costs.
        """
        if gap.reason is GapReason.TRUNCATED and gap.tries >= MOST_TRIES:
            return False
        if gap.reason is GapReason.OVER_BUDGET:
            return self._plan.budget.has_to_spare(self._state.spend, self._scan.clock.now(), self._looks)
        return self._allowance() is Allowance.ALL

    def _allowance(self) -> Allowance:
        return self._plan.budget.allowance(self._state.spend, self._scan.clock.now())

    @property
    def _looks(self) -> int:
        return 2 if self._state.late else 1

    def _forecast(self) -> int:
        now = self._scan.clock.now()
        return self._state.spend.at(now).forecast(now, self._looks)

    def _watch_budget(self) -> None:
        """Tell once a day that the budget is too small, and when that is over; a bus that fails is asked next time."""
        now, allowance = self._scan.clock.now(), self._allowance()
        spend = self._state.spend.at(now)
        is_over = allowance is not Allowance.ALL
        if is_over:
            is_news = spend.told != spend.midnight
        else:
            is_next_day = spend.told < spend.midnight
            has_to_spare = self._plan.budget.has_to_spare(spend, now, self._looks)
            is_news = bool(spend.told) and (is_next_day or has_to_spare)
        if not is_news:
            return
        try:
            self._scan.tell_of_budget(spend, allowance, self._forecast())
        except PublishFailed:
            log.warning("The budget could not be told of")
            return
        self._save(replace(self._state, spend=replace(spend, told=spend.midnight if is_over else 0)))

    def _due(self, turn: PassPlan) -> list[Window]:
        return turn.grid.due(self._state.of(turn.look).watermark, self._scan.clock.now())

    def _pieces(self, gaps: Collection[Gap], grid: Grid) -> Iterator[tuple[Gap, Window]]:
        """Cut gaps at the grid's lines; each piece comes with what its gap then is, the pieces before it gone."""
        for gap in gaps:
            for piece in Grid(_piece_size(gap, grid.step)).pieces(gap.window):
                yield replace(gap, window=Window(piece.start, gap.window.end)), piece

    def _missed_in(self, gap: Gap) -> list[LogGroup]:
        """Return the log groups that a gap is about; those that it names may not be listed any more."""
        if gap.log_groups:
            return [self._owners.get(name, LogGroup(name)) for name in gap.log_groups]
        return [each for name, each in self._owners.items() if gap.concerns(name)]

    def _scan_stretch(
        self, turn: PassPlan, stretch: Window, log_groups: Collection[LogGroup], reserve: int
    ) -> list[Gap]:
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


def _piece_size(gap: Gap, window: int) -> int:
    """Return how many seconds of a gap to ask for at once: the more often it was missed, the fewer.

    These are whole windows, unless a run's time was too short for what is in one: then it is halved each time.
    """
    if gap.reason is GapReason.UNFINISHED and gap.window.seconds <= window:
        return max(SMALLEST_PIECE, gap.window.seconds >> (gap.tries - 1))
    largest = window if gap.reason is GapReason.OVER_BUDGET else LARGEST_PIECE
    return window * max(1, (largest // window) >> (gap.tries - 1))
