"""The policy: who hears of what, decided from how an alert stands and what people were last told about it."""

from collections.abc import Iterable, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from chalicelib.domain.accounts import Accounts, nameless
from chalicelib.domain.alerts.alert import USUAL, Alert, Announcement, Change, Flapping, Status
from chalicelib.domain.alerts.timeline import Transition, TransitionKind
from chalicelib.domain.events.event import Event, Signal
from chalicelib.domain.notifications.notification import Outcome, Reason
from chalicelib.domain.routing.matchers import MatchContext
from chalicelib.domain.routing.routes import MatchedRoutes, Route
from chalicelib.domain.routing.silences import Silence

NEVER = 1 << 62


class Policy(Struct, frozen=True):
    """Who is to hear of what: routes in order of precedence, and silences.

    `quiet` says of a kind that never tells when a problem is over after how many quiet seconds it is taken to be.
    `accounts` knows the accounts' names and tags. `flapping` says what begins and ends too often.
    """

    routes: tuple[Route, ...]
    silences: tuple[Silence, ...] = ()
    quiet: Mapping[str, int] = field(default_factory=dict)
    accounts: Accounts = nameless
    flapping: Flapping = USUAL

    def way(self, subject: Event | Alert, now: int) -> MatchedRoutes:
        """Return the routes that take the event or alert at `now`, up to and with the first that does not continue."""
        sight = MatchContext(subject, now, self.accounts)
        taking: list[Route] = []
        for route in self.routes:
            if route.takes(sight):
                taking.append(route)
                if not route.continues:
                    break
        return MatchedRoutes(tuple(taking))

    def still(self, receivers: Iterable[str]) -> tuple[str, ...]:
        """Return those of the receivers that any route still leads to; nobody sends anything to the others."""
        known = {receiver for route in self.routes for receiver in route.receivers}
        return tuple(each for each in receivers if each in known)

    def silence(self, subject: Event | Alert, now: int) -> Silence | None:
        """Return a silence that covers the event or alert at `now`."""
        sight = MatchContext(subject, now, self.accounts)
        return next((each for each in self.silences if each.covers(sight)), None)


def evaluate_event(alert: Alert, change: Change, event: Event, policy: Policy, now: int) -> Outcome:
    """Decide what is owed about `event`, which did `change` to its alert and left it as `alert`.

    The routes that the event takes decide together. What is owed follows from how the alert stands and what people
    were last told about it, not from the event alone, so that nothing hangs on the order of deliveries.
    """
    if event.signal is Signal.HISTORY:
        return Outcome(reason=Reason.BACKFILLED)
    way = policy.way(event, now)
    if not way.routes:
        return Outcome(reason=Reason.UNROUTED)
    silence = policy.silence(event, now)
    if silence is not None:
        return Outcome(reason=Reason.SILENCED, by=silence.id)
    if event.signal is Signal.NEWS:
        return Outcome.pending(Reason.SUMMARY, way.receivers, way.by)
    if event.signal is Signal.NOTICE or change is Change.OUTDATED:
        return Outcome(reason=Reason.NOTICE if event.signal is Signal.NOTICE else Reason.OUTDATED, by=way.by)
    pending = _each(way.of_events(), evaluate_alert(_heard(alert, policy), way.of_alerts(), now, policy.flapping))
    return replace(pending, groups=way.groups(alert))


def evaluate_alert(alert: Alert, way: MatchedRoutes, now: int, flapping: Flapping = USUAL) -> Outcome:
    """Decide what there is to say about an alert on its way: how it stands against what was last told."""
    if not way.routes:
        return Outcome(reason=Reason.UNROUTED)
    flaps = alert.flaps(now, flapping)
    return _over(alert, way, flaps=flaps) if alert.status is Status.RESOLVED else _there(alert, way, now, flaps=flaps)


def _each(way: MatchedRoutes, told: Outcome) -> Outcome:
    """Add to what is told of an alert the receivers that hear of each event; each of them is told once."""
    if not way.routes:
        return told
    if not told.deliveries:
        return Outcome.pending(Reason.EVERY_EVENT, way.receivers, way.by)
    return Outcome.pending(told.reason, [*way.receivers, *told.deliveries], f"{way.by}, {told.by}")


