"""The templates of the pages: HTML in which foreign text stays text.

Import this only when a page is due: Jinja2 makes a cold start slower.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from chalicelib.api.ui import assets, labels, words
from chalicelib.api.ui.visit import FORM_TOKEN, Visit
from chalicelib.domain.timestamps import iso
from chalicelib.gateways.slack.mrkdwn import MINUTE, duration, number, safe_url
from chalicelib.gateways.templates import ROOT, Environment, StrictUndefined, compile_folder, options

FOLDER = "ui"
DAY = 86_400


class UiTemplates:
    """The templates under `root`."""

    def __init__(self, root: Path = ROOT) -> None:
        self._environment = _environment(root)

    def render(self, name: str, visit: Visit, values: Mapping[str, Any]) -> str:
        """Render a page for a visit; a missing value raises UndefinedError."""
        known = {
            "visit": visit,
            "root": visit.root,
            "session": visit.session,
            "may_write": visit.may_write,
            "stage": visit.hub.settings.stage,
            "now": visit.now,
            "form_token": _form_token(visit),
            "account_name": visit.hub.accounts.name,
            "console": visit.hub.settings.console,
        }
        return self._environment.get_template(f"{FOLDER}/{name}.j2").render({**known, **values})

    def compile(self, folder: Path) -> None:
        """Compile each template to Python in `folder`; raises the first error."""
        compile_folder(self._environment, FOLDER, folder)


@cache
def pages() -> UiTemplates:
    """Return the templates, read once."""
    return UiTemplates()


def moment(time: int) -> str:
    """Return epoch seconds as a date and a time with its zone."""
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def clock(time: int, now: int) -> str:
    """Return epoch seconds as a time with its zone, and the day if it is not today."""
    written, today = (datetime.fromtimestamp(each, UTC) for each in (time, now))
    return written.strftime("%H:%M UTC" if written.date() == today.date() else "%-d %b %H:%M UTC")


def relative(time: int, now: int) -> str:
    """Return in words how far a time is from now."""
    if abs(now - time) < MINUTE:
        return "just now"
    return f"{duration(now - time)} ago" if time < now else f"in {duration(time - now)}"


def ago(time: int, now: int) -> Markup:
    """Return how long ago a time was, with the full time as a tooltip."""
    return _time(time, relative(time, now), "%")


def at(time: int, now: int) -> Markup:
    """Return a time as a clock shows it, with how long ago that was as a tooltip."""
    said = _time(time, f"({relative(time, now)})", "(%)")
    return Markup('<time datetime="{}" title="{}">{}</time> <span class="soft">{}</span>').format(
        iso(time), moment(time), clock(time, now), said
    )


def _time(time: int, text: str, pattern: str) -> Markup:
    """Return a time whose text the script keeps up to date; `%` in the pattern stands for it."""
    return Markup('<time datetime="{}" title="{}" data-ago="{}">{}</time>').format(
        iso(time), moment(time), pattern, text
    )


def ordinal(number: int) -> str:
    """Return a number as an ordinal."""
    last = "th" if number % 100 // 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{last}"


def _form_token(visit: Visit) -> Markup:
    token = visit.session.form_token if visit.session else ""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FORM_TOKEN, token)


def _environment(root: Path) -> Environment:
    environment = Environment(undefined=StrictUndefined, **options(root))
    environment.filters |= {
        "duration": duration,
        "iso": iso,
        "number": number,
        "ordinal": ordinal,
        "path": lambda text: quote(str(text), safe=""),
        "safe_url": safe_url,
    }
    environment.globals |= {
        "ago": ago,
        "at": at,
        "moment": moment,
        "kind": labels.kind,
        "matchers_in_words": words.matchers,
        "route_in_words": words.route,
        "reason": labels.reason,
        "entry_name": labels.entry,
        "delivery_name": lambda status: labels.DELIVERIES[status],
        "asset": lambda name: assets.find(name).address,
    }
    return environment
