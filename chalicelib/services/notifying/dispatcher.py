"""The dispatcher: sends what is pending to all receivers in parallel, the most urgent first."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.domain.notifications.notification import Delivery, Notification, Record
from chalicelib.domain.notifications.sending_order import urgency
from chalicelib.services.notifying.drain import FAILED, LONGEST_DRAIN, Drain, SendingPorts
from chalicelib.services.tasks import run_all

if TYPE_CHECKING:
    from chalicelib.services.notifying.ports import Runner

log = logging.getLogger(__name__)

# A function waits at most so many seconds for a group to fill up; the next sweep sends what has to wait longer.
LONGEST_WAIT = 15
# Seconds between checks whether another sender still holds the lease.
POLL = 5
# Suffix of the lease of whoever waits for a receiver's group; no receiver's name can have such a character.
WAITING = "#waiting"
# Seconds: longer than any pause that a busy but healthy receiver asks for.
OVERDUE = 900
# How many pending notifications are checked for their age, the most urgent first.
WATCHED = 100
# An alarm in infra/hub.yaml counts this log message.
OVERDUE_LINE = "Notifications are overdue"


class Dispatcher(SendingPorts, frozen=True):
    """Sends what is pending in the outbox."""

    run_at_once: Runner

    def announce(self, record: Record, just_written: Sequence[Notification]) -> None:
        """Send what is pending about an event to each of its receivers, first to those that do not wait for a group."""
        pending = [name for name, delivery in record.outcome.deliveries.items() if delivery is Delivery.PENDING]
        waits = {receiver: self._waits_until(receiver, just_written) for receiver in pending}
        tasks = [
            partial(self._wait, receiver, waits[receiver], just_written, record)
            if waits[receiver]
            else partial(self.drain, receiver, just_written, record)
            for receiver in sorted(pending, key=waits.__getitem__)
        ]
        self.run_at_once(FAILED, tasks)

    def _waits_until(self, receiver: str, just_written: Sequence[Notification]) -> int:
        """Return until when everything just written for a receiver has to wait; 0 where something can be sent now."""
        times = [each.send_at for each in just_written if each.receiver == receiver]
        return min(times) if times and min(times) > self.clock.now() else 0

    def _wait(self, receiver: str, send_at: int, just_written: Sequence[Notification], record: Record) -> None:
        """Send at `send_at` what waits for a receiver, unless another function does.

        One function waits for each receiver; all others store their notifications and go on. What has to wait longer
        than LONGEST_WAIT is left to the next sweep.
        """
        begun = self.clock.now()
        if self.notifier.handling(receiver).combines:
            seconds = send_at - begun
            if seconds > LONGEST_WAIT or not self._opens(receiver, send_at):
                return
            self.clock.sleep(max(0, seconds))
        # Wait and drain together take as long as a drain at most: functions have a minute.
        self.drain(receiver, just_written, record, begun + LONGEST_DRAIN)

    def _opens(self, receiver: str, send_at: int) -> bool:
        """Return whether nobody waits for a receiver yet, and take that role."""
        return self.leases.acquire(f"{receiver}{WAITING}", self.clock.now(), send_at) is not None

    def drain(
        self,
        receiver: str,
        just_written: Iterable[Notification] = (),
        record: Record | None = None,
        until: float = math.inf,
    ) -> int:
        """Send what is pending for `receiver` if no other sender does; return how many notifications were delivered.

        `just_written` are notifications that the outbox's index may not show yet, and `record` is the event that they
        are about. What cannot be sent now, or before `until`, stays pending for the next drain.
        """
        drain = Drain(self, receiver, record, until)
        drain.send_all([each for each in just_written if each.receiver == receiver])
        return drain.delivered

    def catch_up(
        self,
        receivers: Iterable[str],
        until: float = math.inf,
        refused: dict[str, float] | None = None,
        begin: Callable[[], None] = lambda: None,
    ) -> None:
        """Send what is still pending, most urgent first; log an error if it is very old.

        `begin` is called first if anything is pending. What cannot be sent before `until` stays pending. `refused` gets
        the receivers that took nothing, most urgent first, with the time until which each is worth waiting for.
        """
        first: dict[str, Notification] = {}
        now_refused: dict[str, float] = {}
        finding = [partial(self._find_first, receiver, first) for receiver in receivers]
        try:
            sending = partial(self._catch_up_with_all, first, until, now_refused)
            run_all(FAILED, (*finding, lambda: begin() if first else None, sending))
        finally:
            if refused is not None:
                _note(refused, _in_order(first), now_refused)

    def _catch_up_with_all(self, first: Mapping[str, Notification], until: float, refused: dict[str, float]) -> None:
        tasks = [partial(self._catch_up, receiver, until, refused) for receiver in _in_order(first)]
        self.run_at_once(FAILED, tasks)

    def _find_first(self, receiver: str, first: dict[str, Notification]) -> None:
        for each in self.outbox.pending(receiver, 1):
            first[receiver] = each

    def _catch_up(self, receiver: str, until: float, refused: dict[str, float]) -> None:
        try:
            if self.clock.now() < until:
                drain = Drain(self, receiver, None, until)
                try:
                    drain.send_all()
                finally:
                    if drain.is_refused:
                        refused[receiver] = drain.worth_waiting_until
        finally:
            self._watch(receiver)

    def try_again(self, refused: Mapping[str, float], until: float) -> None:
        """Retry receivers that took nothing a moment ago, as soon as each takes messages again, but before `until`.

        A sender that holds the lease may have died: the lease is waited for until it lapses. So is the end of a pause
        that is longer than a drain.
        """
        tasks = [partial(self._try_again, receiver, worth, until) for receiver, worth in refused.items()]
        self.run_at_once(FAILED, tasks)

    def _try_again(self, receiver: str, worth: float, until: float) -> None:
        is_worth_it = True
        while is_worth_it and self.clock.now() < min(worth, until):
            drain = Drain(self, receiver, None, until, waits_until=worth)
            drain.send_all()
            if drain.is_refused:
                is_worth_it = drain.has_begun or self._waited_for_lease(receiver, min(worth, until))
            else:
                is_worth_it = drain.ran_out_of_time and bool(self.outbox.pending(receiver, 1))
            worth = math.inf if drain.delivered else min(worth, drain.worth_waiting_until)

    def _waited_for_lease(self, receiver: str, until: float) -> bool:
        """Wait until nobody holds the lease and its pause is over; False where waiting is pointless.

        The holder may release the lease at any moment, or have died; a pause lasts for as long as it says.
        """
        now, times = self.clock.now(), self.leases.times(receiver)
        if now >= times.free_at:
            return False
        while now < times.free_at < until:
            is_held = now < times.held_until
            if not is_held and not self.outbox.pending(receiver, 1):
                return False
            self.clock.sleep(min(POLL, times.held_until - now) if is_held else times.send_at - now)
            now, times = self.clock.now(), self.leases.times(receiver)
        return times.free_at <= now and bool(self.outbox.pending(receiver, 1))

    def give_up(self, receiver: str) -> None:
        """Fail what is pending for a receiver that the routes file no longer names; a sender that is at it goes on."""
        if self.outbox.pending(receiver, 1):
            Drain(self, receiver, None, math.inf).give_up()

    def _watch(self, receiver: str) -> None:
        now = self.clock.now()
        age = max((now - each.created_at for each in self.outbox.pending(receiver, WATCHED)), default=0)
        if age > OVERDUE:
            log.error(OVERDUE_LINE, extra={"receiver": receiver, "seconds": age})


def _note(refused: dict[str, float], tried: Sequence[str], now_refused: Mapping[str, float]) -> None:
    for receiver in tried:
        refused.pop(receiver, None)
        if receiver in now_refused:
            refused[receiver] = now_refused[receiver]


def _in_order(first: Mapping[str, Notification]) -> list[str]:
    """Return the receivers ordered by the most urgent notification that is pending for each."""
    return sorted(first, key=lambda receiver: urgency(first[receiver]))
