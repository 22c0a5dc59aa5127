"""Error groups: the lines that a scan finds, grouped into the few problems behind them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Self

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.logs.levels import Level
from chalicelib.domain.scanning.line_timer import LONGEST, LineTimeout, line_timer
from chalicelib.domain.scanning.rules import NO_RULES, Rules
from chalicelib.domain.scanning.windows import Window
from chalicelib.domain.text import clean, digest, shortened
from chalicelib.domain.timestamps import DAY

if TYPE_CHECKING:
    from chalicelib.domain.grouping.split_messages import SplitMessage

TITLE_LENGTH = 200
CULPRIT_LENGTH = 200
SAMPLES = 3
UNREADABLE = "A line that the scanner cannot read"
TOO_LONG = "A line that takes too long to read"
SAMPLE_LENGTH = 2_000


class LogGroup(Struct, frozen=True, order=True):
    """A log group and its owner, the resource of a service.

    Services are `lambda` (functions), `ecs` (task definition families), `apigateway`, `stepfunctions`, `rds` and
    `other`. `created_at` is 0 if unknown. One query takes log groups of one `storage` (CloudWatch's log class) only.
    Lines are kept for `retention` days, 0: for ever.
    """

    name: str
    service: str = "other"
    resource: str = ""
    created_at: int = 0
    storage: str = "STANDARD"
    retention: int = 0

    def has_dropped(self, window: Window, now: int) -> bool:
        """Return whether it no longer keeps any line of a window; AWS rejects such queries."""
        return window.end <= self.kept_since(now)

    def kept_since(self, now: int) -> int:
        """Return since when it keeps its lines; 0: always."""
        return max(0, now - self.retention * DAY) if self.retention else 0

    def may_hold(self, window: Window, now: int) -> bool:
        """Return whether it may have lines of a window: it existed then, and still keeps them."""
        return self.created_at < window.end and not self.has_dropped(window, now)


class LogGroupListing(Struct, frozen=True):
    """The log groups to scan.

    `unresolved_count` resources could not be examined for further ones; the services of `access_denied` may not be
    listed. `listed_at` is when it was made; 0: unknown.
    """

    log_groups: tuple[LogGroup, ...]
    unresolved_count: int = 0
    access_denied: tuple[str, ...] = ()
    listed_at: int = 0

    def created_since(self, at: int) -> list[LogGroup]:
        """Return the log groups that were created at that time or later."""
        return [each for each in self.log_groups if each.created_at >= at]


class LogLine(Struct, frozen=True):
    """One log message; times are whole epoch seconds, and 0 is an unknown time of arrival."""

    at: int
    log_group: str
    stream: str
    message: str
    ingested_at: int = 0


class LogSample(Struct, frozen=True, order=True):
    """One of many messages, cut to 2,000 characters, with its line breaks."""

    at: int
    stream: str
    message: str


class ErrorGroup(Struct, frozen=True, kw_only=True):
    """Similar errors in one log group: how many, from when to when, and the first three of them.

    `culprit` is the place in the code that raised them, if a stack trace tells.
    """

    log_group: LogGroup
    fingerprint: str
    title: str
    level: Level
    count: int
    first_at: int
    last_at: int
    samples: tuple[LogSample, ...]
    culprit: str = ""

    @classmethod
    def of(cls, line: LogLine, log_group: LogGroup, rules: Rules = NO_RULES) -> Self | None:
        """Read a line as a group of one, without its secrets; None if it is no error.

        Everything is derived from the redacted message, which is redacted before it is cut: no part of a secret reaches
        the title, the fingerprint or a sample.
        """
        from chalicelib.domain.grouping.fingerprint import problem_of  # noqa: PLC0415 - many scans find no line at all

        level = rules.level_of(line.message, line.log_group)
        if level is None:
            return None
        message, stream = rules.redacted(line.message), rules.redacted(line.stream)
        problem = problem_of(message)
        return cls(
            log_group=log_group,
            fingerprint=digest(*problem.identity),
            title=clean(problem.title, TITLE_LENGTH),
            culprit=clean(problem.culprit, CULPRIT_LENGTH),
            level=level,
            count=1,
            first_at=line.at,
            last_at=line.at,
            samples=(LogSample(line.at, _encodable(stream), shortened(_encodable(message), SAMPLE_LENGTH)),),
        )

    @classmethod
    def unreadable(cls, line: LogLine, log_group: LogGroup, title: str = UNREADABLE) -> Self:
        """Return the group of lines that the hub's own code fails to read."""
        return cls(
            log_group=log_group,
            fingerprint=digest(title),
            title=title,
            level=Level.ERROR,
            count=1,
            first_at=line.at,
            last_at=line.at,
            samples=(LogSample(line.at, "", f"{len(line.message):,} characters that are not shown"),),
        )

    def merged(self, other: Self) -> Self:
        """Return the sum of two groups of one fingerprint, in whatever order they were seen."""
        oldest = min(self, other, key=lambda each: (each.samples[0], each.title))
        return replace(
            oldest,
            level=max(self.level, other.level, key=list(Level).index),
            count=self.count + other.count,
            first_at=min(self.first_at, other.first_at),
            last_at=max(self.last_at, other.last_at),
            samples=tuple(sorted((*self.samples, *other.samples))[:SAMPLES]),
        )


type ErrorGroups = dict[tuple[str, str], ErrorGroup]
"""Error groups by log group and fingerprint."""


def collect(
    groups: ErrorGroups, lines: Iterable[LogLine], owners: Mapping[str, LogGroup], rules: Rules = NO_RULES
) -> None:
    """Add lines to the groups: the one way from a message to what leaves the account.

    `owners` are the log groups by name, `rules` say what counts as an error. A line that nobody can read is one, and
    so is one that takes too long: neither a defect of ours nor a hostile line may stop a scan or hide anything. Nothing
    of such a line is shown, as it may not be redacted.
    """
    # No line's time is spent on what all of them are read with.
    from chalicelib.domain.grouping import fingerprint  # noqa: F401, PLC0415 - many scans find no line at all
    from chalicelib.domain.logs import classifier  # noqa: F401, PLC0415 - the same

    with line_timer() as run_for:
        for line in _joined(lines):
            group = _read(line, owners.get(line.log_group, LogGroup(line.log_group)), rules, run_for)
            if group is not None:
                key = (line.log_group, group.fingerprint)
                groups[key] = groups[key].merged(group) if key in groups else group


def _read(line: LogLine, owner: LogGroup, rules: Rules, run_for: Callable[[float], object]) -> ErrorGroup | None:
    try:
        run_for(LONGEST)
        group = ErrorGroup.of(line, owner, rules)
        run_for(0)
    except LineTimeout:
        return ErrorGroup.unreadable(line, owner, TOO_LONG)
    except Exception:  # noqa: BLE001 - whatever it is that foreign text brings about
        run_for(0)
        return ErrorGroup.unreadable(line, owner)
    return group


def _joined(lines: Iterable[LogLine]) -> Iterator[LogLine]:
    """Iterate over lines, those of one stack trace joined that came apart in a log stream within one second.

    Lines come in order of time, and those of several streams among one another.
    """
    from chalicelib.domain.grouping.split_messages import SplitMessage  # noqa: PLC0415 - many scans find no line

    begun: dict[tuple[str, str], tuple[LogLine, SplitMessage]] = {}
    at = 0
    for line in lines:
        key = (line.log_group, line.stream)
        if line.at != at:
            yield from _whole(begun.values())
            begun, at = {}, line.at
        if key in begun and begun[key][1].takes(line.message):
            continue
        if key in begun:
            yield from _whole([begun[key]])
        begun[key] = (line, SplitMessage(line.message))
    yield from _whole(begun.values())


def _whole(begun: "Iterable[tuple[LogLine, SplitMessage]]") -> Iterator[LogLine]:
    return (replace(line, message=message.text) for line, message in begun)


def _encodable(text: str) -> str:
    return text.encode(errors="replace").decode()
