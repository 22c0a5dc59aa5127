"""Idempotency keys: a POST that carries one may be sent again without being done again."""

from collections.abc import Callable
from typing import Any

from chalice.app import Request, Response

from chalicelib.api.middleware import current_idempotency
from chalicelib.domain.errors import Invalid, Violation
from chalicelib.domain.text import digest
from chalicelib.services.operations.ports import Attempt

HEADER = "Idempotency-Key"
LONGEST_KEY = 255
REPLAYED = {"Idempotency-Replayed": "true"}


def once(request: Request, respond: Callable[[], Response]) -> Response:
    """Process a request, or return the response to an earlier one with the same key; only successes are stored."""
    key = request.headers[HEADER.lower()]
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        message = f"must be 1 to {LONGEST_KEY} printable characters of ASCII"
        raise Invalid("Invalid request.", Violation(HEADER, message, "header"))
    attempts, name, fingerprint = current_idempotency.get()(), _name(request, key), _digest(request)
    if known := attempts.begin(name, fingerprint):
        headers: dict[str, Any] = {**known.headers, **REPLAYED}
        return Response(known.body, status_code=known.status, headers=headers)
    try:
        response = respond()
    except Exception:
        attempts.forget(name)
        raise
    answered = Attempt(
        request=fingerprint,
        at=attempts.clock.now(),
        status=int(response.status_code),
        headers={name: str(value) for name, value in response.headers.items()},
        body=str(response.body),
    )
    attempts.end(name, answered)
    return response


def _name(request: Request, key: str) -> str:
    """Return the name under which a key is stored; it differs between callers."""
    return digest(request.context["authorizer"]["name"], key)


def _digest(request: Request) -> str:
    """Return a digest of a request: of its method, address and body."""
    query = request.query_params
    pairs = sorted((name, value) for name in query for value in query.getlist(name)) if query else []
    body: Any = request.raw_body
    return digest(request.method, request.path, str(pairs), body.decode(errors="replace"))
