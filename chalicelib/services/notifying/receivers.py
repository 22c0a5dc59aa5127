"""Receivers: those that the routes file names, and those that it used to name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.domain.notifications.notification import REPORT
from chalicelib.services.notifying.dispatcher import Dispatcher

if TYPE_CHECKING:
    from chalicelib.services.ports import ReceiverStore


def with_report(receivers: Iterable[str]) -> tuple[str, ...]:
    """Return the receivers of all routes, followed by the one of the reports."""
    return tuple(dict.fromkeys((*receivers, REPORT)))


class Receivers(Struct, frozen=True):
    """The receivers that are `named` now, and those that were ever named."""

    named: Sequence[str]
    store: ReceiverStore
    dispatcher: Dispatcher

    def everybody(self) -> tuple[str, ...]:
        """Return the receivers that are named, followed by those that used to be."""
        return tuple(dict.fromkeys((*self.named, *sorted(self.store.names()))))

    def retire(self) -> None:
        """Remember the receivers named now, and fail what is pending for former ones: nobody would ever send it."""
        remembered = self.store.names()
        for receiver in self.named:
            if receiver not in remembered:
                self.store.add(receiver)
        for receiver in sorted(remembered.difference(self.named)):
            self.dispatcher.give_up(receiver)
