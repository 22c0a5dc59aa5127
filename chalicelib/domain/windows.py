"""Windows: stretches of log time on a fixed grid, so that a second scan asks for exactly what the first one asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

DEFAULT_WINDOW = 300
# Ingestion lags by seconds to minutes; what is younger is left to the next run.
DEFAULT_LATENCY = 120


@dataclass(frozen=True, slots=True, order=True)
class Window:
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

    def halves(self) -> tuple[Self, Self]:
        """Cut it in two where it is longer than a second."""
        middle = self.start + self.seconds // 2
        return type(self)(self.start, middle), type(self)(middle, self.end)

    def covers(self, other: Self) -> bool:
        """Tell whether all of `other` lies within."""
        return self.start <= other.start and other.end <= self.end

    def touches(self, other: Self) -> bool:
        """Tell whether no time lies between the two."""
        return self.start <= other.end and other.start <= self.end

    def hull(self, other: Self) -> Self:
        """Return the shortest window that covers both."""
        return type(self)(min(self.start, other.start), max(self.end, other.end))


@dataclass(frozen=True, slots=True)
class Grid:
    """Divides all time into windows of `step` seconds; those that ended `latency` seconds ago may be scanned."""

    step: int = DEFAULT_WINDOW
    latency: int = DEFAULT_LATENCY

    def horizon(self, now: int) -> int:
        """Return the end of the last window that may be scanned."""
        return max(0, now - self.latency) // self.step * self.step

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
