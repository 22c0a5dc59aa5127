"""What people read of a hub, measured: a rare event, a page of alerts, one busy alert, and the standing silences."""

from typing import NamedTuple

from msgspec.structs import replace

from bench.scale_hub import ACCOUNTS, NOW, RARE, ScaledHub, account
from chalicelib.domain.alerts.alert import Alert, Status
from chalicelib.domain.alerts.episode_count import EpisodeCount
from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Record
from chalicelib.domain.pagination import Page
from chalicelib.domain.queries import AlertQuery, EventQuery
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.silences import Silence
from chalicelib.domain.text import digest
from chalicelib.domain.timestamps import DAY
from chalicelib.gateways.dynamodb import items

LIMIT = 50
SILENCES = 1_000


class Figure(NamedTuple):
    """What was measured, and what else is to be said of it; infinite where what was sought was not there."""

    value: float
    note: str = ""


def a_page_of_events(scaled: ScaledHub) -> Figure:
    """Return the calls of the newest page of all events."""
    scaled.meter.reset()
    page = scaled.hub.event_store.page(EventQuery(limit=LIMIT), NOW)
    return Figure(scaled.meter.calls.total(), f"{len(page.items)} events, {scaled.meter.read_units:.0f} RRU")


def a_rare_event(scaled: ScaledHub) -> Figure:
    """Return how many pages it takes to find the one event of a region, and to know that there is no other."""
    scaled.meter.reset()
    query, pages, found = EventQuery(region=RARE, limit=LIMIT), 0, 0
    while True:
        page: Page[Record] = scaled.hub.event_store.page(query, NOW)
        pages, found = pages + 1, found + len(page.items)
        if page.next is None:
            break
        query = replace(query, cursor=page.next)
    note = f"{scaled.meter.calls.total()} calls, {scaled.meter.read_units:.0f} RRU"
    return Figure(pages if found == 1 else float("inf"), note)


def alerts_of_an_account(scaled: ScaledHub) -> Figure:
    """Return the read units of a page of the alerts of one account."""
    return _alerts(scaled, AlertQuery(account=account(7), statuses=(Status.FIRING,), limit=LIMIT))


def critical_alerts(scaled: ScaledHub) -> Figure:
    """Return the read units of a page of the CRITICAL alerts."""
    return _alerts(scaled, AlertQuery(severities=(Severity.CRITICAL,), limit=LIMIT))


def _alerts(scaled: ScaledHub, query: AlertQuery) -> Figure:
    scaled.meter.reset()
    page: Page[Alert] = scaled.hub.alert_store.page(query, NOW)
    note = f"{len(page.items)} alerts, {scaled.meter.calls.total()} calls"
    return Figure(scaled.meter.read_units if page.items else float("inf"), note)


def one_busy_alert(scaled: ScaledHub) -> Figure:
    """Return the calls that it takes to show one alert with very many events, with what it did in each account."""
    fingerprint = digest("problem", "the-busiest")
    scaled.hub.episode_counts.save(fingerprint, EpisodeCount(since=0), NOW)
    scaled.hub.sweep.counter()
    scaled.meter.reset()
    whole = scaled.hub.alerts.inspect(fingerprint)
    counted = sum(place.events for place in whole.where.places)
    is_complete = whole.where.complete and counted == whole.alert.count == scaled.events_of_one
    note = f"{counted:,} of {scaled.events_of_one:,} events in {len(whole.where.accounts)} of {ACCOUNTS} accounts"
    is_named = all(whole.names.values())
    return Figure(scaled.meter.calls.total() if is_complete and is_named else float("inf"), note)


def standing_silences(scaled: ScaledHub) -> Figure:
    """Return the read units of what every function reads each 15 seconds, with a thousand silences."""
    scaled.put(items.standing_item(a_silence(number)) for number in range(SILENCES))
    scaled.meter.reset()
    found = scaled.hub.silence_store.unexpired(NOW)
    return Figure(scaled.meter.read_units if len(found) == SILENCES else float("inf"), f"{len(found):,} silences")


def a_silence(number: int) -> Silence:
    """Return a silence of one resource that nothing here has."""
    return Silence(
        id=digest("silence", str(number)),
        matchers=(Matcher(Field.RESOURCE, (f"retired-{number}",)), Matcher(Field.ACCOUNT, (account(number),))),
        starts_at=NOW - 60,
        ends_at=NOW + DAY,
        author="operations",
        reason="It is being replaced.",
        created_at=NOW - 60,
        revision=1,
    )
