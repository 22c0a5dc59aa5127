"""Health: whether the table can be read; cached for some seconds, so that a flood of requests causes no reads."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock, EventStore


log = logging.getLogger(__name__)

# Reading an event that does not exist is the cheapest test.
NO_EVENT = "0000000000-none"
# Seconds. No token is needed to ask, so each function instance reads only once in this time.
REMEMBERED_FOR = 5


class Health:
    """Checks whether the table can be read."""

    def __init__(self, event_store: EventStore, clock: Clock) -> None:
        self._event_store, self._clock = event_store, clock
        self._is_well, self._read_at = False, 0

    def __call__(self) -> bool:
        """Return whether the table could be read, now or some seconds ago; if not, the log says why."""
        now = self._clock.now()
        if now - self._read_at >= REMEMBERED_FOR:
            self._is_well, self._read_at = self._can_read(), now
        return self._is_well

    def _can_read(self) -> bool:
        try:
            self._event_store.find(NO_EVENT)
        except Exception:
            log.exception("Table not readable")
            return False
        return True
