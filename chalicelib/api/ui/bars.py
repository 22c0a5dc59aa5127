"""Bars: how often something fired in each of the last 24 hours, as an SVG path and in words."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

HOUR = 3_600
# The width of a bar, and of the gap in it.
STEP, BAR = 4, 3
TALLEST = 20
LOWEST = 2
# Below so many events, the tallest bar does not have the full height.
FULL = 4


class Bars(NamedTuple):
    """The outlines of hours with and without events; the sum; and everything in words."""

    path: str
    base: str
    total: int
    label: str


def bars(counts: Sequence[int], now: int) -> Bars:
    """Draw the counts of hours, newest last, which has not ended yet."""
    total, most = sum(counts), max(counts, default=0)
    scale = max(most, FULL)
    tall = {at: max(LOWEST, round(TALLEST * count / scale)) for at, count in enumerate(counts) if count}
    base = "".join(_bar(at, 1) for at in range(len(counts)) if at not in tall)
    return Bars("".join(_bar(at, height) for at, height in tall.items()), base, total, _label(counts, total, most, now))


def _bar(at: int, height: int) -> str:
    return f"M{at * STEP} {TALLEST - height}h{BAR}v{height}h-{BAR}z"


def _label(counts: Sequence[int], total: int, most: int, now: int) -> str:
    if not total:
        return "no event in the last 24 hours"
    events = "1 event" if total == 1 else f"{total:,} events"
    begins = now // HOUR - len(counts) + 1 + list(counts).index(most)
    hour = datetime.fromtimestamp(begins * HOUR, UTC).strftime("in the hour from %H:%M UTC")
    return f"{events} in the last 24 hours, {'' if most == total else f'at most {most:,} of them '}{hour}"
