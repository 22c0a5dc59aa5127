"""Paging: how many rows of a result to read at once, so that they fit a function's memory."""

from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.scanning.gaps import Count
from chalicelib.domain.timestamps import DAY

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html
LARGEST_PAGE = 10_000
# A page is in memory several times while it is read: as bytes, as JSON, as rows, as lines.
SHARE_OF_MEMORY = 16
MEGABYTE = 1 << 20
DEFAULT_PAGE_BYTES = 512 * MEGABYTE // SHARE_OF_MEMORY
# The assumed length of lines before the first page was read: long, to be safe.
LONG_LINE = 32_768
# Bytes of a row besides its message.
BESIDE_MESSAGE = 256
# The factor by which lines may be longer on the next page; it is rarely more.
GROWTH = 8
MOST_HALVINGS = 6


class PageSize(Struct, frozen=True):
    """How many rows to read next, of a result whose pages may have so many bytes."""

    most_bytes: int
    rows: int

    @classmethod
    def first(cls, most_bytes: int) -> Self:
        """Return the size of a first page."""
        return cls(most_bytes, _rows(most_bytes // LONG_LINE))

    def after(self, lengths: list[int]) -> Self:
        """Return the size of the page that follows one with messages of these lengths."""
        if not lengths:
            return self
        mean = sum(lengths) // len(lengths) + BESIDE_MESSAGE
        return replace(self, rows=_rows(min(self.most_bytes // mean, self.rows * GROWTH)))


class RunMarker(Struct, frozen=True, omit_defaults=True):
    """Whether a run is under way, and how often pages were halved because a run never ended.

    Lambda kills a function that needs too much memory: only the next run can notice.
    """

    under_way: bool = False
    halvings: Count = 0
    halved_at: Count = 0

    def begun(self, now: int) -> Self:
        """Return the marker of a run that begins now: its pages are smaller after one that died, larger after a day."""
        if self.under_way:
            return replace(self, halvings=min(self.halvings + 1, MOST_HALVINGS), halved_at=now)
        if self.halvings and now - self.halved_at >= DAY:
            return replace(self, under_way=True, halvings=self.halvings - 1, halved_at=now)
        return replace(self, under_way=True)

    def ended(self) -> Self:
        """Return the marker of a run that has ended, successfully or not."""
        return replace(self, under_way=False)

    def page_bytes(self, most: int) -> int:
        """Return how many bytes a page may have."""
        return most >> self.halvings


NEVER_RUN = RunMarker()


def page_bytes_for(memory: int) -> int:
    """Return how many bytes a page may have in a function with so many MB."""
    return memory * MEGABYTE // SHARE_OF_MEMORY


def _rows(wanted: int) -> int:
    return min(max(1, wanted), LARGEST_PAGE)
