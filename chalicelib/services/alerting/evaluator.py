"""The evaluator: what time alone makes of alerts, when it is due; each change is announced once."""

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

# So many are read at a time, and as many are searched for what another alert holds back.
READ_AT_ONCE = 500
# Each is a write, in which a thread waits for most of the time; so many wait at once, with some alerts each.
WRITTEN_AT_ONCE, FEWEST_EACH = 8, 10
# So many pages of a hundred alerts are searched for what another alert holds back.
MOST_PAGES = 100


class Evaluator(Struct, frozen=True):
    """Ends what has been quiet, reminds of what goes on, announces what is stable or no longer held back."""

    alerts: AlertStore
    ledger: Ledger
    policy: Callable[[], Policy]
    clock: Clock
    run_at_once: Runner

    def __call__(self, until: float = math.inf) -> int:
        """Evaluate the alerts that are due, for as long as there is time, and the first of them in any case.

        Returns how many; their notifications lie in the outbox. One that somebody else has changed is left to them. One
        that cannot be evaluated is logged, and delays no other. What holds back others stays due until all of them have
        been evaluated too.
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
        """Evaluate alerts, and before those that hold back others these others; returns the fingerprints."""
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
        """Return the open alerts that one of the sources may explain, and that do not know yet how that stands."""
        pages = pages_of_open(self.alerts, now, MOST_PAGES)
        found = (each for alerts, _ in pages for each in alerts if _is_news(each, sources, policy, now))
        return list(islice(found, READ_AT_ONCE))

    def _evaluate_all(self, alerts: Sequence[Alert], policy: Policy) -> set[str]:
        """Evaluate alerts one after the other, each knowing what has become of those before."""
        evaluated = set[str]()
        for alert in alerts:
            written = self._evaluate(alert, policy)
            if written is not None:
                evaluated.add(written.fingerprint)
                policy = _knowing(policy, [written], self.clock.now())
        return evaluated

    def _evaluate_at_once(self, alerts: Sequence[Alert], policy: Policy) -> set[str]:
        """Evaluate alerts of which none holds back another, several at a time."""
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
    """Return the policy that knows how these alerts stand, which may hold back others."""
    if not policy.inhibitions.rules:
        return policy
    return replace(policy, inhibitions=policy.inhibitions.knowing(alerts, now))


def _holds_back(alert: Alert, policy: Policy) -> bool:
    return alert.inhibits or policy.inhibitions.concerns(alert)


def _is_news(target: Alert, sources: Sequence[Alert], policy: Policy, now: int) -> bool:
    """Return whether an alert is held back and does not know it, or knows it and is held back no more.

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
