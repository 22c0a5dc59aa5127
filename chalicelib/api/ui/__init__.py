"""The web UI: pages under `/ui` for people in a browser, made here, that do everything without JavaScript too.

`router` has the table of pages; each page is a module of its own, imported when somebody opens it. No other function
than the API's ever imports any of it.
"""

from typing import TYPE_CHECKING

from chalice.app import Response

from chalicelib.api.middleware import current_request

if TYPE_CHECKING:
    from chalicelib.container.services import Hub


def respond(hub: "Hub", page: str, item: str) -> Response:
    """Answer the current request to a page, or to one thing on it."""
    from chalicelib.api.ui import router  # noqa: PLC0415 - every function imports app.py, and few show pages

    return router.respond(hub, current_request.get(), page, item)
