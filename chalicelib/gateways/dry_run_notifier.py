"""The dry notifier: takes every message and sends none, for what is only to see whether it would be sent."""

from typing import TYPE_CHECKING

from chalicelib.services.notifying.ports import ANYHOW, Delivered, Handling, Message

if TYPE_CHECKING:
    from chalicelib.gateways.notifiers import NotifierContext


def notifier(_context: "NotifierContext") -> "DryNotifier":
    """Return the notifier of receivers that are nobody."""
    return DryNotifier()


class DryNotifier:
    """Notifies nobody."""

    def notify(self, _message: Message) -> Delivered:
        """Take one message."""
        return Delivered("dry")

    def handling(self, _receiver: str) -> Handling:
        """Take messages in any form."""
        return ANYHOW
