"""Backfill: scans the logs of a past stretch of time for errors, hour by hour, over several runs.

It uses the scan's own search over the same grid of windows, so an error that the scan has found before gets the same
idempotency key and is stored once. Each hour is searched, published and recorded in this order: after a crash at most
one hour is repeated. The scan's watermark is read but never moved.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import asdict, replace

from chalicelib.domain.errors import Invalid
from chalicelib.domain.scanning.backfill import BackfillOrder, BackfillState
from chalicelib.domain.scanning.budget import GIGABYTE, Spend
from chalicelib.domain.scanning.error_groups import LogGroup
from chalicelib.domain.scanning.gaps import MOST_TRIES, Gap
from chalicelib.domain.scanning.passes import ScanPass
from chalicelib.domain.scanning.scan_state import ScanState
from chalicelib.domain.scanning.windows import Grid, Window
from chalicelib.domain.timestamps import iso
from chalicelib.services.scanning.checkpoint import Checkpoint
from chalicelib.services.scanning.plan import LONGEST_RUN, ScanPlan
from chalicelib.services.scanning.publisher import Publisher
from chalicelib.services.scanning.search import Search

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock
    from chalicelib.services.scanning.ports import Inventory

log = logging.getLogger(__name__)

HOUR = 3_600
# Concurrent queries of a backfill; the scan, which runs meanwhile, gets most of what CloudWatch allows.
SHARE_OF_QUERIES = 4
# Seconds for the last events to reach the hub before it counts them.
SETTLING = 10
# Missing log groups listed at most.
MOST_GAPS_REPORTED = 20


class Progress(Struct, frozen=True, kw_only=True):
    """How far a backfill has come: `left` seconds of log time are not scanned yet, and `gaps` could not be.

    `errors` were found in `events`; AWS bills `scanned` bytes. Times are ISO 8601. `done` is set once the end was
    reported, `over_budget` if today's scans leave no budget.
    """

    since: str
    until: str
    position: str
    left: int
    gaps: int
    errors: int
    events: int
    scanned: int
    done: bool
    over_budget: bool = False

    @classmethod
    def of(cls, state: BackfillState, *, over_budget: bool) -> Progress:
        """Describe a state."""
        return cls(
            since=iso(state.since),
            until=iso(state.until),
            position=iso(state.coverage.watermark),
            left=state.left,
            gaps=len(state.coverage.gaps),
            errors=state.errors,
            events=state.events,
            scanned=state.scanned,
            done=state.is_reported,
            over_budget=over_budget and not state.is_reported,
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON for the command that ordered the backfill."""
        return asdict(self)

    def __str__(self) -> str:
        """Return it as one line."""
        gaps = f", {self.gaps} {'gap' if self.gaps == 1 else 'gaps'}" if self.gaps else ""
        end = "done" if self.done else f"up to {self.position}, {self.left / HOUR:,.1f} hours left"
        stop = ", the day's budget is used up" if self.over_budget else ""
        found = f"{self.errors:,} errors in {self.events:,} events, {self.scanned / GIGABYTE:.2f} GB read"
        return f"{end}: {found}{gaps}{stop}"


