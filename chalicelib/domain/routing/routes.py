"""Routes: which receivers are notified of which events, from which severity on, and how often."""

from collections.abc import Callable, Iterable, Mapping
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import BEGINNINGS, Delivery, Outcome, Reason
from chalicelib.domain.routing.escalation import EscalationStep
from chalicelib.domain.routing.matchers import Matcher
from chalicelib.domain.text import digest

HOUR = 3_600


class Route(Struct, frozen=True, kw_only=True):
    """Sends whatever all of `matchers` match to `receivers`; later routes get it too if it `continues`.

    `minimum` holds back lower severities; UNKNOWN always passes. `every_event` announces each event that fires or
    resolves instead of each change of an alert. `min_count` holds back what has not fired so often within
    `min_count_window` (seconds), counted in log lines, or in events without lines. `repeat_interval` (seconds) is the
    time until the first reminder. `group_by` names the fields by which pending notifications are sent together;
    `group_wait` is how long a new problem waits for others (seconds), unless it is CRITICAL, and `group_interval` is
    the minimum time between two messages about a group. `escalate` says who else is notified while nobody acknowledges,
    `ack_expires` after how many seconds an acknowledgement expires (0: never).
    """

    name: str
    receivers: tuple[str, ...]
    matchers: tuple[Matcher, ...] = ()
    minimum: Severity = Severity.MEDIUM
    min_count: int = 1
    min_count_window: int = HOUR
    every_event: bool = False
    repeat_interval: int = 4 * HOUR
    continues: bool = False
    group_by: tuple[str, ...] = ()
    group_wait: int = 0
    group_interval: int = 0
    escalate: tuple[EscalationStep, ...] = ()
    ack_expires: int = 0

    @property
    def everybody(self) -> tuple[str, ...]:
        """All receivers that it may notify, sooner or later."""
        return tuple(dict.fromkeys((*self.receivers, *(each for step in self.escalate for each in step.receivers))))

    def group(self, alert: Alert) -> str:
        """Return the key of the alert's group; empty if the route groups nothing."""
        return digest(self.name, *(str(getattr(alert, field)) for field in self.group_by)) if self.group_by else ""

    def accepts(self, severity: Severity) -> bool:
        """Return whether this severity is high enough, or unknown."""
        return severity is Severity.UNKNOWN or severity >= self.minimum

    def reached_by(self, alert: Alert) -> bool:
        """Return whether an alert fired often enough, or need not: it is CRITICAL, or its receivers know it."""
        if self.min_count <= 1 or alert.severity is Severity.CRITICAL or alert.is_known_to(self.receivers):
            return True
        return alert.most_within(self.min_count_window) >= self.min_count


class MatchedRoutes(Struct, frozen=True):
    """The routes that match one event or alert, in order; each names a receiver."""

    routes: tuple[Route, ...] = ()

    @property
    def names(self) -> str:
        """The routes' names."""
        return ", ".join(route.name for route in self.routes)

    @property
    def receivers(self) -> tuple[str, ...]:
        """Their receivers, each once."""
        return tuple(dict.fromkeys(receiver for route in self.routes for receiver in route.receivers))

    @property
    def everybody(self) -> tuple[str, ...]:
        """All receivers that they may notify, sooner or later, each once."""
        return tuple(dict.fromkeys((*self.receivers, *(each for route in self.routes for each in route.everybody))))

    @property
    def repeat_interval(self) -> int:
        """The shortest repeat interval of the routes, in seconds."""
        return min(route.repeat_interval for route in self.routes)

    @property
    def escalation(self) -> tuple[EscalationStep, ...]:
        """Who else is notified while nobody acknowledges."""
        return tuple(step for route in self.routes for step in route.escalate)

    @property
    def ack_expires(self) -> int:
        """The shortest time after which an acknowledgement expires, in seconds; 0: never."""
        return min((route.ack_expires for route in self.routes if route.ack_expires), default=0)

    def of_alerts(self) -> Self:
        """Return those that announce changes of alerts."""
        return type(self)(tuple(route for route in self.routes if not route.every_event))

    def split(self) -> tuple[Self, Self]:
        """Return those that announce changes of alerts, and those that announce each event."""
        return self.of_alerts(), type(self)(tuple(route for route in self.routes if route.every_event))

    def accepting(self, severity: Severity) -> Self:
        """Return those for which this severity is high enough."""
        return type(self)(tuple(route for route in self.routes if route.accepts(severity)))

    def reached_by(self, alert: Alert) -> Self:
        """Return those for which the alert fired often enough."""
        return type(self)(tuple(route for route in self.routes if route.reached_by(alert)))

    def reaching(self, alert: Alert) -> Self:
        """Return those for which the alert is severe enough, and fired often enough."""
        return self.accepting(alert.severity).reached_by(alert)

    def notify(self, reason: Reason, receivers: Iterable[str] = (), by: str = "") -> Outcome:
        """Return the outcome that each of the receivers is notified: all of the routes', unless others are given."""
        deliveries = dict.fromkeys(receivers or self.receivers, Delivery.PENDING)
        return Outcome(reason=reason, by=by or self.names, deliveries=deliveries)

    def grouped(self, outcome: Outcome, alert: Alert) -> Outcome:
        """Add each receiver's group to an outcome, and how long a new problem waits for others.

        The first route to a receiver decides. CRITICAL alerts, and routes that announce each event, wait for nothing.
        """
        if not outcome.deliveries:
            return outcome
        waits = outcome.reason in BEGINNINGS and alert.severity is not Severity.CRITICAL
        return replace(
            outcome,
            groups=self._by_receiver(lambda route: route.group(alert)),
            waits=self._by_receiver(lambda route: 0 if route.every_event else route.group_wait) if waits else {},
            intervals=self._by_receiver(lambda route: route.group_interval),
        )

    def _by_receiver[T](self, said: Callable[[Route], T]) -> Mapping[str, T]:
        """Return, for each receiver, a value of the first route to it, if that has one."""
        first: dict[str, T] = {}
        for route in self.routes:
            for receiver in route.receivers:
                first.setdefault(receiver, said(route))
        return {receiver: each for receiver, each in first.items() if each}
