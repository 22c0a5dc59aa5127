"""Silence reminders: announces that a silence ends soon if something that it covers still fires."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import REPORT, Notification, Reason
from chalicelib.domain.text import clean, digest, plural

if TYPE_CHECKING:
    from chalicelib.domain.routing.silences import Silence
    from chalicelib.services.alerting.silence_preview import Preview
    from chalicelib.services.ports import Clock, Outbox, SilenceStore

log = logging.getLogger(__name__)

KIND = "silence"
# Seconds. This runs every five minutes; whoever silenced something for less than an hour remembers it.
SOON, SHORTEST = 900, 3_600
REASON = 80


class SilenceReminders(Struct, frozen=True):
    """Notifies the receiver of reports; `covered` returns the open alerts that a silence covers."""

    silences: SilenceStore
    covered: Callable[[Silence], Preview]
    outbox: Outbox
    clock: Clock

    def __call__(self) -> int:
        """Announce once each silence that ends within a quarter of an hour; return how many were announced."""
        now = self.clock.now()
        due = [each for each in self.silences.unexpired(now) if _is_due(each, now)]
        return sum([self._remind(each, now) for each in due])

    def _remind(self, silence: Silence, now: int) -> bool:
        firing = self.covered(silence).firing
        if not firing or not self.outbox.enqueue(_reminder(silence, firing, now)):
            return False
        log.info("Silence ends soon", extra={"silence": silence.id, "firing": firing})
        return True


def _is_due(silence: Silence, now: int) -> bool:
    is_long = silence.ends_at - silence.starts_at >= SHORTEST
    return is_long and silence.starts_at <= now < silence.ends_at <= now + SOON


def _reminder(silence: Silence, firing: int, now: int) -> Notification:
    """Return the notification, due when the silence ends; if that end is moved, another one follows."""
    still = f"{plural(firing, 'alert')} that it covers still {'fires' if firing == 1 else 'fire'}"
    return Notification(
        id=digest("silence ends", silence.id, str(silence.ends_at)),
        receiver=REPORT,
        kind=KIND,
        reason=Reason.SCHEDULED,
        severity=Severity.LOW,
        title=f"Silence ends soon, {still}: {clean(silence.reason, REASON)}",
        created_at=now,
        by=silence.author,
        count=firing,
        due_at=silence.ends_at,
    )