def evaluate(alert: Alert, policy: Policy, now: int) -> tuple[Alert, Outcome]:
    """Return what time alone makes of an alert, and what is owed about it: no event said anything.

    What has been quiet for long enough is over; what goes on is brought to mind again; what has stopped flapping, or
    is no longer silenced, is told as it stands.
    """
    if quiet_at(alert, policy) <= now:
        alert = alert.mark(TransitionKind.RESOLVED, now)
    return alert, reevaluate(alert, policy, now)


def reevaluate(alert: Alert, policy: Policy, now: int) -> Outcome:
    """Decide what is owed about an alert as it stands: nothing new has happened, or a person has marked it."""
    way, silence = policy.way(alert, now).of_alerts(), policy.silence(alert, now)
    if way.routes and silence is not None:
        return Outcome(reason=Reason.SILENCED, by=silence.id)
    return replace(evaluate_alert(_heard(alert, policy), way, now, policy.flapping), groups=way.groups(alert))


def quiet_at(alert: Alert, policy: Policy) -> int:
    """Return when an alert that nobody will say is over has been quiet for long enough (epoch seconds), or NEVER."""
    quiet = policy.quiet.get(alert.kind, 0)
    if not quiet or alert.status is Status.RESOLVED:
        return NEVER
    last = Transition.read(alert.moments[-1])
    return max(alert.last_seen, last.at) + quiet


def _heard(alert: Alert, policy: Policy) -> Alert:
    """Return the alert as heard of by those alone who can still be told that it is over."""
    told = alert.announcement
    if told is None or alert.status is not Status.RESOLVED:
        return alert
    return replace(alert, announcement=replace(told, receivers=policy.still(told.receivers)))


def _over(alert: Alert, way: MatchedRoutes, *, flaps: bool) -> Outcome:
    told = alert.announcement
    if told is None or told.over or not told.receivers:
        return Outcome(reason=Reason.NOTHING_TO_RESOLVE, by=way.by)
    if flaps:
        return _flapping(told, told.receivers, way)
    return Outcome.pending(Reason.RESOLVED, told.receivers, way.by)


def _there(alert: Alert, way: MatchedRoutes, now: int, *, flaps: bool) -> Outcome:
    told, hearing = alert.announcement, way.hearing(alert.severity)
    if not hearing.routes:
        return Outcome(reason=Reason.BELOW_MINIMUM, by=way.by)
    if flaps:
        return _flapping(told, hearing.receivers, hearing)
    reason = _fresh(alert, told) or _grown(alert, told, hearing, now)
    if reason is Reason.ACKNOWLEDGED:
        return Outcome(reason=reason, by=hearing.by)
    if reason is Reason.REPEATED:
        return _newcomers(told, hearing)
    return Outcome.pending(reason, hearing.receivers, hearing.by)


def _newcomers(told: Announcement | None, way: MatchedRoutes) -> Outcome:
    """Tell those who have not heard of it, or not that it is worse: their hours have begun, or their route is new."""
    heard, behind = (told.receivers, told.behind) if told else ((), ())
    receivers = [each for each in way.receivers if each not in heard or each in behind]
    if not receivers:
        return Outcome(reason=Reason.REPEATED, by=way.by)
    return Outcome.pending(Reason.WORSENED if set(receivers) <= set(behind) else Reason.FIRST, receivers, way.by)


def _flapping(told: Announcement | None, receivers: tuple[str, ...], way: MatchedRoutes) -> Outcome:
    if told is not None and told.flapping:
        return Outcome(reason=Reason.FLAPPING, by=way.by)
    return Outcome.pending(Reason.FLAPPING, receivers, way.by)


def _fresh(alert: Alert, told: Announcement | None) -> Reason | None:
    if told is None:
        return Reason.FIRST if alert.episodes == 1 else Reason.REGRESSION
    if told.flapping:
        return Reason.SETTLED
    return Reason.REGRESSION if told.over or told.episodes != alert.episodes else None


def _grown(alert: Alert, told: Announcement | None, way: MatchedRoutes, now: int) -> Reason:
    if told is None or alert.severity > told.severity:
        return Reason.WORSENED
    if alert.status is Status.ACKNOWLEDGED:
        return Reason.ACKNOWLEDGED
    if step_of(alert.count) > step_of(told.count):
        return Reason.STEP
    return Reason.REMINDER if now - told.at >= way.repeat_interval else Reason.REPEATED


def step_of(count: int) -> int:
    """Return the power of ten that a count has reached: 1, 10, 100 …; 0 for none."""
    return 10 ** (len(str(count)) - 1) if count > 0 else 0
