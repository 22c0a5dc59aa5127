"""What the services about alerts need of the world beyond what others need too."""

from collections.abc import Collection, Mapping
from typing import Protocol

from msgspec import Struct

from chalicelib.domain.alerts.alert import Alert, Mark
from chalicelib.domain.alerts.episode_count import EpisodeCount
from chalicelib.domain.events.event import Event
from chalicelib.domain.notifications.notification import Notification, Record


class AlertDetails(Struct, frozen=True, kw_only=True):
    """An alert, and what lies beside it.

    Beside it are what was done to it and the ids of notifications that belong to none of its events, the newest first,
    what is counted of very many events, and how often it fired in hours that it does not remember.
    """

    alert: Alert
    actions: tuple[Mark, ...] = ()
    reminders: tuple[str, ...] = ()
    count: EpisodeCount | None = None
    hours: Mapping[int, int] = {}


class Mentioned(Struct, frozen=True, kw_only=True):
    """What an alert's details lead to: notifications, whole events by their ids, and whether some kinds were there."""

    notifications: tuple[Notification, ...] = ()
    records: Mapping[str, Record] = {}
    has_kinds: bool = True


class AlertDetailStore(Protocol):
    """What is known of an alert, read with as few calls as it takes."""

    def find(self, fingerprint: str) -> AlertDetails | None:
        """Return an alert with what lies beside it (a consistent read); None where there is none."""
        ...

    def mentioned(
        self, notification_ids: Collection[str], event_ids: Collection[str], kinds: Collection[str], hours: range
    ) -> Mentioned:
        """Return notifications and whole events, and whether there may be events of the kinds in the hours.

        `hours` are counted from 1970 on. All of it is one call, while it is not a hundred things.
        """
        ...


class EpisodeCounts(Protocol):
    """What is counted of alerts with very many events."""

    def find(self, fingerprint: str) -> EpisodeCount | None:
        """Return what is counted of an alert; None where nothing is."""
        ...

    def waiting(self, now: int, limit: int) -> list[str]:
        """Return the fingerprints of up to `limit` alerts that are to be counted by `now`, those that wait longest."""
        ...

    def save(self, fingerprint: str, count: EpisodeCount, again_at: int) -> None:
        """Write what is counted of an alert, and when to count on (epoch seconds; 0: when it has many events more)."""
        ...

    def postpone(self, fingerprint: str, again_at: int) -> None:
        """Write only when to count on an alert that waits for it."""
        ...


class EventRetention(Protocol):
    """How long events are kept."""

    def extend(self, event: Event, until: int) -> None:
        """Keep an event until then (epoch seconds), if it is there."""
        ...


class InhibitorStore(Protocol):
    """The alerts that may hold back others."""

    def inhibitors(self, limit: int) -> list[Alert]:
        """Return up to `limit` of them, each checked by a consistent read."""
        ...
