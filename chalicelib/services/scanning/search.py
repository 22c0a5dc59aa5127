"""Search: finds the errors of a stretch of log time, with many queries at once and one thread.

Queries wait in a queue. As many as allowed run at once, and each is polled at growing intervals. A query whose result
was cut off is split, and its parts go to the end of the queue, so that a noisy log group waits for the others and not
they for it. A query that fails loses nothing of what others have found.
"""

from __future__ import annotations

import itertools
import logging
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from chalicelib.domain.scanning.error_groups import ErrorGroups, LogGroup, LogLine, collect
from chalicelib.domain.scanning.findings import Findings
from chalicelib.domain.scanning.gaps import Gap, GapReason
from chalicelib.domain.scanning.paging import DEFAULT_PAGE_BYTES, PageSize
from chalicelib.domain.scanning.passes import ScanPass
from chalicelib.domain.scanning.queries import LogQuery, QueryHandle, QueryRefused, ResultPage
from chalicelib.domain.scanning.rules import NO_RULES, Rules
from chalicelib.domain.scanning.windows import Window

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock
    from chalicelib.services.scanning.ports import Logs

log = logging.getLogger(__name__)

# How many log groups StartQuery takes:
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
LOG_GROUPS_AT_ONCE = 50
# A fifth of the concurrent queries that an account may run; dashboards and people query as well.
QUERIES_AT_ONCE = 20
QUERY_TIME = 60
# A query takes one second or many: each wait is half as long again as the one before, so at most a third is wasted.
FIRST_WAIT, GROWTH, LONGEST_WAIT = 0.5, 1.5, 5.0
# Lines grouped between two checks of the time that is left.
LINES_AT_ONCE, MOST_AT_ONCE = 100, 1_000
# A query is split into this many parts at most; and into a few more than would do if its lines were spread evenly.
MOST_PARTS, SPARE = 128, 1.25
# A log group with a tenth of the lines of a result that was cut off is loud.
LOUD = 10


class SearchResult(Struct):
    """The result of a search: errors by window, gaps, and the bytes that AWS bills."""

    findings: Findings = field(default_factory=Findings)
    missed: list[Gap] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    scanned: int = 0


class Search(Struct, frozen=True, kw_only=True):
    """Queries the logs, up to `at_once` queries at a time, each for up to `query_time` seconds.

    `rules` say what counts as an error; a page of a result has about `page_bytes` at most. The last `reserve`
    milliseconds of a run are left to others.
    """

    logs: Logs
    clock: Clock
    at_once: int = QUERIES_AT_ONCE
    query_time: int = QUERY_TIME
    rules: Rules = NO_RULES
    page_bytes: int = DEFAULT_PAGE_BYTES
    reserve: int = 0

    def __call__(
        self, stretch: Window, log_groups: Iterable[LogGroup], scan_pass: ScanPass, remaining: Callable[[], int]
    ) -> SearchResult:
        """Return the errors in a stretch of log time, by the grid's windows.

        It stops when only the reserve is left of the `remaining` milliseconds, and returns the rest of the stretch as
        gaps.
        """
        searching = _Searching(self, stretch, {each.name: each for each in log_groups}, scan_pass, remaining)
        searching.run()
        return searching.result


class _Running(Struct):
    """A running query, polled for its result in `due` seconds; what it has found only counts once it is complete."""

    query: QueryHandle
    log_query: LogQuery
    ends_at: int
    page: PageSize
    wait: float = FIRST_WAIT
    due: float = FIRST_WAIT
    findings: Findings = field(default_factory=Findings)
    reason: GapReason = GapReason.TIMED_OUT
    is_done: bool = False


