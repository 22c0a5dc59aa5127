"""All that the API does with alerts and notifications, on whatever store the hub has."""

import json

from chalicelib import container
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.notifications.notification import (
    Delivery,
    Outcome,
    Reason,
    Record,
    completed,
    notifications_of,
    record_announcement,
)
from tests.app.world import gateway_event, invoke
from tests.domain.given import an_event

JSON = {"content-type": "application/json"}
ACTS = ("acknowledge", "resolve", "reopen", "silence")


def bulk(action: str, *fingerprints: str) -> str:
    """Return the body of an action on several alerts."""
    return json.dumps({"action": action, "fingerprints": fingerprints})


def call_alerts_and_notifications() -> None:
    """Look at an alert in every way, mark it in every way, and have its notification sent again."""
    fingerprint, event_id, notification_id = an_alert_whose_notification_failed()
    alert = {"pathParameters": {"fingerprint": fingerprint}}
    pending = {"pathParameters": {"notification_id": notification_id}}
    filters = [{}, {"status": ["firing"]}, {"fingerprint": [fingerprint]}]
    requests = [
        *(gateway_event("GET", "/alerts", multiValueQueryStringParameters=each) for each in filters),
        gateway_event("GET", "/alerts/{fingerprint}", **alert),
        gateway_event("GET", "/alerts/{fingerprint}/timeline", **alert),
        *(gateway_event("POST", f"/alerts/{{fingerprint}}/{act}", **alert) for act in ("acknowledge", "resolve")),
        gateway_event("POST", "/alerts/{fingerprint}/reopen", **alert),
        *(gateway_event("POST", "/alerts/actions", body=bulk(act, fingerprint), headers=JSON) for act in ACTS),
        gateway_event("GET", "/notifications", multiValueQueryStringParameters={"status": ["failed"]}),
        gateway_event("GET", "/notifications", multiValueQueryStringParameters={"status": ["suppressed"]}),
        gateway_event("GET", "/notifications/{notification_id}", **pending),
        gateway_event("GET", "/events/{event_id}", pathParameters={"event_id": event_id}),
        gateway_event("POST", "/notifications/{notification_id}/redeliver", **pending),
    ]
    assert {invoke(request)[0] for request in requests} == {200}


def an_alert_whose_notification_failed() -> tuple[str, str, str]:
    """Write what an event and its failed notification leave behind; returns their ids, the alert's first."""
    hub = container.hub()
    now = hub.clock.now()
    event = an_event(now - 60, kind="error_logs", fingerprint="0" * 32)
    outcome = Outcome.pending(Reason.FIRST, hub.receivers.named[:1], "all")
    alert, change = Alert.about(event).observe(event)
    (pending,) = notifications_of(alert, event, outcome, now)
    record = Record(event=event, outcome=outcome, change=change, updated_at=now, expired_at=now + 1_000)
    hub.ingest.ledger.record(record, record_announcement(alert, outcome, now), [pending])
    hub.outbox.settle([completed(pending, Delivery.FAILED, now)])
    return event.fingerprint, event.id, pending.id
