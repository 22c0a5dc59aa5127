"""Receivers: who may be owed something now, and who was once, before the routes file named them no more."""

from collections.abc import Sequence

from msgspec import Struct

from chalicelib.services.notifying.dispatcher import Dispatcher
from chalicelib.services.ports import ReceiverStore


class Receivers(Struct, frozen=True):
    """Those that are `named`, and those that are remembered."""

    named: Sequence[str]
    roster: ReceiverStore
    deliver: Dispatcher

    def everybody(self) -> tuple[str, ...]:
        """Return those that are named, and behind them those that were."""
        return tuple(dict.fromkeys((*self.named, *sorted(self.roster.names()))))

    def retire(self) -> None:
        """Remember who is named, and give up what is owed to those that were: nobody would ever send it."""
        remembered = self.roster.names()
        for receiver in self.named:
            if receiver not in remembered:
                self.roster.add(receiver)
        for receiver in sorted(remembered.difference(self.named)):
            self.deliver.give_up(receiver)
