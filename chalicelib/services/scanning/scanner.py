"""Scan: looks for errors in an account's logs, window by window, and says how far it came and what it missed.

A run fills gaps first, then scans the windows that are due. Whatever happens, it ends with a heartbeat.
"""

import logging
from collections.abc import Callable, Iterable

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.events.outgoing import Entry
from chalicelib.domain.scanning.budget import Allowance, Budget, Spend
from chalicelib.domain.scanning.checkpoint import ScanState
from chalicelib.domain.scanning.coverage import Coverage
from chalicelib.domain.scanning.error_groups import ErrorGroup, LogGroup
from chalicelib.domain.scanning.findings import Findings
from chalicelib.domain.scanning.passes import Arrival, ScanPass
from chalicelib.domain.scanning.rules import NO_RULES, Rules
from chalicelib.domain.scanning.windows import DEFAULT_LATENCY, DEFAULT_WINDOW, Grid, Window
from chalicelib.domain.text import digest
from chalicelib.services.ports import Clock
from chalicelib.services.scanning.ports import EventBus, Inventory, Logs, ParameterStore
from chalicelib.services.scanning.report import ScanReport
from chalicelib.services.scanning.run import PassPlan, ScanRun
from chalicelib.services.scanning.search import QUERIES_AT_ONCE, QUERY_TIME, Search, SearchResult
from chalicelib.sources.registry import HEARTBEAT, source_of

log = logging.getLogger(__name__)

ERROR_LOGS = source_of("error_logs")
BUDGET = source_of("scan_budget")
UNLIMITED = Budget()
# What is looked at a second time is looked at by the hour: few lines are late, and each question costs a call.
LATE_STEP = 3_600
# Lambda's own limit, for a run that nobody limits.
LONGEST_RUN = 900_000


class ScanPlan(Struct, frozen=True, kw_only=True):
    """How to scan; all times are in seconds.

    `parameter` holds the state. A run scans up to `windows` that are due and `refills` pieces of gaps; up to `queries`
    are under way at once, each for up to `query_time`, and `reserve` is left at a run's end to publish and to say so.
    `interval` is how often runs begin; `stage`, `name`, `version` and `commit` are the agent's, `tag` says which
    functions and task definitions it scans. Each hour is looked at again `late_look` after it, for lines that
    came late; 0 means never. The `budget` says how many bytes a day's scans may read.
    """

    parameter: str
    window: int = DEFAULT_WINDOW
    latency: int = DEFAULT_LATENCY
    late_look: int = 0
    budget: Budget = UNLIMITED
    interval: int = 300
    stage: str = ""
    windows: int = 12
    refills: int = 50
    queries: int = QUERIES_AT_ONCE
    query_time: int = QUERY_TIME
    reserve: int = 20
    name: str = ""
    version: str = ""
    commit: str = ""
    tag: str = ""

    @property
    def grid(self) -> Grid:
        """The grid of windows."""
        return Grid(self.window, self.latency)

    def with_looks(self, state: ScanState) -> ScanState:
        """Begin or give up the second look in the state of a scan."""
        if not self.late_look:
            return replace(state, late=None)
        watermark = state.first.watermark
        return state if state.late else replace(state, late=Coverage(watermark, watermark))

    def rounds(self, state: ScanState) -> list[PassPlan]:
        """Return the looks that a run takes, in this order."""
        if not state.late:
            return [PassPlan(ScanPass(self.grid), self.grid)]
        first, second = (ScanPass(self.grid, each, state.late.since) for each in (Arrival.ON_TIME, Arrival.LATE))
        return [PassPlan(first, self.grid), PassPlan(second, Grid(LATE_STEP, self.late_look))]


def unhurried() -> int:
    """Say that there is time enough, in milliseconds."""
    return LONGEST_RUN


class Scan(Struct, frozen=True, kw_only=True):
    """Scans the logs of one account and region; `rules` say what counts as an error there."""

    inventory: Inventory
    logs: Logs
    bus: EventBus
    state: ParameterStore
    clock: Clock
    plan: ScanPlan
    account: str
    region: str
    rules: Rules = NO_RULES

    def run(self, remaining: Callable[[], int] = unhurried) -> ScanReport:
        """Scan what is due, as far as the `remaining` milliseconds go, and send a heartbeat.

        Raises what kept the run from its work (damaged state, PublishFailed), after the heartbeat.
        """
        run = ScanRun(self, remaining)
        try:
            run.work()
        except Exception as error:
            run.error = type(error).__name__
            raise
        finally:
            report = run.report()
            log.info("Scan finished", extra=report.to_log())
            self.bus.publish([self._heartbeat(report)])
        return report

    def search(
        self, stretch: Window, log_groups: Iterable[LogGroup], look: ScanPass, time_left: Callable[[], int]
    ) -> SearchResult:
        """Look for errors in a stretch of log time, for as long as `time_left` (in milliseconds) tells."""
        search = Search(
            logs=self.logs,
            clock=self.clock,
            at_once=self.plan.queries,
            query_time=self.plan.query_time,
            rules=self.rules,
        )
        return search(stretch, log_groups, look, time_left)

    def publish(self, kinds: Findings, late: Grid | None = None) -> list[ErrorGroup]:
        """Publish all errors of a search, or raise PublishFailed; returns them.

        What the second look found says so, and counts from when the window was `late` enough to be looked at again:
        that is news only now.
        """
        found = [(group, window) for window, groups in kinds.by_window() for group in groups]
        self.bus.publish(
            [self.entry_of(group, window, late.due_at(window.start) if late else 0) for group, window in found]
        )
        return [group for group, _ in found]

    def entry_of(self, group: ErrorGroup, window: Window, late_at: int = 0) -> Entry:
        """Return the event about a group of errors; scanning the window again gives it the same idempotency key."""
        key = digest(
            *(self.account, self.region, str(window.start), str(window.end)),
            *(group.log_group.name, group.fingerprint),
            *(("late",) if late_at else ()),
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
            **({"late": True, "late_at": late_at} if late_at else {}),
            "samples": [
                {"timestamp": each.at, "stream": each.stream, "message": each.message} for each in group.samples
            ],
        }
        return Entry(ERROR_LOGS.source, ERROR_LOGS.detail_type, late_at or window.end, detail)

    def tell_of_budget(self, spend: Spend, allowance: Allowance, forecast: int) -> None:
        """Publish how the scan stands to its budget on the day of `spend`; a day is told the same at most once."""
        now = self.clock.now()
        detail = {
            "state": "within" if allowance is Allowance.ALL else "over",
            "day": spend.day,
            "at": now,
            "budget": self.plan.budget.limit,
            "spent": spend.bytes,
            "forecast": forecast,
            "allowance": allowance,
        }
        self.bus.publish([Entry(BUDGET.source, BUDGET.detail_type, now, detail)])

    def _heartbeat(self, report: ScanReport) -> Entry:
        now = self.clock.now()
        detail = {
            "at": now,
            "heartbeat_seconds": self.plan.interval,
            "stage": self.plan.stage,
            "name": self.plan.name,
            "version": self.plan.version,
            "commit": self.plan.commit,
            "log_group_count": report.log_groups,
            "scan_tag": self.plan.tag,
            "watermark": report.watermark,
            "left": report.left,
            "gaps": report.gaps,
            "coverage": report.coverage,
            "scanned": report.scanned,
            "error": report.error,
        }
        return Entry(HEARTBEAT.source, HEARTBEAT.detail_type, now, detail)
