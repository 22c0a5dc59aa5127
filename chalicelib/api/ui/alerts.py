"""The list of alerts: what fires, who has it, and actions on many of them at once."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from chalice.app import Response

from chalicelib.api.ui import labels, replies
from chalicelib.api.ui.alert_filters import TEAM, AlertFilters
from chalicelib.api.ui.bars import Bars, bars
from chalicelib.api.ui.visit import Visit
from chalicelib.domain.agents.agent import Agent, AgentStatus
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.errors import Invalid
from chalicelib.domain.events.event import Severity
from chalicelib.domain.routing.silences import Silence
from chalicelib.domain.text import clean
from chalicelib.services.alerting.alert_overview import (
    MOST_COUNTED,
    MOST_SORTED,
    Order,
    Tab,
    accounts_of,
    more_accounts_than_known,
    receivers_of,
)
from chalicelib.sources.registry import KINDS

HOUR = 3_600
ACTIONS = ("acknowledge", "resolve", "reopen", "silence")
DONE = {"acknowledge": "Acknowledged", "resolve": "Resolved", "reopen": "Reopened", "silence": "Silenced"}
NOTHING = "nothing"
DURATIONS = (HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 24 * HOUR, 7 * 24 * HOUR)
LONGEST_NOTE = 500
MOST_AT_ONCE = 100
MOST_NAMED = 3
ORDERS = {
    Order.SINCE: "Newest",
    Order.SEVERITY: "Most severe",
    Order.LAST_SEEN: "Last seen",
    Order.COUNT: "Most frequent",
}


class AlertRow(NamedTuple):
    """An alert in the list, with what other stores know of it."""

    alert: Alert
    accounts: tuple[str, ...]
    receivers: tuple[str, ...]
    silence: Silence | None
    bars: Bars

    @property
    def account_count(self) -> str:
        """In how many accounts it is, in words; an alert does not count beyond a limit."""
        return f"{len(self.accounts)}{'+' if more_accounts_than_known(self.alert) else ''}"


def show(visit: Visit) -> replies.PageReply:
    """Show a page of the list."""
    hub, filters = visit.hub, AlertFilters.of(visit)
    hub.accounts.load()
    query = filters.query(hub.accounts, visit.param("cursor"))
    found = visit.services.alert_overview.page(filters.tab, query, filters.order)
    counts = dict(visit.services.alert_overview.counts())
    if not (filters.are_set or found.next or found.previous):
        # The alerts on the page need not be counted, and the counts are some seconds old.
        counts[filters.tab] = len(found.items)
    values = {
        "filters": filters,
        "rows": list(_rows(visit, found.items)),
        "complete": found.complete,
        "most_sorted": MOST_SORTED,
        "next": found.next and filters.address(visit, cursor=found.next.encode(query.filters)),
        "previous": found.previous and filters.address(visit, cursor=found.previous.encode(query.filters)),
        "tabs": list(_tabs(visit, filters, counts)),
        "firing": count_in_words(counts[Tab.FIRING]),
        "orders": [(name, filters.by(order).address(visit), order is filters.order) for order, name in ORDERS.items()],
        "chips": list(filters.chips(visit)),
        "here": filters.address(visit).partition("?")[2],
        "clear": filters.cleared().address(visit),
        "in_all": filters.in_tab(Tab.ALL).address(visit),
        "done": _done(visit),
        "durations_on_offer": DURATIONS,
        **_choices(visit),
    }
    values["quiet"] = None if found.items or filters.are_set else _agents_summary(visit)
    return replies.PageReply("alerts", values)


def act(visit: Visit) -> Response:
    """Apply one action to all selected alerts, and return to the list as it was."""
    action, chosen = visit.field("action"), visit.form.get("of", [])[:MOST_AT_ONCE]
    back = visit.field("back")
    if not chosen:
        return _back(visit, back, done=NOTHING)
    if action == "undo-silence":
        done = [each for each in chosen if _is_ended(visit, each)]
        return _back(visit, back, done="unsilence", n=str(len(done)))
    if action not in ACTIONS:
        raise Invalid("Choose an action.")
    note, duration = clean(visit.field("note"), LONGEST_NOTE), duration_of(visit.field("duration"))
    standing = visit.hub.silences.standing() if action == "silence" else ()
    results = visit.hub.bulk_actions.take(action, chosen, visit.name, note, duration, standing)
    visit.services.alert_overview.forget()
    changed = [each for each in results if each.error is None]
    undo = [each.silence.id if each.silence else each.fingerprint for each in changed]
    return _back(
        visit, back, done=action, n=str(len(changed)), failed=str(len(results) - len(changed) or ""), of=".".join(undo)
    )


def duration_of(text: str) -> int:
    """Return one of the offered durations; an hour for anything else."""
    return int(text) if text in map(str, DURATIONS) else HOUR


def count_in_words(count: int) -> str:
    """Return a count, which is only exact below a thousand."""
    return f"{MOST_COUNTED:,}+" if count >= MOST_COUNTED else str(count)


def _rows(visit: Visit, alerts: Sequence[Alert]) -> Iterator[AlertRow]:
    overview = visit.services.alert_overview
    hours = overview.hours_of(alerts)
    for alert in alerts:
        drawn = bars(hours[alert.fingerprint], visit.now)
        yield AlertRow(alert, accounts_of(alert), receivers_of(alert), overview.silence_of(alert), drawn)


def _tabs(visit: Visit, filters: AlertFilters, counts: Mapping[Tab, int]) -> Iterator[tuple[str, str, str, bool]]:
    """Iterate over the tabs; there are no counts under a filter."""
    for tab in Tab:
        count = "" if filters.are_set else count_in_words(counts[tab])
        yield tab.value.capitalize(), filters.in_tab(tab).address(visit), count, tab is filters.tab


def _choices(visit: Visit) -> dict[str, Any]:
    """Return the choices for the filters."""
    teams = {each.tags[TEAM] for each in visit.hub.accounts.known.values() if TEAM in each.tags}
    return {
        "kinds": labels.kinds(KINDS),
        "teams": sorted(teams),
        "receivers": visit.hub.receivers.named,
        "severities": sorted(Severity, reverse=True),
    }


class Done(NamedTuple):
    """What the form before this page did, in words, and what undoes it."""

    text: str
    failed: int
    undo: str
    of: tuple[str, ...]


def _done(visit: Visit) -> Done | None:
    what, count, failed = visit.done, visit.param("n"), visit.param("failed")
    if what == NOTHING:
        return Done("Nothing was selected: select alerts first.", 0, "", ())
    if what not in {*DONE, "unsilence"} or not (count.isdecimal() and len(count) <= len("100")):
        return None
    many = int(failed) if failed.isdecimal() and len(failed) <= len("100") else 0
    noun = "alert" if count == "1" else "alerts"
    text = f"{DONE[what]} {count} {noun}." if what in DONE else f"Ended the silence of {count} {noun}."
    undo = {"acknowledge": "reopen", "resolve": "reopen", "silence": "undo-silence"}.get(what, "")
    chosen = tuple(each for each in visit.param("of").split(".") if each.isalnum())[:MOST_AT_ONCE]
    return Done(text, many, undo if chosen else "", chosen)


def _is_ended(visit: Visit, silence_id: str) -> bool:
    found = visit.hub.silences.find(silence_id)
    if found is not None:
        visit.hub.silences.expire(silence_id)
    return found is not None


def _back(visit: Visit, query: str, **more: str) -> Response:
    address = visit.to(at=str(visit.now), **more).partition("?")[2]
    known = query if query.isascii() and query.isprintable() else ""
    return replies.redirect(f"{visit.root}?{'&'.join(filter(None, (known, address)))}")


class AgentsSummary(NamedTuple):
    """Whether an empty list means that all is well: agents that report, and those that should but do not."""

    reporting: int
    silent: tuple[Agent, ...]
    expected: int
    newest: int


def _agents_summary(visit: Visit) -> AgentsSummary:
    agents = [each for each in visit.hub.agents.all() if each.status is not AgentStatus.REMOVED]
    silent = tuple(each for each in agents if each.status is AgentStatus.STALE or each.is_silent(visit.now))
    expected = sum(each.status is AgentStatus.EXPECTED for each in agents)
    newest = max((each.heartbeat_at for each in agents), default=0)
    return AgentsSummary(len(agents) - len(silent) - expected, silent[:MOST_NAMED], expected, newest)
