"""The PagerDuty notifier: one incident for each episode of a problem, even if events are repeated or late."""

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.notifications.notification import Notification, Record
from chalicelib.domain.routing.receivers import secret_of
from chalicelib.gateways.delivery_results import delivery_result
from chalicelib.gateways.pagerduty.events import EventAction, action_of, event_of, key_of, trigger_of
from chalicelib.gateways.plain_messages.composer import PlainComposer
from chalicelib.gateways.receiver_secrets import ReceiverSecrets
from chalicelib.services.notifying.ports import Delivered, Handling, Message, Rejected, Retry

if TYPE_CHECKING:
    from chalicelib.gateways.notifiers import NotifierContext

# Events in a drain, so that a storm is sent within minutes; what takes longer is left to the next drain.
BURST = 60


class Incident(Struct, frozen=True):
    """What is stored of a problem: the key of the open incident, and when the last one was resolved.

    A flapping problem is in another episode by the time that it is stable; its incident keeps its first key.
    """

    key: str = ""
    resolved_at: int = 0


def notifier(context: "NotifierContext") -> "PagerDutyNotifier":
    """Return the notifier of all receivers that are PagerDuty integrations."""
    return PagerDutyNotifier(context)


class PagerDutyNotifier:
    """Triggers, acknowledges and resolves incidents by key, so that none is opened twice."""

    def __init__(self, context: "NotifierContext") -> None:
        self._context, self._composer = context, PlainComposer(context)
        self._secrets = ReceiverSecrets(context.secret, context.stage)
        self._url = f"{context.pagerduty_url}/v2/enqueue"

    def handling(self, receiver: str) -> Handling:
        """Send each notification alone, at the pace that the routes file sets."""
        return Handling(combines=False, pace=60 / self._context.receiver(receiver).per_minute, burst=BURST)

    def notify(self, message: Message) -> Delivered | Retry | Rejected:
        """Send the event for a notification."""
        (notification,) = message.notifications
        routing_key = self._secrets.read(message.receiver, secret_of(message.receiver, self._receiver(message)))
        if isinstance(routing_key, Retry):
            return routing_key
        known = self._incident(notification)
        match action_of(notification, message.record):
            case EventAction.TRIGGER:
                return self._trigger(routing_key.strip(), known, notification, message.record)
            case EventAction.ACKNOWLEDGE:
                event = event_of(routing_key.strip(), EventAction.ACKNOWLEDGE, known.key or key_of(notification))
                return self._send(event, notification)
            case EventAction.RESOLVE:
                return self._resolve(routing_key.strip(), known, notification)

    def _trigger(
        self, routing_key: str, known: Incident, notification: Notification, record: Record | None
    ) -> Delivered | Retry | Rejected:
        """Open an incident, or add to it; unless its end was sent before, as it would then stay open for good."""
        if notification.created_at < known.resolved_at:
            return Delivered("outdated")
        key = known.key or key_of(notification)
        if notification.fingerprint and not known.key:
            self._remember(notification, replace(known, key=key))
        plain = self._composer.of(notification, record)
        return self._send(trigger_of(routing_key, key, notification, plain), notification)

    def _resolve(self, routing_key: str, known: Incident, notification: Notification) -> Delivered | Retry | Rejected:
        key = known.key or key_of(notification)
        result = self._send(event_of(routing_key, EventAction.RESOLVE, key), notification)
        if isinstance(result, Delivered):
            self._remember(notification, Incident(resolved_at=notification.created_at))
        return result

    def _send(self, event: dict[str, Any], notification: Notification) -> Delivered | Retry | Rejected:
        result = delivery_result(self._context.http.post(self._url, event), notification.receiver)
        return Delivered(event["dedup_key"]) if isinstance(result, Delivered) else result

    def _incident(self, notification: Notification) -> Incident:
        if not notification.fingerprint:
            return Incident()
        found = self._context.references.find(notification.receiver, notification.fingerprint)
        return msgspec.json.decode(found, type=Incident) if found else Incident()

    def _remember(self, notification: Notification, incident: Incident) -> None:
        text = msgspec.json.encode(incident).decode()
        self._context.references.save(notification.receiver, notification.fingerprint, text)

    def _receiver(self, message: Message) -> Any:
        return self._context.receiver(message.receiver)
