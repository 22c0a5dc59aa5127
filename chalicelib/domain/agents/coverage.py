"""Agent coverage: what an agent says that it has scanned, what it has not, and what that cost.

It comes with heartbeats, out of another account, so it is bounded: where it is told in more words than fit, it is kept
less exactly, and may then deny more than was missed, but never claims more than was scanned.
"""

import json
import re
from collections.abc import Iterable
from typing import Any, Self

from msgspec import Struct, field
from msgspec.structs import replace

from chalicelib.domain.scanning.windows import Window
from chalicelib.domain.text import clean

# An agent's own state has 4 kB; these leave room for what a later version may tell.
MOST_GAPS, MOST_NAMES, MOST_MISSING, MOST_REFUSED = 100, 50, 20, 10
LARGEST = 16_384
LONGEST_NAME = 512
LARGEST_NUMBER = 10**18
REASON = re.compile("[a-z_]{1,32}")
UNKNOWN, SEVERAL = "unknown", "several"
DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")

# What CloudWatch charges for a GB that Logs Insights scans, in most regions: https://aws.amazon.com/cloudwatch/pricing/
GB, DOLLARS_PER_GB = 10**9, 0.005


class Missed(Struct, frozen=True, kw_only=True):
    """A stretch of log time that was not scanned, why, and how often that was tried.

    It is about the `log_groups` named; where none are, about those from `first` to `last` in the order of names; and
    without these about all.
    """

    window: Window
    reason: str = UNKNOWN
    tries: int = 0
    log_groups: tuple[str, ...] = ()
    first: str = ""
    last: str = ""

    def concerns(self, log_group: str) -> bool:
        """Tell whether it is about a log group; empty, about any."""
        if not log_group:
            return True
        if self.log_groups:
            return log_group in self.log_groups
        return not self.last or self.first <= log_group <= self.last

    def of_all_groups(self) -> Self:
        """Return it as if it were about all log groups."""
        return replace(self, log_groups=(), first="", last="")

    def to_json(self) -> dict[str, Any]:
        """Write it as a heartbeat does."""
        return {
            "start": self.window.start,
            "end": self.window.end,
            "reason": self.reason,
            "tries": self.tries,
            **({"log_groups": list(self.log_groups)} if self.log_groups else {}),
            **({"from": self.first, "to": self.last} if self.last else {}),
        }

    @classmethod
    def read(cls, fields: Any) -> Self:
        """Read what a heartbeat says; ValueError, KeyError or TypeError where that is no gap."""
        reason, names = str(fields.get("reason")), _list(fields.get("log_groups") or [])
        gap = cls(
            window=Window(_whole(fields["start"]), _whole(fields["end"])),
            reason=reason if REASON.fullmatch(reason) else UNKNOWN,
            tries=_whole(fields.get("tries", 0)),
            log_groups=tuple(_name(each) for each in names[:MOST_NAMES]),
            first=_name(fields.get("from", "")),
            last=_name(fields.get("to", "")),
        )
        return gap if len(names) <= MOST_NAMES else gap.of_all_groups()


class Spend(Struct, frozen=True, kw_only=True):
    """The bytes that were scanned on a UTC day (YYYY-MM-DD), may be (0: any number), and will have been by its end."""

    day: str = ""
    bytes: int = 0
    budget: int = 0
    forecast: int = 0

    def to_json(self) -> dict[str, Any]:
        """Write it as a heartbeat does."""
        return {name: getattr(self, name) for name in ("day", "bytes", "budget", "forecast")}

    @classmethod
    def read(cls, fields: Any) -> Self:
        """Read what a heartbeat says; what cannot be read is nothing."""
        try:
            if not DATE.fullmatch(fields["day"]):
                return cls()
            return cls(day=fields["day"], **{name: _whole(fields[name]) for name in ("bytes", "budget", "forecast")})
        except (ValueError, TypeError, KeyError):
            return cls()


NOTHING_SPENT = Spend()


