"""Stand-ins for what a log scan works with: logs with faults on demand, a bus that remembers, parameters in memory."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import override

from msgspec import field
from msgspec.structs import replace

from chalicelib.domain.errors import PublishFailed
from chalicelib.domain.events.outgoing import Entry
from chalicelib.domain.logs.levels import Level
from chalicelib.domain.scanning.error_groups import LogGroup, LogGroupListing, LogLine
from chalicelib.domain.scanning.gaps import GapReason
from chalicelib.domain.scanning.queries import LogQuery, QueryHandle, QueryRefused, ResultPage
from chalicelib.domain.scanning.rules import Rules
from chalicelib.domain.scanning.windows import Window
from chalicelib.sources.registry import CANARY, HEARTBEAT
from tests.fakes import FakeClock

type RequestedQuery = tuple[tuple[str, ...], Window]


class Crash(BaseException):
    """The process is killed: no handler of ours may catch it."""


class Fuse:
    """Lets so many calls pass and crashes at the next one; blown, it lets everything pass."""

    def __init__(self, calls: int | None = None) -> None:
        self.calls = calls

    def burn(self) -> None:
        """Count a call."""
        if self.calls is not None:
            self.calls -= 1
            if self.calls < 0:
                self.calls = None
                raise Crash


class FakeInventory:
    """A list of log groups."""

    def __init__(self, names: Iterable[str] = (), *, fuse: Fuse | None = None) -> None:
        self.log_groups = [LogGroup(name, "lambda", name.rsplit("/", 1)[-1]) for name in names]
        self.unresolved_count = 0
        self.access_denied: tuple[str, ...] = ()
        self.listed_at = 0
        self.fuse = fuse or Fuse()

    def list_log_groups(self) -> LogGroupListing:
        """Return the log groups."""
        self.fuse.burn()
        return LogGroupListing(tuple(self.log_groups), self.unresolved_count, self.access_denied, self.listed_at)


class SlowRules(Rules, frozen=True):
    """Rules by which it takes `seconds` to read a line."""

    clock: FakeClock = field(default_factory=FakeClock)
    seconds: float = 0.0

    @override
    def level_of(self, message: str, log_group: str) -> Level | None:
        """Take your time."""
        self.clock.sleep(self.seconds)
        return super().level_of(message, log_group)


class FakeLogs:
    """Log lines in memory; like Insights, it returns at most `limit` of them and fails as a whole or not at all.

    A line that has not arrived yet is not there; one that has stays there, whatever becomes of the clock. `fault` gives
    the reason why a question has no answer, `busy` why one is not taken for now. Every question takes `cost` seconds;
    at most `places` are under way at once.
    """

    def __init__(self, clock: FakeClock, lines: Iterable[LogLine] = (), *, fuse: Fuse | None = None) -> None:
        self.clock = clock
        self.lines = list(lines)
        self.limit = 10_000
        self.page = 10_000
        self.cost = 0.0
        self.places = 100
        self.latest = 0.0
        self.missing: set[str] = set()
        self.fault: Callable[[Sequence[str], Window], GapReason | None] = lambda names, window: None
        self.busy: GapReason | None = None
        self.requested: list[RequestedQuery] = []
        self.answered: list[RequestedQuery] = []
        self.answered_pages = 0
        self.largest_page = 0
        self.whole: list[LogQuery] = []
        self.refused = 0
        self.most_running = 0
        self.stopped: list[RequestedQuery] = []
        self.running: dict[str, float] = {}
        self.fuse = fuse or Fuse()

    def start(self, log_query: LogQuery) -> QueryHandle:
        """Take a question, where there is a place for it."""
        self.fuse.burn()
        assert 0 < len(log_query.log_groups) <= 50
        self.latest = max(self.latest, self.clock.time)
        self.running = {name: ends for name, ends in self.running.items() if self.clock.time < ends}
        if self.busy or len(self.running) >= self.places:
            self.refused += 1
            raise QueryRefused(self.busy or GapReason.THROTTLED, is_passing=True)
        self.requested.append((log_query.log_groups, log_query.window))
        reason = self.fault(log_query.log_groups, log_query.window)
        if reason is GapReason.REJECTED:
            raise QueryRefused(reason)
        name = str(len(self.requested))
        self.running[name] = self.clock.time + self.cost
        self.most_running = max(self.most_running, len(self.running))
        missing = tuple(sorted(self.missing & set(log_query.log_groups)))
        existing = tuple(each for each in log_query.log_groups if each not in missing)
        return QueryHandle(name if existing else "", replace(log_query, log_groups=existing), missing)

    def result(self, query: QueryHandle, rows: int) -> ResultPage | None:
        """Return a page of the lines in the window, or why there is none."""
        self.fuse.burn()
        if self.clock.time < self.running.get(query.id, 0):
            return None
        self.running.pop(query.id, None)
        names, window = query.log_query.log_groups, query.log_query.window
        reason = self.fault(names, window)
        if reason is not None:
            return ResultPage(reason=reason)
        found = self._found(query.log_query)
        page = found[query.rows : min(query.rows + min(self.page, rows), self.limit)]
        rows = query.rows + len(page)
        self.answered_pages += 1
        self.largest_page = max(self.largest_page, sum(len(line.message) for line in page))
        more = rows < min(len(found), self.limit)
        if not more and len(found) <= self.limit:
            self.answered.append((names, window))
            self.whole.append(query.log_query)
        return ResultPage(
            lines=tuple(page),
            more=replace(query, token=str(rows), rows=rows) if more else None,
            truncated=len(found) > self.limit,
            matched=len(found),
            room=self.limit,
            scanned=100 * len(names),
        )

    def stop(self, query: QueryHandle) -> None:
        """End a query."""
        self.running.pop(query.id, None)
        self.stopped.append((query.log_query.log_groups, query.log_query.window))

    def _found(self, log_query: LogQuery) -> list[LogLine]:
        return [
            line
            for line in self.lines
            if line.log_group in log_query.log_groups
            and log_query.window.start <= line.at < log_query.window.end
            and line.ingested_at <= self.latest
            and (not log_query.delay or line.ingested_at - line.at >= log_query.delay)
        ]


class FakeBus:
    """Remembers what was published; `down` makes it take none but heartbeats and canaries."""

    def __init__(self, *, fuse: Fuse | None = None) -> None:
        self.entries: list[Entry] = []
        self.down = False
        self.fuse = fuse or Fuse()

    def publish(self, entries: Sequence[Entry]) -> None:
        """Take all entries, one by one."""
        for entry in entries:
            self.fuse.burn()
            if self.down and entry.source not in {HEARTBEAT.source, CANARY.source}:
                raise PublishFailed(len(entries), "InternalFailure")
            self.entries.append(entry)

    @property
    def heartbeats(self) -> list[Entry]:
        """The heartbeats."""
        return [entry for entry in self.entries if entry.source == HEARTBEAT.source]

    @property
    def events(self) -> dict[str, Entry]:
        """The events about errors by idempotency key: what the hub makes of entries that come twice."""
        found = (entry for entry in reversed(self.entries) if "idempotency_key" in entry.detail)
        return {entry.detail["idempotency_key"]: entry for entry in found}

    @property
    def counts(self) -> Counter[str]:
        """How many errors the hub hears of, by title."""
        counts: Counter[str] = Counter()
        for entry in self.events.values():
            counts[entry.detail["title"]] += entry.detail["count"]
        return counts


class FakeParameters:
    """Parameters in memory, with SSM's limit."""

    def __init__(self, *, fuse: Fuse | None = None) -> None:
        self.values: dict[str, str] = {}
        self.written = 0
        self.fuse = fuse or Fuse()

    def get(self, name: str) -> str | None:
        """Return a value."""
        self.fuse.burn()
        return self.values.get(name)

    def put(self, name: str, value: str) -> None:
        """Write a value."""
        self.fuse.burn()
        assert len(value.encode()) <= 4_096
        self.values[name] = value
        self.written += 1
