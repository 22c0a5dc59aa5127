"""The hourly recount: counts the hours of busy alerts again, of their events, which are the truth."""

from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec import Struct

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.hourly_counts import HOUR, hours_until, remembers_all
from chalicelib.domain.alerts.timeline import Transition
from chalicelib.domain.events.event import Event
from chalicelib.domain.queries import EventQuery
from chalicelib.services.ports import Clock, EventStore, HourlyCountStore

PAGE = 200
# What fires more often within a day is a storm, of which nobody needs to know the exact number.
MOST_EVENTS = 20_000


class HourlyRecount(Struct, frozen=True):
    """Writes the hourly counts of alerts anew; what is written meanwhile may be missing by a few."""

    events: EventStore
    counts: HourlyCountStore
    clock: Clock

    def __call__(self, alerts: Iterable[Alert]) -> int:
        """Count again what alerts do not remember themselves; returns how many alerts there were of which it is so."""
        now, recounted = self.clock.now(), 0
        hours = hours_until(now)
        for alert in alerts:
            if not remembers_all(alert.timeline, now):
                # What else a transition says is not in a list of events.
                remembered = {(each.at, each.cause) for each in alert.timeline.transitions}
                fired = (said for each in self._events(alert.fingerprint, hours.start) if (said := Transition.of(each)))
                gone = (each for each in fired if each.fires and (each.at, each.cause) not in remembered)
                counts = Counter(each.at // HOUR for each in gone)
                counts.subtract(dict(alert.uncounted))
                self.counts.save(alert.fingerprint, +counts, hours)
                recounted += 1
        return recounted

    def _events(self, fingerprint: str, first_hour: int) -> Iterator[Event]:
        """Iterate over an alert's events of the last hours, the newest first."""
        query, now = EventQuery(fingerprint=fingerprint, limit=PAGE), self.clock.now()
        for _ in range(MOST_EVENTS // PAGE):
            page = self.events.page(query, now)
            for record in page.items:
                if record.event.published_at // HOUR < first_hour:
                    return
                yield record.event
            if page.next is None:
                return
            query = query.at(page.next.encode(query.filters))
