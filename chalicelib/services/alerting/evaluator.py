"""Tend: what time alone does to alerts is done when it is due, and what is owed about it is owed once."""

import logging
from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.notifications.notification import Outcome, record_announcement, reminders_of
from chalicelib.domain.routing.next_evaluation import with_next_evaluation
from chalicelib.domain.routing.notification_policy import Policy, evaluate
from chalicelib.services.ports import AlertStore, Clock, Ledger, Recording

log = logging.getLogger(__name__)

# Each takes a read and a write, some hundredths of a second together; what is left is due again in a minute.
TENDED_PER_RUN = 500


class Evaluator(Struct, frozen=True):
    """Ends what has been quiet, brings to mind what goes on, tells of what has settled or is no longer silenced."""

    alerts: AlertStore
    ledger: Ledger
    policy: Callable[[], Policy]
    clock: Clock

    def __call__(self) -> int:
        """Tend the alerts that are due; returns how many. What they owe lies in the outbox.

        One that somebody else has changed is left to them. One that cannot be tended is logged, and holds up no other.
        """
        due = self.alerts.due(self.clock.now(), TENDED_PER_RUN)
        return sum(map(self._tend, due))

    def _tend(self, alert: Alert) -> bool:
        try:
            policy, now = self.policy(), self.clock.now()
            after, outcome = evaluate(alert, policy, now)
            done = save_evaluation(self.ledger, after, outcome, policy, now) is not None
        except Exception:
            log.exception("Cannot tend an alert", extra={"fingerprint": alert.fingerprint})
            return False
        log.info("Alert %s", outcome.reason if done else "is busy", extra={"fingerprint": alert.fingerprint})
        return done


def save_evaluation(ledger: Ledger, alert: Alert, outcome: Outcome, policy: Policy, now: int) -> Alert | None:
    """Write an alert that no event has changed, and what is owed about it; None where somebody else has changed it."""
    told = record_announcement(alert, outcome, now)
    due = with_next_evaluation(replace(told, due=0), policy, now)
    written = ledger.merge([], due, reminders_of(told, outcome, now)) is Recording.RECORDED
    return replace(due, version=due.version + 1) if written else None
