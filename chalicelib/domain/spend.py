"""Spend: the bytes that a scan has read in a UTC day, which is what AWS bills, and what the day will come to."""

from dataclasses import dataclass, replace
from typing import Any, Self

from chalicelib.domain.event import DAY, iso


@dataclass(frozen=True, slots=True)
class Spend:
    """What was spent on the UTC day that began at `midnight`.

    `bytes` were scanned in looking at `seconds` of log time: the one divided by the other is what a second costs.
    """

    midnight: int = 0
    bytes: int = 0
    seconds: int = 0

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
        return {"midnight": self.midnight, "bytes": self.bytes, "seconds": self.seconds}

    @classmethod
    def of(cls, fields: dict[str, Any]) -> Self:
        """Read what an earlier run wrote; TypeError where it is damaged."""
        numbers = {name: fields.get(name, 0) for name in ("midnight", "bytes", "seconds")}
        if not all(isinstance(each, int) and each >= 0 for each in numbers.values()):
            raise TypeError("spend must be whole numbers")
        return cls(**numbers)
