"""The web: requests become questions to the hub, its answers and errors become responses.

The only room that knows Chalice, next to `app.py`. A handler there is a view: it says the scope that a token needs and
what it reads from the request, and returns one of the responses below. Whatever goes wrong, the client sees one shape.
"""

import logging
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from functools import partial, update_wrapper
from typing import TYPE_CHECKING, Any

from chalice.app import AuthResponse, Chalice, CloudWatchEvent, Request, Response

from chalicelib import lambda_runtime, logging_config, release
from chalicelib.api import requests, responses
from chalicelib.api.requests import AgentQuery, NewAgent, UnsupportedMediaType
from chalicelib.api.requests.alerts import Remark
from chalicelib.api.responses import agent_coverage
from chalicelib.domain.agents.agent import Agent
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.errors import Conflict, Invalid, MonitoringError, NotFound, Problem, TooLarge
from chalicelib.domain.notifications.notification import Notification, Record
from chalicelib.domain.queries import AlertQuery, CoverageQuery, EventQuery, NotificationQuery, Page, SilenceQuery
from chalicelib.domain.routing.silences import Silence
from chalicelib.services.operations.auth import Grant, Scope

if TYPE_CHECKING:
    from chalicelib.domain.aws_console import Console
    from chalicelib.services.alerting.alerts import WholeAlert

__all__ = [
    "AgentQuery",
    "AlertQuery",
    "CoverageQuery",
    "EventQuery",
    "NewAgent",
    "NotificationQuery",
    "Remark",
    "Response",
    "Scope",
    "Silence",
    "SilenceQuery",
]

log = logging.getLogger(__name__)

type Handler = Callable[[Any], Any]

CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    500: "internal_error",
    503: "unavailable",
}
# What Chalice answers itself, in our words.
MESSAGES = {
    405: "There is no such method here; the header Allow tells which there are.",
    415: "Send content type application/json.",
    500: "Something went wrong on our side; the log has it under this request id.",
}
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
# How long, in seconds, a browser may remember what a preflight answered.
PREFLIGHT_AGE = 600

_request: ContextVar[Request] = ContextVar("request")


class Html(Response):
    """A response for people in a browser."""


class Unauthorized(MonitoringError):  # noqa: N818 - reads as those in chalicelib/domain/errors.py do
    """The request came past the authorizer."""


class Forbidden(MonitoringError):  # noqa: N818 - the same
    """The token has not the scope that is needed."""


STATUSES: dict[type[MonitoringError], int] = {
    Invalid: 400,
    Unauthorized: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    UnsupportedMediaType: 415,
}


# --- views


class View:
    """A handler behind a route: checks the scope (None: open to all), reads the request, maps errors to responses.

    What `read` returns is the handler's first argument, unless it is None. By default no parameter is allowed.
    """

    def __init__(self, handler: Callable[..., Response], scope: Scope | None, read: Handler = requests.nothing) -> None:
        update_wrapper(self, handler)
        self.handler, self.scope, self.read = handler, scope, read

    def __call__(self, **path: str) -> Response:
        """Answer the current request."""
        try:
            request = _request.get()
            self._demand_scope(request)
            value = self.read(request)
            return self.handler(**path) if value is None else self.handler(value, **path)
        except MonitoringError as error:
            return self.explain(error)
        except Exception:
            log.exception("Request failed")
            return self.explain(None)

    def explain(self, error: MonitoringError | None) -> Response:
        """Answer what went wrong; None is something unexpected, which the log has."""
        return failure(500) if error is None else _explain(error)

    def _demand_scope(self, request: Request) -> None:
        if self.scope is None:
            return
        context = request.context.get("authorizer") or {}
        if "scopes" not in context:
            raise Unauthorized("A bearer token is needed.")
        if self.scope not in context["scopes"].split():
            raise Forbidden(f"The token needs the scope {self.scope}.")


def view(scope: Scope | None, read: Handler = requests.nothing) -> Callable[[Callable[..., Response]], View]:
    """Make a handler a view."""
    return partial(View, scope=scope, read=read)


