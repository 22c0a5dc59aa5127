"""Backfill: looks for errors in a stretch of the past, an hour at a time, as far as the time goes; and later the rest.

It is the scan's own search, over windows of the same grid: what the scan had found when it happened gets the same
idempotency keys, and is found once. For each hour: search, publish, write down how far that is. So a crash repeats at
most an hour. The scan's watermark is read and never moved.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, replace

from chalicelib.domain.errors import Invalid
from chalicelib.domain.events.event import DAY, iso
from chalicelib.domain.events.outgoing import Entry
from chalicelib.domain.scanning.backfill import BackfillOrder, BackfillState
from chalicelib.domain.scanning.budget import GIGABYTE, Spend
from chalicelib.domain.scanning.checkpoint import ScanState, gap_fields
from chalicelib.domain.scanning.coverage import Gap
from chalicelib.domain.scanning.error_groups import LogGroup
from chalicelib.domain.scanning.passes import ScanPass
from chalicelib.domain.scanning.windows import Grid, Window
from chalicelib.services.scanning.scanner import LONGEST_RUN, Scan
from chalicelib.sources.registry import BACKFILL

log = logging.getLogger(__name__)

HOUR = 3_600
# What was missed so often is left at that, and said.
MOST_TRIES = 3
# The scan goes on meanwhile, and is to have most of the queries that may be under way at once.
SHARE_OF_QUERIES = 4
# Seconds in which the last events reach the hub, before it is told to count them.
SETTLING = 10
# More of them than anybody reads.
MOST_GAPS_TOLD = 20


class Progress(Struct, frozen=True, kw_only=True):
    """How far a backfill has come: `left` seconds of log time are still to be scanned, and `gaps` could not be yet.

    `errors` were found in `events`; AWS bills `scanned` bytes. Times are ISO 8601. `done` tells that the hub was told,
    `over_budget` that the scans of this day leave nothing to spare.
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

    def to_json(self) -> dict[str, Any]:
        """Write it as whoever asked for it reads it."""
        return asdict(self)

    def __str__(self) -> str:
        """Say it in one line."""
        gaps = f", {self.gaps} {'gap' if self.gaps == 1 else 'gaps'}" if self.gaps else ""
        end = "done" if self.done else f"up to {self.position}, {self.left / HOUR:,.1f} hours left"
        stop = ", the day's budget is used up" if self.over_budget else ""
        found = f"{self.errors:,} errors in {self.events:,} events, {self.scanned / GIGABYTE:.2f} GB read"
        return f"{end}: {found}{gaps}{stop}"


class Backfill(Struct, frozen=True):
    """Scans the past of one account and region, and remembers in `parameter` how far it has come."""

    scan: Scan
    parameter: str

    def run(self, order: Any, remaining: Callable[[], int]) -> Progress:
        """Do as much as the `remaining` milliseconds allow; Invalid where the order cannot be carried out."""
        try:
            *_, last = self.steps(BackfillOrder.of(order), remaining)
        except Invalid as error:  # whoever invokes a function hears no more of an error than its text
            said = "; ".join(f"{each.field} {each.message}" for each in error.problems)
            raise Invalid(f"{error} {said}", *error.problems) from None
        log.info("Backfill came so far", extra=last.to_json())
        return last

    def steps(self, order: BackfillOrder, remaining: Callable[[], int] = lambda: LONGEST_RUN) -> Iterator[Progress]:
        """Go on where an earlier run has stopped, and tell after each hour how far it has come."""
        run = _Run(self, self._begin(order), remaining)
        yield run.progress()
        if not run.state.is_told:
            for _ in run.work():
                yield run.progress()

    def keep(self, state: BackfillState) -> None:
        """Write down how far it has come."""
        self.scan.state.put(self.parameter, state.encode())

    def _begin(self, order: BackfillOrder) -> BackfillState:
        """Return where to go on; what is unfinished, and not what is asked for, is not given up unasked."""
        text = self.scan.state.get(self.parameter)
        known = BackfillState.decode(text, self.parameter) if text else None
        wanted = order.window(self.scan.plan.grid, self._covered())
        if known and known.goes_on_with(order, wanted):
            return known
        state = BackfillState.beginning(wanted)
        self.keep(state)
        return state

    def is_affordable(self, spend: Spend) -> bool:
        """Tell whether the day's scans are to cost less than they may, with what the backfill has spent today."""
        budget, now, live = self.scan.plan.budget, self.scan.clock.now(), self._live()
        if not budget.limit or live is None:
            return True
        return live.spend.at(now).forecast(now, 2 if live.late else 1) + spend.at(now).bytes < budget.limit

    def look(self) -> ScanPass:
        """Return the scan's own first look, which leaves to the second one what that is going to find."""
        plan, live = self.scan.plan, self._live()
        return plan.rounds(live)[0].look if live else ScanPass(plan.grid)

    def _covered(self) -> int:
        """Return how far the scan has come; one that never ran will begin at the newest window."""
        live = self._live()
        return live.first.watermark if live else self.scan.plan.grid.origin(self.scan.clock.now())

    def _live(self) -> ScanState | None:
        text = self.scan.state.get(self.scan.plan.parameter)
        return ScanState.decode(text, self.scan.plan.parameter) if text else None


