"""A drain: one sender holds a receiver's lease and sends what is pending for it, in as few messages as sensible."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.notifications.hourly_cap import NO_CAP, HourlyCap, passing
from chalicelib.domain.notifications.notification import Delivery, Notification, Record, completed
from chalicelib.domain.notifications.sending_order import problems_in_order, sent_together
from chalicelib.domain.notifications.waiting import due
from chalicelib.services.notifying.digest_attempts import DigestAttempts
from chalicelib.services.notifying.hourly_caps import count_message
from chalicelib.services.notifying.ports import Delivered, Message, Rejected, Retry

if TYPE_CHECKING:
    from chalicelib.domain.notifications.digest_attempt import DigestAttempt
    from chalicelib.domain.notifications.lease import Lease
    from chalicelib.services.notifying.ports import CallBudgets, Notifier, References
    from chalicelib.services.ports import Clock, EventStore, Leases, Outbox

log = logging.getLogger(__name__)

# A sweep that has sent a digest when it started can send the next one before it ends.
DIGEST_INTERVAL = 45
DIGEST_SIZE = 1_000
# Longer than the longest drain and the two requests after it, each with a time-out of a few seconds, and shorter than a
# sweep, so that a sweep under way takes over from a sender that died.
LEASE = 45
LONGEST_DRAIN = 25
# A failure that may pass is retried after 5 seconds, then 10, then every 15.
FIRST_PAUSE, LONGEST_PAUSE = 5, 15
# Seconds. A receiver that takes longer than PROMPT to refuse a message may be gone: it is retried within SLOW at most,
# unless it took a message within LATELY.
PROMPT, SLOW, LATELY = 3, 10, 180
# If a delivery cannot be recorded, that is tried once more after so many seconds.
SETTLED_AGAIN_AFTER = 1
# A drain passes over so many messages that the notifier raises on; more are the notifier's own fault.
MOST_ASIDE = 3
FAILED = "Receivers were not sent to"
# An alarm in infra/hub.yaml counts this log message.
FAILURE_LINE = "Permanent delivery failure"
RETRY_LINE = "Delivery will be retried"


class SendingPorts(Struct, frozen=True):
    """The ports that sending needs."""

    outbox: Outbox
    leases: Leases
    event_store: EventStore
    notifier: Notifier
    clock: Clock
    references: References
    budgets: CallBudgets


class Drain:
    """One sender at one receiver; it holds the lease for as long as it sends.

    It waits for the lease of a receiver that will take messages again before `waits_until` (epoch seconds).
    """

    def __init__(
        self, by: SendingPorts, receiver: str, record: Record | None, until: float, *, waits_until: float = 0
    ) -> None:
        self._by, self.receiver, self._record = by, receiver, record
        self._handling = by.notifier.handling(receiver)
        self._began = by.clock.now()
        self._ends_at = min(self._began + LONGEST_DRAIN, until)
        self._waits_until = min(self._ends_at, waits_until)
        self._pause = 0
        self._sent = 0
        self._is_over = False
        self._digests = DigestAttempts(by.references, by.clock)
        self._attempt: DigestAttempt | None = None
        self._set_aside: list[Notification] = []
        self._cap: HourlyCap | None = None
        self._notices: list[Notification] = []
        self._is_slow = False
        self._delivered_at = 0
        self.has_begun = False
        self.is_refused = False
        self.delivered = 0
        self._failures: list[Exception] = []

    def send_all(self, fresh: Sequence[Notification] = ()) -> None:
        """Send what is pending, and what arrives meanwhile; raise an ExceptionGroup of all errors, if any."""
        urgent = not fresh or self._passes_cap(fresh)
        while self._take(fresh, urgent=urgent) and (left := self._by.outbox.pending(self.receiver, 1)):
            fresh, urgent = [], self._passes_cap(left)  # it arrived meanwhile, and its writer left it to us
        if self._failures:
            raise ExceptionGroup(FAILED, self._failures)

    def _passes_cap(self, notifications: Sequence[Notification]) -> bool:
        """Return whether any of them is sent at once even when the hourly cap is reached."""
        return not self._handling.per_hour or bool(passing(notifications))

    def _take(self, fresh: Sequence[Notification], *, urgent: bool) -> bool:
        """Send until nothing is pending, the burst or the time is used up, or the receiver takes no more.

        Then the lease is released; as abandoned if an error occurred before the first message. There is no wait after
        the last message: the next sender waits before its first. Returns whether something was sent and more might be;
        False where another sender has the lease, or where the cap is reached and nothing is `urgent`.
        """
        lease = self._acquire(urgent=urgent)
        if lease is None:
            self.is_refused = not self.has_begun
            return False
        sent, self.has_begun, self._delivered_at = self._sent, True, lease.delivered_at
        # The routes file may have raised or removed the cap.
        self._cap = lease.cap.at_most(per_hour) if (per_hour := self._handling.per_hour) else None
        try:
            self._send_in_turn(lease, fresh)
        except Exception:
            # A message that was sent but not recorded comes again: the lease is left to lapse, so that it is not sent
            # at once.
            if self._sent == sent:
                self.is_refused = True
                self._release(lease, is_abandoned=True)
            raise
        self._release(lease)
        return sent < self._sent and self._may_go_on

    def _send_in_turn(self, lease: Lease, fresh: Sequence[Notification]) -> None:
        if lease.abandoned:
            self._settle_what_arrived()
        pending = self._pending(fresh)
        wait: float = lease.send_at - self._by.clock.now()
        if pending and wait > self._gap:
            self._by.clock.sleep(wait)
            pending, wait = self._pending(fresh), 0
        while pending:
            if wait > 0:
                self._by.clock.sleep(wait)
            is_all = self._send(pending)
            if is_all or not self._may_go_on:
                break
            pending, wait = self._pending(), self._handling.pace

    def give_up(self) -> None:
        """Fail everything that is pending, as for a receiver that no longer exists."""
        lease = self._acquire()
        if lease is not None:
            self._complete(
                self._everything(), Rejected("The routes file names this receiver no more", receiver_gone=True)
            )
            self._release(lease)

    def _acquire(self, *, urgent: bool = True) -> Lease | None:
        now = self._by.clock.now()
        # Never wait beyond the end of the drain, however slow the receiver: a function has a minute.
        patience = max(min(self._gap, int(self._ends_at - now)), int(self._waits_until - now))
        return self._by.leases.acquire(self.receiver, now, now + LEASE, patience, urgent=urgent)

    def _release(self, lease: Lease, *, is_abandoned: bool = False) -> None:
        send_at = max(lease.send_at, self._by.clock.now() + (self._pause or self._gap))
        given_back = replace(lease, abandoned=is_abandoned, cap=self._cap or NO_CAP, delivered_at=self._delivered_at)
        self._by.leases.release(given_back, send_at)

    def _settle_what_arrived(self) -> None:
        """Record what the last digest delivered, in case its sender died before it could."""
        last = self._digests.last(self.receiver)
        if last.has_arrived:
            named = self._by.outbox.pending(self.receiver, DIGEST_SIZE, is_wanted=last.names)
            arrived = [each for each in named if last.has_said(each)]
            self._settle(arrived, Delivery.DELIVERED)
            self.delivered += len(arrived)

    def _everything(self, fresh: Sequence[Notification] = ()) -> list[Notification]:
        pending = self._by.outbox.pending(self.receiver, DIGEST_SIZE, [*fresh, *self._notices])
        waiting = {each.id for before in self._set_aside for each in pending if self._waits_for(before, each)}
        return [each for each in pending if each.id not in waiting]

    def _waits_for(self, before: Notification, notification: Notification) -> bool:
        """Return whether a notification was put aside, or is about the same problem and must not overtake one."""
        is_ordered = not self._handling.combines and bool(before.fingerprint)
        return notification.id == before.id or (is_ordered and notification.fingerprint == before.fingerprint)

    def _pending(self, fresh: Sequence[Notification] = ()) -> list[Notification]:
        pending = self._everything(fresh)
        if not self._handling.combines:
            return problems_in_order(pending)
        now = self._by.clock.now()
        pending = due(pending, now, self._last_sent)
        return passing(pending) if self._cap and self._cap.holds_back(now) else pending

    def _last_sent(self, group: str) -> int:
        return int(self._by.references.find(self.receiver, group) or 0)

    @property
    def worth_waiting_until(self) -> float:
        """Until when the receiver is worth waiting for (epoch seconds): without limit if it took a message lately."""
        is_there = self._began - self._delivered_at <= LATELY
        return self._began + SLOW if self._is_slow and not is_there else math.inf

    @property
    def _gap(self) -> int:
        """Seconds between our last message and another sender's first: the pace, and one as clocks are rounded."""
        return math.ceil(self._handling.pace) + 1

    @property
    def ran_out_of_time(self) -> bool:
        """Whether it sent something and stopped only because its time was used up."""
        return self._sent > 0 and not self._is_over and self._has_room and not self._has_time

    @property
    def _may_go_on(self) -> bool:
        return not self._is_over and self._has_room and self._has_time

    @property
    def _has_room(self) -> bool:
        return self._sent < self._handling.burst

    @property
    def _has_time(self) -> bool:
        return self._by.clock.now() + self._handling.pace < self._ends_at

    def _send(self, pending: Sequence[Notification]) -> bool:
        """Send the most urgent of what is pending; return whether that was all of it."""
        is_capped = self._cap is not None and self._cap.is_reached(self._by.clock.now())
        if self._cap and not is_capped and not self._count_one():
            return False
        urgent = passing(pending) if is_capped else pending
        is_storm = self._handling.combines and len(urgent) > self._handling.burst
        together = self._one_message(urgent) if urgent and not is_storm else urgent or pending
        result = self._notify(together)
        if (result is None or _is_rejected(result)) and len(together) > 1:  # the worst goes alone, and the others later
            together = together[:1]
            result = self._notify(together)
        elif is_storm and isinstance(result, Delivered):
            self._pause, self._is_over = DIGEST_INTERVAL, True
        elif self._cap and not urgent and isinstance(result, Delivered) and not result.left:
            self._cap = self._cap.after_digest(self._by.clock.now())
        if result is None:
            self._put_aside(together)
            return False
        self._complete(together, result)
        self._remember(together, result)
        return len(together) == len(pending) and not (isinstance(result, Delivered) and result.left)

    def _count_one(self) -> bool:
        """Count a message towards the receiver's cap; enqueue a notice, once an hour, where the cap is reached."""
        by, now = self._by, self._by.clock.now()
        notice = count_message(by.budgets, by.outbox, self.receiver, self._handling.per_hour, now)
        if notice:
            self._cap, self._notices = HourlyCap.reached(now, self._handling.per_hour), [notice]
        return notice is None

    def _remember(self, together: Sequence[Notification], result: Delivered | Retry | Rejected) -> None:
        """Remember when a group's message was sent, if the group has a minimum interval."""
        groups = {each.group for each in together if each.group and each.group_interval}
        for group in groups if isinstance(result, Delivered) else ():
            self._by.references.save(self.receiver, group, str(self._by.clock.now()))

    def _one_message(self, pending: Sequence[Notification]) -> Sequence[Notification]:
        if len(pending) == 1 or not self._handling.combines:
            return pending[:1]
        return sent_together(pending, by_problem=self._handling.by_problem)

    def _notify(self, together: Sequence[Notification]) -> Delivered | Retry | Rejected | None:
        """Send one message; None where the notifier itself failed, which says nothing about the receiver."""
        message, begun = self._message(together), self._by.clock.now()
        self._sent += 1
        try:
            result = self._by.notifier.notify(message)
        except Exception as error:
            log.exception("Notifier failed; will retry", extra={"receiver": self.receiver, "count": len(together)})
            self._failures.append(error)
            return None
        self._is_slow = self._by.clock.now() - begun > PROMPT
        if self._attempt:
            self._attempt = self._digests.finish(self.receiver, self._attempt, result)
        return result

    def _message(self, together: Sequence[Notification]) -> Message:
        """Return the message to send; a digest is recorded before it is sent."""
        is_digest = len({each.fingerprint or each.id for each in together}) > 1
        self._attempt = self._digests.begin(self.receiver, together) if is_digest else None
        if self._attempt:
            return Message(self.receiver, together, doubtful=self._attempt.doubtful, until=self._ends_at)
        newest = max(together, key=lambda each: each.created_at)
        return Message(self.receiver, together, self._find(newest.event_id or newest.about))

    def _put_aside(self, together: Sequence[Notification]) -> None:
        """Leave a message to the next drain, so that it does not block others; stop the drain after several of them."""
        why = type(self._failures[-1]).__name__
        self._settle(together, Delivery.PENDING, why)
        self._set_aside += together
        self._is_over = len(self._set_aside) >= MOST_ASIDE

    def _find(self, event_id: str) -> Record | None:
        if self._record and self._record.event.id == event_id:
            return self._record
        return self._by.event_store.find(event_id) if event_id else None

    def _complete(self, together: Sequence[Notification], result: Delivered | Retry | Rejected) -> None:
        """Record the result of a message, and end the drain if the receiver takes no more."""
        match result:
            case Delivered(_, left):
                accounted = [each for each in together if each.id not in left]
                self._settle(accounted, Delivery.DELIVERED)
                self.delivered += len(accounted)
                self._delivered_at = self._by.clock.now()
            case Retry(_, why):
                if not self._attempt:  # a digest's result is stored once, not in each notification
                    self._settle(together, Delivery.PENDING, why)
                self._pause, self._is_over, self.is_refused = self._pause_after(result, together[0]), True, True
                log.warning(RETRY_LINE, extra={"receiver": self.receiver, "seconds": self._pause, "reason": why})
            case Rejected(why, receiver_gone):
                self._settle(together, Delivery.FAILED, why)
                self._is_over = receiver_gone
                extra = {"receiver": self.receiver, "reason": why, "count": len(together)}
                log.error(FAILURE_LINE, extra=extra)

    def _pause_after(self, result: Retry, first: Notification) -> int:
        """Return for how many seconds to leave the receiver alone."""
        attempts = self._attempt.before(first).attempts if self._attempt else first.attempts
        return min(result.after, LONGEST_PAUSE, FIRST_PAUSE << min(attempts, 9)) if result.passing else result.after

    def _settle(self, together: Sequence[Notification], status: Delivery, error: str = "") -> None:
        at = self._by.clock.now()
        counted = [self._attempt.before(each) for each in together] if self._attempt else together
        settled = [completed(each, status, at, error) for each in counted]
        try:
            self._by.outbox.settle(settled)
        except Exception:
            if status is not Delivery.DELIVERED:
                raise
            # Otherwise people would get it again.
            log.exception("Delivery not recorded; will retry", extra={"receiver": self.receiver, "count": len(settled)})
            self._by.clock.sleep(SETTLED_AGAIN_AFTER)
            self._by.outbox.settle(settled)


def _is_rejected(result: Delivered | Retry | Rejected) -> bool:
    return isinstance(result, Rejected) and not result.receiver_gone
