"""The scan of 1,000 log groups: the real gateway and the real scan against a stand-in for Logs Insights.

    python -m bench.scan [--seconds N]

Simulated: time, and what AWS does. A query takes 2 to 6 seconds, each call 30 ms, a full page of results a second more.

1. *Quiet*: 1,000 log groups, an error in each. The scan against a plain loop over tens, which polls every second.
2. *Trouble*: room for five queries only, a tenth of them fails in all the ways there are, a twentieth of all calls is
   throttled, log groups are missing. Every line must be found in the end, each once, by the first run or a later one.
3. *Noise*: one log group with 10 million matching lines in a window. What the run has no time for must be a gap, the
   errors of the other log groups are found, and no more than a few pages are held at once.

Printed: seconds as a multiple of the slowest single query, calls by kind, memory. Exits 1 where a goal is missed.
"""

import argparse
import itertools
import logging
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bench.insights import PAGE, Insights, SimulatedClock
from chalicelib.domain.events.outgoing import Entry
from chalicelib.domain.scanning.error_groups import LogGroup, LogGroupListing, LogLine
from chalicelib.domain.scanning.paging import LARGEST_PAGE
from chalicelib.domain.scanning.queries import LogQuery
from chalicelib.domain.scanning.scan_state import ScanState
from chalicelib.domain.scanning.windows import Window
from chalicelib.gateways.cloudwatch.logs_insights import LogsInsights
from chalicelib.services.scanning.checkpoint import Checkpoint
from chalicelib.services.scanning.plan import ScanPlan
from chalicelib.services.scanning.publisher import AgentIdentity, Publisher
from chalicelib.services.scanning.report import ScanReport
from chalicelib.services.scanning.scanner import Scanner
from chalicelib.services.scanning.search import Search
from infra.argument_types import at_least_one

START = 1_795_380_000
NAMES = tuple(f"/aws/lambda/shop-{number:04}" for number in range(1_000))
MISSING = (NAMES[17], NAMES[530])
NOISY, LINES = NAMES[400], 10_000_000
RUN = 240
# 1,000 log groups are 20 queries of 50.
GOAL_QUERIES = 20
# All queries are under way at once. The last one starts after 20 calls; its end is noticed when it has taken half as
# long again, at worst, and after 20 more calls.
GOAL_MULTIPLE = 2.0
# Pages are read one at a time; Python holds a page of 10,000 rows, its lines and its error groups in some 30 MB.
GOAL_MEGABYTES = 100
MOST_RUNS = 6


@dataclass
class RecordingBus:
    """Remembers what was published."""

    entries: list[Entry] = field(default_factory=list)

    def publish(self, entries: Sequence[Entry]) -> None:
        """Take all entries."""
        self.entries += entries

    @property
    def errors(self) -> int:
        """How many errors were published; an idempotency key counts once."""
        found = {each.detail["idempotency_key"]: each for each in self.entries if "count" in each.detail}
        return sum(each.detail["count"] for each in found.values())


@dataclass
class Memory:
    """The scan's state."""

    values: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str | None:
        """Return a value."""
        return self.values.get(name)

    def put(self, name: str, value: str) -> None:
        """Write a value."""
        self.values[name] = value


class FixedInventory:
    """The log groups."""

    def list_log_groups(self) -> LogGroupListing:
        """Return all of them."""
        return LogGroupListing(tuple(LogGroup(name, "lambda", name.rpartition("/")[2]) for name in NAMES))


@dataclass
class ScanWorld:
    """A scan of the stand-in."""

    insights: Insights
    bus: RecordingBus = field(default_factory=RecordingBus)
    memory: Memory = field(default_factory=Memory)

    def run(self, seconds: float = RUN) -> ScanReport:
        """Run the scan with so many seconds left."""
        clock = self.insights.clock
        scanner = Scanner(
            inventory=FixedInventory(),
            search=Search(logs=LogsInsights(self.insights), clock=clock),
            publisher=Publisher(self.bus, clock, lambda: AgentIdentity(account="111122223333", region="eu-central-1")),
            checkpoint=Checkpoint(self.memory, "/scan", ScanState),
            clock=clock,
            plan=ScanPlan(),
        )
        until = clock.time + seconds
        return scanner.run(lambda: int((until - clock.time) * 1_000))


def clock() -> SimulatedClock:
    """Return a clock at which the window before START is due."""
    return SimulatedClock(START + 120)


