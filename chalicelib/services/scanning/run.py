"""Scan run: one run of the scan, from the saved state to the state that it saves.

Each window is searched, published and recorded in this order: after a crash at most one window is repeated, with the
same idempotency keys.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from chalicelib.domain.errors import PublishFailed
from chalicelib.domain.scanning.budget import Allowance
from chalicelib.domain.scanning.coverage import Coverage
from chalicelib.domain.scanning.error_groups import LogGroup
from chalicelib.domain.scanning.gaps import Gap, GapReason
from chalicelib.domain.scanning.scan_state import ScanState
from chalicelib.domain.scanning.windows import Window
from chalicelib.services.scanning.checkpoint import Checkpoint
from chalicelib.services.scanning.plan import PassPlan, ScanPlan
from chalicelib.services.scanning.publisher import Publisher
from chalicelib.services.scanning.report import ScanReport
from chalicelib.services.scanning.search import Search

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock
    from chalicelib.services.scanning.ports import Inventory

log = logging.getLogger(__name__)


class ScanRun(Struct, kw_only=True):
    """One run; `remaining` returns how many milliseconds are left."""

    inventory: Inventory
    search: Search
    publisher: Publisher
    checkpoint: Checkpoint[ScanState]
    clock: Clock
    plan: ScanPlan
    remaining: Callable[[], int]
    report: ScanReport = field(default_factory=ScanReport)

    @property
    def state(self) -> ScanState:
        """The state so far."""
        return self.report.state

    def work(self) -> None:
        """Fill gaps with up to half of the time, and scan windows that are due with the rest."""
        reserve = self.plan.reserve * 1_000
        for_refills = max(reserve, self.remaining() // 2)
        self.report.state = self.plan.with_passes(self._begin())
        passes = self.plan.passes(self.report.state)
        self.report.listing = self.inventory.list_log_groups()
        listed = self.state.listed(self.report.listing, passes[0].grid)
        self.report.state = listed.expired(self.report.listing, self.plan.grid, self.clock.now())
        due = [self._due(each) for each in passes]
        self.report.left = len(due[0])
        for each in passes:
            self._refill(each, for_refills)
        for each, windows in zip(passes, due, strict=True):
            self._advance(each, windows[: self.plan.windows], reserve)
        self._announce_budget()
        self.end()

    def end(self) -> None:
        """Record that the run has ended; after one that died, the next one reads less at a time."""
        self._save(replace(self.state, marker=self.state.marker.ended()))

    def fail(self, error: Exception) -> None:
        """Note in the report what ended the run early, and record its end if possible."""
        self.report.error = type(error).__name__
        if self.state.first.watermark:
            with suppress(Exception):  # the error that ended the run is the one to hear of
                self.end()

    def finish(self) -> ScanReport:
        """Return the report."""
        self.report.budget = self.plan.budget.limit
        self.report.state = self.state.compact()
        self.report.forecast = self.report.state.forecast(self.clock.now())
        return self.report

    def _begin(self) -> ScanState:
        """Read the state, and record that a run is under way; a first run also sets where the scan begins."""
        now = self.clock.now()
        state = self.checkpoint.load() or self.plan.beginning(now)
        self._save(replace(state, marker=state.marker.begun(now)))
        return self.state

    def _save(self, state: ScanState) -> None:
        self.checkpoint.save(state)
        self.report.state = state

    def _refill(self, pass_plan: PassPlan, reserve: int) -> None:
        """Scan the first pieces of gaps again; those with the fewest tries go first, so that none waits for ever."""
        for gap, piece in islice(self._pieces(pass_plan), self.plan.refills):
            if not self._worth_beginning(reserve):
                return
            if not self._may_refill(gap):
                continue
            missed = self._scan_stretch(pass_plan, piece, self._log_groups_of(gap), reserve)
            covered = self._covered(pass_plan).refilled(gap, piece, missed)
            self._save(self.state.covering(covered, late=pass_plan.is_late))

    def _advance(self, pass_plan: PassPlan, due: Iterable[Window], reserve: int) -> None:
        """Scan windows that are due; those beyond the budget become gaps."""
        for window in due:
            if not self._worth_beginning(reserve):
                return
            if self.plan.budget.may_scan(window, self.state.spend, self.clock.now(), is_late=pass_plan.is_late):
                missed = self._scan_stretch(pass_plan, window, self.report.listing.log_groups, reserve)
            else:
                missed = [Gap(window, (), GapReason.OVER_BUDGET)]
            self._save(self.state.covering(self._covered(pass_plan).advanced(window, missed), late=pass_plan.is_late))
            self.report.left -= not pass_plan.is_late

    def _covered(self, pass_plan: PassPlan) -> Coverage:
        late = self.report.state.late
        return late if late and pass_plan.is_late else self.report.state.first

    def _due(self, pass_plan: PassPlan) -> list[Window]:
        """Return the windows that a pass may scan now, oldest first."""
        return pass_plan.grid.due(self._covered(pass_plan).watermark, self.clock.now())

    def _pieces(self, pass_plan: PassPlan) -> Iterator[tuple[Gap, Window]]:
        gaps = [gap for gap in self._covered(pass_plan).gaps if not gap.is_final and self._may_refill(gap)]
        gaps.sort(key=lambda gap: (gap.tries, gap.window))
        return (each for gap in gaps for each in gap.pieces(pass_plan.grid))

    def _may_refill(self, gap: Gap) -> bool:
        return self.plan.budget.may_refill(gap, self.state.spend, self.clock.now(), self.state.pass_count)

    def _log_groups_of(self, gap: Gap) -> list[LogGroup]:
        """Return the log groups that a gap is about; those that it names may no longer exist."""
        listed = {each.name: each for each in self.report.listing.log_groups}
        if gap.log_groups:
            return [listed.get(name, LogGroup(name)) for name in gap.log_groups]
        return [each for name, each in listed.items() if gap.concerns(name)]

    def _scan_stretch(
        self, pass_plan: PassPlan, stretch: Window, log_groups: Collection[LogGroup], reserve: int
    ) -> list[Gap]:
        """Search a stretch of log time and publish the errors; return the gaps."""
        page_bytes = self.state.marker.page_bytes(self.search.page_bytes)
        search = replace(self.search, page_bytes=page_bytes, reserve=reserve)
        result = search(stretch, log_groups, pass_plan.scan_pass, self.remaining)
        groups = self.publisher.errors(result.findings, late=pass_plan.grid if pass_plan.is_late else None)
        self.report.add(groups, result.missing, result.scanned)
        self._count_spend(result.scanned, stretch, len(log_groups))
        names = sorted(each.name for each in self.report.listing.log_groups)
        return [short for gap in result.missed for short in gap.shortened(names)]

    def _count_spend(self, scanned: int, stretch: Window, log_groups: int) -> None:
        """Add to the day's spend; a scan of some of the log groups counts as a part of the time."""
        state = self.state
        seconds = stretch.seconds * log_groups // max(log_groups, len(self.report.listing.log_groups), 1)
        spend = state.spend.at(self.clock.now()).plus(scanned, seconds)
        self.report.state = replace(state, spend=spend)

    def _worth_beginning(self, reserve: int) -> bool:
        """Return whether there is time for a window; one that runs out of time leaves a gap."""
        return self.remaining() - reserve > self.plan.reserve * 1_000

    def _announce_budget(self) -> None:
        """Publish once a day that the budget is too small, and when that is over; on failure the next run does."""
        now, budget = self.clock.now(), self.plan.budget
        if not budget.is_news(self.state.spend, now, self.state.pass_count):
            return
        spend, allowance = self.state.spend.at(now), budget.allowance(self.state.spend, now)
        try:
            self.publisher.budget(spend, allowance, budget.limit, self.state.forecast(now))
        except PublishFailed:
            log.warning("Budget event not published; will retry")
            return
        warned_at = 0 if allowance is Allowance.ALL else spend.midnight
        self._save(replace(self.state, spend=replace(spend, warned_at=warned_at)))
