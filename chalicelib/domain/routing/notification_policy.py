"""The policy: decides who is notified, from the state of an alert and what people were last notified of."""

from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from chalicelib.domain.accounts import Accounts, nameless
from chalicelib.domain.alerts.alert import USUAL, Alert, Change, Flapping, Status
from chalicelib.domain.alerts.inhibited import Inhibited
from chalicelib.domain.alerts.timeline import TransitionKind
from chalicelib.domain.events.event import Event, Severity, Signal
from chalicelib.domain.events.labels import labels_of
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.notifications.notification import Delivery, Outcome, Reason
from chalicelib.domain.routing.alert_evaluation import evaluate_alert
from chalicelib.domain.routing.escalation import ack_lapses_at
from chalicelib.domain.routing.inhibitions import LASTS, NO_INHIBITIONS, Inhibitions
from chalicelib.domain.routing.matchers import (
    Field,
    MatchContext,
    intervals_of,
    match_all,
    matching_but_hours,
    windows_of,
)
from chalicelib.domain.routing.reminders import NEVER
from chalicelib.domain.routing.routes import MatchedRoutes, Route
from chalicelib.domain.routing.severities import SeverityRule, as_sent, graded, settled
from chalicelib.domain.routing.silences import Silence
from chalicelib.domain.timestamps import DAY

# Seconds of quiet after which a point problem is over, and a rechecked one: three days, as a daily check may fail to
# run.
QUIET = {Lifecycle.POINT: DAY, Lifecycle.RECHECKED: 3 * DAY}


class Policy(Struct, frozen=True):
    """Who is notified of what: routes in order of precedence, and silences.

    `quiet` has, for kinds that never report an end, the quiet seconds after which a problem counts as over. `accounts`
    returns the accounts' names and tags. `flapping` defines flapping. `severities` are the rules that set severities,
    `labels` the names of the labels that any rule matches. `status_receivers` show the state of a problem, and so are
    notified of people's actions; `living` are those of them that have one message per problem. `assumed` is the
    severity of kinds that state none. `inhibitions` are the rules and alerts that inhibit others.
    """

    routes: tuple[Route, ...]
    silences: tuple[Silence, ...] = ()
    quiet: Mapping[str, int] = field(default_factory=dict)
    accounts: Accounts = nameless
    flapping: Flapping = USUAL
    severities: tuple[SeverityRule, ...] = ()
    labels: Collection[str] = ()
    status_receivers: frozenset[str] = frozenset()
    living: frozenset[str] = frozenset()
    assumed: Mapping[str, Severity] = field(default_factory=dict)
    inhibitions: Inhibitions = NO_INHIBITIONS

    def matched_routes(self, subject: Event | Alert, now: int) -> MatchedRoutes:
        """Return the routes of an event or alert at `now`, up to the first that does not continue."""
        context = MatchContext(subject, now, self.accounts)
        matched: list[Route] = []
        for route in self.routes:
            if match_all(route.matchers, context):
                matched.append(route)
                if not route.continues:
                    break
        return MatchedRoutes(tuple(matched))

    def graded(self, event: Event, alert: Alert) -> Event:
        """Return an event of this alert with its labels, and with the severity that a rule sets."""
        labels = labels_of(event.detail, self.labels) if self.labels else {}
        labelled = replace(event, labels=labels) if labels != event.labels else event
        sent = as_sent(settled(labelled, self.assumed.get(event.kind)))
        return graded(sent, alert, self.severities, self.accounts)

    def counted(self, alert: Alert, event: Event) -> Alert:
        """Return the alert with the event counted for the rules that require a count and match it at any hour."""
        rules: tuple[Route | SeverityRule, ...] = (*self.routes, *self.severities)
        kept = {each.min_count_window for each in rules if each.min_count > 1}
        if not kept and not alert.recent:
            return alert
        by_routes = windows_of(self.routes, MatchContext(event, accounts=self.accounts))
        by_severities = windows_of(self.severities, MatchContext(as_sent(event), accounts=self.accounts))
        return alert.counting(event, by_routes | by_severities, kept)

    def named(self, receivers: Iterable[str]) -> tuple[str, ...]:
        """Return those of the receivers that a route still names; nothing is sent to the others."""
        known = {receiver for route in self.routes for receiver in route.everybody}
        return tuple(each for each in receivers if each in known)

    def silence(self, subject: Event | Alert, now: int) -> Silence | None:
        """Return a silence that covers an event or alert at `now`; None where there is none."""
        in_force = [each for each in self.silences if each.starts_at <= now < each.ends_at]
        context = MatchContext(subject, now, self.accounts)
        return next((each for each in in_force if match_all(each.matchers, context)), None)

    def inhibited(self, alert: Alert, now: int) -> Inhibited | None:
        """Return what inhibits an alert at `now`; silenced alerts inhibit nothing."""
        if not self.inhibitions.sources:
            return None
        return self.inhibitions.inhibited(alert, now, lambda source: self.silence(source, now) is not None)

    def boundaries(self, alert: Alert, now: int) -> set[int]:
        """Return the times at which the routes, silences or inhibitions of an alert may change."""
        ends = {each.since + LASTS for each in self.inhibitions.sources}
        timed = [route for route in self.routes if Field.HOURS in {each.field for each in route.matchers}]
        if not (timed or self.silences):
            return ends
        contexts = [MatchContext(each, now, self.accounts) for each in (alert, *self.inhibitions.sources)]
        silences = matching_but_hours(self.silences, contexts)
        hours = intervals_of([*matching_but_hours(timed, contexts[:1]), *silences])
        boundaries = {boundary for each in hours for boundary in each.boundaries(now)}
        boundaries |= {boundary for each in silences for boundary in (each.starts_at, each.ends_at)}
        return boundaries | ends


