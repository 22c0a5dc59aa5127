"""The index `by_status`: sort keys with the start of the newest episode and the fields that lists filter by."""

from collections.abc import Iterable

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.event import Severity
from chalicelib.domain.queries import AlertQuery

TRAIT = "#"
TRAITS = ("severity", "account", "kind")
UNSAID = max(Severity) + 1


def begun(alert: Alert) -> str:
    """Return an alert's sort key in the index: the start of its newest episode; empty if it never fired.

    The fields that lists filter by follow, so that alerts that do not match are not read.
    """
    traits = "" if TRAIT in alert.account else TRAIT.join(("", str(alert.severity.value), alert.account, alert.kind))
    return f"{alert.since:010d}-{alert.fingerprint}{traits}" if alert.episodes else ""


def position_of_begun(key: str) -> str:
    """Return a sort key without the filter fields, which may change during the episode."""
    return key.partition(TRAIT)[0]


def severity_at(key: str) -> int:
    """Return the severity in a sort key; higher than any where the key has none."""
    _, *traits = key.split(TRAIT, 1)
    return int(traits[0].partition(TRAIT)[0]) if traits else UNSAID


def admitted(query: AlertQuery, keys: Iterable[str]) -> list[bool]:
    """Return for each sort key whether its alert may match; one written before keys had the fields has to be read."""
    placed = [key.split(TRAIT, 3)[1:] for key in keys]
    return [
        len(traits) < len(TRAITS) or query.admits(Severity(int(traits[0])), traits[1], traits[2]) for traits in placed
    ]
