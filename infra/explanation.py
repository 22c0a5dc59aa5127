"""Explanations: the routes file, and what it makes of one event, in lines that a person reads on a terminal."""

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chalicelib.config.compiled import RoutesFile
from chalicelib.config.durations import as_text
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.event import Event, Severity
from chalicelib.domain.notifications.notification import REPORT, Reason
from chalicelib.domain.routing.annotations import Annotation, Annotations
from chalicelib.domain.routing.decision import observe
from chalicelib.domain.routing.inhibitions import Inhibitions, InhibitRule
from chalicelib.domain.routing.matchers import Field, MatchContext, Matcher, match_all
from chalicelib.domain.routing.notification_policy import Policy, evaluate_event
from chalicelib.domain.routing.routes import Route
from chalicelib.domain.routing.severities import SeverityRule, as_sent, severity_explained
from chalicelib.domain.timestamps import iso
from chalicelib.services.notifying.receivers import with_report
from chalicelib.settings import HubSettings
from chalicelib.sources.registry import ALARM, ENDLESS
from infra import mails
from infra.receiver_secrets import parameter

WIDTH = 118
INDENT = "    "

# What an outcome's reason means for one event.
WHY = {
    Reason.FIRST: "it is announced",
    Reason.EVERY_EVENT: "it is announced, as each event is",
    Reason.SUMMARY: "it is announced, as it sums up what was not announced on its own",
    Reason.BACKFILLED: "it is stored and counted, but not announced on its own: the backfill's summary counts it",
    Reason.BELOW_MINIMUM: "it is stored and counted, but not announced: less severe than the route's minimum",
    Reason.BELOW_COUNT: "it is stored and counted, but not announced: it fired less often than the route's min_count",
    Reason.NOTHING_TO_RESOLVE: "whoever was notified of the problem is notified that it is resolved; here, nobody",
    Reason.NOTICE: "it is stored, but not announced: it neither reports a problem nor resolves one",
    Reason.SILENCED: "it is stored and counted, but not announced",
}


def summary(file: RoutesFile, stage: str) -> Iterator[str]:
    """Describe the file: routes, silences, and the parameters that its receivers need."""
    yield "Routes, in the order in which they are tried:"
    for number, route in enumerate(file.routes, 1):
        yield from _entry(f"{number}. {route.name}", "matches " + described(route.matchers), _notifies(route))
    if file.silences:
        yield "Silences:"
    for silence in file.silences:
        yield from _entry(silence.id, "matches " + described(silence.matchers), silence.reason)
    yield from _inhibitions(file)
    if file.severities:
        yield "Severities, by the first rule that matches:"
    for rule in file.severities:
        yield from _entry(rule.name, "matches " + described(rule.matchers), _sets(rule))
    if file.annotations:
        yield "Annotations:"
    for each in file.annotations:
        yield from _entry(each.name, "matches " + described(each.matchers), *_says(each.annotation))
    yield from _receivers(file, stage)


def _receivers(file: RoutesFile, stage: str) -> Iterator[str]:
    """Say which parameters receivers need, and by what mails are sent."""
    yield "Required parameters (SecureString); docs/receivers.md says what each holds:"
    receivers = with_report(file.receivers)
    for receiver in (each for each in receivers if parameter(stage, each, file)):
        yield f"  {parameter(stage, receiver, file)}: {_uses(file, receiver)}"
    by_mail = [each for each in receivers if not parameter(stage, each, file)]
    if by_mail:
        yield "Mails:"
    for receiver in by_mail:
        yield f"  {mails.described(file.receiver(receiver))}: {_uses(file, receiver)}"


def _uses(file: RoutesFile, receiver: str) -> str:
    """Say what leads to a receiver."""
    names = [route.name for route in file.routes if receiver in route.everybody]
    return ", ".join([*names, *["the daily report"] * (receiver == REPORT)])


def _inhibitions(file: RoutesFile) -> Iterator[str]:
    if file.inhibitions:
        yield "Inhibitions:"
    for rule in file.inhibitions:
        yield from _entry(rule.name, *_inhibits(rule))


def described(matchers: Iterable[Matcher]) -> str:
    """Say what matchers match, such as `kind alarm; not region us-*`."""
    return "; ".join(map(_described, matchers)) or "everything"


def policy_of(file: RoutesFile, settings: HubSettings) -> Policy:
    """Return who would be notified of what: a hub's policy, without what people have silenced since."""
    return Policy(
        file.routes,
        file.silences,
        dict.fromkeys(ENDLESS, settings.quiet_period),
        file.account,
        settings.flapping,
        severities=file.severities,
        labels=file.labels,
        assumed={ALARM: settings.alarm_severity},
        inhibitions=Inhibitions(rules=file.inhibitions, accounts=file.account),
    )


