"""What the services about alerts need of the world beyond what others need too."""

from collections.abc import Sequence
from typing import Protocol

from chalicelib.domain.alerts.affected import AffectedScope
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.episode_count import EpisodeCount
from chalicelib.domain.events.event import Event
from chalicelib.services.ports import AffectedScopes


class CountedScopes(AffectedScopes, Protocol):
    """Where problems of very many events are, too."""

    def whole(self, fingerprint: str, since: int, newest: Sequence[Event]) -> AffectedScope:
        """Return where a problem has fired since then, of whose many events these are the newest."""
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
