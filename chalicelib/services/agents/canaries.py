"""Canaries: whether events that agents send as a test go all the way from their bus to a receiver, and how fast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from chalicelib.domain.agents.agent import AgentStatus
from chalicelib.domain.agents.canary import RECEIVER, Canary, CanaryArrival, fingerprint_in
from chalicelib.domain.alerts.alert import Status
from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Delivery, Notification, Reason
from chalicelib.domain.pagination import LARGEST_LIMIT
from chalicelib.domain.queries import NotificationQuery
from chalicelib.domain.text import digest
from chalicelib.domain.timestamps import iso
from chalicelib.services.agents.registry import AgentRegistry
from chalicelib.services.ingestion.ingest import Ingest
from chalicelib.sources.registry import CANARY_STATE

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock, Ledger, NotificationStore, Outbox


class Canaries:
    """Turns canaries into notifications that are delivered to nobody, and reports those that do not arrive."""

    def __init__(  # noqa: PLR0913, PLR0917 - its collaborators
        self,
        outbox: Outbox,
        notifications: NotificationStore,
        ledger: Ledger,
        ingest: Ingest,
        agents: AgentRegistry,
        clock: Clock,
        stage: str,
    ) -> None:
        self._outbox, self._notifications, self._ledger = outbox, notifications, ledger
        self._ingest, self._agents, self._clock, self._stage = ingest, agents, clock, stage
        self._slots: dict[str, int] = {}

    def take(self, canary: Canary) -> None:
        """Enqueue a notification to nobody for the first canary of each region and interval."""
        if self._slots.get(canary.region) == canary.slot:
            return
        self._outbox.enqueue(
            Notification(
                id=digest(RECEIVER, canary.region, str(canary.slot)),
                receiver=RECEIVER,
                kind=RECEIVER,
                reason=Reason.SCHEDULED,
                severity=Severity.LOW,
                title=f"Canary of {canary.region}",
                created_at=canary.sent_at,
                region=canary.region,
            )
        )
        self._slots[canary.region] = canary.slot

    def arrivals(self) -> Mapping[str, CanaryArrival]:
        """Return the newest canary of each region that was delivered, among the last hundred."""
        return newest_arrivals(self._notifications, self._clock.now())

    def check(self, account: str, hub_region: str) -> None:
        """Report regions whose canaries stopped arriving, or arrive again; account and `hub_region` are the hub's."""
        for region, last in self.arrivals().items():
            alert = self._ledger.alert(fingerprint_in(account, region, self._stage))
            fires = alert is not None and alert.status is not Status.RESOLVED
            is_late = last.is_late(self._clock.now())
            state = "missing" if is_late else "arriving"
            if is_late != fires and (fires or self._has_agents(region)):
                self._ingest.take(self._envelope(state, region, last, account, hub_region))

    def _has_agents(self, region: str) -> bool:
        return any(each.region == region and each.status is not AgentStatus.REMOVED for each in self._agents.all())

    def _envelope(self, state: str, region: str, last: CanaryArrival, account: str, hub_region: str) -> Envelope:
        now = self._clock.now()
        raw = {
            "source": CANARY_STATE.source,
            "detail-type": CANARY_STATE.detail_type,
            "account": account,
            "region": hub_region,
            "time": iso(now),
            "detail": {"stage": self._stage, "region": region, "state": state, "sent_at": last.sent_at, "at": now},
        }
        return Envelope.parse(raw, now)


def newest_arrivals(notifications: NotificationStore, now: int) -> Mapping[str, CanaryArrival]:
    """Return the newest canary of each region that was delivered, among the last hundred."""
    query = NotificationQuery(statuses=(Delivery.DELIVERED,), receiver=RECEIVER, limit=LARGEST_LIMIT)
    newest: dict[str, CanaryArrival] = {}
    for each in notifications.page(query, (RECEIVER,), now).items:
        newest.setdefault(each.region, CanaryArrival(each.created_at, max(0, each.settled_at - each.created_at)))
    return newest
