"""The web UI: pages under `/ui`, rendered by the hub, all of which work without JavaScript.

`router` has the table of pages; each page is a module of its own, imported when somebody opens it. Only the API's
function imports any of it.
"""

from typing import TYPE_CHECKING

from chalice.app import Response

from chalicelib.api.middleware import current_request

if TYPE_CHECKING:
    from chalicelib.container.services import Hub


def respond(hub: "Hub", page: str, item: str) -> Response:
    """Respond to the current request for a page, or for one item on it."""
    from chalicelib.api.ui import router  # noqa: PLC0415 - every function imports app.py, and few show pages

    return router.respond(hub, current_request.get(), page, item)
