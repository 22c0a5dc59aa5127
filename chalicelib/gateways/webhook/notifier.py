"""The webhook notifier: sends each notification as a signed webhook, with the same id in each attempt."""

from typing import TYPE_CHECKING

from chalicelib.domain.routing.receivers import secret_of
from chalicelib.gateways.delivery_results import delivery_result
from chalicelib.gateways.http import is_safe
from chalicelib.gateways.plain_messages.composer import PlainComposer
from chalicelib.gateways.receiver_secrets import ReceiverSecrets
from chalicelib.gateways.webhook.body import body_of
from chalicelib.gateways.webhook.signing import WHAT_IT_HOLDS, endpoint_in, headers_of
from chalicelib.services.notifying.ports import Delivered, Handling, Message, Rejected, Retry

if TYPE_CHECKING:
    from chalicelib.gateways.notifiers import NotifierContext

BURST = 60


def notifier(context: "NotifierContext") -> "WebhookNotifier":
    """Return the notifier of all receivers that are webhooks."""
    return WebhookNotifier(context)


class WebhookNotifier:
    """Sends webhooks; receivers recognise repetitions by the id."""

    def __init__(self, context: "NotifierContext") -> None:
        self._context, self._composer = context, PlainComposer(context)
        self._secrets = ReceiverSecrets(context.secret, context.stage)

    def handling(self, receiver: str) -> Handling:
        """Send each notification alone, at the pace that the routes file sets."""
        return Handling(combines=False, pace=60 / self._context.receiver(receiver).per_minute, burst=BURST)

    def notify(self, message: Message) -> Delivered | Retry | Rejected:
        """Send one webhook."""
        (notification,) = message.notifications
        path = secret_of(message.receiver, self._context.receiver(message.receiver))
        kept = self._secrets.read(message.receiver, path)
        if isinstance(kept, Retry):
            return kept
        endpoint = endpoint_in(kept)
        if endpoint is None or not is_safe(endpoint.url):
            return self._secrets.unusable(message.receiver, path, WHAT_IT_HOLDS)
        body = body_of(notification, message.record, self._composer)
        headers = headers_of(notification.id, self._context.clock.now(), body, endpoint.keys())
        return delivery_result(self._context.http.post(endpoint.url, body, headers), message.receiver)