class Backfill(Struct, frozen=True, kw_only=True):
    """Scans the past of one account and region; `live` is the state of the regular scan."""

    inventory: Inventory
    search: Search
    publisher: Publisher
    checkpoint: Checkpoint[BackfillState]
    live: Checkpoint[ScanState]
    clock: Clock
    plan: ScanPlan

    def run(self, order: Any, remaining: Callable[[], int]) -> Progress:
        """Do as much as the `remaining` milliseconds allow; Invalid where the order cannot be carried out."""
        try:
            *_, last = self.steps(BackfillOrder.of(order), remaining)
        except Invalid as error:  # a caller of a function gets no more of an error than its text
            violations = "; ".join(f"{each.field} {each.message}" for each in error.violations)
            raise Invalid(f"{error} {violations}", *error.violations) from None
        log.info("Backfill progress", extra=last.to_json())
        return last

    def steps(self, order: BackfillOrder, remaining: Callable[[], int] = lambda: LONGEST_RUN) -> Iterator[Progress]:
        """Continue where an earlier run stopped, and yield the progress after each hour."""
        live = self.live.load()
        run = _BackfillRun(
            inventory=self.inventory,
            search=replace(self.search, at_once=max(1, self.search.at_once // SHARE_OF_QUERIES)),
            publisher=self.publisher,
            checkpoint=self.checkpoint,
            clock=self.clock,
            plan=self.plan,
            live=live,
            remaining=remaining,
            state=self._begin(order, live),
        )
        yield run.progress()
        if not run.state.is_reported:
            for _ in run.work():
                yield run.progress()

    def _begin(self, order: BackfillOrder, live: ScanState | None) -> BackfillState:
        """Return the state to continue; an unfinished backfill of another stretch is only given up with `force`."""
        covered = live.first.watermark if live else self.plan.grid.origin(self.clock.now())
        wanted = order.window(self.plan.grid, covered)
        known = self.checkpoint.load()
        if known and known.goes_on_with(order, wanted):
            return known
        state = BackfillState.beginning(wanted)
        self.checkpoint.save(state)
        return state


class _BackfillRun(Struct, kw_only=True):
    """One run, from the saved state to the state that it saves."""

    inventory: Inventory
    search: Search
    publisher: Publisher
    checkpoint: Checkpoint[BackfillState]
    clock: Clock
    plan: ScanPlan
    live: ScanState | None
    remaining: Callable[[], int]
    state: BackfillState
    log_groups: Sequence[LogGroup] = field(default_factory=tuple)

    def work(self) -> Iterator[None]:
        """Scan hour after hour, then the gaps, then report the end; yields after each step."""
        self._save(replace(self.state, marker=self.state.marker.begun(self.clock.now())))
        try:
            yield from self._steps()
        finally:  # a run that dies does not come here, and the next one reads less at once
            self._save(replace(self.state, marker=self.state.marker.ended()))

    def _steps(self) -> Iterator[None]:
        self.log_groups = self.inventory.list_log_groups().log_groups
        for step in (self._advance, self._refill):
            while self._time_left() > self._reserve and self._is_affordable(self.state.spend) and step():
                self._save(self.state)
                yield
        if self.state.left or self._gap() is not None:
            return
        self._finish()
        yield

    def _save(self, state: BackfillState) -> None:
        self.checkpoint.save(state)
        self.state = state

    def progress(self) -> Progress:
        """Return how far it has come."""
        return Progress.of(self.state, over_budget=not self._is_affordable(self.state.spend))

    @property
    def _reserve(self) -> int:
        return self.plan.reserve * 1_000

    def _time_left(self) -> int:
        return self.remaining() - self._reserve

    def _is_affordable(self, spend: Spend) -> bool:
        """Return whether today's scans, with what the backfill has spent, will stay within the budget."""
        budget, now = self.plan.budget, self.clock.now()
        if not budget.limit or self.live is None:
            return True
        forecast = self.live.forecast(now)
        return forecast + spend.at(now).bytes < budget.limit

    @property
    def _pass(self) -> ScanPass:
        """The scan's first pass; it leaves the lines that its second pass will find to that."""
        return self.plan.passes(self.live)[0].scan_pass if self.live else ScanPass(self.plan.grid)

    def _advance(self) -> bool:
        """Scan the next hour in which any log group may have lines; False where there is none."""
        coverage = self.state.coverage
        if not self.state.left:
            return False
        for hour in Grid(HOUR).pieces(Window(coverage.watermark, self.state.until)):
            log_groups = self._holding(hour, self.log_groups)
            missed = self._scan_stretch(hour, log_groups)
            self.state = replace(self.state, coverage=self.state.coverage.advanced(hour, missed))
            if log_groups:
                return True
        return False

    def _refill(self) -> bool:
        """Scan the start of a gap again, in smaller and smaller pieces; False where no gap is worth a try."""
        gap = self._gap()
        if gap is None:
            return False
        step = max(self.plan.window, HOUR >> gap.tries)
        piece = next(Grid(step).pieces(gap.window))
        concerned = [each for each in self.log_groups if gap.concerns(each.name)]
        missed = self._scan_stretch(piece, self._holding(piece, concerned))
        self.state = replace(self.state, coverage=self.state.coverage.refilled(gap, piece, missed))
        return True

    def _gap(self) -> Gap | None:
        """Return the gap with the fewest tries, if it is worth another one."""
        gaps = [each for each in self.state.coverage.gaps if each.tries < MOST_TRIES and not each.is_final]
        return min(gaps, key=lambda gap: (gap.tries, gap.window), default=None)

    def _holding(self, stretch: Window, log_groups: Sequence[LogGroup]) -> list[LogGroup]:
        """Return the log groups that may have lines of that time."""
        return [each for each in log_groups if each.may_hold(stretch, self.clock.now())]

    def _scan_stretch(self, stretch: Window, log_groups: Sequence[LogGroup]) -> list[Gap]:
        """Search a stretch of log time and publish the errors; return the gaps."""
        if not log_groups:
            return []
        page_bytes = self.state.marker.page_bytes(self.search.page_bytes)
        search = replace(self.search, page_bytes=page_bytes, reserve=self._reserve)
        result = search(stretch, log_groups, self._pass, self.remaining)
        counts = [group.count for group in self.publisher.errors(result.findings, is_backfill=True)]
        self.state = self.state.found(sum(counts), len(counts), result.scanned, self.clock.now())
        names = sorted(each.name for each in self.log_groups)
        return [short for gap in result.missed for short in gap.shortened(names)]

    def _finish(self) -> None:
        """Have the hub count what it received; the time is saved first, so that the end is reported once."""
        if not self.state.finished_at:
            self.clock.sleep(SETTLING if self.state.events else 0)
            self._save(replace(self.state, finished_at=self.clock.now()))
        self.publisher.backfill_finished(self.state.finished_at, self._end())
        self._save(replace(self.state, is_reported=True))

    def _end(self) -> dict[str, Any]:
        """Return what the hub is sent about the whole backfill."""
        state = self.state
        return {
            "since": state.since,
            "until": state.until,
            "finished_at": state.finished_at,
            "errors": state.errors,
            "events": state.events,
            "log_groups": len(self.log_groups),
            "scanned": state.scanned,
            "gaps": [
                {"start": each.window.start, "end": each.window.end, "reason": each.reason, "tries": each.tries}
                for each in state.coverage.gaps[:MOST_GAPS_REPORTED]
            ],
        }