@dataclass(frozen=True, slots=True)
class Explanation:
    """Explains what this file makes of an event at some time (epoch seconds)."""

    file: RoutesFile
    settings: HubSettings
    event: Event
    now: int

    def lines(self) -> Iterator[str]:
        """Say which routes match the event, why the others do not, what silences it, and who is notified."""
        policy = policy_of(self.file, self.settings)
        alert, event, change = observe(Alert.about(self.event), self.event, policy)
        yield from self._subject(event)
        yield from self._severities(event, alert)
        yield from _annotated(self._annotation(event))
        yield f"At {iso(self.now)}:"
        yield from self._routes(event)
        yield from self._inhibitions(alert)
        outcome = evaluate_event(alert, change, event, policy, self.now)
        if outcome.reason is Reason.SILENCED:
            reason = next(each.reason for each in self.file.silences if each.id == outcome.by)
            yield f"Silenced by {outcome.by}: {reason}"
        yield f"Outcome {outcome.reason}: {WHY[outcome.reason]}."
        if outcome.deliveries:
            yield f"Notified: {', '.join(outcome.deliveries)}."

    def _subject(self, event: Event) -> Iterator[str]:
        name = self.file.account(event.account).name
        yield event.title
        yield f"  kind {event.kind}, {event.severity.name}, {event.signal}, source {event.source}"
        known = f"{event.account} ({name})" if name else event.account or "-"
        yield f"  account {known}, region {event.region or '-'}, resource {event.resource or '-'}"
        yield f"  fingerprint {event.fingerprint}"
        absent = [label for label in sorted(self.file.labels) if not event.labels.get(label)]
        yield from (f"  {label} {' | '.join(event.labels[label])}" for label in sorted({*self.file.labels} - {*absent}))
        if absent:
            yield f"  rules of the file also match by {', '.join(absent)}, which it has not"
        if event.account.isdecimal() and not name and any(_matches_names(route) for route in self.file.routes):
            yield "  The file has no name for this account; the name that its agent reports is not known here."

    def _severities(self, event: Event, alert: Alert) -> Iterator[str]:
        """Say what gave the severity, and which rules before that one have not fired often enough."""
        context = MatchContext(as_sent(event), event.received_at, self.file.account)
        for rule in self.file.severities:
            if match_all(rule.matchers, context) and not rule.reached_by(alert):
                yield f"  Severity rule {rule.name} matches, and {_sets(rule)}"
        if explained := severity_explained(event):
            yield f"  Severity {explained}"

    def _inhibitions(self, alert: Alert) -> Iterator[str]:
        """Say which rules would hold it back, and in which it holds back others; what else fires is not known here."""
        if not alert.episodes:
            return
        for rule in self.file.inhibitions:
            if rule.may_hold_back(alert, self.file.account):
                sums_up = " that sums it up" if rule.children else ""
                yield f"  {rule.name} holds it back while there is {described(rule.source)}{sums_up}{_equal(rule)}"
            if match_all(rule.source, MatchContext(alert, accounts=self.file.account)):
                yield f"  {rule.name} lets it hold back {_held_back(rule)}{_equal(rule)}"

    def _annotation(self, event: Event) -> Annotation:
        return Annotations(self.file.annotations, self.file.labels, self.file.account).of(event, self.now)

    def _routes(self, event: Event) -> Iterator[str]:
        context = MatchContext(event, self.now, self.file.account)
        for route in self.file.routes:
            if not match_all(route.matchers, context):
                wanting = [each for each in route.matchers if not each.matches(context)]
                yield f"  {route.name} does not match: it requires {described(wanting)}"
                continue
            yield f"  {route.name} matches: {_notifies(route)}"
            if not route.continues:
                break


def _described(matcher: Matcher) -> str:
    if matcher.field is Field.SEVERITY:
        least = min(Severity[each] for each in matcher.patterns if each != Severity.UNKNOWN.name)
        return f"severity below {least.name}" if matcher.negated else f"severity {_at_least(least)}, or UNKNOWN"
    what = f"tag {matcher.key}" if matcher.field is Field.TAG else matcher.label or str(matcher.field)
    return f"{'not ' * matcher.negated}{what} {' | '.join(matcher.patterns)}"


def _at_least(severity: Severity) -> str:
    return severity.name if severity is Severity.CRITICAL else f"{severity.name} or higher"


def _counted(route: Route) -> str:
    if route.min_count <= 1:
        return ""
    return f", after {route.min_count} lines or events within {as_text(route.min_count_window)}, CRITICAL at once"


def _notifies(route: Route) -> str:
    how = "each event"
    if not route.every_event:
        how = f"{_at_least(route.minimum)}{_counted(route)}, again after {as_text(route.repeat_interval)}"
    grouped = f", together by {' and '.join(route.group_by)}" if route.group_by else ""
    goes_on = ", then tries the next route" if route.continues else ""
    return f"notifies {', '.join(route.receivers)}: {how}{grouped}{goes_on}"


def _sets(rule: SeverityRule) -> str:
    counted = f", after {rule.min_count} within {as_text(rule.min_count_window)}" if rule.min_count > 1 else ""
    return f"sets {rule.severity.name}{counted}"


def _inhibits(rule: InhibitRule) -> Iterator[str]:
    critical = "CRITICAL, too" if rule.critical else "but nothing CRITICAL"
    yield f"{described(rule.source)} holds back {_held_back(rule)}{_equal(rule)}, {critical}"


def _held_back(rule: InhibitRule) -> str:
    if not rule.children:
        return described(rule.target)
    return f"those that it sums up of {described(rule.target)}" if rule.target else "those that it sums up"


def _equal(rule: InhibitRule) -> str:
    return f", equal in {', '.join(rule.equal)}" if rule.equal else ""


def _says(annotation: Annotation) -> Iterator[str]:
    parts = {"runbook": annotation.runbook, "owner": annotation.owner, "note": annotation.note}
    return (f"{name} {value}" for name, value in parts.items() if value)


def _annotated(annotation: Annotation) -> Iterator[str]:
    return (f"  {each}" for each in _says(annotation))


def _matches_names(route: Route) -> bool:
    patterns = (pattern for each in route.matchers if each.field is Field.ACCOUNT for pattern in each.patterns)
    return any(not pattern.isdecimal() for pattern in patterns)


def _entry(name: str, *lines: str) -> Iterator[str]:
    yield f"  {name}"
    for line in lines:
        yield from textwrap.wrap(line, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT * 2)
