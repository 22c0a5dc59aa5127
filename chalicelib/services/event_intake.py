"""The event intake: where heartbeats and the ends of backfills part from other events."""

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

    What only few events are for is made, and imported, when the first of them comes.
    """

    ingest: Ingest
    agents: Callable[[], AgentRegistry]
    backfill_results: Callable[[], BackfillResults]
    canaries: Callable[[], Canaries]
    alert_store: Callable[[], AlertStore]
    clock: Clock
    stage: str

    def __call__(self, raw: Any, *, announce: bool = True) -> None:
        """Take in one event, heartbeat or end of a backfill; what cannot be read is an event like any unknown one.

        What is not announced at once the next sweep announces.
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
        """Return what ends other alerts than that which an event is about; it is found when it is iterated over."""
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
        """Take a heartbeat in; that of another stage's agent beside ours would hide that ours has fallen silent."""
        if heartbeat.stage in ("", self.stage):
            self.agents().record_heartbeat(heartbeat, announce=announce)
        else:
            log.info(
                "Heartbeat of another stage ignored", extra={"account": heartbeat.account, "stage": heartbeat.stage}
            )


def _heartbeat_in(envelope: Envelope) -> Heartbeat | None:
    from chalicelib.sources.heartbeat import heartbeat_of  # noqa: PLC0415 - most events are no heartbeats

    return heartbeat_of(envelope)
