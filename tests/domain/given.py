"""Events and alerts to start a test from."""

from typing import Any

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.event import Event, Severity, Signal
from chalicelib.domain.text import digest
from chalicelib.gateways.dynamodb.shards import outside_fourth

NOON = 1_772_452_800


def an_event(at: int = NOON, **changes: Any) -> Event:
    """Return an event like any other, except for what is said."""
    known: dict[str, Any] = {
        "id": outside_fourth(f"{at:010d}-{digest('event', str(at))}"),
        "kind": "alarm",
        "source": "aws.cloudwatch",
        "detail_type": "CloudWatch Alarm State Change",
        "account": "111122223333",
        "region": "eu-west-1",
        "severity": Severity.HIGH,
        "signal": Signal.FIRING,
        "title": "checkout-5xx",
        "fingerprint": digest("alarm", "checkout-5xx"),
        "resource": "checkout-5xx",
        "resources": (),
        "link": "",
        "published_at": at,
        "received_at": at + 1,
        "detail": {},
    }
    return Event(**(known | changes))


def a_resolution(at: int = NOON, **changes: Any) -> Event:
    """Return an event that says that the problem is over."""
    return an_event(at, **({"signal": Signal.RESOLVED, "severity": Severity.LOW, "title": "checkout-5xx"} | changes))


def a_notice(at: int = NOON, **changes: Any) -> Event:
    """Return an event that says nothing of whether the problem is there."""
    return an_event(at, **({"signal": Signal.NOTICE} | changes))


def an_alert(*events: Event) -> Alert:
    """Return the alert that the events add up to, in the order given."""
    alert = Alert.about(events[0])
    for event in events:
        alert, _ = alert.observe(event)
    return alert
