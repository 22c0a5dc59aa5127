"""Backfill summary: adds up a backfill's events, in bounded memory however many there are."""

from collections.abc import Callable, Iterable
from heapq import nlargest
from typing import Any

from msgspec import Struct

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.event import Event, Severity
from chalicelib.domain.notifications.notification import Reason, Record

# Groups whose alerts are read, one by one, to see whether they are new.
MOST_GROUPS = 500
WORST = 10


class GroupSummary(Struct):
    """Similar errors, in so many `windows` and log lines."""

    fingerprint: str
    title: str
    severity: Severity
    resource: str
    first_at: int
    windows: int = 0
    lines: int = 0

    def add(self, event: Event) -> None:
        """Add the event of one more window."""
        self.windows += 1
        self.lines += event.lines
        self.severity = max(self.severity, event.severity)
        self.first_at = min(self.first_at, event.published_at)


class BackfillSummary(Struct, frozen=True, kw_only=True):
    """What a backfill found: error groups, the most severe first.

    `stored` events about errors of that time are in the table, including the backfill's. `is_complete` is false if
    there were too many to count.
    """

    groups: tuple[GroupSummary, ...]
    stored: int
    is_complete: bool

    @classmethod
    def of(cls, records: Iterable[Record], most: int) -> "BackfillSummary":
        """Add up to `most` records of log errors; those known before only count as stored."""
        groups: dict[str, GroupSummary] = {}
        stored = 0
        is_complete = True
        for record in records:
            if stored == most:
                is_complete = False
                break
            stored += 1
            event = record.event
            if record.outcome.reason is Reason.BACKFILLED:
                if event.fingerprint not in groups:
                    groups[event.fingerprint] = _summary_of(event)
                groups[event.fingerprint].add(event)
        return cls(
            groups=tuple(nlargest(len(groups), groups.values(), key=_badness)), stored=stored, is_complete=is_complete
        )

    def to_json(self, since: int, published: int, find: Callable[[str], Alert | None]) -> dict[str, Any]:
        """Return it as JSON, with the ten worst error groups.

        A group is new if nothing of it happened before `since`, and it was never announced. Of the `published` events
        some may be `in_transit` still.
        """
        new = {each.fingerprint for each in self.groups[:MOST_GROUPS] if is_new(find(each.fingerprint), since)}
        return {
            "errors": sum(each.lines for each in self.groups),
            "error_groups": len(self.groups),
            "new": len(new),
            "in_transit": max(0, published - self.stored) if self.is_complete else 0,
            "is_complete": self.is_complete and len(self.groups) <= MOST_GROUPS,
            "worst": [
                {
                    "title": each.title,
                    "severity": each.severity.name,
                    "resource": each.resource,
                    "fingerprint": each.fingerprint,
                    "lines": each.lines,
                    "windows": each.windows,
                    "first_at": each.first_at,
                    "is_new": each.fingerprint in new,
                }
                for each in sorted(self.groups, key=lambda each: each.fingerprint not in new)[:WORST]
            ],
        }


def is_new(alert: Alert | None, since: int) -> bool:
    """Return whether a problem was unknown before, as far as its alert says."""
    return alert is None or (not alert.episodes and alert.first_seen >= since)


def _summary_of(event: Event) -> GroupSummary:
    return GroupSummary(event.fingerprint, event.title, event.severity, event.resource, event.published_at)


def _badness(group: GroupSummary) -> tuple[int, int, str]:
    return group.severity, group.lines, group.fingerprint
