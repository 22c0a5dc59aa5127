"""Open items of a report: open alerts, and silences that end soon."""

from collections.abc import Iterable
from heapq import nsmallest

from msgspec import Struct

from chalicelib.domain.alerts.alert import Alert, Status
from chalicelib.domain.events.event import Severity
from chalicelib.domain.routing.silences import Silence
from chalicelib.domain.text import clean, shortened
from chalicelib.domain.timestamps import DAY

SHOWN = 8
TITLE, NAME = 120, 64
SOON = DAY


class OpenAlert(Struct, frozen=True, kw_only=True):
    """An open alert since a time (epoch seconds), in so many `accounts`.

    `acknowledged_by` is who has it, if anybody.
    """

    title: str
    severity: Severity
    account: str
    region: str
    fingerprint: str
    since: int
    accounts: int = 1
    acknowledged_by: str = ""


class OpenAlerts(Struct, frozen=True):
    """The most severe open alerts, unacknowledged ones first; of `count`, so many are `acknowledged`.

    If not `complete`, there may be more than were counted.
    """

    count: int = 0
    acknowledged: int = 0
    alerts: tuple[OpenAlert, ...] = ()
    complete: bool = True

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.alerts)


class EndingSilence(Struct, frozen=True, kw_only=True):
    """A silence in force, its reason, and when it ends (epoch seconds)."""

    id: str
    author: str
    reason: str
    ends_at: int


class EndingSilences(Struct, frozen=True):
    """The silences that end soon, in order, and how many `more` there are."""

    silences: tuple[EndingSilence, ...] = ()
    more: int = 0


def open_alerts(alerts: Iterable[Alert], *, complete: bool) -> OpenAlerts:
    """Return the report's part about open alerts."""
    every = [each for each in alerts if each.status is not Status.RESOLVED]
    worst = nsmallest(SHOWN, every, key=_urgency)
    acknowledged = sum(each.status is Status.ACKNOWLEDGED for each in every)
    return OpenAlerts(len(every), acknowledged, tuple(map(_open, worst)), complete)


def ending_silences(silences: Iterable[Silence], now: int) -> EndingSilences:
    """Return the report's part about silences in force that end within a day."""
    ending = sorted(
        (each for each in silences if each.starts_at <= now < each.ends_at <= now + SOON),
        key=lambda each: (each.ends_at, each.id),
    )
    shown = tuple(
        EndingSilence(
            id=each.id, author=clean(each.author, NAME), reason=clean(each.reason, TITLE), ends_at=each.ends_at
        )
        for each in ending[:SHOWN]
    )
    return EndingSilences(shown, len(ending) - len(shown))


def _urgency(alert: Alert) -> tuple[bool, int, int, str]:
    return alert.status is Status.ACKNOWLEDGED, -alert.severity, alert.since, alert.fingerprint


def _open(alert: Alert) -> OpenAlert:
    is_acknowledged = alert.status is Status.ACKNOWLEDGED and alert.marked is not None
    return OpenAlert(
        title=shortened(alert.title, TITLE),
        severity=alert.severity,
        account=shortened(alert.account, NAME),
        region=shortened(alert.region, NAME),
        fingerprint=alert.fingerprint,
        since=alert.since,
        accounts=max(1, len(alert.accounts)),
        acknowledged_by=clean(alert.marked.by, NAME) if is_acknowledged and alert.marked else "",
    )