def one_each(_name: str, start: int, end: int) -> int:
    """Say that each log group has one line, in the middle of each window."""
    return sum(1 for at in range(start // 300 * 300 + 150, end, 300) if at >= start)


def plain_loop(insights: Insights) -> float:
    """Ask for ten log groups after the other, each second, as most scripts do; returns the seconds that it took."""
    began = insights.clock.time
    logs = LogsInsights(insights)
    for names in itertools.batched(NAMES, 10):
        query = logs.start(LogQuery(names, Window(START - 300, START)))
        while logs.result(query, LARGEST_PAGE) is None:
            insights.clock.sleep(1)
    return insights.clock.time - began


def quiet() -> Iterator[bool]:
    """Scan 1,000 log groups of which nothing is wrong."""
    world, loop = ScanWorld(Insights(clock(), one_each)), Insights(clock(), one_each)
    began = world.insights.clock.time
    report = world.run()
    seconds, slowest = world.insights.clock.time - began, world.insights.longest
    looped = plain_loop(loop)
    print("Quiet: 1,000 log groups, an error in each")
    for name, taken, insights in (("scan", seconds, world.insights), ("plain loop", looped, loop)):
        print(f"  {name:10}  {taken:6.1f} s = {taken / insights.longest:5.1f} x the slowest query  {usage(insights)}")
    yield goal("every error found", world.bus.errors, "=", len(NAMES))
    yield goal("gaps", report.gaps, "=", 0)
    yield goal("StartQuery calls", world.insights.calls["StartQuery"], "<=", GOAL_QUERIES)
    yield goal("time as a multiple of the slowest query", seconds / slowest, "<=", GOAL_MULTIPLE)


def trouble() -> Iterator[bool]:
    """Scan while little works."""
    insights = Insights(clock(), one_each, places=5, faulty=0.1, throttled=0.05, missing=MISSING)
    world = ScanWorld(insights)
    print("Trouble: five places, a tenth of the queries fails, a twentieth of the calls is throttled")
    for number in range(1, MOST_RUNS + 1):
        began = insights.clock.time
        report = world.run()
        took = insights.clock.time - began
        print(f"  run {number}: {took:5.1f} s, {report.gaps} gaps left, {report.windows} windows  {usage(insights)}")
        if number > 1:
            insights.faulty = insights.throttled = 0.0
        insights.clock.time = began + 300
    watermark = report.watermark
    windows = (watermark - report.state.first.since) // 300
    yield goal("every error found, and once", world.bus.errors, "=", windows * (len(NAMES) - len(MISSING)))
    yield goal("gaps once the trouble was over", report.gaps, "=", 0)
    yield goal("missing log groups named", len(report.missing), "=", len(MISSING))


def noise(seconds: int) -> Iterator[bool]:
    """Scan beside a log group that never stops."""

    def volume(name: str, start: int, end: int) -> int:
        return LINES * (end - start) // 300 if name == NOISY else one_each(name, start, end)

    world = ScanWorld(Insights(clock(), volume))
    before, began = peak(), time.perf_counter()
    report = world.run(seconds)
    others = [each for each in world.bus.entries if each.detail.get("log_group") not in {None, NOISY}]
    held = peak() - before
    print(f"Noise: {LINES:,} matching lines in one log group, a run's time for some of them")
    print(
        f"  {world.insights.rows:,} lines read in {time.perf_counter() - began:.0f} s of real time;"
        f" {report.gaps} gaps  {usage(world.insights)}"
    )
    print(f"  all lines at once would be {size_of_page() * LINES // PAGE / 1e6:,.0f} MB")
    yield goal("errors found in the other log groups", len(others), "=", len(NAMES) - 1)
    yield goal("what was not read is a gap", report.gaps, ">=", 1)
    yield goal("lines read", world.insights.rows, ">=", PAGE)
    yield goal("memory for it, in MB", held, "<=", GOAL_MEGABYTES)


def size_of_page() -> int:
    """Return the bytes that the lines of a page take, message and object, without the rows that they were read from."""
    lines = [LogLine(START, NOISY, "stream", f"ERROR payment {number} failed" + "x" * 60) for number in range(100)]
    return sum(sys.getsizeof(line) + sys.getsizeof(line.message) for line in lines) * PAGE // len(lines)


def peak() -> float:
    """Return the most memory that this process ever held, in MB; Linux counts in kB, macOS in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def usage(insights: Insights) -> str:
    """Tell the calls by kind."""
    return ", ".join(f"{name} {count}" for name, count in insights.calls.most_common())


def goal(what: str, value: float, relation: str, limit: float) -> bool:
    """Print whether a goal is met."""
    is_met = {"<=": value <= limit, ">=": value >= limit, "=": value == limit}[relation]
    print(f"  {'ok    ' if is_met else 'MISSED'}  {what}: {value:,.4g} (goal {relation} {limit:,.4g})")
    return is_met


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all three; returns 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.scan", description="The scan of 1,000 log groups.")
    parser.add_argument(
        "--seconds", type=at_least_one, default=42, help="how long the noisy run may take (default %(default)s)"
    )
    seconds = parser.parse_args(arguments).seconds
    logging.disable(logging.CRITICAL)
    met = [*quiet(), *trouble(), *noise(seconds)]
    logging.disable(logging.NOTSET)
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