def install_middleware(app: Chalice, cors_origin: Callable[[], str]) -> None:
    """Put the middleware around all handlers, and a preflight beside each route; the last thing an app does.

    `cors_origin` is asked at each request for the one origin whose pages may call the API; empty means none.
    """
    app.register_middleware(trace, "all")
    app.register_middleware(partial(finish, cors_origin=cors_origin), "http")
    for path, methods in list(app.routes.items()):
        app.route(path, methods=["OPTIONS"])(_preflight(tuple(methods)))


# --- middleware


def trace(event: Any, get_response: Handler) -> Any:
    """Give all log lines of one request or event its id: API Gateway's, as its clients know it, or Lambda's."""
    gateway = event.context if isinstance(event, Request) else {}
    context = event.lambda_context if isinstance(event, Request) else getattr(event, "context", None)
    token = logging_config.request_id.set(str(gateway.get("requestId") or getattr(context, "aws_request_id", "")))
    try:
        return get_response(event)
    finally:
        logging_config.request_id.reset(token)
        lambda_runtime.is_over()


def finish(request: Request | None, get_response: Handler, cors_origin: Callable[[], str]) -> Response:
    """Give every response our headers, and every error our shape, those that Chalice answers included."""
    try:
        cors = _cors_headers(request, cors_origin())
        response = _respond(request, get_response)
    except MonitoringError as error:
        cors, response = {}, _explain(error)
    except Exception:
        log.exception("Request failed")
        cors, response = {}, failure(500)
    response.headers.update(HEADERS | cors)
    log.info("Answered %d", response.status_code, extra=_about(request))
    return response


def _about(request: Request | None) -> dict[str, str]:
    if request is None:
        return {}
    caller = (request.context.get("authorizer") or {}).get("name", "")
    return {"method": request.method, "path": request.path, "caller": caller}


def _respond(request: Request | None, get_response: Handler) -> Response:
    if request is None:
        return failure(400, "This is no request of API Gateway.")
    token = _request.set(request)
    try:
        response: Response = get_response(request)
    finally:
        _request.reset(token)
    if response.status_code in MESSAGES and "error" not in response.body and not isinstance(response, Html):
        return failure(response.status_code, headers=response.headers)
    return response


