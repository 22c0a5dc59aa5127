"""Severities by rule: how bad something is to the team, whatever its source says."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.accounts import Accounts, nameless
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.event import ASSUMED, Event, Severity, Signal
from chalicelib.domain.routing.matchers import MatchContext, Matcher, match_all, windows_of
from chalicelib.domain.routing.routes import HOUR

# Prefix of `severity_by` for a rule, followed by its name.
RULE = "rule "
# Signals of events whose severity rules set; they do not set that of an end.
GRADED = (Signal.FIRING, Signal.HISTORICAL)


class SeverityRule(Struct, frozen=True, kw_only=True):
    """Sets the severity of whatever all of `matchers` match, once it has fired `min_count` times within the window."""

    name: str
    matchers: tuple[Matcher, ...]
    severity: Severity
    min_count: int = 1
    min_count_window: int = HOUR

    def reached_by(self, alert: Alert) -> bool:
        """Return whether an alert fired often enough."""
        return self.min_count <= 1 or alert.most_within(self.min_count_window) >= self.min_count


def settled(event: Event, severity: Severity | None) -> Event:
    """Return the event with the configured severity if its source only assumes one."""
    if event.severity_by != ASSUMED:
        return event
    return replace(event, severity=event.severity if severity is None else severity, severity_by="")


def is_by_rule(event: Event) -> bool:
    """Return whether a rule gave the event its severity."""
    return event.severity_by.startswith(RULE)


def as_sent(event: Event) -> Event:
    """Return the event with the severity from its source."""
    if not is_by_rule(event):
        return event
    return replace(event, severity=event.source_severity, severity_by="", source_severity=Severity.UNKNOWN)


def severity_explained(event: Event) -> str:
    """Return an event's severity in words, and what set it; empty if that was its source."""
    if event.severity_by in {"", ASSUMED}:
        return ""
    by = f"{event.severity.name} by {event.severity_by}"
    return f"{by}; its source says {event.source_severity.name}" if is_by_rule(event) else by


def graded(event: Event, alert: Alert, rules: Sequence[SeverityRule], accounts: Accounts = nameless) -> Event:
    """Return the event with the severity of the first rule that matches, given the counts of its alert.

    Rules see the source's severity and the time of arrival: so a later decision about the same event, under other
    rules, starts from the same.
    """
    sent = as_sent(event)
    if not rules or sent.signal not in GRADED:
        return sent
    context = MatchContext(sent, sent.received_at, accounts)
    windows = windows_of(rules, context)
    counted = alert.counting(sent, windows, windows) if windows else alert
    rule = next((each for each in rules if match_all(each.matchers, context) and each.reached_by(counted)), None)
    if rule is None:
        return sent
    return replace(sent, severity=rule.severity, severity_by=f"{RULE}{rule.name}", source_severity=sent.severity)
