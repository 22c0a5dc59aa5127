"""Places of alerts in their index: when the newest episode began, and behind it what alerts are sought by."""

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.event import Severity
from chalicelib.domain.queries import AlertQuery

TRAIT = "#"
UNSAID = max(Severity) + 1


def begun(alert: Alert) -> str:
    """Return an alert's place in the index `by_status`: when its newest episode began; nowhere if it never fired.

    Behind it stands what alerts are sought by, so that those that do not fit are not read.
    """
    traits = "" if TRAIT in alert.account else TRAIT.join(("", str(alert.severity.value), alert.account, alert.kind))
    return f"{alert.since:010d}-{alert.fingerprint}{traits}" if alert.episodes else ""


def position_of_begun(place: str) -> str:
    """Return an alert's place without what it is sought by, which may change while the episode goes on."""
    return place.partition(TRAIT)[0]


def severity_at(place: str) -> int:
    """Return how bad the alert at a place is; more than anything where the place does not say."""
    _, *traits = place.split(TRAIT, 1)
    return int(traits[0].partition(TRAIT)[0]) if traits else UNSAID


def admits(query: AlertQuery, place: str) -> bool:
    """Tell whether the alert at a place may fit; one that was last written before places said so has to be read."""
    _, *traits = place.split(TRAIT, 3)
    if len(traits) < 3:  # noqa: PLR2004 - severity, account and kind
        return True
    severity, account, kind = traits
    return query.admits(Severity(int(severity)), account, kind)
