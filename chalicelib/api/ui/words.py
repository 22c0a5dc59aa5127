"""Words: rules of the routes file, and silences, in words that do not require knowing the file."""

from collections.abc import Iterable

from chalicelib.api.ui import labels
from chalicelib.config.durations import as_text
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.event import Severity
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.routes import Route

NAMES = {
    Field.KIND: "kind",
    Field.SOURCE: "source",
    Field.ACCOUNT: "account",
    Field.REGION: "region",
    Field.SEVERITY: "severity",
    Field.FINGERPRINT: "only the alert",
    Field.TITLE: "title",
    Field.RESOURCE: "resource",
    Field.HOURS: "at",
}

SHORT_ID = 8


def matchers(those: Iterable[Matcher]) -> str:
    """Return matchers in words."""
    return ", ".join(map(matcher, those)) or "everything"


def matcher(each: Matcher) -> str:
    """Return one matcher in words."""
    name = NAMES.get(each.field) or (f"tag {each.key}" if each.field is Field.TAG else each.label)
    patterns = [_pattern(each.field, pattern) for pattern in each.patterns]
    return f"{name} {'is not ' if each.negated else ''}{' or '.join(patterns)}"


def route(one: Route) -> str:
    """Return what a route notifies of, and how often, in words."""
    if one.every_event:
        said = "each event"
    else:
        said = "everything" if one.minimum <= Severity.LOW else f"{one.minimum.name.lower()} or worse, and unknown"
        if one.min_count > 1:
            said += f", after {one.min_count} within {as_text(one.min_count_window)}"
        said += f", again every {as_text(one.repeat_interval)} until somebody takes it over"
    return said + (f", together by {' and '.join(one.group_by)}" if one.group_by else "")


def lacking(one: Route, alert: Alert) -> str:
    """Return why a matching route does not notify of an alert yet; empty if it does."""
    if one.every_event:
        return ""
    if not one.accepts(alert.severity):
        return f"only {one.minimum.name.lower()} and above"
    if not one.reached_by(alert):
        lately = f"{alert.most_within(one.min_count_window):,} so far"
        return f"only after {one.min_count:,} within {as_text(one.min_count_window)}, {lately}"
    return ""


def _pattern(field: Field, pattern: str) -> str:
    if field is Field.FINGERPRINT and pattern.isalnum():
        return f"{pattern[:SHORT_ID]}…"
    if field is Field.KIND:
        return labels.kind(pattern) if pattern in labels.KINDS else pattern
    return pattern.lower() if field is Field.SEVERITY else pattern
