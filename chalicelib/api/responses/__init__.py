"""Answers: events, alerts, notifications and agents as the JSON that clients see; `docs/api.md` describes it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from chalicelib.api.responses.agent_coverage import coverage
from chalicelib.domain.agents.agent import Agent
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.event import iso
from chalicelib.domain.notifications.notification import Notification, Outcome, Record
from chalicelib.domain.queries import CoverageQuery, Page
from chalicelib.domain.routing.silences import Silence

if TYPE_CHECKING:
    from chalicelib.domain.alerts.affected import Location
    from chalicelib.domain.alerts.suspect_deploy import Deploy
    from chalicelib.domain.aws_console import Console
    from chalicelib.services.alerting.alerts import WholeAlert

# Told as they are.
EVENT = (
    "id",
    "account",
    "region",
    "source",
    "detail_type",
    "kind",
    "signal",
    "title",
    "fingerprint",
    "resource",
    "resources",
    "lines",
)
ALERT = (
    "fingerprint",
    "status",
    "title",
    "kind",
    "source",
    "account",
    "region",
    "resource",
    "count",
    "total",
    "episodes",
)
NOTIFICATION = (
    "status",
    "reason",
    "by",
    "kind",
    "title",
    "account",
    "region",
    "count",
    "attempts",
    "error",
    "resolved_by",
)
DEPLOY = ("stack", "done", "account", "region", "seconds", "under_way")
AGENT = (
    *("id", "account", "region", "name", "status", "deployment", "heartbeat_seconds", "version", "commit"),
    *("log_group_count", "scan_tag"),
)


def event(record: Record, console: "Console") -> dict[str, Any]:
    """Describe an event as a list shows it; its link leads into its account's console."""
    return {name: getattr(record.event, name) for name in EVENT} | {
        "link": console.link(record.event.link, record.event.account),
        "severity": record.event.severity.name,
        "published_at": iso(record.event.published_at),
        "received_at": iso(record.event.received_at),
        "updated_at": iso(record.updated_at),
        "expired_at": iso(record.expired_at),
        "outcome": _outcome(record.outcome),
        "change": record.change,
    }


def whole_event(record: Record, notifications: Iterable[Notification], console: "Console") -> dict[str, Any]:
    """Describe an event with the detail that its source sent, and with its notifications."""
    return event(record, console) | {
        "detail": record.event.detail,
        "notifications": [notification(each) for each in notifications],
    }


def alert(known: Alert) -> dict[str, Any]:
    """Describe an alert as a list shows it; what never happened has no time."""
    told, marked = known.announcement, known.marked
    return {name: getattr(known, name) for name in ALERT} | {
        "severity": known.severity.name,
        **{name: _iso_or_never(getattr(known, name)) for name in ("since", "first_seen", "last_seen")},
        "announcement": told
        and {
            "at": iso(told.at),
            "receivers": list(told.receivers),
            "severity": told.severity.name,
            "count": told.count,
            "over": told.over,
            "flapping": told.flapping,
        },
        "marked": marked
        and {"as": marked.kind.name.lower(), "by": marked.by, "at": iso(marked.at), "note": marked.note},
    }


def whole_alert(whole: "WholeAlert") -> dict[str, Any]:
    """Describe an alert with what became of its newest events, where it is and what it came with."""
    places = whole.where.places
    return alert(whole.alert) | {
        "where": [_place(each, whole.names.get(each.account, "")) for each in whole.shown],
        "where_more": len(places) - len(whole.shown),
        "where_complete": whole.where.complete,
        "deploy": whole.deploy and _deploy(whole.deploy),
        "events": [
            {
                "id": each.event.id,
                "published_at": iso(each.event.published_at),
                "signal": each.event.signal,
                "severity": each.event.severity.name,
                "change": each.change,
                "outcome": _outcome(each.outcome),
            }
            for each in whole.events
        ],
    }


def notification(pending: Notification) -> dict[str, Any]:
    """Describe a notification; one that a suppressed event did not owe has neither an id nor a receiver."""
    return {name: getattr(pending, name) for name in NOTIFICATION} | {
        **{name: getattr(pending, name) or None for name in ("id", "receiver", "event_id", "about", "fingerprint")},
        "severity": pending.severity.name,
        **{name: _iso_or_never(getattr(pending, name)) for name in ("since", "created_at", "settled_at")},
    }


def silence(known: Silence, now: int) -> dict[str, Any]:
    """Describe a silence as it stands at `now`."""
    return {
        "id": known.id,
        "status": known.state(now),
        "matchers": [
            {"field": each.field, "key": each.key or None, "patterns": list(each.patterns), "not": each.negated}
            for each in known.matchers
        ],
        "everything": not known.matchers,
        **{name: iso(getattr(known, name)) for name in ("starts_at", "ends_at", "created_at")},
        "author": known.author,
        "reason": known.reason,
    }


def whole_agent(known: Agent, now: int) -> dict[str, Any]:
    """Describe an agent with all that it has said of its coverage."""
    return agent(known) | {"coverage": known.coverage and coverage(known.coverage, CoverageQuery(), now)}


def agent(known: Agent) -> dict[str, Any]:
    """Describe an agent; what never happened has no time."""
    return {name: getattr(known, name) for name in AGENT} | {
        name: _iso_or_never(getattr(known, name)) for name in ("deployed_at", "heartbeat_at", "created_at")
    }


def page(items: list[dict[str, Any]], limit: int, listed: Page[Any], filters: str) -> dict[str, Any]:
    """Describe a page of a list; its cursors are bound to the list's filters."""
    return {
        "items": items,
        "limit": limit,
        "next": listed.next and listed.next.encode(filters),
        "previous": listed.previous and listed.previous.encode(filters),
    }


def _place(place: "Location", account_name: str) -> dict[str, Any]:
    return {
        "account": place.account,
        "account_name": account_name,
        "region": place.region,
        "first_seen": iso(place.first_seen),
        "last_seen": iso(place.last_seen),
        "events": place.events,
        "lines": place.lines,
    }


def _deploy(deploy: "Deploy") -> dict[str, Any]:
    return {name: getattr(deploy, name) for name in DEPLOY} | {"at": iso(deploy.at)}


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "status": outcome.status,
        "reason": outcome.reason,
        "by": outcome.by,
        "deliveries": dict(outcome.deliveries),
    }


def _iso_or_never(time: int) -> str | None:
    return iso(time) if time else None