class _Searching:
    """One search, from its queries to its result."""

    def __init__(
        self,
        search: Search,
        stretch: Window,
        owners: Mapping[str, LogGroup],
        scan_pass: ScanPass,
        remaining: Callable[[], int],
    ) -> None:
        self._search, self._logs, self._clock = search, search.logs, search.clock
        self._stretch, self._owners, self._pass = stretch, owners, scan_pass
        self._remaining = remaining
        self._running: list[_Running] = []
        self._allowed, self._pause, self._wait = search.at_once, 0.0, 0.0
        self._refusal: GapReason | None = None
        self._left = self._time_left()
        self.result = SearchResult()
        delay = scan_pass.delay
        self._waiting = deque([LogQuery(names, stretch, delay) for names in _batches(owners.values())])

    def run(self) -> None:
        """Query until every result is there or the time is up."""
        while self._waiting or self._running:
            if self._time_left() <= 0:
                self._give_up()
                break
            self._start()
            self._let_time_pass()
            for running in [each for each in self._running if each.due <= 0]:
                if self._read(running) > 1:
                    break  # that took its time: those that were started before it may be done by now
        self.result.missed = _merged(self.result.missed)

    def _time_left(self) -> int:
        return self._remaining() - self._search.reserve

    def _start(self) -> None:
        """Start the queries that may be started now."""
        while self._waiting and self._has_room():
            log_query = self._without_expired(self._waiting.popleft())
            if log_query.log_groups:
                self._try(log_query)

    def _without_expired(self, log_query: LogQuery) -> LogQuery:
        """Leave out log groups that no longer keep lines of that time: AWS refuses any query for them."""
        window, now = log_query.window, self._clock.now()
        expired = tuple(name for name in log_query.log_groups if self._owners[name].has_dropped(window, now))
        if expired:
            self._miss(replace(log_query, log_groups=expired), GapReason.EXPIRED)
        return log_query.without(expired) if expired else log_query

    def _try(self, log_query: LogQuery) -> None:
        """Start a query; one that is refused waits where that may pass, and else becomes a gap."""
        try:
            query = self._logs.start(log_query)
        except QueryRefused as refused:
            self.result.missing.update(refused.missing)
            known = log_query.without(refused.missing)
            if refused.is_passing:
                self._waiting.appendleft(known)
                self._slow_down(refused.reason)
            else:
                self._fail(known, refused.reason)
            return
        self._refusal = None
        self.result.missing.update(query.missing)
        if query.id:
            ends_at, page = self._clock.now() + self._search.query_time, PageSize.first(self._search.page_bytes)
            self._running.append(_Running(query, log_query, ends_at, page))

    def _has_room(self) -> bool:
        """Return whether one more query may be tried: within the last accepted number, or now and then beyond it."""
        if self._pause <= 0:
            self._allowed = min(self._search.at_once, max(self._allowed, len(self._running) + 1))
        return len(self._running) < self._allowed

    def _slow_down(self, reason: GapReason) -> None:
        """Run no more queries at once than were just accepted, and try one more at growing intervals."""
        self._refusal, self._allowed = reason, len(self._running)
        self._pause = self._wait = _longer(self._wait)

    def _let_time_pass(self) -> None:
        """Wait until something is due; time that calls took since the last wait counts."""
        waits = [each.due for each in self._running]
        if self._waiting and self._pause > 0:
            waits.append(self._pause)
        called = max(0, self._left - self._time_left()) / 1_000
        wait = max(0, min(*waits, self._time_left() / 1_000, LONGEST_WAIT) - called) if waits else 0
        if wait > 0:
            self._clock.sleep(wait)
        self._left = self._time_left()
        self._pause -= called + wait
        for each in self._running:
            each.due -= called + wait

    def _read(self, running: _Running) -> int:
        """Read a result that is there to its end, as a part of it is useless; return its number of pages."""
        pages = 0
        while running.due <= 0 and not running.is_done and self._time_left() > 0:
            self._poll(running)
            pages += 1
        return pages

    def _poll(self, running: _Running) -> None:
        """Read a page of a query; a query without one for too long, or of unknown status, is stopped."""
        try:
            result_page = self._logs.result(running.query, running.page.rows)
        except QueryRefused as refused:
            running.reason = refused.reason
            result_page = None if refused.is_passing else ResultPage(reason=GapReason.UNKNOWN)
        if result_page is None:
            running.due = running.wait = _longer(running.wait)
            if self._clock.now() < running.ends_at:
                return
        if result_page is None or result_page.reason is GapReason.UNKNOWN:
            self._logs.stop(running.query)
        self._take(running, result_page or ResultPage(reason=running.reason))

    def _take(self, running: _Running, result_page: ResultPage) -> None:
        """Add a page to what its query has found, and a complete result to the findings."""
        parts = self._parts(running, result_page) if result_page.truncated else ()
        if result_page.reason is None and not parts:
            if not self._is_collected(running.findings, result_page.lines):
                self.result.scanned += result_page.scanned  # AWS bills it all the same
                return
            if result_page.more:
                running.query = result_page.more
                running.page = running.page.after([len(line.message) for line in result_page.lines])
                return
        self._running.remove(running)
        running.is_done = True
        self._waiting.extend(parts)
        self.result.scanned += result_page.scanned
        if result_page.reason is not None:
            self._fail(running.log_query, result_page.reason, running.query.missing)
        elif not parts:
            self.result.findings.absorb(running.findings)
            if result_page.truncated:
                self._miss(running.log_query, GapReason.TRUNCATED, running.query.missing)

    def _parts(self, running: _Running, result_page: ResultPage) -> tuple[LogQuery, ...]:
        """Split a query into so many parts that each is likely to be complete.

        Loud log groups are queried apart from the others, which then need not wait for them.
        """
        count = min(MOST_PARTS, max(2, round(SPARE * result_page.matched / result_page.room)))
        lines = Counter(line.log_group for line in result_page.lines)
        loud = [name for name, number in lines.items() if number * LOUD >= len(result_page.lines)]
        log_query = running.log_query
        quiet, noise = log_query.without(loud), replace(log_query, log_groups=tuple(sorted(loud)))
        if not (loud and quiet.log_groups):
            return log_query.parts(count)
        return (quiet, *(noise.parts(count) or (noise,)))

    def _is_collected(self, findings: Findings, lines: Collection[LogLine]) -> bool:
        """Group lines, and forget them; False where the time was up before.

        Grouping a page may take longer than waiting for it. A result that was read in part does not count.
        """
        taken = (line for line in lines if self._pass.takes(line))
        grid = self._pass.grid
        for window, alike in itertools.groupby(taken, lambda line: grid.piece_at(line.at, self._stretch)):
            for some in _lines_at_once(alike):
                if self._time_left() <= 0:
                    return False
                groups: ErrorGroups = {}
                collect(groups, some, self._owners, self._search.rules)
                findings.add(window, groups.values())
        return True

    def _fail(self, log_query: LogQuery, reason: GapReason, missing: Collection[str] = ()) -> None:
        """Record a gap; for a rejected query, find out first which log group is to blame."""
        if reason is GapReason.REJECTED and (parts := log_query.parts_by_log_group()):
            self._waiting.extend(parts)
        elif reason is not GapReason.REJECTED or not self._is_before_creation(log_query):
            self._miss(log_query, reason, missing)

    def _is_before_creation(self, log_query: LogQuery) -> bool:
        """Return whether Insights has nothing because the log groups did not exist yet."""
        return all(self._owners[name].created_at >= log_query.window.end for name in log_query.log_groups)

    def _give_up(self) -> None:
        """Stop running queries, so that they cost no more, and record what is left as gaps."""
        for running in self._running:
            self._logs.stop(running.query)
            self._miss(running.log_query, GapReason.UNFINISHED, running.query.missing)
        for log_query in map(self._without_expired, self._waiting):
            self._miss(log_query, self._refusal or GapReason.UNFINISHED)

    def _miss(self, log_query: LogQuery, reason: GapReason, missing: Collection[str] = ()) -> None:
        about = {"window_start": log_query.window.start, "window_end": log_query.window.end}
        log.warning(
            "Log window not scanned; kept as a gap",
            extra={"reason": reason, "log_groups": len(log_query.log_groups), **about},
        )
        names = tuple(each for each in log_query.log_groups if each not in missing)
        self.result.missed.append(Gap(log_query.window, names, reason))


