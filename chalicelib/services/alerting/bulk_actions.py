"""Bulk actions: one action on many alerts, each with its own result."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.errors import Conflict, MonitoringError, NotFound
from chalicelib.domain.routing.silences import Silence
from chalicelib.services.alerting.alerts import Alerts
from chalicelib.services.alerting.silences import Silences


class BulkResult(Struct, frozen=True, kw_only=True):
    """The result for one alert: the alert, and its silence if it got one; or the error."""

    fingerprint: str
    alert: Alert | None = None
    silence: Silence | None = None
    error: MonitoringError | None = None


class BulkActions(Struct, frozen=True):
    """Applies an action of a person to each of many alerts."""

    alerts: Alerts
    silences: Silences

    def take(  # noqa: PLR0913, PLR0917 - what an action is made of
        self,
        action: str,
        fingerprints: Iterable[str],
        by: str,
        note: str,
        silenced_for: int,
        standing: Sequence[Silence] = (),
    ) -> list[BulkResult]:
        """Apply one action to alerts; `silenced_for` is the length of a silence in seconds.

        No silence is created that equals one of those `standing` which was created moments before.
        """
        if action == "silence":
            return self.silence(fingerprints, by, note, silenced_for, standing)
        return self.mark(action, fingerprints, by, note)

    def mark(self, action: str, fingerprints: Iterable[str], by: str, note: str) -> list[BulkResult]:
        """Acknowledge, resolve or reopen alerts."""
        acts: Mapping[str, Callable[[str, str, str], Alert]] = {
            "acknowledge": self.alerts.acknowledge,
            "resolve": self.alerts.resolve,
            "reopen": self.alerts.reopen,
        }

        def act(fingerprint: str) -> BulkResult:
            return BulkResult(fingerprint=fingerprint, alert=acts[action](fingerprint, by, note))

        return [_attempt(act, each) for each in dict.fromkeys(fingerprints)]

    def silence(
        self, fingerprints: Iterable[str], by: str, note: str, duration: int, standing: Sequence[Silence] = ()
    ) -> list[BulkResult]:
        """Create a silence for each alert, of so many seconds."""

        def act(fingerprint: str) -> BulkResult:
            alert = self.alerts.get(fingerprint)
            silence = self.silences.silence_alert(alert, duration, by, note, standing)
            return BulkResult(fingerprint=fingerprint, alert=alert, silence=silence)

        return [_attempt(act, each) for each in dict.fromkeys(fingerprints)]


def _attempt(act: Callable[[str], BulkResult], fingerprint: str) -> BulkResult:
    try:
        return act(fingerprint)
    except (NotFound, Conflict) as error:
        return BulkResult(fingerprint=fingerprint, error=error)
