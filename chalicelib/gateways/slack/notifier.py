"""The Slack notifier: composes a message and posts it; in plain form if Slack cannot read it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from chalicelib.gateways.slack.messages import ComposerContext, SlackComposer
from chalicelib.gateways.slack.webhook import SlackWebhooks, Unreadable, Webhook
from chalicelib.services.notifying.ports import ANYHOW, Delivered, Handling, Message, Rejected, Retry

if TYPE_CHECKING:
    from chalicelib.gateways.notifiers import NotifierContext


def notifier(context: "NotifierContext") -> "SlackNotifier":
    """Return the notifier of all receivers that are webhooks of Slack."""
    surroundings = ComposerContext(context.affected, context.console, context.annotations)
    composer = SlackComposer(context.names, context.clock, links=context.links, composer_context=surroundings)
    return SlackNotifier(composer, SlackWebhooks(context.secret, context.stage, context.http).find)


class SlackNotifier:
    """Notifies through Slack's incoming webhooks."""

    def __init__(self, composer: SlackComposer, find: Callable[[str], Webhook | Retry]) -> None:
        self._composer, self._find = composer, find

    def notify(self, message: Message) -> Delivered | Retry | Rejected:
        """Post one message.

        A digest that Slack cannot read is not retried in plain form, as that would say too little.
        """
        webhook = self._find(message.receiver)
        if isinstance(webhook, Retry):
            return webhook
        result = webhook.post(self._composer.compose(message))
        if isinstance(result, Unreadable) and len(message.notifications) == 1:
            result = webhook.post(self._composer.plain(message.notifications[0]))
        return Rejected(result.why) if isinstance(result, Unreadable) else result

    def handling(self, _receiver: str) -> Handling:
        """Combine notifications, as a channel must not be flooded."""
        return ANYHOW
