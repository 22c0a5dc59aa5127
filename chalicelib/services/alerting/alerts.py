"""Alerts: reading them, and what people do to them: acknowledge, resolve, reopen, assign, add notes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.domain.alerts.affected import AffectedScope, Location
from chalicelib.domain.alerts.alert import Alert, Mark, Status
from chalicelib.domain.alerts.suspect_deploy import Deploy
from chalicelib.domain.alerts.timeline import TransitionKind
from chalicelib.domain.errors import Conflict, Invalid, NotFound
from chalicelib.domain.notifications.notification import Record, Recording
from chalicelib.domain.pagination import Page
from chalicelib.domain.queries import AlertQuery, EventQuery
from chalicelib.domain.routing.notification_policy import Policy, reevaluate
from chalicelib.domain.routing.status_updates import with_status_update
from chalicelib.domain.timestamps import iso
from chalicelib.services.alerting.evaluator import save_evaluation

if TYPE_CHECKING:
    from chalicelib.services import ports

log = logging.getLogger(__name__)

# Attempts to write an alert. Others that write it are events of the same problem; each lost race means that one of them
# is done.
ATTEMPTS = 8
# An alert is returned with this many events; the list of events has the others.
NEWEST = 10
# Locations beyond these are only counted.
MOST_PLACES = 100
# The names of more accounts than these are read in one query.
MOST_ALONE = 3

LEADS_TO = {
    TransitionKind.ACKNOWLEDGED: Status.ACKNOWLEDGED,
    TransitionKind.RESOLVED: Status.RESOLVED,
    TransitionKind.REOPENED: Status.FIRING,
}


class WholeAlert(Struct, frozen=True, kw_only=True):
    """An alert, its newest events (abridged), where its newest episode is, and what was deployed before.

    `shown` are the first hundred locations, `names` the names of their accounts.
    """

    alert: Alert
    events: tuple[Record, ...]
    where: AffectedScope
    shown: tuple[Location, ...]
    names: Mapping[str, str]
    deploys: tuple[Deploy, ...]


class Alerts(Struct, frozen=True):
    """Reads alerts and applies people's actions; notifications about these are enqueued."""

    store: ports.AlertStore
    ledger: ports.Ledger
    event_store: ports.EventStore
    policy: Callable[[], Policy]
    clock: ports.Clock
    affected: ports.AffectedScopes
    names: ports.LoadedAccountNames

    def page(self, query: AlertQuery) -> Page[Alert]:
        """Return a page of alerts that ever fired."""
        return self.store.page(query, self.clock.now())

    def get(self, fingerprint: str) -> Alert:
        """Return one alert; NotFound where there is none."""
        alert = self.store.find(fingerprint)
        if alert is None:
            raise NotFound("There is no alert with this fingerprint.")
        return alert

    def inspect(self, fingerprint: str) -> WholeAlert:
        """Return one alert with everything known about it; NotFound where there is none."""
        alert = self.get(fingerprint)
        where = self.affected.of(fingerprint, alert.since)
        shown = where.places[:MOST_PLACES]
        if len({place.account for place in shown}) > MOST_ALONE:
            self.names.load()
        return WholeAlert(
            alert=alert,
            events=self._newest_events(fingerprint),
            where=where,
            shown=shown,
            names={account: self.names.name(account) for account in {place.account for place in shown}},
            deploys=self.affected.deploys_before(alert, where.began),
        )

    def count_accounts(self, alert: Alert) -> int:
        """Return in how many accounts an alert's newest episode is, as far as that is counted."""
        if len(alert.accounts) < 2:  # noqa: PLR2004 - one is where any alert is
            return 1
        return len(self.affected.of(alert.fingerprint, alert.since).accounts) or 1

    def _newest_events(self, fingerprint: str) -> tuple[Record, ...]:
        query = EventQuery(fingerprint=fingerprint, limit=NEWEST)
        return self.event_store.page(query, self.clock.now()).items

    def accounts_at(self, alert: Alert, at: int) -> frozenset[str]:
        """Return the accounts of an alert as known at a time, which a message sent then shows."""
        if len(alert.accounts) < 2:  # noqa: PLR2004 - one is the one that any message was about
            return frozenset(each.account for each in alert.accounts)
        return self.affected.accounts_at(alert.fingerprint, alert.since, at)

    def acknowledge(self, fingerprint: str, by: str, note: str = "", shown: Collection[str] | None = None) -> Alert:
        """Record that somebody works on it: no more reminders until it gets worse or is over.

        Whoever was `shown` only some of its accounts acknowledges those; the others are announced with the next event.
        """
        return self._mark(fingerprint, TransitionKind.ACKNOWLEDGED, by, note, shown=shown)

    def assign(self, fingerprint: str, by: str, note: str = "") -> Alert:
        """Record that somebody else works on it from now on."""
        return self._mark(fingerprint, TransitionKind.ACKNOWLEDGED, by, note, takes_over=True)

    def resolve(self, fingerprint: str, by: str, note: str = "") -> Alert:
        """Record that it is over; everybody who was notified of it is notified of that."""
        return self._mark(fingerprint, TransitionKind.RESOLVED, by, note)

    def reopen(self, fingerprint: str, by: str, note: str = "") -> Alert:
        """Record that it is not over, or that nobody works on it; the episode goes on."""
        return self._mark(fingerprint, TransitionKind.REOPENED, by, note)

    def note(self, fingerprint: str, by: str, note: str) -> Alert:
        """Add a note to its history; nothing else changes, and nobody is notified."""
        if not note:
            raise Invalid("The note is empty.")
        for _ in range(ATTEMPTS):
            alert = self.get(fingerprint)
            noted = Mark(at=self.clock.now(), kind=TransitionKind.NOTED, by=by, note=note)
            if self.ledger.merge([], alert, (), noted) is Recording.RECORDED:
                return alert
        raise Conflict("The alert was updated concurrently; try again.")

    def _mark(  # noqa: PLR0913 - what people say of an alert
        self,
        fingerprint: str,
        happening: TransitionKind,
        by: str,
        note: str,
        *,
        shown: Collection[str] | None = None,
        takes_over: bool = False,
    ) -> Alert:
        """Apply an action, once; an alert that is in the wanted state already stays as it is.

        NotFound where there is no such alert; Conflict where the action makes no sense, or where every attempt lost a
        race.
        """
        for _ in range(ATTEMPTS):
            alert = self.get(fingerprint)
            _demand_sense(alert, happening)
            is_theirs = not takes_over or (alert.marked is not None and alert.marked.by == by)
            if alert.status is LEADS_TO[happening] and is_theirs:
                return alert
            now, policy = self.clock.now(), self.policy()
            marked = alert.mark(happening, now, by, note, shown)
            outcome = with_status_update(reevaluate(marked, policy, now), marked, policy)
            written = save_evaluation(self.ledger, marked, outcome, policy, now, marked.marked)
            if written:
                log.info("Alert marked", extra={"fingerprint": fingerprint, "status": written.status, "by": by})
                return written
        raise Conflict("The alert was updated concurrently; try again.")


def _demand_sense(alert: Alert, happening: TransitionKind) -> None:
    if not alert.episodes:
        raise Conflict("The alert has never fired.")
    if happening is TransitionKind.ACKNOWLEDGED and alert.status is Status.RESOLVED:
        raise Conflict(f"The alert is resolved; it last fired at {iso(alert.since)}. There is nothing to acknowledge.")
