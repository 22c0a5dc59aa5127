"""The templates of link pages: HTML in which foreign text stays text.

Import this only when a page is due: Jinja2 makes a cold start slower.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from markupsafe import Markup

from chalicelib.domain.severity_styles import style_of
from chalicelib.gateways.slack.mrkdwn import MINUTE, duration, number
from chalicelib.gateways.templates import ROOT, Environment, StrictUndefined, compile_folder, options

FOLDER = "web"
STYLE = "link.css"


class Pages:
    """The templates under `root`; the `policy` allows a browser only their stylesheet and form."""

    def __init__(self, root: Path = ROOT) -> None:
        style = (root / FOLDER / STYLE).read_text("utf-8")
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        self.policy = "; ".join(
            (
                "default-src 'none'",
                f"style-src 'sha256-{digest}'",
                "form-action 'self'",
                "frame-ancestors 'none'",
                "base-uri 'none'",
            )
        )
        self._environment = _environment(root, style)

    def render(self, name: str, values: Mapping[str, Any]) -> str:
        """Render a page; a missing value raises UndefinedError."""
        return self._environment.get_template(f"{FOLDER}/{name}.j2").render(dict(values))

    def compile(self, folder: Path) -> None:
        """Compile each template to Python in `folder`; raises the first error."""
        compile_folder(self._environment, FOLDER, folder)


def date(time: int, now: int) -> Markup:
    """Return epoch seconds as a time in UTC, with the day if that is not the day of `now`."""
    moment, today = (datetime.fromtimestamp(each, UTC) for each in (time, now))
    text = moment.strftime("%H:%M UTC" if moment.date() == today.date() else "%Y-%m-%d %H:%M UTC")
    return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(), text)


def ago(time: int, now: int) -> str:
    """Return how long ago a time was."""
    return f"{duration(now - time)} ago" if now - time >= MINUTE else "just now"


def times(count: int) -> str:
    """Return a count in words, such as `3 times`."""
    return f"{number(count)} {'time' if count == 1 else 'times'}"


def _environment(root: Path, style: str) -> Environment:
    environment = Environment(undefined=StrictUndefined, **options(root))
    environment.filters["duration"] = duration
    environment.globals |= {
        "ago": ago,
        "date": date,
        "times": times,
        "style_of": style_of,
        # Ours, and hashed as it stands.
        "style": Markup(style),  # noqa: S704 - a file of the package
    }
    return environment
