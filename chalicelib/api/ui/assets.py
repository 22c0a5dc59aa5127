"""Assets: our stylesheet and script, under names with a digest of their content, so that browsers can cache them."""

import hashlib
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

from chalice.app import Response

from chalicelib.api.ui import replies
from chalicelib.api.ui.visit import Visit
from chalicelib.domain.errors import NotFound
from chalicelib.gateways.templates import ROOT

FOLDER = ROOT / "ui"
# All are text: API Gateway decodes binary content only for the first type in Accept.
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
NAMES = ("ui.css", "ui.js")
ICON = "icon.svg"
LARGEST_ON_ICON = 99
NUMBER = (
    '<circle cx="16" cy="16" r="16" fill="#c81e3a"/><text x="16" y="22" font-family="system-ui, sans-serif" '
    'font-size="17" font-weight="700" text-anchor="middle" fill="#ffffff">{}</text>'
)
FOR_EVER = "public, max-age=31536000, immutable"


class Asset(NamedTuple):
    """A file, and its name with the digest."""

    text: str
    address: str


@cache
def find(name: str) -> Asset:
    """Return a file that pages need."""
    path = Path(FOLDER / name)
    text = path.read_text("utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Asset(text, f"{path.stem}.{digest}{path.suffix}")


def show_icon(visit: Visit) -> Response:
    """Show the icon with a number on it; without one for 0."""
    number = visit.item.removesuffix(".svg")
    if not (number.isascii() and number.isdecimal() and len(number) <= len("1000")):
        raise NotFound("There is no such icon.")
    count = int(number)
    shown = str(count) if count <= LARGEST_ON_ICON else f"{LARGEST_ON_ICON}+"
    drawn = (FOLDER / ICON).read_text("utf-8")
    if count:
        drawn = drawn.replace("#0f766e", "#c81e3a").replace("</svg>", f"{NUMBER.format(shown)}</svg>")
    headers: dict[str, Any] = {**replies.HEADERS, "Content-Type": MEDIA_TYPES[".svg"], "Cache-Control": "max-age=86400"}
    return Response(drawn, status_code=HTTPStatus.OK, headers=headers)


def show(visit: Visit) -> Response:
    """Show a file; under another version's name, the current one, not to be cached."""
    stem, _, rest = visit.item.partition(".")
    name = f"{stem}.{rest.rpartition('.')[2]}"
    if name not in NAMES:
        raise NotFound("There is no such file.")
    asset = find(name)
    headers: dict[str, Any] = {
        **replies.HEADERS,
        "Content-Type": f"{MEDIA_TYPES[Path(name).suffix]}; charset=utf-8",
        "Cache-Control": FOR_EVER if visit.item == asset.address else "no-cache",
        "Vary": "Accept-Encoding",
    }
    return Response(asset.text, status_code=HTTPStatus.OK, headers=headers)
