"""The index `by_status`: sort keys say when the newest episode began, and behind it what alerts are sought by."""

from collections.abc import Iterable

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.event import Severity
from chalicelib.domain.queries import AlertQuery

TRAIT = "#"
TRAITS = ("severity", "account", "kind")
UNSAID = max(Severity) + 1


def begun(alert: Alert) -> str:
    """Return an alert's sort key in the index: when its newest episode began; none if it never fired.

    Behind it stands what alerts are sought by, so that those that do not fit are not read.
    """
    traits = "" if TRAIT in alert.account else TRAIT.join(("", str(alert.severity.value), alert.account, alert.kind))
    return f"{alert.since:010d}-{alert.fingerprint}{traits}" if alert.episodes else ""


def position_of_begun(key: str) -> str:
    """Return a sort key without what it is sought by, which may change while the episode goes on."""
    return key.partition(TRAIT)[0]


def severity_at(key: str) -> int:
    """Return how bad the alert at a sort key is; more than anything where the key does not say."""
    _, *traits = key.split(TRAIT, 1)
    return int(traits[0].partition(TRAIT)[0]) if traits else UNSAID


def admitted(query: AlertQuery, keys: Iterable[str]) -> list[bool]:
    """Tell of each sort key whether the alert there may fit; one last written before keys said so has to be read."""
    placed = [key.split(TRAIT, 3)[1:] for key in keys]
    return [
        len(traits) < len(TRAITS) or query.admits(Severity(int(traits[0])), traits[1], traits[2]) for traits in placed
    ]
