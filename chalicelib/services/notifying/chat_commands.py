"""Chat commands: what somebody may ask the hub in a chat, and what it says, a line each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from chalicelib.config.durations import seconds_in
from chalicelib.domain.alerts.alert import Alert, Status
from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.pagination import LARGEST_LIMIT, Page
from chalicelib.domain.queries import AlertQuery
from chalicelib.domain.routing.silences import Silence
from chalicelib.domain.text import clean, plural
from chalicelib.domain.timestamps import DAY, iso

if TYPE_CHECKING:
    from chalicelib.domain.notifications.notification import Notification, Record

SHOWN, TITLE, PREFIX = 10, 100, 8
SHORTEST, LONGEST = 60, 7 * DAY
NONE_OF_THESE = f"None of the newest {LARGEST_LIMIT} open alerts"
HELP = (
    "status: how many alerts are open",
    "alerts [account]: those that are open, the newest first",
    "silence <alert> <time>: no messages about an alert, such as: silence 1a2b3c4d 2h",
    "explain <event>: what became of an event",
)


def silencing(silence: Callable[[Alert, int, str, str], Silence]) -> Callable[[Alert, str, str], Silence]:
    """Return what silences an alert for a time such as 2h; Conflict where that is no time."""

    def for_time(alert: Alert, duration: str, person: str) -> Silence:
        try:
            seconds = seconds_in(duration)
        except ValueError:
            seconds = 0
        if not SHORTEST <= seconds <= LONGEST:
            raise Conflict("Give a duration of 1 minute to 7 days, such as 90m, 3h or 2d.")
        return silence(alert, seconds, person, "Asked for by a command")

    return for_time


class FiringAlerts(Protocol):
    """The alerts, in pages."""

    def page(self, query: AlertQuery) -> Page[Alert]:
        """Return a page of alerts."""
        ...


class ExplainedEvents(Protocol):
    """The events, with what became of them."""

    def explain(self, event_id: str) -> tuple[Record, list[Notification]]:
        """Return an event and its notifications; NotFound where there is none."""
        ...


class ChatCommands(Struct, frozen=True):
    """Answers commands; `name` returns what people call an account, `silence` silences an alert for a time."""

    alerts: FiringAlerts
    events: ExplainedEvents
    name: Callable[[str], str]
    silence: Callable[[Alert, str, str], Silence]

    def __call__(self, text: str, person: str) -> tuple[str, ...]:
        """Return what is said to a command that `person` has typed."""
        try:
            return self._said(text.split(), person)
        except (Conflict, NotFound) as error:
            return (str(error),)

    def _said(self, words: list[str], person: str) -> tuple[str, ...]:
        match [word.lower() for word in words[:1]] + words[1:]:
            case ["status"]:
                return self._status()
            case ["alerts", *account] if len(account) <= 1:
                return self._list("".join(account))
            case ["silence", alert, duration]:
                return self._silence(alert, duration, person)
            case ["explain", event]:
                return self._explain(event)
            case [] | ["help"]:
                return HELP
            case _:
                return (f"“{clean(' '.join(words), TITLE)}” is not understood; expected:", *HELP)

    def _status(self) -> tuple[str, ...]:
        going_on = self._going_on()
        counts = Counter(each.severity for each in going_on)
        acknowledged = sum(each.status is Status.ACKNOWLEDGED for each in going_on)
        by_severity = ", ".join(f"{count} {severity.name}" for severity, count in sorted(counts.items(), reverse=True))
        more = "" if _is_complete(going_on) else " or more"
        return tuple(
            filter(None, (f"{plural(len(going_on), 'open alert')}{more}, {acknowledged} acknowledged", by_severity))
        )

    def _list(self, account: str) -> tuple[str, ...]:
        going_on = self._going_on()
        found = [each for each in going_on if account in {"", each.account, self.name(each.account)}]
        lines = [self._line(each) for each in found[:SHOWN]]
        if len(found) > SHOWN:
            lines.append(f"and {len(found) - SHOWN} more{'' if _is_complete(going_on) else ', or even more'}")
        nothing = "No alert is open there." if account else "No alert is open."
        return tuple(lines) or (nothing if _is_complete(going_on) else f"{NONE_OF_THESE} is there.",)

    def _line(self, alert: Alert) -> str:
        account = self.name(alert.account) or alert.account
        identity, since = alert.fingerprint[:PREFIX], iso(alert.since)
        state = " · acknowledged" if alert.status is Status.ACKNOWLEDGED else ""
        return f"{identity} · {alert.severity.name} · {clean(alert.title, TITLE)} · {account} · since {since}{state}"

    def _silence(self, identity: str, duration: str, person: str) -> tuple[str, ...]:
        if len(identity) < PREFIX:
            raise NotFound(f"Give at least {PREFIX} characters of the alert's id; `alerts` lists them.")
        going_on = self._going_on()
        found = [each for each in going_on if each.fingerprint.startswith(identity)]
        if len(found) != 1:
            nothing = f"{'No open alert' if _is_complete(going_on) else NONE_OF_THESE} has this id"
            said = f"{len(found)} open alerts have ids that begin so" if found else nothing
            raise NotFound(f"{said}; `alerts` lists them.")
        silence = self.silence(found[0], duration, person)
        return (f"Silenced until {iso(silence.ends_at)}: {clean(found[0].title, TITLE)}",)

    def _explain(self, event_id: str) -> tuple[str, ...]:
        record, notifications = self.events.explain(event_id)
        outcome = record.outcome
        lines = [f"{each.receiver}: {each.status}{f', {each.error}' if each.error else ''}" for each in notifications]
        decided = f" by {outcome.by}" if outcome.by else ""
        return (clean(record.event.title, TITLE), f"{outcome.status}: {outcome.reason}{decided}", *lines)

    def _going_on(self) -> list[Alert]:
        query = AlertQuery(statuses=(Status.FIRING, Status.ACKNOWLEDGED), limit=LARGEST_LIMIT)
        return list(self.alerts.page(query).items)


def _is_complete(going_on: Sequence[Alert]) -> bool:
    """Return whether these are all open alerts, and not only those that were read."""
    return len(going_on) < LARGEST_LIMIT
