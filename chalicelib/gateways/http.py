"""HTTP: how messages leave AWS; the only home of requests, which is imported when the first one is sent.

A receiver's address is a secret, and so may be a proxy's. requests puts addresses into its error texts, and urllib3
into its log: so errors leave here as values, with nothing but the name of their type.
"""

import logging
import time
import warnings
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from socket import SHUT_RDWR
from threading import Thread
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from chalicelib import lambda_runtime

if TYPE_CHECKING:
    from requests import Response as Answer
    from requests import Session
    from urllib3.connection import HTTPConnection

# Seconds for connecting, for the first byte of the response, and for its body.
TIMEOUT = 5.0
# A request as a whole takes at most so many times that: each address of a name, and each byte of a header, has a
# time-out of its own. A drain with its last message, and that message alone again, must end within a lease.
WHOLE = 2
# The name of sending threads.
SENDING = "http"
# Bytes. Responses of receivers are short; a page that something in between returns is not read to its end.
LONGEST_BODY = 1_000
# Errors that requests wraps in one that may also mean a broken connection.
NEVER_CONNECTED = {"NewConnectionError", "NameResolutionError"}
NO_HEADERS: Mapping[str, str] = {}


class Response(Struct, frozen=True):
    """A response; status 0 means that there was none, and `text` is then the name of the error."""

    status: int
    text: str
    retry_after: str = ""


class _Progress:
    """The progress of a request: the connections opened for it, and what is known of the response."""

    def __init__(self) -> None:
        self.response: Response | None = None
        self._connections: list[HTTPConnection] = []
        self._has_connected = self._is_cut = False

    def opened(self, connection: "HTTPConnection") -> "HTTPConnection":
        """Register a connection; nothing is sent over it if the request is cut off before it is established."""
        connect = connection.connect

        def connect_in_time() -> None:
            connect()
            self._has_connected = True  # a connection that the receiver ends has no socket any more
            if self._is_cut:
                connection.close()
                raise TimeoutError

        connection.connect = connect_in_time  # type: ignore[method-assign]
        self._connections.append(connection)
        return connection

    def cut(self) -> Response:
        """Stop waiting for more of the response, and return what there is."""
        self._is_cut = True  # before it is seen who has connected: nobody else sends anything from now on
        known = self.response  # and not what is made of headers that end here
        made = [each.sock for each in self._connections if each.sock is not None]
        for sock in made:
            with suppress(OSError):
                sock.shutdown(SHUT_RDWR)
        return known or Response(0, "ReadTimeout" if made or self._has_connected else "ConnectTimeout")


class HttpClient:
    """Sends requests through `proxy`, except to hosts in `no_proxy`; trusts `ca_bundle` instead of certifi's list."""

    def __init__(self, proxy: str = "", no_proxy: str = "", ca_bundle: str = "", timeout: float = TIMEOUT) -> None:
        self._proxy, self._no_proxy, self._ca_bundle, self._timeout = proxy, no_proxy, ca_bundle, timeout

    def within(self, timeout: float) -> Self:
        """Return a client with this time-out; each of its requests takes at most twice as long."""
        return type(self)(self._proxy, self._no_proxy, self._ca_bundle, timeout)

    def post(
        self,
        url: str,
        document: Mapping[str, Any] | bytes,
        headers: Mapping[str, str] = NO_HEADERS,
        longest: int = LONGEST_BODY,
    ) -> Response:
        """Post a document as JSON, or bytes as they are, once: no retries, no redirects.

        Up to `longest` bytes of the response are read.
        """
        body = {"data": document} if isinstance(document, bytes) else {"json": document}
        return self._send("POST", url, headers, longest, **body)

    def get(self, url: str, headers: Mapping[str, str] = NO_HEADERS, longest: int = LONGEST_BODY) -> Response:
        """Get once, in the same way."""
        return self._send("GET", url, headers, longest)

    def _send(self, method: str, url: str, headers: Mapping[str, str], longest: int, **body: Any) -> Response:
        """Send in a thread, wait no longer than the total time-out, then cut the connection."""
        # Below the level of warnings, urllib3 logs the path of each request.
        logging.getLogger("urllib3").setLevel(logging.WARNING)
        _requests()
        responses, progress = SimpleQueue[Response](), _Progress()

        def exchange() -> None:
            responses.put(self._exchange(progress, method, url, headers, longest, **body))

        Thread(target=exchange, name=SENDING, daemon=True).start()
        try:
            return responses.get(timeout=WHOLE * self._timeout)
        except Empty:
            return progress.cut()

    def _exchange(
        self, progress: "_Progress", method: str, url: str, headers: Mapping[str, str], longest: int, **body: Any
    ) -> Response:
        try:
            # A connection kept open would be dead after each pause in which Lambda freezes the function.
            with (
                self._session(url, progress) as session,
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
                progress.response = Response(answer.status_code, "", answer.headers.get("Retry-After", ""))
                text = self._body_of(answer, longest).decode(errors="replace").strip()
                return replace(progress.response, text=text)
        except Exception as error:  # noqa: BLE001 - whatever it is, its text may hold the address
            return Response(0, _name_of(error))

    def _body_of(self, answer: "Answer", longest: int) -> bytes:
        """Read as much of a body as arrives in time: requests' own time-out applies to each piece, however small."""
        ends_at, body = time.monotonic() + self._timeout, bytearray()
        answer.raw.enforce_content_length = False
        while len(body) < longest and time.monotonic() < ends_at and (piece := answer.raw.read1(longest - len(body))):
            body += piece
        return bytes(body)

    def _session(self, url: str, progress: "_Progress") -> "Session":
        """Create a session that ignores its environment: no .netrc, no variables, only what was configured.

        The connections that it opens are registered in `progress`.
        """
        requests = _requests()
        session: Session = requests.Session()
        session.trust_env = False
        session.verify = self._ca_bundle or True
        session.headers["Accept-Encoding"] = "identity"
        if self._proxy and not requests.utils.should_bypass_proxies(url, self._no_proxy):
            session.proxies = {"https": self._proxy}
        _note(session.get_adapter(url), progress)
        return session


def _note(adapter: Any, progress: _Progress) -> None:
    """Have the connections that an adapter opens registered."""
    find = adapter.get_connection_with_tls_context

    def noted(*args: Any, **named: Any) -> Any:
        pool = find(*args, **named)
        kind = pool.ConnectionCls
        pool.ConnectionCls = lambda **values: progress.opened(kind(**values))
        return pool

    adapter.get_connection_with_tls_context = noted


def _name_of(error: Exception) -> str:
    """Return the name of an error; of a failed connection, that of the error inside."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return type(reason if type(reason).__name__ in NEVER_CONNECTED else error).__name__


@cache
def _requests() -> ModuleType:
    """Import requests when it is first needed, without its detection of encodings and its cookies."""
    with (
        lambda_runtime.without("charset_normalizer", "chardet"),
        lambda_runtime.without_using("http.cookies"),
        lambda_runtime.later("zipfile"),
        warnings.catch_warnings(action="ignore"),
    ):
        import requests  # noqa: PLC0415 - not needed before

    return requests


def is_safe(url: str) -> bool:
    """Return whether a URL is https, or http that does not leave this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host)))
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    return host == "localhost" or ip_address(host).is_loopback
