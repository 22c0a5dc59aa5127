"""Silence preview: which alerts a silence would cover, before it is created."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from msgspec import Struct

from chalicelib.domain.accounts import Accounts
from chalicelib.domain.alerts.alert import Alert, Status
from chalicelib.domain.queries import AlertQuery
from chalicelib.domain.routing.matchers import Field, MatchContext, Matcher, match_all
from chalicelib.domain.routing.silences import Silence
from chalicelib.domain.timestamps import DAY
from chalicelib.services.alerting.open_alerts import pages_of_open

if TYPE_CHECKING:
    from chalicelib.services import ports

# Pages of alerts read at most; each examines no more than a thousand.
MOST_PAGES = 10
MOST_SHOWN = 100
MOST_OF_WEEK = 1_000
WEEK = 7 * DAY


class Preview(Struct, frozen=True, kw_only=True):
    """The alerts that go on and would be covered: how many, the newest hundred of them, and whether all were read.

    So many of them are `firing`: nobody has acknowledged them.
    """

    alerts: tuple[Alert, ...]
    count: int
    firing: int
    complete: bool

    @classmethod
    def of(cls, covered: Sequence[Alert], *, complete: bool) -> Self:
        """Return the preview of what is covered, the newest first."""
        firing = sum(each.status is Status.FIRING for each in covered)
        return cls(alerts=tuple(covered[:MOST_SHOWN]), count=len(covered), firing=firing, complete=complete)


class SilencePreview(Struct, frozen=True):
    """Matches a silence with open alerts."""

    store: ports.AlertStore
    accounts: Accounts
    clock: ports.Clock

    def of_alert(self, alert: Alert) -> tuple[tuple[str, ...], int]:
        """Return titles of what a silence on one alert would cover, and how many there are."""
        matchers = (Matcher(Field.FINGERPRINT, (alert.fingerprint,)),)
        now = self.clock.now()
        preview = self(Silence(id="", matchers=matchers, starts_at=now, ends_at=now + 1, author="", reason=""))
        return tuple(each.title for each in preview.alerts), preview.count

    def __call__(self, silence: Silence) -> Preview:
        """Return what a silence would cover at the first moment from now on at which it is in force."""
        at = max(self.clock.now(), silence.starts_at)
        pages = list(pages_of_open(self.store, self.clock.now(), MOST_PAGES))
        covered = [
            alert
            for alerts, _ in pages
            for alert in alerts
            if match_all(silence.matchers, MatchContext(alert, at, self.accounts))
        ]
        return Preview.of(covered, complete=pages[-1][1])

    def last_week(self, silence: Silence) -> Preview:
        """Return what it would have covered of the newest thousand alerts that began in the last seven days.

        If it has hours, these have to include the time at which an alert began: alerts that began earlier had been
        announced before.
        """
        now = self.clock.now()
        page = self.store.page(AlertQuery(start=now - WEEK, limit=MOST_OF_WEEK), now)
        covered = [
            alert
            for alert in page.items
            if match_all(silence.matchers, MatchContext(alert, alert.since, self.accounts))
        ]
        return Preview.of(covered, complete=page.next is None)
