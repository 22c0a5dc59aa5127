"""Replies: responses of pages, with headers that allow a browser only what the page needs."""

import hashlib
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from chalice.app import Request, Response
from msgspec import Struct

from chalicelib.api.ui.visit import COOKIE

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
    "Vary": "Cookie",
}
HTML = "text/html; charset=utf-8"
ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Lax"


class PageReply(Struct, frozen=True):
    """A page to render from a template."""

    template: str
    values: Mapping[str, Any] = {}
    status: HTTPStatus = HTTPStatus.OK


def redirect(to: str, **headers: str) -> Response:
    """Redirect the browser after a form was sent; `to` is relative."""
    return Response("", status_code=HTTPStatus.SEE_OTHER, headers={**HEADERS, "Location": to, **headers})


def cookie(text: str, seconds: int, name: str = COOKIE) -> dict[str, str]:
    """Return the header that sets the session's cookie, or the one called `name`; zero seconds delete it."""
    return {"Set-Cookie": f"{name}={text}; Max-Age={seconds}; {ATTRIBUTES}"}


def whole(body: str, status: HTTPStatus) -> Response:
    """Return a rendered page."""
    return Response(body, status_code=status, headers={**HEADERS, "Content-Type": HTML})


def unless_known(response: Response, request: Request) -> Response:
    """Return a page with its ETag, or 304 where the browser has the same page already."""
    if response.status_code != HTTPStatus.OK:
        return response
    etag = f'"{hashlib.sha256(str(response.body).encode()).hexdigest()[:32]}"'
    known = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    headers = {**response.headers, "ETag": etag}
    if etag in known:
        return Response("", status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(response.body, status_code=response.status_code, headers=headers)