class _Run:
    """One run, from the state that it finds to the state that it leaves."""

    def __init__(self, backfill: Backfill, state: BackfillState, remaining: Callable[[], int]) -> None:
        self._backfill, self.state = backfill, state
        plan = backfill.scan.plan
        self._scan = replace(backfill.scan, plan=replace(plan, queries=max(1, plan.queries // SHARE_OF_QUERIES)))
        self._reserve = plan.reserve * 1_000
        self._remaining = remaining
        self._look = backfill.look()
        self._log_groups: tuple[LogGroup, ...] = ()

    def work(self) -> Iterator[None]:
        """Scan hour after hour, then what could not be scanned, then tell the hub; pauses after each step."""
        self._log_groups = self._scan.inventory.list_log_groups().log_groups
        for step in (self._advance, self._refill):
            while self._time_left() > self._reserve and self._is_affordable() and step():
                self._backfill.keep(self.state)
                yield
        if self.state.left or self._gap() is not None:
            return
        self._finish()
        yield

    def progress(self) -> Progress:
        """Say how far it has come."""
        state = self.state
        return Progress(
            since=iso(state.since),
            until=iso(state.until),
            position=iso(state.coverage.watermark),
            left=state.left,
            gaps=len(state.coverage.gaps),
            errors=state.errors,
            events=state.events,
            scanned=state.scanned,
            done=state.is_told,
            over_budget=not state.is_told and not self._is_affordable(),
        )

    def _is_affordable(self) -> bool:
        return self._backfill.is_affordable(self.state.spend)

    def _time_left(self) -> int:
        return self._remaining() - self._reserve

    def _advance(self) -> bool:
        """Scan the next hour in which any log group may have lines; False where there is none."""
        for hour in (
            Grid(HOUR).pieces(Window(self.state.coverage.watermark, self.state.until)) if self.state.left else ()
        ):
            kept = [each for each in self._log_groups if self._may_hold(each, hour)]
            missed = self._scan_stretch(hour, kept) if kept else []
            self.state = replace(self.state, coverage=self.state.coverage.advanced(hour, missed))
            if kept:
                return True
        return False

    def _refill(self) -> bool:
        """Scan the beginning of a gap again, in smaller and smaller pieces; False where no gap is worth it."""
        gap = self._gap()
        if gap is None:
            return False
        step = max(self._scan.plan.window, HOUR >> gap.tries)
        piece = next(Grid(step).pieces(gap.window))
        concerned = [each for each in self._log_groups if gap.concerns(each.name) and self._may_hold(each, piece)]
        missed = self._scan_stretch(piece, concerned) if concerned else []
        self.state = replace(self.state, coverage=self.state.coverage.refilled(gap, piece, missed))
        return True

    def _gap(self) -> Gap | None:
        """Return the gap with the fewest tries, if it is worth another one."""
        gaps = [each for each in self.state.coverage.gaps if each.tries < MOST_TRIES]
        return min(gaps, key=lambda gap: (gap.tries, gap.window), default=None)

    def _may_hold(self, log_group: LogGroup, stretch: Window) -> bool:
        """Tell whether a log group may have lines of that time: it was there, and has not dropped them yet."""
        kept_since = self._scan.clock.now() - log_group.retention * DAY if log_group.retention else 0
        return log_group.created_at < stretch.end and kept_since < stretch.end

    def _scan_stretch(self, stretch: Window, log_groups: Sequence[LogGroup]) -> list[Gap]:
        """Search a stretch of log time and publish what is found; returns what was missed."""
        findings = self._scan.search(stretch, log_groups, self._look, self._time_left)
        found = [(group, window) for window, groups in findings.kinds.by_window() for group in groups]
        self._scan.bus.publish([_as_history(self._scan.entry_of(group, window)) for group, window in found])
        errors = sum(group.count for group, _ in found)
        self.state = self.state.found(errors, len(found), findings.scanned, self._scan.clock.now())
        return list(self._told_shortly(findings.missed))

    def _told_shortly(self, missed: Iterable[Gap]) -> Iterator[Gap]:
        names = sorted(each.name for each in self._log_groups)
        return (told for gap in missed for told in gap.told_shortly(names))

    def _finish(self) -> None:
        """Let the hub count what it has got; the time is written down first, so that it is told once."""
        clock = self._scan.clock
        if not self.state.finished_at:
            clock.sleep(SETTLING if self.state.events else 0)
            self.state = replace(self.state, finished_at=clock.now())
            self._backfill.keep(self.state)
        self._scan.bus.publish([_the_end(self.state, len(self._log_groups))])
        self.state = replace(self.state, is_told=True)
        self._backfill.keep(self.state)


def _as_history(entry: Entry) -> Entry:
    return replace(entry, detail={**entry.detail, "backfill": True})


def _the_end(state: BackfillState, log_groups: int) -> Entry:
    detail = {
        "since": state.since,
        "until": state.until,
        "finished_at": state.finished_at,
        "errors": state.errors,
        "events": state.events,
        "log_groups": log_groups,
        "scanned": state.scanned,
        "gaps": [gap_fields(each) for each in state.coverage.gaps[:MOST_GAPS_TOLD]],
    }
    return Entry(BACKFILL.source, BACKFILL.detail_type, state.finished_at, detail)
