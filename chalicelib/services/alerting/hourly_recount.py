"""The hourly recount: rebuilds the hourly counts of busy alerts from their events."""

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
# An alert that fires more often within a day is a storm, whose exact number nobody needs.
MOST_EVENTS = 20_000


class HourlyRecount(Struct, frozen=True):
    """Rebuilds the hourly counts of alerts; events that arrive meanwhile may be missing."""

    events: EventStore
    counts: HourlyCountStore
    clock: Clock

    def __call__(self, alerts: Iterable[Alert]) -> int:
        """Recount what alerts no longer hold themselves; return for how many alerts that was needed."""
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
