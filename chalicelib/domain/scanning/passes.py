"""Looks: each stretch of log time is looked at twice, so that lines that came late are found, and none counts twice.

Every window has a cut, some time after its end. The first look takes the lines that arrived before it, a second one,
much later, those that arrived after it. The cut depends on the window alone: whenever and however often the looks
take place, each line belongs to exactly one of them.
"""

from enum import StrEnum

from msgspec import Struct

from chalicelib.domain.scanning.error_groups import LogLine
from chalicelib.domain.scanning.windows import Grid


class Arrival(StrEnum):
    """Which lines a look takes."""

    ANY = "any"
    ON_TIME = "on_time"
    LATE = "late"


class ScanPass(Struct, frozen=True):
    """A look at windows of the grid; before `since` there is no second look, and so nothing is left to it."""

    grid: Grid
    lateness: Arrival = Arrival.ANY
    since: int = 0

    @property
    def delay(self) -> int:
        """How many seconds all lines that it takes needed to arrive, at least."""
        return self.grid.arrival if self.lateness is Arrival.LATE else 0

    def takes(self, line: LogLine) -> bool:
        """Tell whether a line belongs to this look; where nobody knows when it arrived, it was on time."""
        if self.lateness is Arrival.ANY or line.at < self.since:
            return self.lateness is not Arrival.LATE
        is_late = line.ingested_at >= self.grid.cut(line.at)
        return is_late is (self.lateness is Arrival.LATE)
