"""Assets: our stylesheet and script, by names that hold a digest of what is in them, so that browsers keep them."""

import hashlib
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

from chalice.app import Response

from chalicelib.api.ui import replies
from chalicelib.api.ui.visit import Visit
from chalicelib.domain.errors import NotFound
from chalicelib.gateways.slack.templates import ROOT

FOLDER = ROOT / "ui"
# All are text: of what is binary, API Gateway decodes only what the first type in Accept asks for.
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
NAMES = ("ui.css", "ui.js", "icon.svg")
FOR_EVER = "public, max-age=31536000, immutable"


class Asset(NamedTuple):
    """A file, and what it is called by whoever asks for this very content."""

    text: str
    address: str


@cache
def find(name: str) -> Asset:
    """Return a file that pages need."""
    path = Path(FOLDER / name)
    text = path.read_text("utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Asset(text, f"{path.stem}.{digest}{path.suffix}")


def show(visit: Visit) -> Response:
    """Show a file; another version's browser gets the present one, and does not keep it."""
    stem, _, rest = visit.item.partition(".")
    name = f"{stem}.{rest.rpartition('.')[2]}"
    if name not in NAMES:
        raise NotFound("The pages have no such file.")
    asset = find(name)
    headers: dict[str, Any] = {
        **replies.HEADERS,
        "Content-Type": f"{MEDIA_TYPES[Path(name).suffix]}; charset=utf-8",
        "Cache-Control": FOR_EVER if visit.item == asset.address else "no-cache",
        "Vary": "Accept-Encoding",
    }
    return Response(asset.text, status_code=HTTPStatus.OK, headers=headers)
