"""Ports that only the alerting services need."""

from collections.abc import Collection, Mapping
from typing import Protocol

from msgspec import Struct

from chalicelib.domain.alerts.alert import Alert, Mark
from chalicelib.domain.alerts.episode_count import EpisodeCount
from chalicelib.domain.events.event import Event
from chalicelib.domain.notifications.notification import Notification, Record


class AlertDetails(Struct, frozen=True, kw_only=True):
    """An alert, and the other items of its partition.

    These are its actions, the ids of notifications that belong to none of its events (both newest first), the count of
    its very many events, and how often it fired in hours that its timeline no longer covers.
    """

    alert: Alert
    actions: tuple[Mark, ...] = ()
    reminders: tuple[str, ...] = ()
    count: EpisodeCount | None = None
    hours: Mapping[int, int] = {}


class Mentioned(Struct, frozen=True, kw_only=True):
    """What an alert's details refer to: notifications, events by id, and whether there may be events of some kinds."""

    notifications: tuple[Notification, ...] = ()
    records: Mapping[str, Record] = {}
    has_kinds: bool = True


class AlertDetailStore(Protocol):
    """Reads everything known about an alert with as few calls as possible."""

    def find(self, fingerprint: str) -> AlertDetails | None:
        """Return an alert with its details (a consistent read); None where there is none."""
        ...

    def mentioned(
        self, notification_ids: Collection[str], event_ids: Collection[str], kinds: Collection[str], hours: range
    ) -> Mentioned:
        """Return notifications and events, and whether there may be events of the kinds in the hours.

        `hours` are numbered from 1970 on. Up to a hundred items are one call.
        """
        ...


class EpisodeCounts(Protocol):
    """The counts of alerts with very many events."""

    def find(self, fingerprint: str) -> EpisodeCount | None:
        """Return the count of an alert; None where there is none."""
        ...

    def waiting(self, now: int, limit: int) -> list[str]:
        """Return the fingerprints of up to `limit` alerts to be counted by `now`, longest waiting first."""
        ...

    def save(self, fingerprint: str, count: EpisodeCount, again_at: int) -> None:
        """Write an alert's count, and when to continue it (epoch seconds; 0: once it has many more events)."""
        ...

    def postpone(self, fingerprint: str, again_at: int) -> None:
        """Write only when to continue the count of an alert that waits for it."""
        ...


class EventRetention(Protocol):
    """Extends how long events are kept."""

    def extend(self, event: Event, until: int) -> None:
        """Keep an event until then (epoch seconds), if it still exists."""
        ...


class InhibitorStore(Protocol):
    """The alerts that may inhibit others."""

    def inhibitors(self, limit: int) -> list[Alert]:
        """Return up to `limit` of them, each checked by a consistent read."""
        ...
