"""The evaluator: what happens to alerts by time alone, such as reminders, expiries and ends; each is announced once."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from functools import partial
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
    from chalicelib.services.notifying.ports import Runner
    from chalicelib.services.ports import AlertStore, Clock, Ledger

log = logging.getLogger(__name__)

# Alerts read at a time, and targets of inhibitions found at a time.
READ_AT_ONCE = 500
# Each evaluation is a write, for which a thread mostly waits: so many threads run in parallel, each with a few alerts.
WRITTEN_AT_ONCE, FEWEST_EACH = 8, 10
# Pages of a hundred alerts searched for targets of inhibitions.
MOST_PAGES = 100


class Evaluator(Struct, frozen=True):
    """Ends quiet alerts, sends reminders, and announces what is stable or no longer held back."""

    alerts: AlertStore
    ledger: Ledger
    policy: Callable[[], Policy]
    clock: Clock
    run_at_once: Runner

    def __call__(self, until: float = math.inf) -> int:
        """Evaluate the alerts that are due until `until` (epoch seconds), and the first batch in any case.

        Returns how many; their notifications are enqueued. An alert that was changed concurrently is left to whoever
        changed it. One that cannot be evaluated is logged, and does not block others. A source of inhibitions stays due
        until all of its targets have been evaluated too.
        """
        now = self.clock.now()
        due = self.alerts.due(now, READ_AT_ONCE)
        # What was read a while ago may have ended.
        policy = _knowing(self.policy(), due, now)
        evaluated = self._evaluate_first(due, policy, now)
        written, left = len(evaluated), {each.fingerprint for each in due} - evaluated
        while due and self.clock.now() < until:
            found = self.alerts.due(now, READ_AT_ONCE + len(left))
            due = [each for each in found if each.fingerprint not in left]
            evaluated = self._evaluate_at_once([each for each in due if not _holds_back(each, policy)], policy)
            written += len(evaluated)
            left |= {each.fingerprint for each in due} - evaluated
        return written

    def _evaluate_first(self, due: Sequence[Alert], policy: Policy, now: int) -> set[str]:
        """Evaluate alerts, and the targets of inhibition sources before these; return the fingerprints."""
        sources = [each for each in due if _holds_back(each, policy)]
        targets = self._targets(sources, policy, now) if sources else []
        evaluated = self._evaluate_all(targets, policy)
        if len(evaluated) < len(targets) or len(targets) == READ_AT_ONCE:
            sources = []
        known = {each.fingerprint for each in targets}
        evaluated |= self._evaluate_all([each for each in sources if each.fingerprint not in known], policy)
        others = [each for each in due if each.fingerprint not in known and not _holds_back(each, policy)]
        return evaluated | self._evaluate_at_once(others, policy)

    def _targets(self, sources: Sequence[Alert], policy: Policy, now: int) -> list[Alert]:
        """Return the open alerts that one of the sources may inhibit, and that do not reflect that yet."""
        pages = pages_of_open(self.alerts, now, MOST_PAGES)
        found = (each for alerts, _ in pages for each in alerts if _is_news(each, sources, policy, now))
        return list(islice(found, READ_AT_ONCE))

    def _evaluate_all(self, alerts: Sequence[Alert], policy: Policy) -> set[str]:
        """Evaluate alerts one after the other, each with the results of those before."""
        evaluated = set[str]()
        for alert in alerts:
            written = self._evaluate(alert, policy)
            if written is not None:
                evaluated.add(written.fingerprint)
                policy = _knowing(policy, [written], self.clock.now())
        return evaluated

    def _evaluate_at_once(self, alerts: Sequence[Alert], policy: Policy) -> set[str]:
        """Evaluate alerts in parallel; none of them inhibits another."""
        count = min(WRITTEN_AT_ONCE, -(-len(alerts) // FEWEST_EACH))
        evaluated = list[Alert | None]()
        tasks = [partial(self._evaluate_part, alerts[first::count], policy, evaluated) for first in range(count)]
        self.run_at_once("Alerts were not evaluated", tasks)
        return {each.fingerprint for each in evaluated if each is not None}

    def _evaluate_part(self, alerts: Sequence[Alert], policy: Policy, evaluated: list[Alert | None]) -> None:
        evaluated.extend(self._evaluate(alert, policy) for alert in alerts)

    def _evaluate(self, alert: Alert, policy: Policy) -> Alert | None:
        try:
            now = self.clock.now()
            after, outcome = evaluate(alert, policy, now)
            action = done_by_hub(alert, after)
            written = save_evaluation(self.ledger, after, outcome, policy, now, action)
        except Exception:
            log.exception("Alert not evaluated; will retry", extra={"fingerprint": alert.fingerprint})
            return None
        message = "Alert evaluated" if written else "Write conflict; will retry"
        log.info(message, extra={"fingerprint": alert.fingerprint, "reason": outcome.reason})
        return written


def _knowing(policy: Policy, alerts: Sequence[Alert], now: int) -> Policy:
    """Return the policy with the state of these alerts, which may inhibit others."""
    if not policy.inhibitions.rules:
        return policy
    return replace(policy, inhibitions=policy.inhibitions.knowing(alerts, now))


def _holds_back(alert: Alert, policy: Policy) -> bool:
    return alert.inhibits or policy.inhibitions.concerns(alert)


def _is_news(target: Alert, sources: Sequence[Alert], policy: Policy, now: int) -> bool:
    """Return whether an alert became inhibited, or is inhibited no more; silenced ones are evaluated when that ends."""
    if not any(policy.inhibitions.may_explain(source, target) for source in sources):
        return False
    if policy.silence(target, now) is not None:
        return False
    is_held_back = policy.inhibited(target, now) is not None
    return is_held_back is not (target.inhibited is not None)


def save_evaluation(  # noqa: PLR0913, PLR0917 - all that one transaction is made of
    ledger: Ledger, alert: Alert, outcome: Outcome, policy: Policy, now: int, action: Mark | None = None
) -> Alert | None:
    """Write an alert that was changed by no event, and its notifications; None where it was changed concurrently.

    `action` is the change, where a person, or the hub, made it.
    """
    announced = record_announcement(alert, outcome, now)
    due = with_next_evaluation(replace(announced, due=0), policy, now)
    written = ledger.merge([], due, reminders_of(announced, outcome, now), action) is Recording.RECORDED
    return replace(due, version=due.version + 1) if written else None
