"""Episode counts: how many events an alert has in each location, counted a little later for very many events."""

from collections.abc import Sequence
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.alerts.affected import AffectedScope, Location, affected, together
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.event import Event, Signal

# An alert is counted whenever it has so many more events; those since then are read when needed.
COUNTED_EACH = 500
# Seconds after which events have arrived, except retried ones; if some come later, the count starts again.
SETTLED_AFTER = 600
# Locations in a count: more than any organisation has; one item holds them.
MOST_COUNTED = 5_000


class EpisodeCount(Struct, frozen=True, kw_only=True):
    """The count of an episode's events up to the one with the id `until`; empty by default.

    `since` is when the episode began, `began` the id of its first firing event, `fired` how many fired. `is_second`
    marks a recount; `unseen` is by how much the alert's own count exceeds that. `is_cut` where there are more locations
    than fit.
    """

    since: int
    until: str = ""
    began: str = ""
    fired: int = 0
    places: tuple[Location, ...] = ()
    is_second: bool = False
    unseen: int = 0
    is_cut: bool = False

    def adding(self, events: Sequence[Event]) -> Self:
        """Return the count with the events that follow, oldest first."""
        if not events:
            return self
        scope = affected(events)
        places = together(self.places, scope.places)
        return replace(
            self,
            until=events[-1].id,
            began=self.began or (scope.began.id if scope.began else ""),
            fired=self.fired + sum(event.signal is Signal.FIRING for event in events),
            places=places[:MOST_COUNTED],
            is_cut=self.is_cut or len(places) > MOST_COUNTED,
        )

    def scope(self, newest: Sequence[Event], began: Event | None) -> AffectedScope:
        """Return the scope of the episode: the count, and its newest events that are not counted yet.

        It is complete where these reach back to the counted ones.
        """
        following = affected(event for event in newest if event.id > self.until)
        reaches = min((event.id for event in newest), default="") <= self.until
        places = together(self.places, following.places)
        return AffectedScope(places, began or following.began, complete=reaches and not self.is_cut)


def fired_in_episode(alert: Alert) -> int:
    """Return how many events fired in the newest episode as its alert knows, uncounted ones included."""
    return alert.count + alert.timeline.state.repeats


def to_be_counted_at(alert: Alert, fresh: Sequence[Event]) -> int:
    """Return when to count an alert after these events: many more, or late ones; 0: it need not be counted.

    An event is late if it may have come after its neighbours were counted.
    """
    late = [each.received_at for each in fresh if each.received_at > each.published_at + SETTLED_AFTER]
    if is_to_be_counted(alert.count, len(fresh)) or (late and alert.count >= COUNTED_EACH):
        return max([alert.last_seen, *late]) + SETTLED_AFTER
    return 0


def is_to_be_counted(count: int, fresh: int) -> bool:
    """Return whether `fresh` more events make an alert reach the next number at which it is counted."""
    return count // COUNTED_EACH > (count - fresh) // COUNTED_EACH
