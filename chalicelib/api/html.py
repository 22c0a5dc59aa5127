"""Link pages: what links in messages open in a browser; errors are pages, too."""

import inspect
from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple, override
from urllib.parse import parse_qs

from chalice.app import Request, Response

from chalicelib import logging_config
from chalicelib.api.errors import Forbidden
from chalicelib.api.view import View
from chalicelib.domain.errors import Conflict, Damaged, Expired, MonitoringError, NotFound, Outdated, TooLarge

if TYPE_CHECKING:
    from chalicelib.api.html_templates import Pages
    from chalicelib.services.notifying.action_links import LinkState

FORM = "application/x-www-form-urlencoded"
# A name, and what a browser makes of its characters.
LARGEST_FORM = 4_096
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}


class Refusal(NamedTuple):
    """Why a link does nothing, and what to do instead."""

    status: HTTPStatus
    heading: str
    next: str


NEWER = "Use the buttons of the newest message about it, or the API."
REFUSALS: dict[type[MonitoringError], Refusal] = {
    Damaged: Refusal(
        HTTPStatus.FORBIDDEN, "This link is not valid", "Open it once more from the message, or use a newer message."
    ),
    Expired: Refusal(HTTPStatus.GONE, "This link has expired", NEWER),
    Outdated: Refusal(HTTPStatus.GONE, "This link is out of date", NEWER),
    NotFound: Refusal(HTTPStatus.NOT_FOUND, "This alert is no longer kept", "There is nothing left to do."),
    Conflict: Refusal(
        HTTPStatus.CONFLICT,
        "Somebody else was faster",
        "Go back, reload the page, and check whether it still has to be done.",
    ),
    Forbidden: Refusal(
        HTTPStatus.FORBIDDEN, "This form came from another site", "Open the link from the message in Slack."
    ),
    TooLarge: Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This name is too long", "Go back and give a shorter name."),
}
OURS = Refusal(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "Something went wrong on our side",
    "Try again in a moment. If that does not help, tell whoever runs the hub this page's request id.",
)


class Html(Response):
    """An HTML page."""


class HtmlView(View):
    """A view that shows pages, for errors as well, and needs no token; a query string is ignored.

    Other programs may add one to a link. A handler that takes a name gets the one in the form.
    """

    @override
    def respond(self, request: Request, path: dict[str, str]) -> Response:
        """Let the handler answer."""
        form = {"name": name(request)} if "name" in inspect.signature(self.handler).parameters else {}
        response: Html = self.handler(**path, **form)
        return response

    @override
    def explain(self, error: MonitoringError | None) -> Response:
        """Show why nothing was done, and what to do instead."""
        refusal = next((REFUSALS[kind] for kind in REFUSALS if isinstance(error, kind)), OURS)
        if refusal is OURS and error:
            super().explain(error)  # for the log
        message = "" if refusal is OURS else str(error)
        values = refusal._asdict() | {"message": message, "request_id": logging_config.request_id.get()}
        return _page("refusal", values, refusal.status)


def view(handler: Callable[..., Html]) -> HtmlView:
    """Make a handler a view that shows pages."""
    return HtmlView(handler, scope=None)


def name(request: Request) -> str:
    """Read the name in a form, empty where there is none; Forbidden where another site's page sent the form."""
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise Forbidden("The form was sent by a page of another site.")
    body: Any = request.raw_body
    if len(body) > LARGEST_FORM:
        raise TooLarge("The form is longer than any name.")
    named: list[str] = parse_qs(body.decode(errors="replace")).get("name", [""])
    return named[0]


def link(standing: "LinkState") -> Html:
    """Show what a link would do, or has done."""
    from chalicelib.services.notifying.action_links import LONGEST_NAME  # noqa: PLC0415 - few requests follow links

    names = ("claim", "alert", "account_name", "accounts", "joined", "now", "recorded_action", "fresh")
    values = {name: getattr(standing, name) for name in names}
    values |= {"is_open": standing.is_open, "problem": standing.problem, "longest_name": LONGEST_NAME}
    return _page("link", values, HTTPStatus.BAD_REQUEST if standing.problem else HTTPStatus.OK)


def _page(template: str, values: dict[str, Any], status: HTTPStatus) -> Html:
    pages = _pages()
    headers: dict[str, Any] = HEADERS | {"Content-Security-Policy": pages.policy}
    return Html(pages.render(template, values), status_code=status.value, headers=headers)


@cache
def _pages() -> "Pages":
    from chalicelib.api.html_templates import Pages  # noqa: PLC0415 - Jinja2 would slow every cold start

    return Pages()
