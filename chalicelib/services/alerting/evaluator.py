"""The evaluator: what time alone makes of alerts, when it is due; each change is announced once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert, Mark
from chalicelib.domain.notifications.alert_history import ended_by_hub
from chalicelib.domain.notifications.notification import Outcome, Recording, record_announcement, reminders_of
from chalicelib.domain.routing.next_evaluation import with_next_evaluation
from chalicelib.domain.routing.notification_policy import Policy, evaluate

if TYPE_CHECKING:
    from chalicelib.services.ports import AlertStore, Clock, Ledger

log = logging.getLogger(__name__)

# Each takes a read and a write, some hundredths of a second together; what is left is due again in a minute.
EVALUATED_PER_RUN = 500


class Evaluator(Struct, frozen=True):
    """Ends what has been quiet, reminds of what goes on, announces what is stable or no longer silenced."""

    alerts: AlertStore
    ledger: Ledger
    policy: Callable[[], Policy]
    clock: Clock

    def __call__(self) -> int:
        """Evaluate the alerts that are due; returns how many. Their notifications lie in the outbox.

        One that somebody else has changed is left to them. One that cannot be evaluated is logged, and delays no other.
        """
        due = self.alerts.due(self.clock.now(), EVALUATED_PER_RUN)
        return sum(map(self._evaluate, due))

    def _evaluate(self, alert: Alert) -> bool:
        try:
            policy, now = self.policy(), self.clock.now()
            after, outcome = evaluate(alert, policy, now)
            action = ended_by_hub(alert, after)
            done = save_evaluation(self.ledger, after, outcome, policy, now, action) is not None
        except Exception:
            log.exception("Alert not evaluated", extra={"fingerprint": alert.fingerprint})
            return False
        message = "Alert evaluated" if done else "Write conflict; will retry"
        log.info(message, extra={"fingerprint": alert.fingerprint, "reason": outcome.reason})
        return done


def save_evaluation(  # noqa: PLR0913, PLR0917 - all that one transaction is made of
    ledger: Ledger, alert: Alert, outcome: Outcome, policy: Policy, now: int, action: Mark | None = None
) -> Alert | None:
    """Write an alert that no event has changed, and its notifications; None where somebody else has changed it.

    `action` is what has changed it, where that was a person, or the hub.
    """
    announced = record_announcement(alert, outcome, now)
    due = with_next_evaluation(replace(announced, due=0), policy, now)
    written = ledger.merge([], due, reminders_of(announced, outcome, now), action) is Recording.RECORDED
    return replace(due, version=due.version + 1) if written else None
