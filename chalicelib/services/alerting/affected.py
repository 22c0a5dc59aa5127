"""Affected scopes: the accounts and regions of a problem, and what was deployed there before it, read from events."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.domain.alerts.affected import AffectedScope, affected
from chalicelib.domain.alerts.suspect_deploy import SHORTLY, Deploy, DeployWords, began_at, deploys_before
from chalicelib.domain.events.envelope import AGENTS_AHEAD
from chalicelib.domain.events.event import Event
from chalicelib.domain.queries import EventQuery
from chalicelib.sources import index
from chalicelib.sources.registry import AGENT_STACKS, OWN, WIDESPREAD

if TYPE_CHECKING:
    from chalicelib.domain.alerts.alert import Alert
    from chalicelib.domain.notifications.notification import Notification
    from chalicelib.services.alerting.ports import EpisodeCounts
    from chalicelib.services.ports import Clock, EventStore

# About a megabyte of an index, and more accounts and regions than anybody reads.
MOST_EVENTS = 1_000
DEPLOYS = {kind: DeployWords(*each) for kind, each in index.DEPLOYS.items()}
# Events of the hub about itself and its agents.
ABOUT_AGENTS = {each.module for each in OWN}


class AffectedScopeFinder(Struct, frozen=True):
    """Computes where a problem is; the alert does not store it, as every event writes the alert."""

    event_store: EventStore
    clock: Clock
    counts: EpisodeCounts

    def of(self, fingerprint: str, since: int, just_written: Event | None = None) -> AffectedScope:
        """Return where a problem has fired since then (epoch seconds; 0: ever), as far as its events are counted.

        `just_written` is one of its events, which the index may not show yet; it is ignored if the problem has very
        many events and all of the newest ones are later.
        """
        query = EventQuery(fingerprint=fingerprint, start=since or None, limit=MOST_EVENTS)
        page = self.event_store.page(query, self.clock.now())
        events = [record.event for record in page.items]
        oldest = events[-1].id if page.next is not None and events else ""
        if just_written is not None and just_written.published_at >= since and just_written.id > oldest:
            events.append(just_written)
        return affected(events) if page.next is None else self.whole(fingerprint, since, events)

    def whole(self, fingerprint: str, since: int, newest: Sequence[Event]) -> AffectedScope:
        """Return where a problem has fired since then, given the newest of its very many events.

        What a sweep has counted of the older ones is added.
        """
        count = self.counts.find(fingerprint)
        if count is None or count.since != since:
            return affected(newest, complete=False)
        first = self.event_store.find(count.began) if count.began else None
        return count.scope(newest, first.event if first else None)

    def accounts_at(self, fingerprint: str, since: int, at: int) -> frozenset[str]:
        """Return the accounts in which a problem had fired since then, as known at `at` (epoch seconds).

        Of very many events, the newest thousand before that time are read.
        """
        query = EventQuery(fingerprint=fingerprint, start=since or None, end=at + AGENTS_AHEAD, limit=MOST_EVENTS)
        page = self.event_store.page(query, self.clock.now())
        return frozenset(each.event.account for each in page.items if each.event.received_at <= at)

    def deploys_before(self, problem: Alert | Notification, began: Event | None = None) -> tuple[Deploy, ...]:
        """Return what was deployed in its account and region in the half hour before a problem began, newest first.

        For a problem of a kind that may be in many places, account and region are those of the event with which it
        `began`. At most the newest thousand events are examined. Stacks of agents are left out: they cause none of the
        problems that agents find.
        """
        whole = self._whole(began) if began is not None and problem.kind in WIDESPREAD else None
        at = began_at(whole) if whole else problem.since
        account, region = (whole.account, whole.region) if whole else (problem.account, problem.region)
        if not at or not account.isdecimal():
            return ()
        query = EventQuery(account=account, region=region, start=at - SHORTLY, end=at, limit=MOST_EVENTS)
        events = [record.event for record in self.event_store.page(query, self.clock.now()).items]
        others = [each for each in events if each.kind in DEPLOYS and each.fingerprint != problem.fingerprint]
        about_agents = problem.kind in ABOUT_AGENTS
        return deploys_before([each for each in others if about_agents or not _is_an_agent_s(each)], at, DEPLOYS)

    def _whole(self, event: Event) -> Event:
        record = self.event_store.find(event.id) if event.detail is None else None
        return record.event if record else event


def _is_an_agent_s(event: Event) -> bool:
    return any(fnmatchcase(event.resource, name) for name in AGENT_STACKS)
