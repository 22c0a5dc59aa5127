"""Budget: the bytes that scans may read in a UTC day, which AWS bills, and what happens beyond that."""

from enum import StrEnum
from typing import Annotated, Self

from msgspec import Meta, Struct
from msgspec.structs import replace

from chalicelib.domain.scanning.gaps import Count, Gap, GapReason
from chalicelib.domain.scanning.windows import Window
from chalicelib.domain.timestamps import DAY, iso, midnight_of

GIGABYTE = 10**9
# If the budget is too small for all windows, one of so many is scanned.
SAMPLED_OF = 6


# The last day that a datetime can hold.
Midnight = Annotated[int, Meta(ge=0, le=253_402_214_400)]


class Spend(Struct, frozen=True, omit_defaults=True):
    """What was spent on the UTC day that began at `midnight`.

    `bytes` were read for `seconds` of log time: the quotient is the cost of a second. `warned_at` is the midnight of
    the last day for which people were warned; 0 if that is over.
    """

    midnight: Midnight = 0
    bytes: Count = 0
    seconds: Count = 0
    warned_at: Count = 0

    @property
    def day(self) -> str:
        """The day as YYYY-MM-DD; empty before the first one."""
        return iso(self.midnight)[:10] if self.midnight else ""

    def at(self, now: int) -> Self:
        """Return the spend of the day of `now`; a clock that goes back over midnight begins no new day."""
        midnight = midnight_of(now)
        return self if midnight <= self.midnight else replace(self, midnight=midnight, bytes=0, seconds=0)

    def plus(self, scanned: int, seconds: int) -> Self:
        """Add `scanned` bytes for a pass over some seconds of log time."""
        return replace(self, bytes=self.bytes + scanned, seconds=self.seconds + seconds)

    def forecast(self, now: int, passes: int = 1) -> int:
        """Return the day's bytes if every second left of it is scanned so many times, at today's cost."""
        left = max(0, self.midnight + DAY - now)
        return self.bytes + (passes * left * self.bytes // self.seconds if self.seconds else 0)


NOTHING_SPENT = Spend()


class Excess(StrEnum):
    """What happens to a scan beyond the budget."""

    SAMPLE = "sample"
    STOP = "stop"


class Allowance(StrEnum):
    """How much of the log time the budget allows to scan."""

    ALL = "all"
    SAMPLE = "sample"
    NOTHING = "nothing"


class Budget(Struct, frozen=True):
    """How many bytes the scans of a UTC day may read (0: unlimited), and what happens beyond that."""

    limit: int = 0
    excess: Excess = Excess.SAMPLE

    def allowance(self, spend: Spend, now: int) -> Allowance:
        """Return how to go on.

        Sampling begins as late as possible: when the rest of the day, sampled, would use up the rest of the budget. So
        every part of the day is scanned, and the day costs what it may.
        """
        spent = spend.at(now)
        if not self.limit:
            return Allowance.ALL
        if spent.bytes >= self.limit:
            return Allowance.NOTHING
        if self.excess is Excess.STOP:
            return Allowance.ALL
        sampled = spent.bytes + (spent.forecast(now) - spent.bytes) // SAMPLED_OF
        return Allowance.SAMPLE if sampled >= self.limit else Allowance.ALL

    def has_to_spare(self, spend: Spend, now: int, passes: int) -> bool:
        """Return whether the whole day will stay within the budget, as far as today's cost is known."""
        spent = spend.at(now)
        return not self.limit or (spent.seconds > 0 and spent.forecast(now, passes) < self.limit)

    def may_scan(self, window: Window, spend: Spend, now: int, *, is_late: bool) -> bool:
        """Return whether a pass over a window is allowed; the pass for late lines is the first to be dropped."""
        allowance = self.allowance(spend, now)
        if allowance is Allowance.SAMPLE:
            return not is_late and is_sample(window)
        return allowance is Allowance.ALL

    def may_refill(self, gap: Gap, spend: Spend, now: int, passes: int) -> bool:
        """Return whether a gap may be scanned; those caused by the budget only if the day has bytes to spare."""
        if gap.reason is GapReason.OVER_BUDGET:
            return self.has_to_spare(spend, now, passes)
        return self.allowance(spend, now) is Allowance.ALL

    def is_news(self, spend: Spend, now: int, passes: int) -> bool:
        """Return whether to notify people: once a day that the budget is too small, and when that is over."""
        today = spend.at(now)
        if self.allowance(today, now) is not Allowance.ALL:
            return today.warned_at != today.midnight
        is_over = today.warned_at < today.midnight or self.has_to_spare(today, now, passes)
        return bool(today.warned_at) and is_over


def is_sample(window: Window) -> bool:
    """Return whether a window is among the samples; they are the same in every run."""
    return window.start // window.seconds % SAMPLED_OF == 0
