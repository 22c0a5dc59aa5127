"""Scan state: what a scan must know of the runs before it, small enough for one SSM parameter."""

from typing import Self

from msgspec import MsgspecError, Struct, json
from msgspec.structs import replace

from chalicelib.domain.errors import Misconfigured
from chalicelib.domain.scanning.budget import NOTHING_SPENT, Spend
from chalicelib.domain.scanning.coverage import Coverage
from chalicelib.domain.scanning.error_groups import LogGroupListing
from chalicelib.domain.scanning.gaps import Count
from chalicelib.domain.scanning.paging import NEVER_RUN, RunMarker
from chalicelib.domain.scanning.windows import Grid

# Bytes of a standard SSM parameter: https://docs.aws.amazon.com/general/latest/gr/ssm.html
LARGEST_STATE = 4_096


class ScanState(Struct, frozen=True, omit_defaults=True):
    """What the first pass and the one for late lines have covered, and the spend.

    `late` is None if there is no second pass; the `marker` says how the last run ended, and `listed_at` when its list
    of log groups was made.
    """

    first: Coverage
    late: Coverage | None = None
    spend: Spend = NOTHING_SPENT
    marker: RunMarker = NEVER_RUN
    listed_at: Count = 0

    @property
    def pass_count(self) -> int:
        """How many passes each second of log time gets."""
        return 2 if self.late else 1

    def forecast(self, now: int) -> int:
        """Return how many bytes the scans of the day of `now` will have read by its end."""
        passes = self.pass_count
        return self.spend.at(now).forecast(now, passes)

    def covering(self, coverage: Coverage, *, late: bool) -> Self:
        """Return the state after the first pass, or the one for late lines, has covered this."""
        return replace(self, late=coverage) if late else replace(self, first=coverage)

    def listed(self, listing: LogGroupListing, grid: Grid) -> Self:
        """Return the state after a new list: log groups created since the last one, and not scanned, are gaps."""
        if listing.listed_at <= self.listed_at:
            return self
        new = listing.created_since(self.listed_at) if self.listed_at else []
        if not new:
            return replace(self, listed_at=listing.listed_at)
        return replace(
            self,
            first=self.first.without_unlisted(new, grid),
            late=self.late and self.late.without_unlisted(new, grid),
            listed_at=listing.listed_at,
        )

    def expired(self, listing: LogGroupListing, grid: Grid, now: int) -> Self:
        """Return the state with gaps marked as expired whose lines no log group keeps any more."""
        groups = listing.log_groups
        late = self.late and self.late.expired(groups, grid, now)
        return replace(self, first=self.first.expired(groups, grid, now), late=late)

    def compact(self, limit: int = LARGEST_STATE) -> Self:
        """Return the state within `limit` bytes of JSON, with less exact gaps if necessary."""
        first, late = self.first, self.late
        state = replace(
            self,
            first=first.joined() if first.gaps else first,
            late=late.joined() if late and late.gaps else late,
        )
        while _size(state) > limit and (shorter := state._coarsened()):  # noqa: SLF001 - it is one of us
            state = shorter
        return state

    def _coarsened(self) -> Self | None:
        """Make the gaps less exact that take the most room; None where nothing is left to shorten."""
        first, late = self.first, self.late
        if late and late.can_shrink and not (first.can_shrink and _size(first) >= _size(late)):
            return replace(self, late=late.coarsened())
        return replace(self, first=first.coarsened()) if first.can_shrink else None

    def encode(self) -> str:
        """Write the state as JSON that one parameter holds."""
        return json.encode(self.compact()).decode()

    @classmethod
    def decode(cls, text: str, parameter: str) -> Self:
        """Read the state; Misconfigured, with the parameter's name, where it is damaged: a reset would forget gaps."""
        try:
            return json.decode(text, type=cls)
        except (MsgspecError, RecursionError) as error:
            raise Misconfigured(
                f"Parameter {parameter} does not hold a scan's state ({type(error).__name__}). Correct it, or delete it"
                " to begin anew: what was not scanned until now is then forgotten."
            ) from error


def _size(value: Struct) -> int:
    return len(json.encode(value))
