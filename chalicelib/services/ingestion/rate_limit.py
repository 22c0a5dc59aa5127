"""A rate limit: how often a minute one function instance does something for one account."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock

MINUTE = 60


class RateLimit:
    """Admits so many calls a minute for each key; remembers the keys of the current minute only."""

    def __init__(self, most: int, clock: Clock) -> None:
        self._most, self._clock = most, clock
        self._minute, self._counts = 0, dict[str, int]()

    def admits(self, key: str) -> bool:
        """Count one call, and return whether it is within the limit."""
        minute = self._clock.now() // MINUTE
        if minute != self._minute:
            self._minute, self._counts = minute, {}
        self._counts[key] = self._counts.get(key, 0) + 1
        return self._counts[key] <= self._most