def evaluate_event(alert: Alert, change: Change, event: Event, policy: Policy, now: int) -> Outcome:
    """Decide who is notified of `event`, which made `change` to its alert and left it as `alert`.

    The outcome depends on the alert's state and on what people were last notified of, not on the event alone, so the
    order of deliveries does not matter. All of the event's routes decide together.
    """
    if event.signal is Signal.HISTORICAL:
        return Outcome(reason=Reason.BACKFILLED)
    alert, silence = _reachable(alert, policy), policy.silence(event, now)
    matched = policy.matched_routes(event, now)
    if not matched.routes:
        return Outcome(reason=Reason.UNROUTED)
    if silence is not None:
        return Outcome(reason=Reason.SILENCED, by=silence.id)
    if event.signal is Signal.INFORMATIONAL:
        return matched.notify(Reason.SUMMARY)
    if event.signal is Signal.NOTICE or change is Change.OUTDATED:
        reason = Reason.NOTICE if event.signal is Signal.NOTICE else Reason.OUTDATED
        return Outcome(reason=reason, by=matched.names)
    of_alerts, of_events = matched.split()
    outcome = evaluate_alert(alert, of_alerts, now, policy.flapping).outcome
    if of_events.routes:
        outcome = _with_every_event(outcome, of_events)
    held_back = _held_back_by_another(alert, matched.grouped(outcome, alert), policy, now)
    # Whoever shows how it stands hears of that from the next evaluation, which marks it: an event stays suppressed.
    return held_back if not held_back.deliveries or held_back.reason is not Reason.INHIBITED else _unmarked(held_back)


def evaluate(alert: Alert, policy: Policy, now: int) -> tuple[Alert, Outcome]:
    """Return what time alone makes of an alert, and who is notified of that.

    A quiet alert is over; one that goes on gets a reminder; one that stopped flapping, or is no longer silenced, is
    announced. An acknowledgement may expire.
    """
    if quiet_at(alert, policy) <= now:
        alert = alert.mark(TransitionKind.RESOLVED, now)
    elif lapses_at(alert, policy, now) <= now:
        return _lapsed(alert, policy, now)
    return alert, reevaluate(alert, policy, now)


def reevaluate(alert: Alert, policy: Policy, now: int) -> Outcome:
    """Decide who is notified of an alert as it is, without a new event, or after an action of a person."""
    silence, matched = policy.silence(alert, now), policy.matched_routes(alert, now).of_alerts()
    if matched.routes and silence is not None:
        return Outcome(reason=Reason.SILENCED, by=silence.id)
    outcome = evaluate_alert(_reachable(alert, policy), matched, now, policy.flapping).outcome
    return _held_back_by_another(alert, matched.grouped(outcome, alert), policy, now)


