"""The page of one alert: its state, its accounts and regions, its history, and the actions."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, NamedTuple

from chalice.app import Response
from msgspec.structs import replace

from chalicelib.api.ui import replies, samples, words
from chalicelib.api.ui.alerts import DONE, DURATIONS, HOUR, LONGEST_NOTE, duration_of
from chalicelib.api.ui.bars import bars
from chalicelib.api.ui.visit import Visit
from chalicelib.domain.alerts.affected import Location
from chalicelib.domain.alerts.alert import Alert, Status
from chalicelib.domain.alerts.hourly_counts import hourly
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.notifications.alert_history import HistoryEntry
from chalicelib.domain.notifications.notification import Delivery
from chalicelib.domain.text import clean
from chalicelib.services.alerting.alert_overview import accounts_of, more_accounts_than_known, receivers_of
from chalicelib.services.alerting.alert_page_data import AlertPageData
from chalicelib.services.alerting.silences import Silences

SHOWN_EVENTS = 25
SHOWN_PLACES = 100
SHOWN_DEPLOYS = 10
MINUTE = 60
UNDO = {"acknowledge": "reopen", "resolve": "reopen"}


class Said(NamedTuple):
    """What the form before this page did, and the action that undoes it."""

    text: str
    is_good: bool
    undo: str = ""


def show(visit: Visit) -> replies.PageReply:
    """Show an alert with everything known about it."""
    visit.hub.accounts.load()
    data = visit.services.alert_page_reader.read(visit.item)
    return replies.PageReply("alert", _values(visit, data))


def act(visit: Visit) -> replies.PageReply | Response:
    """Apply the action of a form to the alert."""
    action, note = visit.field("action"), clean(visit.field("note"), LONGEST_NOTE)
    alerts = visit.hub.alerts
    try:
        match action:
            case "acknowledge":
                alerts.acknowledge(visit.item, visit.name, note)
            case "resolve":
                alerts.resolve(visit.item, visit.name, note)
            case "reopen":
                alerts.reopen(visit.item, visit.name, note)
            case "note" if not note:
                raise Conflict("Write the note first.")  # noqa: TRY301 - it is shown as the others are
            case "note":
                alerts.note(visit.item, visit.name, note)
            case "silence":
                _silence(visit, visit.hub.silences, note)
            case "unsilence":
                visit.hub.silences.expire(visit.field("silence"))
            case _:
                raise Invalid("Choose an action.")
    except Conflict as error:
        values = _values(visit, visit.services.alert_page_reader.read(visit.item))
        return replies.PageReply("alert", values | {"said": Said(str(error), is_good=False)})
    visit.services.alert_overview.forget()
    return replies.redirect(visit.to_done("alerts", visit.item, done=action))


def _silence(visit: Visit, silences: Silences, note: str) -> None:
    alert = visit.hub.alerts.get(visit.item)
    silences.silence_alert(alert, duration_of(visit.field("duration")), visit.name, note, silences.standing())


def _values(visit: Visit, data: AlertPageData) -> dict[str, Any]:
    hub, alert, console = visit.hub, data.alert, visit.hub.settings.console
    policy, unreached = hub.policies(), list(_unreached(data.history, receivers_of(alert)))
    matched = policy.matched_routes(alert, visit.now).routes
    routes = [(each, words.lacking(each, alert)) for each in matched]
    sample = data.sample.event if data.sample else None
    return {
        "data": data,
        "alert": alert,
        "over": alert.status is Status.RESOLVED,
        "accounts": accounts_of(alert),
        "account_count": _account_count(data),
        "receivers": [each for each in receivers_of(alert) if each not in unreached],
        "unreached": unreached,
        "silence": visit.services.alert_overview.silence_of(alert),
        "annotation": hub.annotations.of(alert, visit.now),
        "covering": policy.silence(alert, visit.now),
        "routes": routes,
        "is_heard": not all(lacking for _, lacking in routes),
        "is_too_mild": not any(each.every_event or each.accepts(alert.severity) for each in matched),
        "deploys": [replace(each, link=console.link(each.link, each.account)) for each in data.deploys[:SHOWN_DEPLOYS]],
        "more_deploys": max(0, len(data.deploys) - SHOWN_DEPLOYS),
        "places": data.where.places[:SHOWN_PLACES],
        "more_places": max(0, len(data.where.places) - SHOWN_PLACES),
        "fullness": list(_fullness(data.where.places[:SHOWN_PLACES])),
        "hours": bars(hourly(alert, data.hours, visit.now), visit.now),
        "history": list(_history(data.history)),
        "records": data.records[:SHOWN_EVENTS],
        "more_events": len(data.records) > SHOWN_EVENTS or not data.complete,
        "samples": samples.of(sample) if sample else (),
        "facts": samples.facts(sample) if sample else (),
        "link": console.link(sample.link, sample.account) if sample else "",
        "durations_on_offer": DURATIONS,
        "usual_duration": HOUR,
        "said": _said(visit, alert),
    }


def _account_count(data: AlertPageData) -> str:
    """Return in how many accounts an alert is, in words, as far as that is known."""
    known, counted = accounts_of(data.alert), {each.account for each in data.where.places}
    is_more = not data.where.complete and (len(counted) > len(known) or more_accounts_than_known(data.alert))
    return f"{max(len(known), len(counted)):,}{'+' if is_more else ''}"


def _unreached(entries: Iterable[HistoryEntry], receivers: Iterable[str]) -> Iterator[str]:
    """Iterate over the receivers whose newest message failed."""
    newest: dict[str, Delivery] = {}
    for each in entries:
        if each.notification:
            newest.setdefault(each.notification.receiver, each.notification.status)
    yield from (each for each in receivers if newest.get(each) is Delivery.FAILED)


def _history(entries: Iterable[HistoryEntry]) -> Iterator[tuple[HistoryEntry, list[str]]]:
    """Iterate over what happened; consecutive messages of one minute and reason are one entry."""
    for _, alike in groupby(entries, _kind_of_message):
        first, *others = alike
        if first.notification is None:
            yield from ((each, []) for each in (first, *others))
        else:
            yield first, sorted({each.notification.receiver for each in (first, *others) if each.notification})


def _kind_of_message(entry: HistoryEntry) -> tuple[object, ...]:
    found = entry.notification
    return (found.reason, found.status, found.error, found.created_at // MINUTE) if found else ()


def _fullness(places: tuple[Location, ...]) -> Iterator[int]:
    """Iterate over each location's tenths of the largest one, for bars."""
    most = max((each.lines or each.events for each in places), default=0)
    for each in places:
        yield -(-10 * (each.lines or each.events) // most) if most else 0


def _said(visit: Visit, alert: Alert) -> Said | None:
    """Return what the form before did; undoing it is offered unless somebody has acted since."""
    done = visit.done
    words: Mapping[str, str] = {**DONE, "unsilence": "The silence has ended", "note": "Noted"}
    if done not in words:
        return None
    stands = {"acknowledge": Status.ACKNOWLEDGED, "resolve": Status.RESOLVED}.get(done) is alert.status
    is_own = alert.marked is not None and alert.marked.by == visit.name
    return Said(f"{words[done]}.", is_good=True, undo=UNDO.get(done, "") if stands and is_own else "")
