"""Middleware: what all requests have in common, from the id in log lines to the headers of responses."""

import logging
import os
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any

from chalice.app import Chalice, Request, Response

from chalicelib import lambda_runtime, logging_config
from chalicelib.api.errors import MESSAGES, explain, failure
from chalicelib.domain.errors import MonitoringError

if TYPE_CHECKING:
    from chalicelib.services.operations.idempotency import Idempotency

log = logging.getLogger(__name__)

type GetResponse = Callable[[Any], Any]

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Vary": "Origin"}
EXPOSED = "ETag, Location"
# Seconds for which a browser may cache the response to a preflight.
PREFLIGHT_AGE = 600
# The name of the API's function, which alone preloads the API's models.
API_HANDLER = "app.app"

current_request: ContextVar[Request] = ContextVar("request")
current_idempotency: ContextVar[Callable[[], "Idempotency"]] = ContextVar("idempotency")


def install_middleware(app: Chalice, cors_origin: Callable[[], str], idempotency: Callable[[], "Idempotency"]) -> None:
    """Wrap all handlers in the middleware, and add a preflight to each route; call this last in an app.

    `cors_origin` returns, for each request, the one origin whose pages may call the API; empty means none.
    `idempotency` returns the store of requests with a key.
    """
    app.register_middleware(trace, "all")
    app.register_middleware(partial(finish, cors_origin=cors_origin), "http")
    app.register_middleware(partial(remember, idempotency=idempotency), "http")
    for path, methods in list(app.routes.items()):
        app.route(path, methods=["OPTIONS"])(_preflight(tuple(methods)))
    if os.environ.get("_HANDLER") == API_HANDLER:
        import chalicelib.api.contract  # noqa: F401, PLC0415 - Lambda's INIT has more CPU than what follows


@lambda_runtime.with_room
def trace(event: Any, get_response: GetResponse) -> Any:
    """Put the request's id into all of its log lines: API Gateway's, which clients know, or Lambda's."""
    gateway = event.context if isinstance(event, Request) else {}
    context = event.lambda_context if isinstance(event, Request) else getattr(event, "context", None)
    token = logging_config.request_id.set(str(gateway.get("requestId") or getattr(context, "aws_request_id", "")))
    try:
        return get_response(event)
    finally:
        logging_config.request_id.reset(token)
        lambda_runtime.is_over()


def remember(request: Request | None, get_response: GetResponse, idempotency: Callable[[], "Idempotency"]) -> Response:
    """Make the store of requests with a key available to views."""
    token = current_idempotency.set(idempotency)
    try:
        response: Response = get_response(request)
    finally:
        current_idempotency.reset(token)
    return response


def finish(request: Request | None, get_response: GetResponse, cors_origin: Callable[[], str]) -> Response:
    """Add our headers to every response, and give every error our shape, Chalice's own included."""
    try:
        cors = _cors_headers(request, cors_origin())
        response = _respond(request, get_response)
    except MonitoringError as error:
        cors, response = {}, explain(error)
    except Exception:
        log.exception("Request failed")
        cors, response = {}, failure(500)
    response.headers = {**HEADERS, **response.headers, **cors}
    log.info("Request answered", extra=_about(request) | {"status": response.status_code})
    return response


def _about(request: Request | None) -> dict[str, Any]:
    if request is None:
        return {}
    caller = (request.context.get("authorizer") or {}).get("name", "")
    return {"method": request.method, "path": request.path, "caller": caller}


def _respond(request: Request | None, get_response: GetResponse) -> Response:
    if request is None:
        return failure(400, "This is no request of API Gateway.")
    token = current_request.set(request)
    try:
        response: Response = get_response(request)
    finally:
        current_request.reset(token)
    is_of_chalice = isinstance(response.body, dict) and "error" not in response.body
    if response.status_code in MESSAGES and is_of_chalice:
        return failure(response.status_code, headers=response.headers)
    return response


def _cors_headers(request: Request | None, origin: str) -> dict[str, str]:
    allowed = request is not None and origin != "" and request.headers.get("origin") == origin
    return {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": EXPOSED} if allowed else {}


def _preflight(methods: tuple[str, ...]) -> Callable[..., Response]:
    headers = {
        "Access-Control-Allow-Methods": ", ".join(methods),
        "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, If-None-Match",
        "Access-Control-Max-Age": str(PREFLIGHT_AGE),
    }

    def preflight(**_path: str) -> Response:
        """Say what a page of another origin may send, if it may call at all."""
        return Response("", status_code=204, headers=dict(headers))

    return preflight
