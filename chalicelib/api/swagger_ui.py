"""Swagger UI: the page on which people read and try the API's document; it loads nothing from other hosts.

Packaging copies its two files into the package; on one machine they are where pip has put them.
"""

from http import HTTPStatus
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, override

from chalice.app import Request, Response

from chalicelib.api.view import View
from chalicelib.domain.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

PAGES = Path(__file__).parents[2] / "templates" / "docs"
PACKAGED = PAGES.with_name("swagger-ui")
DISTRIBUTION = "flask_swagger_ui"
SHIPPED = ("swagger-ui.css", "swagger-ui-bundle.js")
OURS = ("docs.js",)
# All are text: API Gateway decodes binary content only for the first type in Accept.
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".html": "text/html"}
# Exceptions: data for Swagger UI's icons, connections to the document and to what somebody tries.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    # Not cached for long, as the file names stay the same from one version to the next.
    "Cache-Control": "public, max-age=3600",
}


class TextView(View):
    """A view that shows a file, and needs no token."""

    @override
    def respond(self, request: Request, path: dict[str, str]) -> Response:
        """Let the handler answer."""
        response: Response = self.handler(**path)
        return response


def view(handler: "Callable[..., Response]") -> TextView:
    """Make a handler a view that shows a file."""
    return TextView(handler, scope=None)


def page() -> Response:
    """Show the page."""
    return _text(PAGES / "docs.html")


def asset(name: str) -> Response:
    """Show a file that the page needs; NotFound for any other."""
    if name in OURS:
        return _text(PAGES / name)
    if name in SHIPPED:
        return _text(directory() / name)
    raise NotFound("There is no such file.")


def directory() -> Path:
    """Return the directory with the files of Swagger UI; NotFound where it is not installed."""
    if PACKAGED.is_dir():
        return PACKAGED
    found = find_spec(DISTRIBUTION)
    if found is None or found.origin is None:
        raise NotFound("Swagger UI is not installed; the document itself is at openapi.json.")
    return Path(found.origin).with_name("dist")


def _text(path: Path) -> Response:
    media_type = f"{MEDIA_TYPES[path.suffix]}; charset=utf-8"
    headers: dict[str, Any] = HEADERS | {"Content-Type": media_type}
    return Response(path.read_text("utf-8"), status_code=HTTPStatus.OK, headers=headers)
