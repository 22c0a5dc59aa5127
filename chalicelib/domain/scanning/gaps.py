"""Gaps: log time that was not scanned: in which log groups, why, and how often it was tried."""

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Annotated, Self, override

from msgspec import Meta, Struct
from msgspec.structs import replace

from chalicelib.domain.scanning.windows import Grid, Window

# From so many neighbours on, the first and the last name are shorter than all names.
FEWEST_IN_SPAN = 3
# A gap that cannot be cut smaller, or that AWS rejects as such, is tried no more often.
MOST_TRIES = 3
# A gap is scanned in pieces of so many seconds; the more often a piece was missed, the smaller the next ones.
LARGEST_PIECE, SMALLEST_PIECE = 21_600, 5

Count = Annotated[int, Meta(ge=0, le=10**18)]
"""How many there are of something; agents of other accounts say it, so it is bounded."""

NameSpan = Annotated[tuple[str, ...], Meta(max_length=2)]
"""The first and the last of some names in order, both included; empty for none."""


class GapReason(StrEnum):
    """Why something was not scanned."""

    THROTTLED = "throttled"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    FAILED = "failed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    NOT_LISTED = "not_listed"
    TRUNCATED = "truncated"
    UNFINISHED = "unfinished"
    OVER_BUDGET = "over_budget"
    UNKNOWN = "unknown"
    SEVERAL = "several"

    @override
    @classmethod
    def _missing_(cls, value: object) -> "GapReason":
        """Read an unknown reason, of another version, as UNKNOWN: it must not hide the gap."""
        return cls.UNKNOWN


class Gap(Struct, frozen=True, order=True, omit_defaults=True):
    """A window that `tries` scans have missed in these log groups.

    They are listed by name or, if there are many in the order of names, as a `span`; neither means all.
    """

    window: Window
    log_groups: tuple[str, ...] = ()
    reason: GapReason = GapReason.UNKNOWN
    tries: Count = 1
    span: NameSpan = ()

    def __post_init__(self) -> None:
        if len(self.span) == 1:
            raise ValueError("a span has two ends")

    @property
    def is_about_all(self) -> bool:
        """Return whether no log group was scanned."""
        return not self.log_groups and not self.span

    @property
    def is_final(self) -> bool:
        """Return whether another try would change nothing: the lines are gone, or AWS rejects the query for good."""
        if self.reason in {GapReason.TRUNCATED, GapReason.REJECTED}:
            return self.tries >= MOST_TRIES
        return self.reason is GapReason.EXPIRED

    def concerns(self, name: str) -> bool:
        """Return whether this log group was missed."""
        if self.log_groups:
            return name in self.log_groups
        return not self.span or self.span[0] <= name <= self.span[1]

    def covers(self, other: Self) -> bool:
        """Return whether filling this gap fills the other one too."""
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

    def of_all_log_groups(self) -> Self:
        """Return the gap as if it were about all log groups."""
        return replace(self, log_groups=(), span=())

    def spanned(self) -> Self:
        """Return the gap with the first and the last of its names instead of all."""
        return replace(self, log_groups=(), span=_bounds(self.log_groups))

    def shortened(self, everything: Sequence[str]) -> Iterator[Self]:
        """Iterate over gaps that name its log groups, among `everything` (in order), in as few words as are exact."""
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

    def pieces(self, grid: Grid) -> Iterator[tuple[Self, Window]]:
        """Cut it at the grid's lines; yields each piece with the rest of the gap, without the pieces before it."""
        for piece in Grid(self._piece_size(grid.step)).pieces(self.window):
            yield replace(self, window=Window(piece.start, self.window.end)), piece

    def _piece_size(self, step: int) -> int:
        """Return how many seconds to scan at once: the more often they were missed, the fewer.

        These are whole windows, unless a run's time was too short for one: then it is halved each time.
        """
        if self.reason is GapReason.UNFINISHED and self.window.seconds <= step:
            return max(SMALLEST_PIECE, self.window.seconds >> (self.tries - 1))
        largest = step if self.reason is GapReason.OVER_BUDGET else LARGEST_PIECE
        return step * max(1, (largest // step) >> (self.tries - 1))

    def _with_log_groups_of(self, other: Self) -> Self:
        if self.is_about_all or other.is_about_all:
            return self.of_all_log_groups()
        if self.log_groups and other.log_groups:
            return replace(self, log_groups=tuple(sorted({*self.log_groups, *other.log_groups})))
        ends = sorted((*_bounds(self.log_groups or self.span), *_bounds(other.log_groups or other.span)))
        return replace(self, log_groups=(), span=_bounds(ends))


def joined(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Merge neighbours that differ only in time, and drop gaps that another one covers.

    Gaps with different tries stay apart, so that the next run can begin with the one that had fewer.
    """
    alike: list[Gap] = []
    for gap in sorted(gaps, key=lambda each: (*_sameness(each), each.window)):
        last = alike[-1] if alike else None
        if last and _sameness(last) == _sameness(gap) and last.window.touches(gap.window):
            alike[-1] = last.merged(gap)
        else:
            alike.append(gap)
    kept: list[Gap] = []
    for gap in sorted(alike, key=lambda each: (-each.window.seconds, not each.is_about_all, -len(each.log_groups))):
        if not any(each.covers(gap) for each in kept):
            kept.append(gap)
    return tuple(sorted(kept))


def _sameness(gap: Gap) -> tuple[tuple[str, ...], tuple[str, ...], str, int]:
    return gap.log_groups, gap.span, gap.reason, gap.tries


def _bounds(names: Collection[str]) -> tuple[str, ...]:
    return (min(names), max(names)) if names else ()
