"""Stand-ins for what a log scan works with: logs with faults on demand, a bus that remembers, parameters in memory."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from chalicelib.domain.coverage import Reason
from chalicelib.domain.entry import Entry
from chalicelib.domain.errors import PublishFailed
from chalicelib.domain.logs import Answer, Line, Listing, LogGroup
from chalicelib.domain.windows import Window
from chalicelib.sources import HEARTBEAT
from tests.fakes import FakeClock

type Question = tuple[tuple[str, ...], Window]


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
        self.unlisted = 0
        self.refused: tuple[str, ...] = ()
        self.fuse = fuse or Fuse()

    def list_log_groups(self) -> Listing:
        """Return the log groups."""
        self.fuse.burn()
        return Listing(tuple(self.log_groups), self.unlisted, self.refused)


class FakeLogs:
    """Log lines in memory; like Insights, it returns at most `limit` of them and fails as a whole or not at all.

    `fault` gives the reason why a question has no answer. Every question takes `cost` seconds.
    """

    def __init__(self, clock: FakeClock, lines: Iterable[Line] = (), *, fuse: Fuse | None = None) -> None:
        self.clock = clock
        self.lines = list(lines)
        self.limit = 10_000
        self.cost = 0.0
        self.missing: set[str] = set()
        self.fault: Callable[[Sequence[str], Window], Reason | None] = lambda names, window: None
        self.asked: list[Question] = []
        self.answered: list[Question] = []
        self.fuse = fuse or Fuse()

    def search(self, log_groups: Sequence[str], window: Window, deadline: int) -> Answer:
        """Return the lines in the window, or why not."""
        self.fuse.burn()
        assert 0 < len(log_groups) <= 50
        assert deadline > self.clock.now()
        self.asked.append((tuple(log_groups), window))
        self.clock.time += self.cost
        missing = tuple(sorted(self.missing & set(log_groups)))
        reason = self.fault(log_groups, window)
        if reason is not None:
            return Answer(reason=reason, missing=missing)
        asked = set(log_groups) - self.missing
        found = [line for line in self.lines if line.log_group in asked and window.start <= line.at < window.end]
        if len(found) <= self.limit:
            self.answered.append((tuple(log_groups), window))
        return Answer(
            lines=tuple(found[: self.limit]),
            missing=missing,
            truncated=len(found) > self.limit,
            scanned=100 * len(log_groups),
        )


class FakeBus:
    """Remembers what was published; `down` makes it take nothing."""

    def __init__(self, *, fuse: Fuse | None = None) -> None:
        self.entries: list[Entry] = []
        self.down = False
        self.fuse = fuse or Fuse()

    def publish(self, entries: Sequence[Entry]) -> None:
        """Take all entries, one by one."""
        for entry in entries:
            self.fuse.burn()
            if self.down and entry.source != HEARTBEAT.source:
                raise PublishFailed(len(entries), "InternalFailure")
            self.entries.append(entry)

    @property
    def heartbeats(self) -> list[Entry]:
        """The heartbeats."""
        return [entry for entry in self.entries if entry.source == HEARTBEAT.source]

    @property
    def events(self) -> dict[str, Entry]:
        """The events by idempotency key: what the hub makes of entries that come twice."""
        found = (entry for entry in reversed(self.entries) if entry.source != HEARTBEAT.source)
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
