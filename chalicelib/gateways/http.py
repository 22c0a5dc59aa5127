"""HTTP: how a message leaves AWS for a receiver; the only home of requests, which is imported when one is sent.

A receiver's address is a secret, and so may a proxy's be. requests puts addresses into the texts of its errors, and
urllib3 into its log: so whatever goes wrong leaves here as a value, by the name of its type alone.
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

# Seconds for the connection, for the answer to begin, and for its body.
TIMEOUT = 5.0
# So many times that for all together: each of a name's addresses has a time-out of its own, and so has each byte of a
# header. A drain with its last message, and that message again alone, must end within a lease.
WHOLE = 2
# What a thread is called that sends.
SENDING = "http"
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


class _Progress:
    """How far a request has come: the connections opened for it, and of the response what is known."""

    def __init__(self) -> None:
        self.response: Response | None = None
        self._connections: list[HTTPConnection] = []
        self._has_connected = self._is_cut = False

    def opened(self, connection: "HTTPConnection") -> "HTTPConnection":
        """Note a connection, over which nothing is sent where it comes about after the request was cut."""
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
        """End whoever waits for more of the response, and return what there is."""
        self._is_cut = True  # before it is seen who has connected: nobody else sends anything from now on
        known = self.response  # and not what is made of headers that end here
        made = [each.sock for each in self._connections if each.sock is not None]
        for sock in made:
            with suppress(OSError):
                sock.shutdown(SHUT_RDWR)
        return known or Response(0, "ReadTimeout" if made or self._has_connected else "ConnectTimeout")


class HttpClient:
    """Sends requests through `proxy` unless `no_proxy` names the host, trusting `ca_bundle` and not certifi's list."""

    def __init__(self, proxy: str = "", no_proxy: str = "", ca_bundle: str = "", timeout: float = TIMEOUT) -> None:
        self._proxy, self._no_proxy, self._ca_bundle, self._timeout = proxy, no_proxy, ca_bundle, timeout

    def within(self, timeout: float) -> Self:
        """Return a client that waits for so long; twice that is the longest that any of its requests takes."""
        return type(self)(self._proxy, self._no_proxy, self._ca_bundle, timeout)

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
        """Send in a thread of its own, which is not waited for beyond the time for all: then its connection is cut."""
        # Below a warning, urllib3 logs the path of each request.
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
            # A connection kept open would be found dead after each pause in which Lambda freezes the function.
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
        """Read as much of a body as is there in time: the time-out itself is one for each piece, however small."""
        ends_at, body = time.monotonic() + self._timeout, bytearray()
        answer.raw.enforce_content_length = False
        while len(body) < longest and time.monotonic() < ends_at and (piece := answer.raw.read1(longest - len(body))):
            body += piece
        return bytes(body)

    def _session(self, url: str, progress: "_Progress") -> "Session":
        """Make a session that takes nothing from its surroundings: no .netrc, no variables, only what was chosen.

        The connections that it opens are noted in `progress`.
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
    """Let the connections that an adapter opens be noted."""
    find = adapter.get_connection_with_tls_context

    def noted(*args: Any, **named: Any) -> Any:
        pool = find(*args, **named)
        kind = pool.ConnectionCls
        pool.ConnectionCls = lambda **values: progress.opened(kind(**values))
        return pool

    adapter.get_connection_with_tls_context = noted


def _name_of(error: Exception) -> str:
    """Return what an error is called: that of a connection that never was, and not that around it."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return type(reason if type(reason).__name__ in NEVER_CONNECTED else error).__name__


@cache
def _requests() -> ModuleType:
    """Import requests when something is sent: without what guesses encodings, of which it warns, and writes cookies."""
    with (
        lambda_runtime.without("charset_normalizer", "chardet"),
        lambda_runtime.without_using("http.cookies"),
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
