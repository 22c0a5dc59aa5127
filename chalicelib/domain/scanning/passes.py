"""Passes: each stretch of log time is scanned twice, so that lines that came late are found, and none counts twice.

Every window has a cut, some time after its end. The first pass takes the lines that arrived before it, a second one,
much later, those that arrived after it. The cut depends on the window alone: whenever and however often the passes
take place, each line belongs to exactly one of them.
"""

from enum import StrEnum

from msgspec import Struct

from chalicelib.domain.scanning.error_groups import LogLine
from chalicelib.domain.scanning.windows import Grid


class Arrival(StrEnum):
    """Which lines a pass takes, by when they arrived."""

    ANY = "any"
    ON_TIME = "on_time"
    LATE = "late"


class ScanPass(Struct, frozen=True):
    """A pass over windows of the grid; before `since` there is no second pass, and so nothing is left to it."""

    grid: Grid
    arrival: Arrival = Arrival.ANY
    since: int = 0

    @property
    def is_late(self) -> bool:
        """Return whether it takes what came late."""
        return self.arrival is Arrival.LATE

    @property
    def delay(self) -> int:
        """How many seconds all lines that it takes needed to arrive, at least."""
        return self.grid.grace if self.is_late else 0

    def takes(self, line: LogLine) -> bool:
        """Return whether a line belongs to this pass; where nobody knows when it arrived, it was on time."""
        if self.arrival is Arrival.ANY or line.at < self.since:
            return not self.is_late
        return (line.ingested_at >= self.grid.cut(line.at)) is self.is_late
