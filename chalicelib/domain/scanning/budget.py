"""Spend: the bytes that a scan has read in a UTC day, which is what AWS bills, and how far a budget lets it go on."""

from enum import StrEnum
from typing import Any, Self

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.events.event import DAY, iso
from chalicelib.domain.scanning.windows import Window

GIGABYTE = 10**9
# Of so many windows, one is scanned where the budget is too small for all.
SAMPLED_OF = 6


class Spend(Struct, frozen=True):
    """What was spent on the UTC day that began at `midnight`.

    `bytes` were scanned in looking at `seconds` of log time: the one divided by the other is what a second costs.
    `told` is the midnight of the day for which people were told last that it was too much; 0 where that is over.
    """

    midnight: int = 0
    bytes: int = 0
    seconds: int = 0
    told: int = 0

    @property
    def day(self) -> str:
        """The day as YYYY-MM-DD; empty before the first one."""
        return iso(self.midnight)[:10] if self.midnight else ""

    def at(self, now: int) -> Self:
        """Return what was spent on the day of `now`; a clock that goes back over midnight begins no new day."""
        midnight = now // DAY * DAY
        return self if midnight <= self.midnight else replace(self, midnight=midnight, bytes=0, seconds=0)

    def plus(self, scanned: int, seconds: int) -> Self:
        """Add `scanned` bytes for a look at some seconds of log time."""
        return replace(self, bytes=self.bytes + scanned, seconds=self.seconds + seconds)

    def forecast(self, now: int, looks: int = 1) -> int:
        """Return the day's bytes where each second that is left of it is looked at so many times, at today's price."""
        left = max(0, self.midnight + DAY - now)
        return self.bytes + (looks * left * self.bytes // self.seconds if self.seconds else 0)

    def to_json(self) -> dict[str, Any]:
        """Write it down for the next run."""
        told = {"told": self.told} if self.told else {}
        return {"midnight": self.midnight, "bytes": self.bytes, "seconds": self.seconds, **told}

    @classmethod
    def of(cls, fields: dict[str, Any]) -> Self:
        """Read what an earlier run wrote; TypeError where it is damaged."""
        numbers = {name: fields.get(name, 0) for name in ("midnight", "bytes", "seconds", "told")}
        if not all(isinstance(each, int) and each >= 0 for each in numbers.values()):
            raise TypeError("spend must be whole numbers")
        return cls(**numbers)


class Excess(StrEnum):
    """What becomes of a scan that would cost more than it may."""

    SAMPLE = "sample"
    STOP = "stop"


class Allowance(StrEnum):
    """How much of the log time the budget lets a scan look at."""

    ALL = "all"
    SAMPLE = "sample"
    NOTHING = "nothing"


class Budget(Struct, frozen=True):
    """How many bytes the scans of a UTC day may read (0: as many as there are), and what becomes of the rest."""

    limit: int = 0
    excess: Excess = Excess.SAMPLE

    def allowance(self, spend: Spend, now: int) -> Allowance:
        """Tell how to go on.

        Samples begin as late as the day's end allows: as soon as the rest of the day, sampled, would use up what is
        left. So every part of the day is looked at, and the day costs what it may.
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

    def has_to_spare(self, spend: Spend, now: int, looks: int) -> bool:
        """Tell whether the whole day will cost less than it may, as far as today's price is known."""
        spent = spend.at(now)
        return not self.limit or (spent.seconds > 0 and spent.forecast(now, looks) < self.limit)


def is_sample(window: Window) -> bool:
    """Tell whether a window is one of those that are scanned where others are not: the same in every run."""
    return window.start // window.seconds % SAMPLED_OF == 0
