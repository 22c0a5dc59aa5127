"""Windows: stretches of log time on a fixed grid, so that a second scan queries exactly what the first one did."""

import itertools
from collections.abc import Iterator
from typing import Self

from msgspec import Struct

DEFAULT_WINDOW = 300
# Ingestion lags by seconds to minutes; what is younger is left to the next run.
DEFAULT_LATENCY = 120
# Of the latency, what a line that has arrived may take until queries see it; nobody promises how long that is.
SETTLING = 30


class Window(Struct, frozen=True, order=True, array_like=True):
    """A stretch of log time, closed at its start and open at its end; never empty."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"[{self.start}, {self.end}) is no stretch of time")

    @property
    def seconds(self) -> int:
        """Its length in seconds."""
        return self.end - self.start

    def parts(self, count: int) -> Iterator[Self]:
        """Cut it into so many parts of about the same length, or into seconds where there are fewer of these."""
        count = min(count, self.seconds)
        edges = [self.start + self.seconds * number // count for number in range(count + 1)]
        return (type(self)(start, end) for start, end in itertools.pairwise(edges))

    def covers(self, other: Self) -> bool:
        """Return whether all of `other` lies within."""
        return self.start <= other.start and other.end <= self.end

    def touches(self, other: Self) -> bool:
        """Return whether no time lies between the two."""
        return self.start <= other.end and other.start <= self.end

    def hull(self, other: Self) -> Self:
        """Return the shortest window that covers both."""
        return type(self)(min(self.start, other.start), max(self.end, other.end))


class Grid(Struct, frozen=True):
    """Divides all time into windows of `step` seconds; those that ended `latency` seconds ago may be scanned."""

    step: int = DEFAULT_WINDOW
    latency: int = DEFAULT_LATENCY

    def horizon(self, now: int) -> int:
        """Return the end of the last window that may be scanned."""
        return max(0, now - self.latency) // self.step * self.step

    def due_at(self, at: int) -> int:
        """Return from when on the window that holds this time may be scanned."""
        return at // self.step * self.step + self.step + self.latency

    def origin(self, now: int) -> int:
        """Return the watermark of a scan that begins today: one window is due."""
        return max(0, self.horizon(now) - self.step)

    def due(self, watermark: int, now: int) -> list[Window]:
        """Return what may be scanned from the watermark on, oldest first; nothing where the clock went back."""
        horizon = self.horizon(now)
        return list(self.pieces(Window(watermark, horizon))) if watermark < horizon else []

    def pieces(self, window: Window) -> Iterator[Window]:
        """Cut a window at the grid's lines; a watermark from a grid of other steps makes an odd first piece."""
        start = window.start
        while start < window.end:
            end = min(window.end, start // self.step * self.step + self.step)
            yield Window(start, end)
            start = end

    @property
    def grace(self) -> int:
        """How many seconds after its window's end a line is still on time."""
        return max(0, self.latency - SETTLING)

    def cut(self, at: int) -> int:
        """Return until when a line of this time must have arrived to be on time."""
        return at // self.step * self.step + self.step + self.grace

    def piece_at(self, at: int, within: Window) -> Window:
        """Return the piece of a window that a time within it belongs to."""
        start = at // self.step * self.step
        return Window(max(start, within.start), min(start + self.step, within.end))
