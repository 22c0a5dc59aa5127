"""Deleted alarms: deleting an alarm over several time series ends the alerts of all its contributors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from chalicelib.domain.events.event import Signal, event_id_of
from chalicelib.domain.queries import AlertQuery
from chalicelib.services.alerting.open_alerts import pages_of_open
from chalicelib.sources.alarm import fingerprint_of_contributor
from chalicelib.sources.schema import InvalidDetail

if TYPE_CHECKING:
    from chalicelib.domain.alerts.alert import Alert
    from chalicelib.domain.events.envelope import Envelope
    from chalicelib.domain.events.event import Event
    from chalicelib.services import ports

# An account may have 200 such alarms in a region, each with up to 100 contributors that fire; a page has up to 100
# alerts.
MOST_PAGES = 200
# The account as well: an event may lack one, and whoever asks for none gets the alerts of all.
PLACE = ("account", "region", "resource")


def ends_of_contributors(
    change: Event, envelope: Envelope, alerts: ports.AlertStore, events: ports.EventStore, now: int
) -> Iterator[Event]:
    """Iterate over what ends the open alerts of an alarm's contributors, if the change is that the alarm is deleted.

    CloudWatch says that of the alarm alone, in an envelope. What fires of an alarm has its name as the resource, as far
    as it is shown: names that are shown alike are told apart by what their contributors' fingerprints are made of.
    """
    if change.signal is not Signal.RESOLVED:
        return
    among = AlertQuery(account=change.account, kind=change.kind)
    for page, _ in pages_of_open(alerts, now, MOST_PAGES, among=among):
        for alert in page:
            is_shown_alike = all(getattr(alert, name) == getattr(change, name) for name in PLACE)
            if is_shown_alike and alert.fingerprint != change.fingerprint and _is_of(alert, envelope, events):
                occurrence = event_id_of(change.kind, change.published_at, (change.id, alert.fingerprint))
                yield replace(change, id=occurrence, fingerprint=alert.fingerprint)


def _is_of(alert: Alert, change: Envelope, events: ports.EventStore) -> bool:
    """Return whether an alert is about a contributor of the alarm that was changed, by its newest event."""
    record = events.find(alert.newest)
    try:
        return record is not None and fingerprint_of_contributor(change, record.event.detail) == alert.fingerprint
    except InvalidDetail:
        return False
