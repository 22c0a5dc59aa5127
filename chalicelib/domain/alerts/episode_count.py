"""Episode counts: what very many events of an alert add up to in each place, counted a little later."""

from collections.abc import Sequence
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.alerts.affected import AffectedScope, Location, affected, together
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.event import Event, Signal

# An alert is to be counted whenever it has so many events more; what it has since is read.
COUNTED_EACH = 500
# Events that are so old have arrived, but for those that a retry brings. What lacks some of these is counted anew.
SETTLED_AFTER = 600
# More accounts and regions than any organisation has; an item holds them.
MOST_COUNTED = 5_000


class EpisodeCount(Struct, frozen=True, kw_only=True):
    """What an episode's events up to one of them, `until` (its id), add up to; nothing is counted yet by default.

    `since` is when the episode began, `began` the id of the first event that fired in it, `fired` how many did. A
    recount `is_second`; by how many the alert knew more than that is `unseen`. `is_cut` where there are more places
    than can be kept.
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
        """Return the count with the events that follow, the oldest first."""
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
        """Return where the episode is: what is counted, and those of its newest events that are not.

        It is complete where these reach back to what is counted.
        """
        following = affected(event for event in newest if event.id > self.until)
        reaches = min((event.id for event in newest), default="") <= self.until
        places = together(self.places, following.places)
        return AffectedScope(places, began or following.began, complete=reaches and not self.is_cut)


def fired_in_episode(alert: Alert) -> int:
    """Return how many events fired in the newest episode, as its alert knows: also those that it does not count."""
    return alert.count + alert.timeline.state.repeats


def to_be_counted_at(alert: Alert, fresh: Sequence[Event]) -> int:
    """Return from when on an alert is to be counted, as these events make it so many, or came late; 0: it need not be.

    An event is late that may have come after those around it were counted.
    """
    late = [each.received_at for each in fresh if each.received_at > each.published_at + SETTLED_AFTER]
    if is_to_be_counted(alert.count, len(fresh)) or (late and alert.count >= COUNTED_EACH):
        return max([alert.last_seen, *late]) + SETTLED_AFTER
    return 0


def is_to_be_counted(count: int, fresh: int) -> bool:
    """Return whether an alert has reached another number of events at which it is counted, by `fresh` ones."""
    return count // COUNTED_EACH > (count - fresh) // COUNTED_EACH
