"""Silences: current and future ones, creating one with a preview, and moving the end of one."""

from http import HTTPStatus
from typing import Any

from chalice.app import Response
from msgspec.structs import replace

from chalicelib.api.ui import labels, replies, silence_form
from chalicelib.api.ui.silence_form import DURATIONS, SilenceForm
from chalicelib.api.ui.visit import Visit
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.queries import SilenceQuery
from chalicelib.domain.routing.silences import LONGEST, Silence, SilenceStatus
from chalicelib.sources.registry import KINDS

PAGE_SIZE = 50
# Digits of epoch seconds, and more than a silence's end can have.
LONGEST_TIME = 11


def show(visit: Visit) -> replies.PageReply:
    """Show the silences, and the form for a new one."""
    form = SilenceForm.empty(visit)
    return replies.PageReply("silences", _values(visit, form, is_open=any(form.values.values()) or bool(form.tag)))


def act(visit: Visit) -> replies.PageReply | Response:
    """Create the silence in a form, or show what it would cover."""
    form = SilenceForm.of(visit)
    action = visit.field("action")
    if action == "preview":
        shown = {"preview": _preview(visit, form)} if form.can_be_previewed else {}
        return replies.PageReply("silences", _values(visit, form, is_open=True, is_preview=True) | shown)
    if action != "create":
        raise Invalid("Choose an action.")
    if form.problems:
        return replies.PageReply("silences", _values(visit, form, is_open=True), HTTPStatus.BAD_REQUEST)
    made = visit.hub.silences.create(form.silence(visit.name, visit.now), visit.hub.silences.standing())
    visit.services.alert_overview.forget()
    return replies.redirect(visit.to_done("silences", made.id, done="created"))


def show_one(visit: Visit) -> replies.PageReply:
    """Show one silence, and what it covers."""
    silence = visit.hub.silences.get(visit.item)
    status, awaits_hours = silence.state(visit.now), silence.awaits_hours(visit.now)
    previewed = silence_form.without_hours(silence) if awaits_hours else silence
    values = {
        "silence": silence,
        "status": status,
        "awaits_hours": awaits_hours,
        "preview": visit.hub.silence_preview(previewed) if status is not SilenceStatus.EXPIRED else None,
        "durations_on_offer": DURATIONS,
        "done": visit.done,
    }
    return replies.PageReply("silence", values)


def act_on_one(visit: Visit) -> Response:
    """Extend a silence, or end it."""
    done = visit.field("action")
    match done:
        case "extend":
            given = visit.field("duration")
            seconds = int(given) if given in map(str, DURATIONS) else DURATIONS[0]
            shown_end = _time_in(visit.field("ends_at"))
            visit.hub.silences.move_end(visit.item, lambda silence, now: _extended(silence, now, seconds, shown_end))
        case "end":
            visit.hub.silences.expire(visit.item)
        case _:
            raise Invalid("Choose an action.")
    visit.services.alert_overview.forget()
    return replies.redirect(visit.to_done("silences", visit.item, done=done))


def _extended(silence: Silence, now: int, seconds: int, shown_end: int | None) -> int:
    """Return an end so many seconds after the one shown on the page, so that two presses extend it once."""
    end = max(silence.ends_at if shown_end is None else shown_end, now) + seconds
    if end - silence.starts_at > LONGEST:
        days = LONGEST // (24 * 3_600)
        raise Conflict(f"A silence lasts {days} days at most; permanent silences belong in the routes file.")
    return max(silence.ends_at, end)


def _time_in(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_TIME else None


def _preview(visit: Visit, form: SilenceForm) -> dict[str, Any]:
    preview, silence = visit.hub.silence_preview, form.at_its_hours(visit.now)
    return {"now": preview(silence), "last_week": preview.last_week(replace(silence, matchers=form.matchers))}


def _values(visit: Visit, form: SilenceForm, *, is_open: bool, is_preview: bool = False) -> dict[str, Any]:
    has_ended = visit.param("tab") == "ended"
    statuses = (SilenceStatus.EXPIRED,) if has_ended else (SilenceStatus.ACTIVE, SilenceStatus.PENDING)
    query = SilenceQuery(statuses=statuses, limit=PAGE_SIZE)
    try:
        query = query.at(visit.param("cursor"))
    except Invalid:
        query = SilenceQuery(statuses=statuses, limit=PAGE_SIZE)
    page = visit.hub.silences.page(query)

    def address(cursor: str) -> str:
        return visit.to("silences", tab="ended" if has_ended else "", cursor=cursor)

    return {
        "form": form,
        "is_open": is_open,
        "preview": None,
        "problems": form.problems_of_preview if is_preview else form.problems,
        "silences": page.items,
        "has_ended": has_ended,
        "next": page.next and address(page.next.encode(query.filters)),
        "previous": page.previous and address(page.previous.encode(query.filters)),
        "of_file": visit.hub.file.silences,
        "kinds": labels.kinds(KINDS),
        **silence_form.choices(),
    }
