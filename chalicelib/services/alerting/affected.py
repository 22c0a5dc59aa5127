"""Affected scopes: in which accounts and regions a problem is, and which deploy it came with, read from its events."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.domain.alerts.affected import AffectedScope, affected
from chalicelib.domain.alerts.suspect_deploy import SHORTLY, Deploy, began_at, deploy_before
from chalicelib.domain.events.event import Event
from chalicelib.domain.queries import EventQuery
from chalicelib.sources.registry import AGENT_STACKS

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock, EventStore

# About a megabyte of an index, and more places than anybody reads.
MOST_EVENTS = 1_000
STACKS = "aws.cloudformation"


class AffectedScopeFinder(Struct, frozen=True):
    """Recounts where a problem is; nothing of it is kept on the alert, which every event writes."""

    event_store: EventStore
    clock: Clock

    def of(self, fingerprint: str, since: int, just_written: Event | None = None) -> AffectedScope:
        """Return where a problem has fired since then (epoch seconds; 0: ever), in its newest thousand events.

        `at_hand` is one of its events, which the index may not show yet.
        """
        query = EventQuery(fingerprint=fingerprint, start=since or None, limit=MOST_EVENTS)
        page = self.event_store.page(query, self.clock.now())
        events = [record.event for record in page.items]
        if just_written is not None and just_written.published_at >= since:
            events.append(just_written)
        return affected(events, complete=page.next is None)

    def deploy_before(self, event: Event) -> Deploy | None:
        """Return the deploy in the same account and region within the hour before what an event reports began."""
        record = self.event_store.find(event.id) if event.detail is None else None
        whole = record.event if record else event
        at = began_at(whole)
        query = EventQuery(
            account=event.account, region=event.region, source=STACKS, start=at - SHORTLY, end=at, limit=MOST_EVENTS
        )
        stacks = self.event_store.page(query, self.clock.now()).items
        deploys = (each.event for each in stacks if not _is_an_agent_s(each.event))
        return deploy_before(deploys, whole.resource, at)


def _is_an_agent_s(stack: Event) -> bool:
    """Tell whether a stack is one of ours: an agent makes no errors, it finds those that were there."""
    return any(fnmatchcase(stack.resource, name) for name in AGENT_STACKS)
