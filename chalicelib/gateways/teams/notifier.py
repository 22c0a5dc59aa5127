"""The Teams notifier: posts a card for each message to a workflow.

A workflow confirms that it has accepted a message, not that it has posted it: later errors are in its run history.
"""

from typing import TYPE_CHECKING

from chalicelib.domain.routing.receivers import secret_of
from chalicelib.gateways.delivery_results import delivery_result
from chalicelib.gateways.plain_messages.composer import PlainComposer
from chalicelib.gateways.receiver_secrets import ReceiverSecrets
from chalicelib.gateways.teams.cards import message_of
from chalicelib.services.notifying.ports import ANYHOW, Delivered, Handling, Message, Rejected, Retry

if TYPE_CHECKING:
    from chalicelib.gateways.notifiers import NotifierContext


def notifier(context: "NotifierContext") -> "TeamsNotifier":
    """Return the notifier of all receivers that are workflows of Teams."""
    return TeamsNotifier(context)


class TeamsNotifier:
    """Posts cards."""

    def __init__(self, context: "NotifierContext") -> None:
        self._context, self._composer = context, PlainComposer(context)
        self._secrets = ReceiverSecrets(context.secret, context.stage)

    def handling(self, _receiver: str) -> Handling:
        """Combine notifications, as a channel must not be flooded."""
        return ANYHOW

    def notify(self, message: Message) -> Delivered | Retry | Rejected:
        """Post one card; accepted counts as delivered, as nothing more will be known."""
        receiver = message.receiver
        url = self._secrets.read_url(receiver, secret_of(receiver, self._context.receiver(receiver)))
        if isinstance(url, Retry):
            return url
        return delivery_result(self._context.http.post(url, message_of(self._composer.of_message(message))), receiver)
