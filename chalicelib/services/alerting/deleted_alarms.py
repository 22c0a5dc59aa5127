"""Deleted alarms: what an alarm said of its time series, its contributors, is over when the alarm is gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from chalicelib.domain.events.event import Signal, event_id_of
from chalicelib.domain.queries import AlertQuery
from chalicelib.services.alerting.open_alerts import pages_of_open

if TYPE_CHECKING:
    from chalicelib.domain.events.event import Event
    from chalicelib.services import ports

# An account has 200 such alarms in a region, each with up to 100 contributors that fire; a page has up to 100 alerts.
MOST_PAGES = 200
# The account as well: an event may lack one, and whoever asks for none gets the alerts of all.
PLACE = ("account", "region", "resource")


def ends_of_contributors(change: Event, store: ports.AlertStore, now: int) -> Iterator[Event]:
    """Iterate over what ends the open alerts of an alarm's contributors, if the change is that the alarm is deleted.

    CloudWatch says that of the alarm alone. What fires of an alarm has its name as the resource, whatever it is about.
    """
    if change.signal is not Signal.RESOLVED:
        return
    among = AlertQuery(account=change.account, kind=change.kind)
    for page, _ in pages_of_open(store, now, MOST_PAGES, among=among):
        for alert in page:
            is_of_alarm = all(getattr(alert, name) == getattr(change, name) for name in PLACE)
            if is_of_alarm and alert.fingerprint != change.fingerprint:
                occurrence = event_id_of(change.kind, change.published_at, (change.id, alert.fingerprint))
                yield replace(change, id=occurrence, fingerprint=alert.fingerprint)
