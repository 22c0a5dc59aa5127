"""The policy provider: the deployed routes with the silences and inhibiting alerts of now."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from msgspec.structs import replace

from chalicelib.domain.routing.inhibitions import MOST_SOURCES
from chalicelib.domain.routing.notification_policy import Policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.domain.routing.inhibitions import Inhibitions
    from chalicelib.domain.routing.silences import Silence
    from chalicelib.services import ports
    from chalicelib.services.alerting.ports import InhibitorStore

log = logging.getLogger(__name__)

# Seconds after which silences and inhibiting alerts are read again; so a new silence takes effect after at most as
# long.
REMEMBERED_FOR = 15
# An alarm counts this log message: while silences cannot be read, what they cover is announced.
UNREADABLE_LINE = "Silences not readable"


class PolicyProvider:
    """Returns the policy of now; caches silences and inhibiting alerts for some seconds."""

    def __init__(
        self,
        deployed: Policy,
        silence_store: ports.SilenceStore,
        inhibitor_store: InhibitorStore,
        clock: ports.Clock,
    ) -> None:
        self._deployed, self._silence_store, self._inhibitor_store = deployed, silence_store, inhibitor_store
        self._clock = clock
        self._policy, self._read_at = deployed, 0
        self._standing: Sequence[Silence] | None = None

    def __call__(self) -> Policy:
        """Return the policy of now.

        If the silences cannot be read, the last known ones apply: an event is stored and announced rather than delayed.
        """
        now = self._clock.now()
        if now - self._read_at >= REMEMBERED_FOR:
            self._standing = None
            try:
                standing = self._silence_store.unexpired(now)
                silences = (*self._deployed.silences, *standing)
                self._policy = replace(self._deployed, silences=silences, inhibitions=self._inhibitions(now))
                self._standing = standing
            except Exception:
                log.exception(UNREADABLE_LINE)
            self._read_at = now
        return self._policy

    def standing(self) -> Sequence[Silence]:
        """Return the stored silences that have not ended, as they were some seconds ago, or an error."""
        self()
        return self._silence_store.unexpired(self._clock.now()) if self._standing is None else self._standing

    def forget(self) -> None:
        """Read everything again next time, as it has changed."""
        self._read_at = 0

    def _inhibitions(self, now: int) -> Inhibitions:
        deployed = self._deployed.inhibitions
        if not deployed.rules:
            return deployed
        return deployed.knowing(self._inhibitor_store.inhibitors(MOST_SOURCES), now)
