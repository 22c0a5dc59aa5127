"""Receivers: who may be notified now, and who was once, before the routes file named them no more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.domain.notifications.notification import REPORT
from chalicelib.services.notifying.dispatcher import Dispatcher

if TYPE_CHECKING:
    from chalicelib.services.ports import ReceiverStore


def with_report(receivers: Iterable[str]) -> tuple[str, ...]:
    """Return the receivers that routes lead to, and behind them the one of the daily report."""
    return tuple(dict.fromkeys((*receivers, REPORT)))


class Receivers(Struct, frozen=True):
    """Those that are `named`, and those that are remembered."""

    named: Sequence[str]
    store: ReceiverStore
    dispatcher: Dispatcher

    def everybody(self) -> tuple[str, ...]:
        """Return those that are named, and behind them those that were."""
        return tuple(dict.fromkeys((*self.named, *sorted(self.store.names()))))

    def retire(self) -> None:
        """Remember who is named, and give up what is pending for those that were: nobody would ever send it."""
        remembered = self.store.names()
        for receiver in self.named:
            if receiver not in remembered:
                self.store.add(receiver)
        for receiver in sorted(remembered.difference(self.named)):
            self.dispatcher.give_up(receiver)
