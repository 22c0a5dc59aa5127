"""Passes: each window is scanned twice, so that late lines are found, and none counts twice.

Every window has a cut, some time after its end. The first pass takes the lines that arrived before it; a second one,
much later, those that arrived after it. The cut depends only on the window: whenever and however often the passes run,
each line belongs to exactly one of them.
"""

from enum import StrEnum

from msgspec import Struct

from chalicelib.domain.scanning.error_groups import LogLine
from chalicelib.domain.scanning.windows import Grid


class Arrival(StrEnum):
    """Which lines a pass takes, by their time of arrival."""

    ANY = "any"
    ON_TIME = "on_time"
    LATE = "late"


class ScanPass(Struct, frozen=True):
    """A pass over windows of the grid; before `since` there is no second pass, so the first takes everything."""

    grid: Grid
    arrival: Arrival = Arrival.ANY
    since: int = 0

    @property
    def is_late(self) -> bool:
        """Return whether it takes late lines."""
        return self.arrival is Arrival.LATE

    @property
    def delay(self) -> int:
        """The seconds that all lines which it takes needed to arrive, at least."""
        return self.grid.grace if self.is_late else 0

    def takes(self, line: LogLine) -> bool:
        """Return whether a line belongs to this pass; lines of unknown arrival count as on time."""
        if self.arrival is Arrival.ANY or line.at < self.since:
            return not self.is_late
        return (line.ingested_at >= self.grid.cut(line.at)) is self.is_late