class AgentCoverage(Struct, frozen=True, kw_only=True):
    """All log time from `since` to `watermark` (epoch seconds, closed-open) was scanned, but for the gaps.

    `late_watermark` and `late_gaps` say the same of the second look, for lines that came late; 0: there is none. The
    `missing` log groups do not exist; owners of `unlisted` further ones were not looked at, and the `refused` services
    may not be asked for theirs. `before` is what was spent on the last day before that of `spend`.
    """

    since: int
    watermark: int
    late_watermark: int = 0
    gaps: tuple[Missed, ...] = ()
    late_gaps: tuple[Missed, ...] = ()
    missing: tuple[str, ...] = ()
    unlisted: int = 0
    refused: tuple[str, ...] = ()
    spend: Spend = NOTHING_SPENT
    before: Spend = field(default=NOTHING_SPENT)

    @classmethod
    def read(cls, fields: Any, now: int) -> Self | None:
        """Read what a heartbeat says; None where it is unreadable, or says nothing. Nothing is scanned after `now`."""
        try:
            if not isinstance(fields, dict) or not _whole(fields["watermark"]):
                return None
            watermark = min(_whole(fields["watermark"]), now)
            coverage = cls(
                since=min(_whole(fields["since"]), watermark),
                watermark=watermark,
                late_watermark=min(_whole(fields.get("late_watermark", 0)), watermark),
                gaps=_read_gaps(fields["gaps"]),
                late_gaps=_read_gaps(fields.get("late_gaps", [])),
                missing=tuple(_name(each) for each in _list(fields.get("missing", []))[:MOST_MISSING]),
                unlisted=_whole(fields.get("unlisted", 0)),
                refused=tuple(_name(each) for each in _list(fields.get("refused", []))[:MOST_REFUSED]),
                spend=Spend.read(fields.get("spend")),
                before=Spend.read(fields.get("before")),
            )
        except (ValueError, TypeError, KeyError, AttributeError):
            return None
        return coverage.bounded()

    def to_json(self) -> dict[str, Any]:
        """Write it so that `read` reads it."""
        return {
            "since": self.since,
            "watermark": self.watermark,
            "late_watermark": self.late_watermark,
            "gaps": [each.to_json() for each in self.gaps],
            "late_gaps": [each.to_json() for each in self.late_gaps],
            "missing": list(self.missing),
            "unlisted": self.unlisted,
            "refused": list(self.refused),
            "spend": self.spend.to_json(),
            "before": self.before.to_json(),
        }

    def bounded(self) -> Self:
        """Return it in 16 kB of JSON: if it must be, its gaps name no log groups any more."""
        if len(json.dumps(self.to_json())) <= LARGEST:
            return self
        return replace(
            self,
            gaps=tuple(each.of_all_groups() for each in self.gaps),
            late_gaps=tuple(each.of_all_groups() for each in self.late_gaps),
        )

    def after(self, known: Self | None) -> Self:
        """Return it with what is known of the day before, which the agent itself forgets at midnight."""
        if known is None:
            return self
        return replace(self, before=known.spend if known.spend.day < self.spend.day else known.before)

    def lag(self, now: int) -> int:
        """Return how many seconds of log time lie between the watermark and `now`."""
        return max(0, now - self.watermark)

    def spent_on(self, day: str) -> Spend:
        """Return what was spent on a day; nothing where that is no longer known."""
        return next((each for each in (self.spend, self.before) if each.day == day), NOTHING_SPENT)

    def missed(self, start: int, end: int, log_group: str = "") -> list[Missed]:
        """Return the gaps from `start` up to `end`, cut to that time, that are about a log group (empty: about any)."""
        return _within(self.gaps, start, min(end, self.watermark), log_group)

    def late_missed(self, start: int, end: int, log_group: str = "") -> list[Missed]:
        """Return the same of the second look."""
        return _within(self.late_gaps, start, min(end, self.late_watermark), log_group)

    def scanned(self, start: int, end: int, log_group: str = "") -> list[Window]:
        """Return what was scanned whole from `start` up to `end`: of a log group, or (empty) of all of them."""
        position, end = max(start, self.since), min(end, self.watermark)
        windows: list[Window] = []
        for gap in sorted(each.window for each in self.missed(position, end, log_group)):
            if position < gap.start:
                windows.append(Window(position, gap.start))
            position = max(position, gap.end)
        return [*windows, Window(position, end)] if position < end else windows


def union(windows: Iterable[Window]) -> int:
    """Return how many seconds lie in any of the windows."""
    seconds = position = 0
    for window in sorted(windows):
        seconds += max(0, window.end - max(window.start, position))
        position = max(position, window.end)
    return seconds


def _read_gaps(gaps: Any) -> tuple[Missed, ...]:
    """Read gaps; beyond a hundred those from furthest back become one that covers them all."""
    read = sorted(map(Missed.read, _list(gaps)), key=lambda each: each.window)
    older, newest = read[: 1 - MOST_GAPS], read[1 - MOST_GAPS :]
    if len(read) <= MOST_GAPS:
        return tuple(read)
    hull = Window(older[0].window.start, max(each.window.end for each in older))
    return (Missed(window=hull, reason=SEVERAL, tries=max(each.tries for each in older)), *newest)


def _within(gaps: Iterable[Missed], start: int, end: int, log_group: str) -> list[Missed]:
    return [
        replace(gap, window=Window(max(gap.window.start, start), min(gap.window.end, end)))
        for gap in gaps
        if gap.concerns(log_group) and max(gap.window.start, start) < min(gap.window.end, end)
    ]


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("must be a list")
    return value


def _name(value: Any) -> str:
    return clean(value, LONGEST_NAME)


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST_NUMBER:
        raise ValueError("must be a whole number, not below 0")
    return value
