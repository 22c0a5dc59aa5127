"""Brought: what a backfill's events add up to, in bounded memory however many there are."""

from collections.abc import Callable, Iterable
from heapq import nlargest
from typing import Any

from msgspec import Struct

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.event import Event, Severity
from chalicelib.domain.notifications.notification import Reason, Record

# Alerts are read one by one to find out whether they are new.
MOST_KINDS = 500
WORST = 10


class GroupSummary(Struct):
    """Alike errors, in so many `windows` and log lines."""

    fingerprint: str
    title: str
    severity: Severity
    resource: str
    first_at: int
    windows: int = 0
    lines: int = 0

    def add(self, event: Event) -> None:
        """Take one more window into account."""
        self.windows += 1
        self.lines += event.lines
        self.severity = max(self.severity, event.severity)
        self.first_at = min(self.first_at, event.published_at)


class BackfillSummary(Struct, frozen=True, kw_only=True):
    """What came of a backfill: kinds of errors, the worst first.

    `heard` events about errors of that time are in the table, the backfill's among them. `is_whole` is false where
    there were more than anybody counts.
    """

    kinds: tuple[GroupSummary, ...]
    heard: int
    is_whole: bool

    @classmethod
    def of(cls, records: Iterable[Record], most: int) -> "BackfillSummary":
        """Add up up to `most` records of errors in the logs; those that were known before count as heard only."""
        kinds: dict[str, GroupSummary] = {}
        heard = 0
        is_whole = True
        for record in records:
            if heard == most:
                is_whole = False
                break
            heard += 1
            event = record.event
            if record.outcome.reason is Reason.BACKFILLED:
                if event.fingerprint not in kinds:
                    kinds[event.fingerprint] = _kind_of(event)
                kinds[event.fingerprint].add(event)
        return cls(kinds=tuple(nlargest(len(kinds), kinds.values(), key=_badness)), heard=heard, is_whole=is_whole)

    def described(self, since: int, published: int, find: Callable[[str], Alert | None]) -> dict[str, Any]:
        """Return it as JSON, with the ten worst kinds.

        A problem is new if nothing of it happened before `since`, and it was never announced. Of the `published`
        events some may be `on_their_way` still.
        """
        new = {each.fingerprint for each in self.kinds[:MOST_KINDS] if is_new(find(each.fingerprint), since)}
        return {
            "errors": sum(each.lines for each in self.kinds),
            "kinds": len(self.kinds),
            "new": len(new),
            "on_their_way": max(0, published - self.heard) if self.is_whole else 0,
            "is_whole": self.is_whole and len(self.kinds) <= MOST_KINDS,
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
                for each in sorted(self.kinds, key=lambda each: each.fingerprint not in new)[:WORST]
            ],
        }


def is_new(alert: Alert | None, since: int) -> bool:
    """Tell whether nobody had heard of a problem, as far as its alert knows."""
    return alert is None or (not alert.episodes and alert.first_seen >= since)


def _kind_of(event: Event) -> GroupSummary:
    return GroupSummary(event.fingerprint, event.title, event.severity, event.resource, event.published_at)


def _badness(kind: GroupSummary) -> tuple[int, int, str]:
    return kind.severity, kind.lines, kind.fingerprint