def news_at(alert: Alert, policy: Policy, now: int) -> int:
    """Return when, from `now` on, an alert will be news if nothing happens and its routes and silences stay the same.

    NEVER where it will not be. Reasons are news now, a reminder, or the end of flapping.
    """
    if policy.silence(alert, now) is not None or policy.inhibited(alert, now) is not None:
        return NEVER
    reachable = _reachable(alert, policy)
    matched = policy.matched_routes(alert, now).of_alerts()
    evaluation = evaluate_alert(reachable, matched, now, policy.flapping)
    return now if evaluation.outcome.deliveries else max(evaluation.news_at, now)


def lapses_at(alert: Alert, policy: Policy, now: int) -> int:
    """Return when the acknowledgement of an alert expires, if its routes and silences stay the same, or NEVER."""
    if policy.silence(alert, now) is not None or policy.inhibited(alert, now) is not None:
        return NEVER
    return ack_lapses_at(alert, policy.matched_routes(alert, now).of_alerts().ack_expires)


def _lapsed(alert: Alert, policy: Policy, now: int) -> tuple[Alert, Outcome]:
    """Return the alert without its acknowledgement, and the outcome that everybody who knows of it is notified."""
    alert, matched = alert.mark(TransitionKind.REOPENED, now), policy.matched_routes(alert, now).of_alerts()
    last = alert.announcement
    receivers = policy.named(last.receivers) if last is not None and not last.over else ()
    return alert, matched.grouped(matched.notify(Reason.ACK_EXPIRED, receivers), alert)


def quiet_at(alert: Alert, policy: Policy) -> int:
    """Return when an alert that never reports its end has been quiet long enough (epoch seconds), or NEVER."""
    quiet = QUIET.get(alert.lifecycle, policy.quiet.get(alert.kind, 0))
    if not quiet or alert.status is Status.RESOLVED or alert.lifecycle is Lifecycle.CONTINUOUS:
        return NEVER
    return max(alert.last_seen, alert.timeline.transitions[-1].at) + quiet


def _reachable(alert: Alert, policy: Policy) -> Alert:
    """Return the alert as announced only to those receivers that can still be notified of its end."""
    last = alert.announcement
    if last is None or alert.status is not Status.RESOLVED:
        return alert
    return replace(alert, announcement=replace(last, receivers=policy.named(last.receivers)))


def _with_every_event(outcome: Outcome, matched: MatchedRoutes) -> Outcome:
    """Add the receivers that are notified of each event; each receiver is notified once."""
    if not outcome.deliveries:
        return matched.notify(Reason.EVERY_EVENT)
    by = f"{matched.names}, {outcome.by}"
    return matched.notify(outcome.reason, [*matched.receivers, *outcome.deliveries], by)


def _held_back_by_another(alert: Alert, outcome: Outcome, policy: Policy, now: int) -> Outcome:
    """Return the outcome, suppressed if something inhibits the alert; but ends still go to pagers.

    An incident that a pager has opened is closed when its problem is over, whatever explained it meanwhile.
    """
    is_over = alert.status is Status.RESOLVED
    inhibited = policy.inhibited(alert, now)
    if inhibited is None or (is_over and not outcome.deliveries):
        return outcome
    showing = [each for each in outcome.deliveries if is_over and each in policy.status_receivers]
    if showing and outcome.reason is Reason.RESOLVED:
        return replace(outcome, deliveries=dict.fromkeys(showing, Delivery.PENDING), inhibited=inhibited)
    by = f"{inhibited.rule}:{inhibited.by}"
    return Outcome(reason=Reason.INHIBITED, by=by, deliveries=_marking(alert, inhibited, policy), inhibited=inhibited)


def _marking(alert: Alert, inhibited: Inhibited, policy: Policy) -> Mapping[str, Delivery]:
    """Return the receivers that were notified of an alert and show its state, and so that it is inhibited."""
    last, known = alert.announcement, alert.inhibited
    is_open = last is not None and not last.over and alert.status is not Status.RESOLVED
    if last is None or not is_open or (known is not None and known.by == inhibited.by):
        return {}
    showing = [each for each in policy.named(last.receivers) if each in policy.status_receivers]
    return dict.fromkeys(showing, Delivery.PENDING)


def _unmarked(held_back: Outcome) -> Outcome:
    return Outcome(reason=held_back.reason, by=held_back.by)
