"""Agent coverage: what an agent reports to have scanned, what it has not, and the cost.

It comes with heartbeats from another account, so it is bounded: one that is too large is made less exact; it may then
claim less than was scanned, but never more.
"""

from collections.abc import Iterable
from functools import reduce
from typing import Any, Self

from msgspec import Struct, ValidationError, convert, json
from msgspec.structs import replace

from chalicelib.domain.scanning.budget import NOTHING_SPENT, Spend
from chalicelib.domain.scanning.gaps import Count, Gap
from chalicelib.domain.scanning.windows import Window
from chalicelib.domain.text import clean

# An agent's own state has 4 kB; these leave room for additions by later versions.
MOST_GAPS, MOST_NAMES, MOST_MISSING, MOST_DENIED = 100, 50, 20, 10
LARGEST = 16_384
LONGEST_NAME = 512

# What CloudWatch charges for a GB that Logs Insights scans, in most regions: https://aws.amazon.com/cloudwatch/pricing/
GB, DOLLARS_PER_GB = 10**9, 0.005


class AgentCoverage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All log time from `since` to `watermark` (epoch seconds, end excluded) was scanned, but for the gaps.

    `late_watermark` and `late_gaps` say the same of the second pass, for late lines; 0: there is none. The `missing`
    log groups do not exist; the owners of `unresolved_count` further ones are not known yet, and the services of
    `access_denied` may not be listed. Of the day's `spend`, `budget` bytes are allowed (0: unlimited), and `forecast`
    are expected by its end; `previous` is the spend of the last day before.
    """

    since: Count
    watermark: Count
    late_watermark: Count = 0
    gaps: tuple[Gap, ...] = ()
    late_gaps: tuple[Gap, ...] = ()
    missing: tuple[str, ...] = ()
    unresolved_count: Count = 0
    access_denied: tuple[str, ...] = ()
    spend: Spend = NOTHING_SPENT
    budget: Count = 0
    forecast: Count = 0
    previous: Spend = NOTHING_SPENT

    @classmethod
    def read(cls, fields: Any, now: int) -> Self | None:
        """Read the coverage in a heartbeat; None where it is unreadable or missing. Nothing is scanned after `now`."""
        try:
            coverage = convert(fields, cls)
        except (ValidationError, RecursionError):
            return None
        return coverage.until(now).bounded() if coverage.watermark else None

    def until(self, now: int) -> Self:
        """Return it as if the scan had got no further than `now`."""
        watermark = min(self.watermark, now)
        return replace(
            self,
            since=min(self.since, watermark),
            watermark=watermark,
            late_watermark=min(self.late_watermark, watermark),
        )

    def bounded(self) -> Self:
        """Return it within 16 kB of JSON: if necessary, its gaps no longer name log groups."""
        bounded = replace(
            self,
            gaps=_bounded(self.gaps),
            late_gaps=_bounded(self.late_gaps),
            missing=_names(self.missing, MOST_MISSING),
            access_denied=_names(self.access_denied, MOST_DENIED),
        )
        if len(json.encode(bounded)) <= LARGEST:
            return bounded
        return replace(
            bounded,
            gaps=tuple(each.of_all_log_groups() for each in bounded.gaps),
            late_gaps=tuple(each.of_all_log_groups() for each in bounded.late_gaps),
        )

    def after(self, known: Self | None) -> Self:
        """Return it with the spend of the day before, which the agent itself forgets at midnight."""
        if known is None:
            return self
        is_new_day = known.spend.midnight < self.spend.midnight
        return replace(self, previous=known.spend if is_new_day else known.previous)

    def lag(self, now: int) -> int:
        """Return the seconds of log time between the watermark and `now`."""
        return max(0, now - self.watermark)

    def spent_on(self, midnight: int) -> Spend:
        """Return the spend of the day that began then; empty where it is no longer known."""
        return next((each for each in (self.spend, self.previous) if each.midnight == midnight), NOTHING_SPENT)

    def missed(self, start: int, end: int, log_group: str = "") -> list[Gap]:
        """Return the gaps from `start` to `end`, cut to that time, about a log group (empty: about any)."""
        return _within(self.gaps, start, min(end, self.watermark), log_group)

    def late_missed(self, start: int, end: int, log_group: str = "") -> list[Gap]:
        """Return the same of the second pass."""
        return _within(self.late_gaps, start, min(end, self.late_watermark), log_group)

    def scanned(self, start: int, end: int, log_group: str = "") -> list[Window]:
        """Return what was scanned completely from `start` to `end`, of a log group or (empty) of all of them."""
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


def _bounded(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Bound the names in each gap; beyond a hundred gaps, merge the oldest into one that covers them."""
    kept = sorted(map(_with_few_names, gaps), key=lambda each: each.window)
    if len(kept) <= MOST_GAPS:
        return tuple(kept)
    older, newest = kept[: 1 - MOST_GAPS], kept[1 - MOST_GAPS :]
    return (reduce(Gap.merged, map(Gap.of_all_log_groups, older)), *newest)


def _with_few_names(gap: Gap) -> Gap:
    if len(gap.log_groups) > MOST_NAMES:
        return gap.of_all_log_groups()
    return replace(gap, log_groups=_names(gap.log_groups, MOST_NAMES), span=_names(gap.span, MOST_NAMES))


def _names(names: Iterable[str], most: int) -> tuple[str, ...]:
    return tuple(clean(each, LONGEST_NAME) for each in tuple(names)[:most])


def _within(gaps: Iterable[Gap], start: int, end: int, log_group: str) -> list[Gap]:
    return [
        replace(gap, window=Window(max(gap.window.start, start), min(gap.window.end, end)))
        for gap in gaps
        if (not log_group or gap.concerns(log_group)) and max(gap.window.start, start) < min(gap.window.end, end)
    ]
