"""A stand-in for CloudWatch Logs, as boto3's client shows it: slow, busy, faulty and endless, in simulated time."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from botocore.session import get_session

PAGE, LIMIT = 10_000, 100_000
# How long calls take, in seconds: one thread waits for each of them.
CALL, FULL_PAGE = 0.03, 1.0
FAILURES = ("Failed", "Cancelled", "Timeout", "Unknown")

type Volume = Callable[[str, int, int], int]
"""How many lines of a log group match from a second to another, that excluded."""


class SimulatedClock:
    """A clock on which waiting takes no time."""

    def __init__(self, time: float) -> None:
        self.time = time

    def now(self) -> int:
        """Return the epoch seconds."""
        return int(self.time)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.time += seconds


@dataclass
class _Query:
    names: tuple[str, ...]
    start: int
    end: int
    began: float
    takes: float
    ends_as: str


@dataclass
class Insights:
    """Log groups of an account; `volume` says how many lines match, and these are made when they are read.

    A query takes a while (`slowest` seconds at most), `places` may be under way at once, a share `faulty` of them ends
    without a result and a share `throttled` of calls is refused. Groups in `missing` do not exist.
    """

    clock: SimulatedClock
    volume: Volume
    slowest: float = 6.0
    places: int = 100
    faulty: float = 0.0
    throttled: float = 0.0
    missing: Collection[str] = ()
    random: Random = field(default_factory=lambda: Random(5))  # noqa: S311 - the same bad luck in every run
    calls: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0
    rows: int = 0

    def __post_init__(self) -> None:
        client: Any = get_session().create_client("logs", region_name="eu-central-1")
        self.exceptions: Any = client.exceptions
        self.meta: Any = client.meta
        self._queries: dict[str, _Query] = {}

    def start_query(
        self,
        logGroupNames: Sequence[str],  # noqa: N803
        startTime: int,  # noqa: N803
        endTime: int,  # noqa: N803
        queryString: str,  # noqa: N803
        limit: int,
    ) -> dict[str, Any]:
        """Take a query, where there is room."""
        self._call("StartQuery", CALL)
        assert len(logGroupNames) <= 50 and queryString and limit == LIMIT  # noqa: PT018, S101, PLR2004 - AWS's limits
        if sum(self._is_running(each) for each in self._queries.values()) >= self.places:
            raise self._error("LimitExceededException", "StartQuery")
        if any(name in self.missing for name in logGroupNames):
            raise self._error("ResourceNotFoundException", "StartQuery")
        takes = self.slowest * self.random.uniform(0.3, 1)
        ends_as = self.random.choice(FAILURES) if self.random.random() < self.faulty else "Complete"
        self.longest = max(self.longest, takes)
        name = f"q-{len(self._queries)}"
        self._queries[name] = _Query(tuple(logGroupNames), startTime, endTime, self.clock.time, takes, ends_as)
        return {"queryId": name}

    def get_query_results(self, queryId: str, nextToken: str = "", maxItems: int = PAGE) -> dict[str, Any]:  # noqa: N803
        """Return a page of a query's lines once it is complete."""
        self._call("GetQueryResults", CALL)
        query = self._queries[queryId]
        if self._is_running(query):
            status = "Scheduled" if self.clock.time < query.began + query.takes / 10 else "Running"
            return {"status": status, "results": []}
        if query.ends_as != "Complete":
            return {"status": query.ends_as, "results": []}
        # The end is included, as AWS has it; so are the lines of that whole second.
        counts = [(name, self.volume(name, query.start, query.end + 1)) for name in query.names]
        matched = sum(count for _, count in counts)
        begin = int(nextToken or 0)
        end = min(begin + min(maxItems, PAGE), matched, LIMIT)
        self.clock.sleep(FULL_PAGE * (end - begin) / PAGE)
        self.rows += end - begin
        return {
            "status": "Complete",
            "results": [self._row(query, counts, number) for number in range(begin, end)],
            "statistics": {"recordsMatched": float(matched), "bytesScanned": float(matched * 200)},
            **({"nextToken": str(end)} if end < min(matched, LIMIT) else {}),
        }

    def stop_query(self, queryId: str) -> dict[str, Any]:  # noqa: N803
        """End a query."""
        self._call("StopQuery", CALL)
        self._queries[queryId].takes = 0
        return {"success": True}

    def describe_log_groups(self, logGroupNamePrefix: str, limit: int) -> dict[str, Any]:  # noqa: ARG002, N803
        """Return whether a log group exists."""
        self._call("DescribeLogGroups", CALL)
        exists = logGroupNamePrefix not in self.missing
        return {"logGroups": [{"logGroupName": logGroupNamePrefix}] if exists else []}

    def _call(self, operation: str, seconds: float) -> None:
        self.calls[operation] += 1
        self.clock.sleep(seconds)
        if self.random.random() < self.throttled:
            raise self._error("ThrottlingException", operation)

    def _error(self, code: str, operation: str) -> Exception:
        response = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": 400}}
        error: Exception = self.exceptions.from_code(code)(response, operation)
        return error

    def _is_running(self, query: _Query) -> bool:
        return self.clock.time < query.began + query.takes

    def _row(self, query: _Query, counts: Sequence[tuple[str, int]], number: int) -> list[dict[str, str]]:
        """Make the line of this number, the first log group's lines first; those of each are spread evenly."""
        name, number, count = _owner(counts, number)
        at = datetime.fromtimestamp(query.start + (query.end + 1 - query.start) * number // max(count, 1), UTC)
        cells = {
            "@timestamp": at.strftime("%Y-%m-%d %H:%M:%S.000"),
            "@ingestionTime": at.strftime("%Y-%m-%d %H:%M:%S.500"),
            "@message": f"ERROR payment {number} of {name} failed: PaymentError: card refused after {number % 977} ms",
            "@log": f"111122223333:{name}",
            "@logStream": "2026/03/02/[$LATEST]0f1e2d3c",
        }
        return [{"field": field, "value": value} for field, value in cells.items()]


def _owner(counts: Sequence[tuple[str, int]], number: int) -> tuple[str, int, int]:
    """Return the log group that holds the line of a number, the line's number in it, and how many lines it holds."""
    for name, count in counts:
        if number < count:
            return name, number, count
        number -= count
    raise IndexError(number)
