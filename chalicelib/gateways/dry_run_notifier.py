"""The dry-run notifier: accepts every message and sends none, such as canaries."""

from typing import TYPE_CHECKING

from chalicelib.services.notifying.ports import ANYHOW, Delivered, Handling, Message

if TYPE_CHECKING:
    from chalicelib.gateways.notifiers import NotifierContext


def notifier(_context: "NotifierContext") -> "DryNotifier":
    """Return the notifier of receivers that do not exist."""
    return DryNotifier()


class DryNotifier:
    """Accepts messages and sends none."""

    def notify(self, _message: Message) -> Delivered:
        """Take one message."""
        return Delivered("dry")

    def handling(self, _receiver: str) -> Handling:
        """Take messages in any form."""
        return ANYHOW
