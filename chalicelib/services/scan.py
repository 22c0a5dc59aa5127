"""Scan: looks for errors in an account's logs, window by window, and says how far it came and what it missed.

A run fills gaps first, then scans the windows that are due. For each of them: search, publish everything found, write
the state down. So a crash at any point repeats at most one window, under the same idempotency keys. Whatever happens,
a run ends with a heartbeat.
"""

import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from chalicelib.domain.coverage import Coverage, Gap
from chalicelib.domain.entry import Entry
from chalicelib.domain.logs import ErrorGroup, LogGroup
from chalicelib.domain.rules import NO_RULES, Rules
from chalicelib.domain.scan_state import ScanState, gap_fields
from chalicelib.domain.text import digest
from chalicelib.domain.windows import DEFAULT_LATENCY, DEFAULT_WINDOW, Grid, Window
from chalicelib.services.ports import Clock
from chalicelib.services.scan_ports import Bus, Inventory, Logs, Parameters
from chalicelib.services.search import Findings, Search
from chalicelib.sources import HEARTBEAT, SOURCES

log = logging.getLogger(__name__)

ERROR_LOGS = next(each for each in SOURCES if each.module == "error_logs")
# Lambda's own limit, for a run that nobody limits.
LONGEST_RUN = 900_000
# A heartbeat names so many log groups that do not exist, and counts all of them.
MOST_MISSING = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanPlan:
    """How to scan; all times are in seconds.

    `parameter` holds the state. A run scans up to `windows` that are due and `refills` pieces of gaps; one query takes
    up to `query_time`, and `reserve` is left at a run's end to publish and to say so. `interval` is how often runs
    begin; `name` and `version` are the agent's, `tag` says which functions and task definitions it scans.
    """

    parameter: str
    window: int = DEFAULT_WINDOW
    latency: int = DEFAULT_LATENCY
    interval: int = 300
    windows: int = 12
    refills: int = 6
    query_time: int = 60
    reserve: int = 20
    name: str = ""
    version: str = ""
    tag: str = ""

    @property
    def grid(self) -> Grid:
        """The grid of windows."""
        return Grid(self.window, self.latency)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """What a run did: windows scanned (pieces of gaps among them), lines that were errors, events published.

    `left` windows are still due, `gaps` still open; `missing` log groups do not exist, `unlisted` owners of further
    ones were not looked at, and `refused` services may not be asked for theirs; AWS bills `scanned` bytes, and
    `forecast` on the whole day. `error` names what ended the run early.
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
            "spend": {"day": spend.day, "bytes": spend.bytes, "budget": 0, "forecast": self.forecast},
        }


def unhurried() -> int:
    """Say that there is time enough, in milliseconds."""
    return LONGEST_RUN


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """Scans the logs of one account and region; `rules` say what counts as an error there."""

    inventory: Inventory
    logs: Logs
    bus: Bus
    state: Parameters
    clock: Clock
    plan: ScanPlan
    account: str
    region: str
    rules: Rules = NO_RULES

    def run(self, remaining: Callable[[], int] = unhurried) -> ScanReport:
        """Scan what is due, as far as the `remaining` milliseconds go, and send a heartbeat.

        Raises what kept the run from its work (damaged state, PublishFailed), after the heartbeat.
        """
        run = _Run(self, remaining)
        try:
            run.work()
        except Exception as error:
            run.error = type(error).__name__
            raise
        finally:
            report = run.report()
            log.info("Scan finished", extra=_about_report(report))
            self.bus.publish([self._heartbeat(report)])
        return report

    def entry_of(self, group: ErrorGroup, window: Window) -> Entry:
        """Return the event about a group of errors; scanning the window again gives it the same idempotency key."""
        key = digest(
            *(self.account, self.region, str(window.start), str(window.end)),
            *(group.log_group.name, group.fingerprint),
        )
        detail = {
            "idempotency_key": key,
            "log_group": group.log_group.name,
            "service": group.log_group.service,
            "resource": group.log_group.resource,
            "fingerprint": group.fingerprint,
            "title": group.title,
            "culprit": group.culprit,
            "level": group.level,
            "count": group.count,
            "first_at": group.first_at,
            "last_at": group.last_at,
            "window": {"start": window.start, "end": window.end},
            "samples": [
                {"timestamp": each.at, "stream": each.stream, "message": each.message} for each in group.samples
            ],
        }
        return Entry(ERROR_LOGS.source, ERROR_LOGS.detail_type, window.end, detail)

    def _heartbeat(self, report: ScanReport) -> Entry:
        now = self.clock.now()
        detail = {
            "at": now,
            "interval": self.plan.interval,
            "name": self.plan.name,
            "version": self.plan.version,
            "scans": report.log_groups,
            "scan_tag": self.plan.tag,
            "watermark": report.watermark,
            "left": report.left,
            "gaps": report.gaps,
            "coverage": report.coverage,
            "scanned": report.scanned,
            "error": report.error,
        }
        return Entry(HEARTBEAT.source, HEARTBEAT.detail_type, now, detail)


class _Run:
    """One run of a scan, from the state it finds to the state it leaves."""

    def __init__(self, scan: Scan, remaining: Callable[[], int]) -> None:
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
            missed = self._scan_window(piece, self._missed_in(gap), reserve)
            self._save(replace(self._state, first=self._state.first.refilled(gap, piece, missed)))

    def _advance(self, due: Iterable[Window], reserve: int) -> None:
        for window in due:
            if not self._worth_beginning(reserve):
                return
            missed = self._scan_window(window, self._owners.values(), reserve)
            self._save(replace(self._state, first=self._state.first.advanced(window, missed)))
            self._left -= 1

    def _pieces(self, gaps: Iterable[Gap]) -> Iterable[tuple[Gap, Window]]:
        """Cut gaps at the grid's lines; each piece comes with what its gap then is, the pieces before it gone."""
        for gap in gaps:
            for piece in self._plan.grid.pieces(gap.window):
                yield replace(gap, window=Window(piece.start, gap.window.end)), piece

    def _missed_in(self, gap: Gap) -> list[LogGroup]:
        """Return the log groups that a gap is about; those that it names may not be listed any more."""
        if gap.log_groups:
            return [self._owners.get(name, LogGroup(name)) for name in gap.log_groups]
        return [each for name, each in self._owners.items() if gap.concerns(name)]

    def _scan_window(self, window: Window, log_groups: Collection[LogGroup], reserve: int) -> list[Gap]:
        """Search a window and publish what is found; returns what was missed."""
        findings = Search(self._scan.logs, lambda: self._deadline(reserve), self._scan.rules)(window, log_groups)
        self._publish(findings, window)
        self._missing |= findings.missing
        self._scanned += findings.scanned
        self._windows += 1
        self._count(findings.scanned, window, len(log_groups))
        names = sorted(self._owners)
        return [told for gap in findings.missed for told in gap.told_shortly(names)]

    def _count(self, scanned: int, window: Window, log_groups: int) -> None:
        """Add up what the day costs; a look at some of the log groups counts as a look at a part of the time."""
        seconds = window.seconds * log_groups // max(log_groups, len(self._owners), 1)
        spend = self._state.spend.at(self._scan.clock.now()).plus(scanned, seconds)
        self._state = replace(self._state, spend=spend)

    def _publish(self, findings: Findings, window: Window) -> None:
        groups = [findings.groups[key] for key in sorted(findings.groups)]
        self._scan.bus.publish([self._scan.entry_of(group, window) for group in groups])
        self._events += len(groups)
        self._errors += sum(group.count for group in groups)

    def _worth_beginning(self, reserve: int) -> bool:
        """Tell whether a window has a chance; one that was begun and runs out of time leaves a gap."""
        return self._remaining() - reserve > self._plan.reserve * 1_000

    def _deadline(self, reserve: int) -> int | None:
        """Return until when a query that begins now may take; None where there is no time."""
        seconds = (self._remaining() - reserve) // 1_000
        return self._scan.clock.now() + min(seconds, self._plan.query_time) if seconds > 0 else None

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


def _about_report(report: ScanReport) -> dict[str, object]:
    """Return the report's figures under names that a log record does not use itself."""
    return {
        "watermark": report.watermark,
        "windows": report.windows,
        "windows_left": report.left,
        "log_groups": report.log_groups,
        "errors": report.errors,
        "events": report.events,
        "gaps": report.gaps,
        "missing": len(report.missing),
        "bytes_scanned": report.scanned,
        "failure": report.error,
    }
