"""Coverage: which stretches of log time were scanned, which were not, and why.

A coverage claims that all time from its beginning to its watermark was looked at, but for the gaps. Where there is no
room to tell the gaps exactly, they are told less exactly: they may cover more than was missed, and never less.
"""

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.scanning.windows import Window

# From so many neighbours on, the first and the last name say it shorter than all of them.
FEWEST_IN_SPAN = 3


class GapReason(StrEnum):
    """Why something was not scanned."""

    THROTTLED = "throttled"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    FAILED = "failed"
    REJECTED = "rejected"
    TRUNCATED = "truncated"
    UNFINISHED = "unfinished"
    OVER_BUDGET = "over_budget"
    UNKNOWN = "unknown"
    SEVERAL = "several"


type NameSpan = tuple[()] | tuple[str, str]
"""The first and the last of some names in order, both included; empty for none."""


class Gap(Struct, frozen=True, order=True):
    """A window that `tries` scans have missed in these log groups.

    They are listed by name or, where neighbours in the order of names are many, as a `span`; neither means all.
    """

    window: Window
    log_groups: tuple[str, ...]
    reason: GapReason
    tries: int = 1
    span: NameSpan = ()

    @property
    def is_about_all(self) -> bool:
        """Tell whether no log group was scanned."""
        return not self.log_groups and not self.span

    def concerns(self, name: str) -> bool:
        """Tell whether this log group was missed."""
        if self.log_groups:
            return name in self.log_groups
        return not self.span or self.span[0] <= name <= self.span[1]

    def covers(self, other: Self) -> bool:
        """Tell whether filling this gap fills the other one too."""
        if not self.window.covers(other.window):
            return False
        if self.is_about_all or other.is_about_all:
            return self.is_about_all
        if self.log_groups and other.span:
            return False
        return all(self.concerns(name) for name in other.log_groups or other.span)

    def merged(self, other: Self) -> Self:
        """Return one gap that covers both."""
        return replace(
            self._with_log_groups_of(other),
            window=self.window.hull(other.window),
            reason=self.reason if self.reason is other.reason else GapReason.SEVERAL,
            tries=max(self.tries, other.tries),
        )

    def spanned(self) -> Self:
        """Return the gap with the first and the last of its names in place of all of them."""
        return replace(self, log_groups=(), span=_bounds(self.log_groups))

    def told_shortly(self, everything: Sequence[str]) -> Iterator[Self]:
        """Tell which log groups of `everything` (in order) it is about in as few words as are exact."""
        missed = set(self.log_groups)
        if not missed or missed.issuperset(everything):
            yield replace(self, log_groups=(), span=self.span)
            return
        for is_missed, run in itertools.groupby(everything, missed.__contains__):
            if is_missed and len(names := tuple(run)) >= FEWEST_IN_SPAN:
                yield replace(self, log_groups=(), span=_bounds(names))
                missed.difference_update(names)
        if missed:
            yield replace(self, log_groups=tuple(sorted(missed)))

    def _with_log_groups_of(self, other: Self) -> Self:
        if self.is_about_all or other.is_about_all:
            return replace(self, log_groups=(), span=())
        if self.log_groups and other.log_groups:
            return replace(self, log_groups=tuple(sorted({*self.log_groups, *other.log_groups})))
        ends = sorted((*_bounds(self.log_groups or self.span), *_bounds(other.log_groups or other.span)))
        return replace(self, log_groups=(), span=_bounds(ends))


class Coverage(Struct, frozen=True):
    """How far a look at the logs has come: all from `since` to `watermark` was scanned, but for the gaps."""

    since: int
    watermark: int
    gaps: tuple[Gap, ...] = ()

    def advanced(self, window: Window, missed: Iterable[Gap]) -> Self:
        """Return what is covered once the window at the watermark was scanned, except for what was missed."""
        if window.start != self.watermark:
            raise ValueError(f"[{window.start}, {window.end}) does not begin at the watermark {self.watermark}")
        return replace(self, watermark=window.end, gaps=(*self.gaps, *missed))

    def refilled(self, gap: Gap, piece: Window, missed: Iterable[Gap]) -> Self:
        """Return what is covered once the first piece of a gap was scanned again, except for what was missed again."""
        others = tuple(each for each in self.gaps if each != gap)
        again = tuple(replace(each, tries=gap.tries + 1) for each in missed)
        ends = piece.end >= gap.window.end
        rest = () if ends else (replace(gap, window=Window(piece.end, gap.window.end)),)
        return replace(self, gaps=(*others, *again, *rest))

    def joined(self) -> Self:
        """Return the same in fewer words."""
        return replace(self, gaps=_joined(self.gaps))

    @property
    def can_shrink(self) -> bool:
        """Tell whether it can be told less exactly."""
        return len(self.gaps) > 1 or not all(each.is_about_all for each in self.gaps)

    def coarsened(self) -> Self:
        """Give up the longest list of names; where there are none, the shortest time between two gaps."""
        gaps = self.gaps
        longest = max(gaps, key=lambda each: len("".join(each.log_groups)))
        if longest.log_groups:
            return replace(self, gaps=_joined(each.spanned() if each is longest else each for each in gaps))
        if len(gaps) == 1:
            return replace(self, gaps=(replace(longest, span=()),))
        nearest = min(itertools.pairwise(gaps), key=lambda pair: pair[1].window.start - pair[0].window.end)
        others = (each for each in gaps if each not in nearest)
        return replace(self, gaps=_joined((*others, nearest[0].merged(nearest[1]))))


def _bounds(names: Collection[str]) -> NameSpan:
    return (min(names), max(names)) if names else ()


def _joined(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Merge neighbours that differ in their time alone, and leave out what another gap covers.

    Gaps with different tries stay apart, so that the next run can begin with the one that had fewer.
    """
    alike: list[Gap] = []
    for gap in sorted(gaps, key=lambda each: (*_kind(each), each.window)):
        last = alike[-1] if alike else None
        if last and _kind(last) == _kind(gap) and last.window.touches(gap.window):
            alike[-1] = last.merged(gap)
        else:
            alike.append(gap)
    kept: list[Gap] = []
    for gap in sorted(alike, key=lambda each: (-each.window.seconds, not each.is_about_all, -len(each.log_groups))):
        if not any(each.covers(gap) for each in kept):
            kept.append(gap)
    return tuple(sorted(kept))


def _kind(gap: Gap) -> tuple[tuple[str, ...], NameSpan, str, int]:
    return gap.log_groups, gap.span, gap.reason, gap.tries