def _batches(log_groups: Iterable[LogGroup]) -> Iterable[tuple[str, ...]]:
    """Divide log groups into those queried together: of one storage class, sorted by how long lines are kept."""
    ordered = sorted(log_groups, key=lambda each: (each.storage, each.retention, each.name))
    for _, alike in itertools.groupby(ordered, key=lambda each: each.storage):
        yield from itertools.batched((each.name for each in alike), LOG_GROUPS_AT_ONCE)


def _longer(wait: float) -> float:
    return min(wait * GROWTH, LONGEST_WAIT) if wait else FIRST_WAIT


def _merged(gaps: Iterable[Gap]) -> list[Gap]:
    """Merge gaps that differ only in their log groups; those without log groups are dropped."""
    names: dict[tuple[Window, GapReason], set[str]] = {}
    for gap in gaps:
        names.setdefault((gap.window, gap.reason), set()).update(gap.log_groups)
    return [Gap(window, tuple(sorted(missed)), reason) for (window, reason), missed in names.items() if missed]


def _lines_at_once(lines: Iterable[LogLine]) -> Iterator[list[LogLine]]:
    """Iterate over portions of lines; a line that may continue a stack trace stays with those before it."""
    from chalicelib.domain.grouping.split_messages import may_go_on  # noqa: PLC0415 - many scans find no line at all

    batch: list[LogLine] = []
    for line in lines:
        if len(batch) >= LINES_AT_ONCE and (not may_go_on(line.message) or len(batch) == MOST_AT_ONCE):
            yield batch
            batch = []
        batch.append(line)
    if batch:
        yield batch
