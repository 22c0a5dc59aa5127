"""Routes: the routes file as the hub has read it, and what it would do with a pasted event."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from msgspec import Struct

from chalicelib.api.ui import replies, words
from chalicelib.api.ui.visit import Visit
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.errors import Invalid
from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Event
from chalicelib.domain.notifications.notification import Outcome
from chalicelib.domain.routing.annotations import Annotation
from chalicelib.domain.routing.decision import observe
from chalicelib.domain.routing.matchers import MatchContext, match_all
from chalicelib.domain.routing.notification_policy import Policy, evaluate_event
from chalicelib.domain.routing.routes import Route
from chalicelib.domain.routing.silences import Silence
from chalicelib.sources import registry

LARGEST_EVENT = 1_000_000
EXAMPLE = json.dumps(
    {
        "source": "custom.billing",
        "detail-type": "Invoice run failed",
        "account": "111122223333",
        "region": "eu-west-1",
        "detail": {"run": 42},
    },
    indent=2,
)


class RouteStep(NamedTuple):
    """A route that was tried: whether it matches, what it lacks, and whether the next one is tried."""

    route: Route
    matches: bool
    requires: str
    goes_on: bool


class ExplainedEvent(Struct, frozen=True, kw_only=True):
    """What would happen to an event if it arrived now, as the first of its problem."""

    event: Event
    steps: tuple[RouteStep, ...]
    silence: Silence | None
    outcome: Outcome
    annotation: Annotation


def show(visit: Visit) -> replies.PageReply:
    """Show the routes."""
    return _page(visit, EXAMPLE)


def explain(visit: Visit) -> replies.PageReply:
    """Show what would happen to an event; nothing is stored, and nobody is notified."""
    text = visit.field("event")
    try:
        explained = explained_event(visit, _read(text))
    except Invalid as error:
        return _page(visit, text, problem=str(error))
    return _page(visit, text, explained=explained)


def explained_event(visit: Visit, raw: dict[str, Any]) -> ExplainedEvent:
    """Return what the hub would do with an event."""
    policy, accounts = visit.hub.policies(), visit.hub.accounts.find
    sent = registry.interpret(Envelope.parse(raw, visit.now))
    alert, event, change = observe(Alert.about(sent), sent, policy)
    context = MatchContext(event, visit.now, accounts)
    return ExplainedEvent(
        event=event,
        steps=tuple(_steps(policy, context)),
        silence=policy.silence(event, visit.now),
        outcome=evaluate_event(alert, change, event, policy, visit.now),
        annotation=visit.hub.annotations.of(event, visit.now),
    )


def _steps(policy: Policy, context: MatchContext) -> Iterator[RouteStep]:
    for route in policy.routes:
        is_match = match_all(route.matchers, context)
        wanting = () if is_match else tuple(each for each in route.matchers if not each.matches(context))
        goes_on = not is_match or route.continues
        yield RouteStep(route, is_match, words.matchers(wanting) if wanting else "", goes_on)
        if not goes_on:
            return


def _read(text: str) -> dict[str, Any]:
    """Read an event in EventBridge's format; Invalid says what it lacks."""
    if len(text) > LARGEST_EVENT:
        raise Invalid("An event may have up to 1 MB.")
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        raise Invalid("This is not valid JSON. Paste one event, from its first { to its last }.") from None
    first = raw[0] if isinstance(raw, list) and raw else raw
    if not isinstance(first, dict):
        raise Invalid("An event is an object: it begins with { and ends with }.")
    if missing := [name for name in ("source", "detail-type", "detail") if name not in first]:
        raise Invalid(f"This is not an event of EventBridge: it lacks {', '.join(missing)}.")
    return first


def _page(visit: Visit, text: str, *, explained: ExplainedEvent | None = None, problem: str = "") -> replies.PageReply:
    file = visit.hub.file
    values = {
        "routes": file.routes,
        "severities": file.severities,
        "annotations": file.annotations,
        "text": text,
        "explained": explained,
        "problem": problem,
    }
    return replies.PageReply("routes", values)
