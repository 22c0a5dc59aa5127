"""The router: which function handles a page or form, and what holds for all of them.

Whoever is not signed in is redirected to the sign-in. A form is only accepted from the hub's own pages, of the same
session.
"""

import hmac
import logging
from collections.abc import Callable
from http import HTTPStatus
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from chalice.app import Request, Response

from chalicelib import logging_config
from chalicelib.api.errors import INTERNAL, Forbidden, status_of
from chalicelib.api.ui import replies
from chalicelib.api.ui.visit import FORM_TOKEN, Visit
from chalicelib.domain.errors import (
    Damaged,
    Expired,
    Misconfigured,
    MonitoringError,
    NotFound,
    SignInRefused,
    TooManyAttempts,
)
from chalicelib.services.operations.auth import Scope

if TYPE_CHECKING:
    from chalicelib.container.services import Hub

log = logging.getLogger(__name__)

type Answer = replies.PageReply | Response


class Target(NamedTuple):
    """A handler: a function of a module in this package; and its scope (None: no sign-in needed)."""

    module: str
    function: str
    scope: Scope | None = Scope.READ

    def find(self) -> Callable[[Visit], Answer]:
        """Return the function."""
        found: Callable[[Visit], Answer] = getattr(import_module(f"chalicelib.api.ui.{self.module}"), self.function)
        return found


# By method, page, and whether the request is about one item.
TARGETS: dict[tuple[str, str, bool], Target] = {
    ("GET", "assets", True): Target("assets", "show", None),
    ("GET", "icon", True): Target("assets", "show_icon", None),
    ("GET", "sign-in", False): Target("sign_in", "show", None),
    ("POST", "sign-in", False): Target("sign_in", "enter", None),
    ("GET", "sign-in", True): Target("sign_in", "show_link", None),
    ("POST", "sign-in", True): Target("sign_in", "follow_link", None),
    ("GET", "oidc", False): Target("single_sign_on", "begin", None),
    ("GET", "oidc", True): Target("single_sign_on", "finish", None),
    ("POST", "sign-out", False): Target("sign_in", "leave"),
    ("GET", "", False): Target("alerts", "show"),
    ("GET", "alerts", False): Target("alerts", "show"),
    ("POST", "alerts", False): Target("alerts", "act", Scope.WRITE),
    ("GET", "alerts", True): Target("alert", "show"),
    ("POST", "alerts", True): Target("alert", "act", Scope.WRITE),
    ("GET", "events", True): Target("event", "show"),
    ("GET", "events", False): Target("events", "show"),
    ("POST", "events", False): Target("events", "act", Scope.WRITE),
    ("GET", "silences", False): Target("silences", "show"),
    ("POST", "silences", False): Target("silences", "act", Scope.WRITE),
    ("GET", "silences", True): Target("silences", "show_one"),
    ("POST", "silences", True): Target("silences", "act_on_one", Scope.WRITE),
    ("GET", "agents", False): Target("agents", "show"),
    ("GET", "agents", True): Target("agents", "show_one"),
    ("GET", "routes", False): Target("routes", "show"),
    ("POST", "routes", False): Target("routes", "explain"),
    ("GET", "health", False): Target("health", "show"),
}
STATUSES: dict[type[MonitoringError], HTTPStatus] = {
    Damaged: HTTPStatus.FORBIDDEN,
    Expired: HTTPStatus.GONE,
    SignInRefused: HTTPStatus.GONE,
    Misconfigured: HTTPStatus.SERVICE_UNAVAILABLE,
    TooManyAttempts: HTTPStatus.TOO_MANY_REQUESTS,
}
HEADINGS = {
    403: "That is not allowed",
    404: "There is nothing here",
    409: "Somebody else was faster",
    410: "This link does nothing any more",
    413: "The form is too large",
    429: "Not so fast",
    500: "Something went wrong on our side",
    503: "The hub is not set up for this yet",
}
OURS = "Try again in a moment. If that does not help, tell whoever runs the hub this page's request id."


def respond(hub: "Hub", request: Request, page: str, item: str) -> Response:
    """Respond to a request; errors are pages, too."""
    visit = Visit(hub, request, page, item)
    try:
        return _finished(_answer(visit), visit)
    except MonitoringError as error:
        return _finished(_explained(error), visit)
    except Exception:
        log.exception("Page failed")
        return _finished(_failed(INTERNAL, OURS), visit)


def _answer(visit: Visit) -> Answer:
    target = TARGETS.get((visit.request.method, visit.page, bool(visit.item)))
    if target is None or target.scope is not None:
        visit.session = visit.services.sign_in.session(text) if (text := visit.cookie()) else None
    if visit.session:
        # As the authorizer would: the log names who it was.
        visit.request.context["authorizer"] = {"name": visit.session.name}
    if target is None:
        raise NotFound("There is no such page.")
    if target.scope is not None and visit.session is None:
        is_lost = visit.request.method == "POST" and visit.page != "sign-out"
        return replies.redirect(visit.to("sign-in", next=_here(visit), lost="yes" if is_lost else ""))
    if visit.request.method == "POST":
        _demand_own_form(visit)
    if target.scope is not None and visit.session and target.scope not in visit.session.scopes:
        raise Forbidden(f"Your token lacks the scope {target.scope}.")
    return target.find()(visit)


def _demand_own_form(visit: Visit) -> None:
    """Raise Forbidden for a form that is not from one of our pages, or not of this session."""
    visit.demand_own_site()
    expected = visit.session.form_token if visit.session else ""
    if expected and not hmac.compare_digest(visit.field(FORM_TOKEN).encode(), expected.encode()):
        raise Forbidden("The form was not made by this page. Go back, reload it, and try again.")


def _here(visit: Visit) -> str:
    """Return the address of this request, below `/ui`; of a form, that of its page, as it cannot be sent again."""
    if visit.request.method != "GET":
        is_page = ("GET", visit.page, bool(visit.item)) in TARGETS
        return "/".join(filter(None, (visit.page, visit.item))) if is_page else ""
    query = urlencode([(name, value) for name, values in visit.query.items() for value in values])
    return "/".join(filter(None, (visit.page, visit.item))) + (f"?{query}" if query else "")


def _explained(error: MonitoringError) -> replies.PageReply:
    status = next((STATUSES[kind] for kind in STATUSES if isinstance(error, kind)), status_of(error))
    if status == INTERNAL:
        log.error("Page failed", extra={"error": str(error)})
        return _failed(status, OURS)
    return _failed(status, str(error))


def _failed(status: int, message: str) -> replies.PageReply:
    heading = HEADINGS.get(status, "That did not work")
    values = {"heading": heading, "message": message, "request_id": logging_config.request_id.get()}
    return replies.PageReply("failure", values, HTTPStatus(status))


def _finished(answer: Answer, visit: Visit) -> Response:
    if isinstance(answer, Response):
        return answer
    from chalicelib.api.ui.templates import pages  # noqa: PLC0415 - assets and redirects need no Jinja2

    values: dict[str, Any] = {**answer.values}
    response = replies.whole(pages().render(answer.template, visit, values), answer.status)
    return replies.unless_known(response, visit.request)
