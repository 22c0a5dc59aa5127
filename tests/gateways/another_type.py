"""A type of receiver beside those that ship, as a package of another one would declare it."""

from chalicelib.gateways.notifiers import NotifierContext
from chalicelib.services.notifying.ports import ANYHOW, Delivered, Handling, Message


class Pager:
    """Takes everything, and counts."""

    def __init__(self) -> None:
        self.count = 0

    def notify(self, message: Message) -> Delivered:
        """Take a message."""
        self.count += 1
        return Delivered(f"{message.receiver}-{self.count}")

    def handling(self, _receiver: str) -> Handling:
        """Take messages in any form."""
        return ANYHOW


def notifier(_context: NotifierContext) -> Pager:
    """Return the notifier of all receivers of this type."""
    return Pager()
