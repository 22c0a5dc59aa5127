"""Queries: what is searched in the logs, as much at once as they take, and the pages of what is found."""

from collections.abc import Collection

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.scanning.error_groups import LogLine
from chalicelib.domain.scanning.gaps import GapReason
from chalicelib.domain.scanning.windows import Window


class LogQuery(Struct, frozen=True):
    """Some log groups and a stretch of log time, small enough for one query.

    It finds only lines that took at least `delay` seconds to arrive; 0 means all.
    """

    log_groups: tuple[str, ...]
    window: Window
    delay: int = 0

    def parts(self, count: int = 2) -> tuple["LogQuery", ...]:
        """Cut the query by time or, within one second, in two by log group; one of each cannot be cut."""
        if self.window.seconds > 1:
            return tuple(replace(self, window=part) for part in self.window.parts(count))
        return self.parts_by_log_group()

    def without(self, names: Collection[str]) -> "LogQuery":
        """Return the query about the other log groups."""
        return replace(self, log_groups=tuple(each for each in self.log_groups if each not in names))

    def parts_by_log_group(self) -> tuple["LogQuery", ...]:
        """Cut the query in two by log group; a single one cannot be cut."""
        middle = len(self.log_groups) // 2
        names = (self.log_groups[:middle], self.log_groups[middle:])
        return tuple(replace(self, log_groups=half) for half in names) if middle else ()


class QueryHandle(Struct, frozen=True):
    """A query that was started, and how far its result was read.

    `id` is empty where none of the log groups exists; `log_query` names those that do, `missing` the others. `rows`
    were read, the next ones begin at `token`.
    """

    id: str
    log_query: LogQuery
    missing: tuple[str, ...] = ()
    token: str = ""
    rows: int = 0


class ResultPage(Struct, frozen=True, kw_only=True):
    """What a query found, a page at a time; `more` is where the next page is read.

    Without a `reason` the pages hold everything, unless one is `truncated`: then there is more than they can. With one
    they say nothing. `matched` lines fit the query, a result has `room` for so many, and AWS bills `scanned` bytes.
    """

    lines: tuple[LogLine, ...] = ()
    more: QueryHandle | None = None
    truncated: bool = False
    matched: int = 0
    room: int = 1
    scanned: int = 0
    reason: GapReason | None = None


class QueryRefused(Exception):  # noqa: N818 - it says what AWS did
    """AWS starts no query, or tells nothing about one; `is_passing` where it may do so a little later.

    The log groups in `missing` were found not to exist meanwhile.
    """

    def __init__(self, reason: GapReason, *, is_passing: bool = False, missing: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.reason, self.is_passing, self.missing = reason, is_passing, missing
