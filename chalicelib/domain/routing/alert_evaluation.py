"""The evaluation of an alert: whether it is news to the receivers of its routes, and when time will make it so."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from chalicelib.domain.alerts.alert import USUAL, Alert, Announcement, Flapping, Status
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.notifications.notification import Outcome, Reason
from chalicelib.domain.routing.escalation import ack_lapses_at, escalations
from chalicelib.domain.routing.reminders import NEVER, reason_to_repeat, reminder_at
from chalicelib.domain.routing.routes import MatchedRoutes


class Evaluation(Struct, frozen=True):
    """Who is notified of an alert now; if nobody, when it will be news if nothing happens."""

    outcome: Outcome
    news_at: int = NEVER


def evaluate_alert(alert: Alert, matched: MatchedRoutes, now: int, flapping: Flapping = USUAL) -> Evaluation:
    """Evaluate an alert against what the receivers of its routes were last notified of."""
    if not matched.routes:
        return Evaluation(Outcome(reason=Reason.UNROUTED))
    stable_at, relapse_at = alert.flaps_until(now, flapping), alert.relapse_is_news_at
    if alert.status is Status.RESOLVED:
        return _evaluate_resolved(alert, matched, stable_at)
    if now < relapse_at:
        return Evaluation(Outcome(reason=Reason.REPEATED, by=matched.names), relapse_at)
    return _evaluate_firing(alert, matched, now, stable_at)


def _evaluate_resolved(alert: Alert, matched: MatchedRoutes, stable_at: int) -> Evaluation:
    last = alert.announcement
    if last is None or last.over or not last.receivers:
        return Evaluation(Outcome(reason=Reason.NOTHING_TO_RESOLVE, by=matched.names))
    if alert.lifecycle is Lifecycle.POINT and alert.was_ended_by_hub:
        return Evaluation(Outcome(reason=Reason.QUIET, by=matched.names))
    if stable_at:
        return _evaluate_flapping(last, matched, last.receivers, stable_at)
    return Evaluation(matched.notify(Reason.RESOLVED, last.receivers))


def _evaluate_firing(alert: Alert, matched: MatchedRoutes, now: int, stable_at: int) -> Evaluation:
    last, reached = alert.announcement, matched.reaching(alert)
    if not reached.routes:
        return Evaluation(_held_back(matched, matched.accepting(alert.severity)))
    if stable_at:
        return _evaluate_flapping(last, reached, reached.receivers, stable_at)
    if last is None:
        return Evaluation(reached.notify(Reason.FIRST if alert.episodes == 1 else Reason.REGRESSION))
    receivers, steps = reached.receivers, reached.escalation
    remind_at = reminder_at(alert, last, reached.repeat_interval)
    reason = reason_to_repeat(alert, last, remind_at, now)
    if reason is Reason.ACKNOWLEDGED:
        return Evaluation(Outcome(reason=reason, by=reached.names), ack_lapses_at(alert, matched.ack_expires))
    missed = escalations(alert, last, steps) if steps else []
    escalated = [each for at, missing in missed if at <= now for each in missing]
    is_new_to_all = reason in {Reason.JOINED, Reason.UPDATE} and not {*receivers} & {*last.receivers}
    if reason is Reason.REPEATED or is_new_to_all:
        newcomers = [each for each in receivers if each not in last.receivers or each in last.behind]
        is_news = newcomers or escalated
        repeated = Outcome(reason=Reason.REPEATED, by=reached.names)
        outcome = _notify_newcomers(alert, last, reached, newcomers, escalated) if is_news else repeated
        return Evaluation(outcome, min([remind_at, *[at for at, _ in missed]]))
    return Evaluation(reached.notify(reason, [*receivers, *escalated]))


def _held_back(matched: MatchedRoutes, accepting: MatchedRoutes) -> Outcome:
    """Return the outcome of an alert that no route accepts: not severe enough, or not often enough."""
    if not accepting.routes:
        return Outcome(reason=Reason.BELOW_MINIMUM, by=matched.names)
    return Outcome(reason=Reason.BELOW_COUNT, by=accepting.names)


def _notify_newcomers(
    alert: Alert, last: Announcement, matched: MatchedRoutes, newcomers: Sequence[str], escalated: Sequence[str]
) -> Outcome:
    """Notify receivers that do not know of it, or of its news: their hours have begun, or their route is new.

    For those it is `escalated` to, the news is that nobody has acknowledged it.
    """
    if escalated:
        return matched.notify(Reason.ESCALATED, [*newcomers, *escalated])
    news = Reason.UPDATE if alert.revision else Reason.WORSENED
    return matched.notify(news if set(newcomers) <= set(last.behind) else Reason.FIRST, newcomers)


def _evaluate_flapping(
    last: Announcement | None, matched: MatchedRoutes, receivers: Iterable[str], stable_at: int
) -> Evaluation:
    if last is not None and last.flapping:
        return Evaluation(Outcome(reason=Reason.FLAPPING, by=matched.names), stable_at)
    return Evaluation(matched.notify(Reason.FLAPPING, receivers))
