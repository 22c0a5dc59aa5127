"""The API: turns requests into calls of the hub, and results and errors into responses.

It is the only package that knows Chalice, next to `app.py`. A handler there is a view: it names the scope that a token
needs, takes models of `api.requests` and returns one of `api.responses`. Both are pydantic models, imported when a view
is first used: only the API's function pays for them.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chalice.app import AuthResponse, Chalice, CloudWatchEvent

from chalicelib.api.middleware import current_request, install_middleware
from chalicelib.api.view import guarded_routes, open_view
from chalicelib.services.operations.auth import Grant, Scope

if TYPE_CHECKING:
    from chalicelib.api import requests as requests
    from chalicelib.api import responses as responses

HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?")
LOOPBACK = ("localhost", "127.0.0.1")

__all__ = [
    "Scope",
    "auth_response",
    "base_url",
    "bearer",
    "guarded_routes",
    "install_middleware",
    "is_scheduled",
    "open_view",
    "openapi_document",
    "remaining_time",
]


def remaining_time(event: CloudWatchEvent) -> Callable[[], int]:
    """Return a function that returns the milliseconds left of this invocation."""
    context: Any = event.context
    remaining: Callable[[], int] = context.get_remaining_time_in_millis
    return remaining


def is_scheduled(event: CloudWatchEvent) -> bool:
    """Return whether a schedule invoked the function, and not another function of the hub."""
    return event.source == "aws.events"


def base_url() -> str:
    """Return the address of the stage's API as used by the current request, without a trailing slash.

    Relative to the document if the request has no plausible address.
    """
    request = current_request.get()
    host, path = request.headers.get("host", ""), str(request.context.get("path", ""))
    if not HOST.fullmatch(host):
        return "."
    scheme = "http" if request.headers.get("x-forwarded-proto") == "http" or host.startswith(LOOPBACK) else "https"
    return f"{scheme}://{host}{path.removesuffix(request.path)}"


def openapi_document(app: Chalice, version: str) -> dict[str, Any]:
    """Return the document that describes the API, with the address of the current request."""
    from chalicelib.api import openapi  # noqa: PLC0415 - few requests are for it

    return openapi.document(app, version, base_url())


def bearer(authorization: str) -> str:
    """Return the token of an Authorization header, or an empty string."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def auth_response(grant: Grant | None) -> AuthResponse:
    """Admit a known token to all routes, which check its scope; deny an unknown one."""
    if grant is None:
        return AuthResponse(routes=[], principal_id="unknown")
    context = {"name": grant.name, "scopes": " ".join(sorted(grant.scopes))}
    return AuthResponse(routes=["*"], principal_id=grant.name, context=context)
