"""The event intake: tells heartbeats, canaries and results of backfills from all other events."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from chalicelib.domain.events.envelope import Envelope
from chalicelib.services.ingestion.ingest import HANDLED_LINE, Ingest
from chalicelib.sources.registry import ALARM_CHANGE, BACKFILL, CANARY, HEARTBEAT, interpret

if TYPE_CHECKING:
    from chalicelib.domain.agents.agent import Heartbeat
    from chalicelib.domain.events.event import Event
    from chalicelib.services.agents.canaries import Canaries
    from chalicelib.services.agents.registry import AgentRegistry
    from chalicelib.services.ingestion.backfill_results import BackfillResults
    from chalicelib.services.ports import AlertStore, Clock

log = logging.getLogger(__name__)


class EventIntake(Struct, frozen=True):
    """Takes in whatever EventBridge delivers to the hub of `stage`.

    Services that only few events need are created, and their modules imported, when the first such event comes.
    """

    ingest: Ingest
    agents: Callable[[], AgentRegistry]
    backfill_results: Callable[[], BackfillResults]
    canaries: Callable[[], Canaries]
    alert_store: Callable[[], AlertStore]
    clock: Clock
    stage: str

    def __call__(self, raw: Any, *, announce: bool = True) -> None:
        """Take in one event of any kind; one that cannot be read is stored as an unknown event.

        With `announce` false, the next sweep announces it.
        """
        envelope = Envelope.parse(raw, self.clock.now())
        heartbeat = _heartbeat_in(envelope) if envelope.source == HEARTBEAT.source else None
        if heartbeat is not None:
            self._take(heartbeat, announce=announce)
        elif envelope.source == CANARY.source:
            self._let_through(envelope)
        elif (envelope.source, envelope.detail_type) == (BACKFILL.source, BACKFILL.detail_type):
            self.backfill_results().finish(envelope, announce=announce)
        else:
            self.ingest.take(envelope, announce=announce, further=self._ends_with(envelope))
        log.info(HANDLED_LINE, extra={"account": envelope.account, "source": envelope.source})

    def _ends_with(self, envelope: Envelope) -> Iterable[Event]:
        """Iterate over events that resolve other alerts than the one that an event is about."""
        if (envelope.source, envelope.detail_type) != (ALARM_CHANGE.source, ALARM_CHANGE.detail_type):
            return ()
        from chalicelib.services.alerting.deleted_alarms import ends_of_contributors  # noqa: PLC0415 - it is rare

        change, events = interpret(envelope), self.ingest.event_store
        return ends_of_contributors(change, envelope, self.alert_store(), events, self.clock.now())

    def _let_through(self, envelope: Envelope) -> None:
        from chalicelib.domain.agents.canary import canary_of  # noqa: PLC0415 - most events are no canaries

        canary = canary_of(envelope, self.stage)
        if canary is not None:
            self.canaries().take(canary)
        else:
            log.info("Canary ignored", extra={"account": envelope.account, "region": envelope.region})

    def _take(self, heartbeat: Heartbeat, *, announce: bool) -> None:
        """Record a heartbeat, unless it is another stage's: that would hide that our agent has fallen silent."""
        if heartbeat.stage in ("", self.stage):
            self.agents().record_heartbeat(heartbeat, announce=announce)
        else:
            log.info(
                "Heartbeat of another stage ignored", extra={"account": heartbeat.account, "stage": heartbeat.stage}
            )


def _heartbeat_in(envelope: Envelope) -> Heartbeat | None:
    from chalicelib.sources.heartbeat import heartbeat_of  # noqa: PLC0415 - most events are no heartbeats

    return heartbeat_of(envelope)
