"""Errors: every error response has the same shape."""

import logging
from collections.abc import Mapping
from typing import Any

from chalice.app import Response

from chalicelib import logging_config
from chalicelib.domain.errors import Conflict, Invalid, KeyReused, MonitoringError, NotFound, TooLarge, Violation

log = logging.getLogger(__name__)

CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    422: "idempotency_key_reused",
    429: "too_many_requests",
    500: "internal_error",
    503: "unavailable",
    504: "timeout",
}
# Chalice's own error responses, in our words.
MESSAGES = {
    405: "The path has no such method; the header Allow lists those that it has.",
    415: "Send a body of the content type that the path takes.",
    500: "Internal error; the log has it under this request id.",
}
UNAUTHORIZED, INTERNAL = 401, 500


class Unauthorized(MonitoringError):  # noqa: N818 - reads as those in chalicelib/domain/errors.py do
    """The request did not pass the authorizer."""


class Forbidden(MonitoringError):  # noqa: N818 - the same
    """The token lacks the scope that is needed."""


class UnsupportedMediaType(MonitoringError):  # noqa: N818 - the same
    """The body is not declared as JSON."""


class NotReady(MonitoringError):  # noqa: N818 - the same
    """The hub cannot work at present."""


STATUSES: dict[type[MonitoringError], int] = {
    Invalid: 400,
    Unauthorized: UNAUTHORIZED,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    UnsupportedMediaType: 415,
    KeyReused: 422,
    NotReady: 503,
}


def status_of(error: MonitoringError) -> int:
    """Return the HTTP status of an error; 500 for the hub's own."""
    return next((status for kind, status in STATUSES.items() if isinstance(error, kind)), INTERNAL)


def explain(error: MonitoringError) -> Response:
    """Return a client's mistake as a response; the hub's own errors are logged, and not shown."""
    status = status_of(error)
    if status == INTERNAL:
        log.error("Request failed", extra={"error": str(error)})
        return failure(status)
    violations = error.violations if isinstance(error, Invalid) else ()
    return failure(status, str(error), violations, {"WWW-Authenticate": "Bearer"} if status == UNAUTHORIZED else None)


def failure(
    status: int, message: str = "", violations: tuple[Violation, ...] = (), headers: Mapping[str, Any] | None = None
) -> Response:
    """Return an error response in the shape that all have."""
    error = {
        "code": CODES[status],
        "message": message or MESSAGES[status],
        "details": [
            {"location": each.location or None, "field": each.field, "message": each.message} for each in violations
        ],
        "request_id": logging_config.request_id.get(),
    }
    return Response(
        {"error": error}, status_code=status, headers={"Content-Type": "application/json", **(headers or {})}
    )
