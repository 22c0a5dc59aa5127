"""Coverage: how far a pass over the logs has come, and what it has left out.

It claims that all time from its beginning to its watermark was scanned, but for the gaps. If there is no room for exact
gaps, they may cover more than was missed, but never less.
"""

import itertools
from collections.abc import Collection, Iterable, Iterator
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.scanning.error_groups import LogGroup
from chalicelib.domain.scanning.gaps import Count, Gap, GapReason, joined
from chalicelib.domain.scanning.windows import Grid, Window


class Coverage(Struct, frozen=True, omit_defaults=True):
    """How far a pass has come: everything from `since` to `watermark` was scanned, but for the gaps."""

    since: Count
    watermark: Count
    gaps: tuple[Gap, ...] = ()

    def advanced(self, window: Window, missed: Iterable[Gap]) -> Self:
        """Return the coverage after the window at the watermark was scanned, except for the gaps `missed`."""
        if window.start != self.watermark:
            raise ValueError(f"[{window.start}, {window.end}) does not begin at the watermark {self.watermark}")
        return replace(self, watermark=window.end, gaps=(*self.gaps, *missed))

    def refilled(self, gap: Gap, piece: Window, missed: Iterable[Gap]) -> Self:
        """Return the coverage after the first piece of a gap was scanned again, except for what was missed again."""
        others = tuple(each for each in self.gaps if each != gap)
        again = tuple(replace(each, tries=gap.tries + 1) for each in missed)
        ends = piece.end >= gap.window.end
        rest = () if ends else (replace(gap, window=Window(piece.end, gap.window.end)),)
        return replace(self, gaps=(*others, *again, *rest))

    def without_unlisted(self, log_groups: Iterable[LogGroup], grid: Grid) -> Self:
        """Return the coverage with gaps for log groups that existed before they were listed."""
        names: dict[int, list[str]] = {}
        for each in log_groups:
            start = max(self.since, each.created_at // grid.step * grid.step)
            if start < self.watermark:
                names.setdefault(start, []).append(each.name)
        new = (
            Gap(Window(start, self.watermark), tuple(sorted(some)), GapReason.NOT_LISTED)
            for start, some in sorted(names.items())
        )
        return replace(self, gaps=(*self.gaps, *new))

    def expired(self, log_groups: Collection[LogGroup], grid: Grid, now: int) -> Self:
        """Return the coverage with an expired gap wherever no log group of a gap keeps its lines any more.

        No try is needed for that: there may never be room for one.
        """
        gaps = (part for gap in self.gaps for part in _expired(gap, log_groups, grid, now))
        return replace(self, gaps=tuple(gaps))

    def joined(self) -> Self:
        """Return the same with neighbouring gaps merged."""
        return replace(self, gaps=joined(self.gaps))

    @property
    def can_shrink(self) -> bool:
        """Return whether it can be made less exact."""
        return len(self.gaps) > 1 or not all(each.is_about_all for each in self.gaps)

    def coarsened(self) -> Self:
        """Drop the longest list of names; without any, merge the two gaps with the shortest time between them."""
        gaps = self.gaps
        longest = max(gaps, key=lambda each: len("".join(each.log_groups)))
        if longest.log_groups:
            return replace(self, gaps=joined(each.spanned() if each is longest else each for each in gaps))
        if len(gaps) == 1:
            return replace(self, gaps=(longest.of_all_log_groups(),))
        nearest = min(itertools.pairwise(gaps), key=lambda pair: pair[1].window.start - pair[0].window.end)
        others = (each for each in gaps if each not in nearest)
        return replace(self, gaps=joined((*others, nearest[0].merged(nearest[1]))))


def _expired(gap: Gap, log_groups: Collection[LogGroup], grid: Grid, now: int) -> Iterator[Gap]:
    """Cut a gap where its lines begin that some log group may still have."""
    start, end = gap.window.start, gap.window.end
    kept_since = start if gap.is_final else _kept_since(gap, log_groups, now)
    edge = end if kept_since >= end else max(start, kept_since // grid.step * grid.step)
    if start < edge:
        yield replace(gap, window=Window(start, edge), reason=GapReason.EXPIRED)
    if edge < end:
        yield replace(gap, window=Window(edge, end))


def _kept_since(gap: Gap, log_groups: Collection[LogGroup], now: int) -> int:
    """Return from when on some log group of a gap keeps its lines; one that is not listed may keep all of them."""
    known = [each for each in log_groups if gap.concerns(each.name) and each.created_at < gap.window.end]
    if not known or len(gap.log_groups) > len(known):
        return gap.window.start
    return min(each.kept_since(now) for each in known)
