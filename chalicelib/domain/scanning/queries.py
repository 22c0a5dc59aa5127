"""Queries: searches of the logs, small enough for Logs Insights, and pages of their results."""

from collections.abc import Collection

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.scanning.error_groups import LogLine
from chalicelib.domain.scanning.gaps import GapReason
from chalicelib.domain.scanning.windows import Window


class LogQuery(Struct, frozen=True):
    """Log groups and a stretch of log time, small enough for one query.

    It only finds lines that took at least `delay` seconds to arrive; 0 means all.
    """

    log_groups: tuple[str, ...]
    window: Window
    delay: int = 0

    def parts(self, count: int = 2) -> tuple["LogQuery", ...]:
        """Split the query by time or, within one second, in two by log group.

        One second of one group cannot be split.
        """
        if self.window.seconds > 1:
            return tuple(replace(self, window=part) for part in self.window.parts(count))
        return self.parts_by_log_group()

    def without(self, names: Collection[str]) -> "LogQuery":
        """Return the query without these log groups."""
        return replace(self, log_groups=tuple(each for each in self.log_groups if each not in names))

    def parts_by_log_group(self) -> tuple["LogQuery", ...]:
        """Split the query in two by log group; one with a single log group cannot be split."""
        middle = len(self.log_groups) // 2
        names = (self.log_groups[:middle], self.log_groups[middle:])
        return tuple(replace(self, log_groups=half) for half in names) if middle else ()


class QueryHandle(Struct, frozen=True):
    """A running query, and how far its result was read.

    `id` is empty if none of the log groups exists; `log_query` has those that do, `missing` the others. `rows` were
    read, and the next ones begin at `token`.
    """

    id: str
    log_query: LogQuery
    missing: tuple[str, ...] = ()
    token: str = ""
    rows: int = 0


class ResultPage(Struct, frozen=True, kw_only=True):
    """A page of a query's result; `more` is the token of the next page.

    Without a `reason` the pages are the whole result, unless one is `truncated`. With a reason they are worthless.
    `matched` lines match the query, a result has `room` for so many, and AWS bills `scanned` bytes.
    """

    lines: tuple[LogLine, ...] = ()
    more: QueryHandle | None = None
    truncated: bool = False
    matched: int = 0
    room: int = 1
    scanned: int = 0
    reason: GapReason | None = None


class QueryRefused(Exception):  # noqa: N818 - it says what AWS did
    """AWS does not start a query, or reports nothing about it; `is_passing` if it may do so later.

    The log groups in `missing` were found not to exist.
    """

    def __init__(self, reason: GapReason, *, is_passing: bool = False, missing: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.reason, self.is_passing, self.missing = reason, is_passing, missing
