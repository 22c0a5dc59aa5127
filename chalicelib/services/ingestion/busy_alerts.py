"""Busy alerts: alerts that other functions are writing, as far as this function instance has noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock

# Seconds. One lost race is chance; two within so short a time are a storm, and more will follow.
BUSY_FOR = 10
MOST_REMEMBERED = 1_000


class BusyAlerts:
    """Remembers for some seconds which alerts' transactions lost two races; up to a thousand alerts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lost_at: dict[str, int] = {}
        self._until: dict[str, int] = {}

    def add(self, fingerprint: str) -> None:
        """Record a lost race."""
        now = self._clock.now()
        if len(self._lost_at) >= MOST_REMEMBERED:
            self._lost_at.clear()
            self._until.clear()
        if now - self._lost_at.get(fingerprint, 0) < BUSY_FOR:
            self._until[fingerprint] = now + BUSY_FOR
        self._lost_at[fingerprint] = now

    def __contains__(self, fingerprint: str) -> bool:
        """Return whether an alert is busy."""
        return self._until.get(fingerprint, 0) > self._clock.now()
