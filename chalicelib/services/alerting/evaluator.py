"""The evaluator: what time alone makes of alerts, when it is due; each change is announced once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert, Mark
from chalicelib.domain.notifications.alert_history import done_by_hub
from chalicelib.domain.notifications.notification import Outcome, Recording, record_announcement, reminders_of
from chalicelib.domain.routing.next_evaluation import with_next_evaluation
from chalicelib.domain.routing.notification_policy import Policy, evaluate
from chalicelib.services.alerting.open_alerts import pages_of_open

if TYPE_CHECKING:
    from chalicelib.services.ports import AlertStore, Clock, Ledger

log = logging.getLogger(__name__)

# Each takes a read and a write, some hundredths of a second together; what is left is due again in a minute.
EVALUATED_PER_RUN = 500
# So many pages of a hundred alerts are searched for what another alert holds back.
MOST_PAGES = 100


class Evaluator(Struct, frozen=True):
    """Ends what has been quiet, reminds of what goes on, announces what is stable or no longer held back."""

    alerts: AlertStore
    ledger: Ledger
    policy: Callable[[], Policy]
    clock: Clock

    def __call__(self) -> int:
        """Evaluate the alerts that are due; returns how many. Their notifications lie in the outbox.

        One that somebody else has changed is left to them. One that cannot be evaluated is logged, and delays no other.
        What holds back others stays due until all of them have been evaluated too.
        """
        now = self.clock.now()
        due = self.alerts.due(now, EVALUATED_PER_RUN)
        # What was read a while ago may have ended.
        policy = _knowing(self.policy(), due, now)
        sources = [each for each in due if each.inhibits or policy.inhibitions.concerns(each)]
        targets = self._targets(sources, policy, now) if sources else []
        evaluated = self._evaluate_all(targets, policy)
        if evaluated < len(targets) or len(targets) == EVALUATED_PER_RUN:
            due = [each for each in due if each not in sources]
        known = {each.fingerprint for each in targets}
        return evaluated + self._evaluate_all([each for each in due if each.fingerprint not in known], policy)

    def _targets(self, sources: Sequence[Alert], policy: Policy, now: int) -> list[Alert]:
        """Return the open alerts that one of the sources may explain, and that do not know yet how that stands."""
        pages = pages_of_open(self.alerts, now, MOST_PAGES)
        found = (each for alerts, _ in pages for each in alerts if _is_news(each, sources, policy, now))
        return list(islice(found, EVALUATED_PER_RUN))

    def _evaluate_all(self, alerts: Sequence[Alert], policy: Policy) -> int:
        """Evaluate alerts one after the other, each knowing what has become of those before; returns how many."""
        evaluated = 0
        for alert in alerts:
            written = self._evaluate(alert, policy)
            if written is not None:
                evaluated += 1
                policy = _knowing(policy, [written], self.clock.now())
        return evaluated

    def _evaluate(self, alert: Alert, policy: Policy) -> Alert | None:
        try:
            now = self.clock.now()
            after, outcome = evaluate(alert, policy, now)
            action = done_by_hub(alert, after)
            written = save_evaluation(self.ledger, after, outcome, policy, now, action)
        except Exception:
            log.exception("Alert not evaluated", extra={"fingerprint": alert.fingerprint})
            return None
        message = "Alert evaluated" if written else "Write conflict; will retry"
        log.info(message, extra={"fingerprint": alert.fingerprint, "reason": outcome.reason})
        return written


def _knowing(policy: Policy, alerts: Sequence[Alert], now: int) -> Policy:
    """Return the policy that knows how these alerts stand, which may hold back others."""
    if not policy.inhibitions.rules:
        return policy
    return replace(policy, inhibitions=policy.inhibitions.knowing(alerts, now))


def _is_news(target: Alert, sources: Sequence[Alert], policy: Policy, now: int) -> bool:
    """Tell whether an alert is held back and does not know it, or knows it and is held back no more.

    What is silenced is evaluated when that ends.
    """
    if not any(policy.inhibitions.may_explain(source, target) for source in sources):
        return False
    if policy.silence(target, now) is not None:
        return False
    is_held_back = policy.inhibited(target, now) is not None
    return is_held_back is not (target.inhibited is not None)


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