def _cors_headers(request: Request | None, origin: str) -> dict[str, str]:
    allowed = request is not None and origin != "" and request.headers.get("origin") == origin
    grant = {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": "Location"} if allowed else {}
    return {"Vary": "Origin"} | grant


def _preflight(methods: tuple[str, ...]) -> Callable[..., Response]:
    headers = {
        "Access-Control-Allow-Methods": ", ".join(methods),
        "Access-Control-Allow-Headers": "Authorization, Content-Type",
        "Access-Control-Max-Age": str(PREFLIGHT_AGE),
    }

    def preflight(**_path: str) -> Response:
        """Tell a browser what a page of another origin may ask for, if it may ask at all."""
        return Response("", status_code=204, headers=dict(headers))

    return preflight


def remaining_time(event: CloudWatchEvent) -> Callable[[], int]:
    """Return what tells how many milliseconds the function may still take."""
    context: Any = event.context
    remaining: Callable[[], int] = context.get_remaining_time_in_millis
    return remaining


# --- the authorizer


def bearer(authorization: str) -> str:
    """Return the token of an Authorization header, or nothing."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def auth_response(grant: Grant | None) -> AuthResponse:
    """Let a known token through to all routes, which ask for the scope they need; deny an unknown one."""
    if grant is None:
        return AuthResponse(routes=[], principal_id="unknown")
    context = {"name": grant.name, "scopes": " ".join(sorted(grant.scopes))}
    return AuthResponse(routes=["*"], principal_id=grant.name, context=context)


# --- responses


def event(record: Record, notifications: Iterable[Notification], console: "Console") -> Response:
    """Show one event, and what it is owed."""
    return Response(responses.whole_event(record, notifications, console))


def event_page(page: Page[Record], query: EventQuery, console: "Console") -> Response:
    """Show a page of events."""
    items = [responses.event(each, console) for each in page.items]
    return Response(responses.page(items, query.limit, page, query.filters))


def alert(known: Alert) -> Response:
    """Show an alert as it stands."""
    return Response(responses.alert(known))


def whole_alert(whole: "WholeAlert") -> Response:
    """Show an alert with its newest events and where it is."""
    return Response(responses.whole_alert(whole))


def alert_page(page: Page[Alert], query: AlertQuery) -> Response:
    """Show a page of alerts."""
    return Response(responses.page([responses.alert(each) for each in page.items], query.limit, page, query.filters))


def notification(pending: Notification) -> Response:
    """Show one notification."""
    return Response(responses.notification(pending))


def notification_page(page: Page[Notification], query: NotificationQuery) -> Response:
    """Show a page of notifications."""
    items = [responses.notification(each) for each in page.items]
    return Response(responses.page(items, query.limit, page, query.filters))


def silence(known: Silence, now: int) -> Response:
    """Show one silence."""
    return Response(responses.silence(known, now))


def silence_page(page: Page[Silence], query: SilenceQuery, now: int) -> Response:
    """Show a page of silences."""
    items = [responses.silence(each, now) for each in page.items]
    return Response(responses.page(items, query.limit, page, query.filters))


def silence_created(new: Silence, now: int) -> Response:
    """Show a new silence, and where it is from now on."""
    return Response(responses.silence(new, now), status_code=201, headers={"Location": f"silences/{new.id}"})


def agent(known: Agent) -> Response:
    """Show one agent."""
    return Response(responses.agent(known))


def whole_agent(known: Agent, now: int) -> Response:
    """Show one agent, and what it has scanned."""
    return Response(responses.whole_agent(known, now))


def coverage_page(page: Page[Agent], query: CoverageQuery, now: int) -> Response:
    """Show a page of agents' coverage."""
    items = [agent_coverage.coverage_of(each, query, now) for each in page.items]
    return Response(responses.page(items, query.limit, page, query.filters))


def agent_page(page: Page[Agent], query: AgentQuery) -> Response:
    """Show a page of agents."""
    return Response(
        responses.page([responses.agent(each) for each in page.items], query.limit, page, requests.ALL_AGENTS)
    )


def created(new: Agent) -> Response:
    """Show a new agent, and where it is from now on: relative to the request, as a stage stands before every path."""
    return Response(responses.agent(new), status_code=201, headers={"Location": f"agents/{new.id}"})


def nothing() -> Response:
    """Show that there is nothing to show."""
    return Response("", status_code=204)


def health(stage: str, *, healthy: bool) -> Response:
    """Show that the hub is well, and which release it is; or that it is not."""
    if not healthy:
        return failure(503, "The table does not answer.")
    return Response({"status": "ok", "stage": stage, "version": release.VERSION, "commit": release.commit()})


def failure(
    status: int, message: str = "", problems: tuple[Problem, ...] = (), headers: dict[str, Any] | None = None
) -> Response:
    """Show an error in the one shape that clients know."""
    error = {
        "code": CODES[status],
        "message": message or MESSAGES[status],
        "details": [{"field": each.field, "message": each.message} for each in problems],
        "request_id": logging_config.request_id.get(),
    }
    return Response({"error": error}, status_code=status, headers=headers)


def _explain(error: MonitoringError) -> Response:
    """Say what the client did wrong; what we did wrong is logged, and none of the client's business."""
    status = next((status for kind, status in STATUSES.items() if isinstance(error, kind)), 500)
    if status == 500:  # noqa: PLR2004 - as HTTP counts
        log.error("Request failed: %s", error)
        return failure(status)
    problems = error.problems if isinstance(error, Invalid) else ()
    return failure(status, str(error), problems, {"WWW-Authenticate": "Bearer"} if status == 401 else None)  # noqa: PLR2004
