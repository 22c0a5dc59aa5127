"""All that the API does with the links in messages, on whatever store the hub has."""

import re

from chalice.local import LambdaContext

import app
from chalicelib import container
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.notifications.action_links import HOUR, LIFETIME, Action, Claim
from chalicelib.domain.notifications.notification import Outcome, Reason, Record
from chalicelib.domain.text import digest
from chalicelib.domain.timestamps import DAY
from tests.app.world import gateway_event
from tests.domain.given import an_event


def call_links() -> None:
    """Look at the links of an alert that has just fired, follow them, and follow them again."""
    fingerprint = fire()
    silence = [heading(method, a_token(Action.SILENCE, fingerprint)) for method in ("GET", "POST", "POST")]
    acknowledge = [heading(method, a_token(Action.ACKNOWLEDGE, fingerprint)) for method in ("GET", "POST", "POST")]

    assert silence == ["Silence for 1 h?", "✓ Silenced for 1 h", "Silenced for 1 h already"]
    assert acknowledge == ["Acknowledge?", "✓ Acknowledged", "Acknowledged already"]


def fire() -> str:
    """Write what an event leaves behind that nobody is told of; returns its alert's fingerprint."""
    hub = container.hub()
    now = hub.clock.now()
    event = an_event(now, fingerprint="f" * 32)
    alert, change = Alert.about(event).observe(event)
    outcome = Outcome(reason=Reason.UNROUTED)
    record = Record(event=event, outcome=outcome, change=change, updated_at=now, expired_at=now + DAY)
    hub.ingest.ledger.record(record, alert, [])
    return event.fingerprint


def a_token(action: Action, fingerprint: str) -> str:
    """Return the token of a link."""
    hub = container.hub()
    claim = Claim(
        action=action,
        fingerprint=fingerprint,
        episode=1,
        expires_at=hub.clock.now() + LIFETIME,
        id=digest(action)[:16],
        duration=HOUR,
    )
    return hub.links.links.of_alert(claim.fingerprint, [claim]).addresses[0].rpartition("/")[2]


def heading(method: str, token: str) -> str:
    """Return what stands above a link's page."""
    form = {"headers": {"content-type": "application/x-www-form-urlencoded"}, "body": "name=Ana"}
    parts = {"pathParameters": {"token": token}} | (form if method == "POST" else {})
    answer = app.app(gateway_event(method, "/links/{token}", **parts), LambdaContext("api_handler", 512))
    (found,) = re.findall(r"<h1[^>]*>(.*?)</h1>", answer["body"])
    return str(found)
