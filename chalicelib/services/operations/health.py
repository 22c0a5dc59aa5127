"""Health: whether the table can be read, remembered for a moment, so that a flood of requests costs no reads."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock, EventStore


log = logging.getLogger(__name__)

# To ask for an event that never was is the cheapest way to learn whether the table can be read.
NO_EVENT = "0000000000-none"
# Anybody may ask, without a token: each container reads once in so many seconds.
REMEMBERED_FOR = 5


class Health:
    """Tells whether the table can be read."""

    def __init__(self, event_store: EventStore, clock: Clock) -> None:
        self._event_store, self._clock = event_store, clock
        self._is_well, self._read_at = False, 0

    def __call__(self) -> bool:
        """Return whether the table could be read a few seconds ago; if not, the log says why."""
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
