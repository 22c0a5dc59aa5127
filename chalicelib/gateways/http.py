"""HTTP: how a message leaves AWS for a receiver; the only home of requests, which is imported when one is sent.

A receiver's address is a secret, and so may a proxy's be. requests puts addresses into the texts of its errors, and
urllib3 into its log: so whatever goes wrong leaves here as a value, by the name of its type alone.
"""

import logging
import time
import warnings
from collections.abc import Mapping
from functools import cache
from ipaddress import ip_address
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from msgspec import Struct

from chalicelib import lambda_runtime

if TYPE_CHECKING:
    from requests import Response as Answer
    from requests import Session

# Seconds for the connection, for the answer to begin, and for its body; a turn of posts must end within a lease.
TIMEOUT = 5.0
# What a receiver has to say is short; a page that something on the way answers instead is not read to its end.
LONGEST_BODY = 1_000
# What requests wraps in an error that may as well be one of a connection that broke off.
NEVER_CONNECTED = {"NewConnectionError", "NameResolutionError"}
NO_HEADERS: Mapping[str, str] = {}


class Response(Struct, frozen=True):
    """What came back; status 0 is nothing at all, and `text` is then the name of what went wrong."""

    status: int
    text: str
    retry_after: str = ""


class HttpClient:
    """Sends requests through `proxy` unless `no_proxy` names the host, trusting `ca_bundle` and not certifi's list."""

    def __init__(self, proxy: str = "", no_proxy: str = "", ca_bundle: str = "", timeout: float = TIMEOUT) -> None:
        self._proxy, self._no_proxy, self._ca_bundle, self._timeout = proxy, no_proxy, ca_bundle, timeout

    def post(
        self,
        url: str,
        document: Mapping[str, Any] | bytes,
        headers: Mapping[str, str] = NO_HEADERS,
        longest: int = LONGEST_BODY,
    ) -> Response:
        """Post once, a document as JSON or bytes as they are: nothing is tried again, and no redirect is followed.

        Of the response up to `longest` bytes are read.
        """
        body = {"data": document} if isinstance(document, bytes) else {"json": document}
        return self._send("POST", url, headers, longest, **body)

    def get(self, url: str, headers: Mapping[str, str] = NO_HEADERS, longest: int = LONGEST_BODY) -> Response:
        """Get once, with the same care."""
        return self._send("GET", url, headers, longest)

    def _send(self, method: str, url: str, headers: Mapping[str, str], longest: int, **body: Any) -> Response:
        # Below a warning, urllib3 logs the path of each request.
        logging.getLogger("urllib3").setLevel(logging.WARNING)
        try:
            # A connection kept open would be found dead after each pause in which Lambda freezes the function.
            with (
                self._session(url) as session,
                session.request(
                    method,
                    url,
                    **body,
                    headers=dict(headers),
                    timeout=self._timeout,
                    allow_redirects=False,
                    stream=True,
                ) as answer,
            ):
                text = self._body_of(answer, longest).decode(errors="replace").strip()
                return Response(answer.status_code, text, answer.headers.get("Retry-After", ""))
        except Exception as error:  # noqa: BLE001 - whatever it is, its text may hold the address
            return Response(0, _name_of(error))

    def _body_of(self, answer: "Answer", longest: int) -> bytes:
        """Read as much of a body as is there in time: the time-out itself is one for each piece, however small."""
        ends_at, body = time.monotonic() + self._timeout, bytearray()
        answer.raw.enforce_content_length = False
        while len(body) < longest and time.monotonic() < ends_at and (piece := answer.raw.read1(longest - len(body))):
            body += piece
        return bytes(body)

    def _session(self, url: str) -> "Session":
        """Make a session that takes nothing from its surroundings: no .netrc, no variables, only what was chosen."""
        requests = _requests()
        session: Session = requests.Session()
        session.trust_env = False
        session.verify = self._ca_bundle or True
        session.headers["Accept-Encoding"] = "identity"
        if self._proxy and not requests.utils.should_bypass_proxies(url, self._no_proxy):
            session.proxies = {"https": self._proxy}
        return session


def _name_of(error: Exception) -> str:
    """Return what an error is called: that of a connection that never was, and not that around it."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return type(reason if type(reason).__name__ in NEVER_CONNECTED else error).__name__


@cache
def _requests() -> ModuleType:
    """Import requests when something is sent, and not what guesses encodings, a third of it, of which it warns."""
    with lambda_runtime.without("charset_normalizer", "chardet"), warnings.catch_warnings(action="ignore"):
        import requests  # noqa: PLC0415 - not needed before

    return requests


def is_safe(url: str) -> bool:
    """Tell whether a URL is https, or http that does not leave this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host)))
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    return host == "localhost" or ip_address(host).is_loopback
