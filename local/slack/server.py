"""Slack on loopback: webhooks to post to, a page that draws what came, and knobs to break it with."""

import json
import re
import socketserver
import sys
import threading
import time
from collections.abc import Callable, Collection
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from typing import Annotated, Any, Literal, Self
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from local.slack import render
from local.slack.blockkit import accept
from local.slack.conversations import Conversations
from local.slack.interactivity import Presser
from local.slack.living import arguments_in, living, modals
from local.slack.pace import RateLimit
from local.slack.workspace import Message, Refusal, Response, Workspace, utc_now

LOOPBACK = "127.0.0.1"
LARGEST_BODY = 1_000_000  # bytes; a message at all its limits is smaller
LONGEST_SILENCE = 120.0  # seconds an unanswered request is held, longer than any sender waits
REFUSALS_SHOWN = 100
POLL = 0.05  # seconds, how soon a stop is noticed
WEBHOOK = re.compile(r"/services/(?:[^/]+/)+(?P<channel>[^/]+)")

PERSON_DOES = re.compile(r"/_(?P<what>press|submit|close|command)")
WEB_API = re.compile(r"/api/(?P<method>[a-zA-Z.]+)")
JSON = "application/json; charset=utf-8"
TEXT = "text/html"  # what Slack calls its one-word answers
PAGE = {
    "/": ("page.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
    "/avatar.svg": ("avatar.svg", "image/svg+xml"),
}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class SlackLookalike:
    """A Slack to test and demonstrate with; it listens from construction on and serves while used as a context.

    A taken port raises OSError. `channels` limits the webhooks to those named, None takes any; `rate_limit` None
    switches the limit off. `monotonic` (seconds) times paces and outages, `now` (aware) dates messages.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        channels: Collection[str] | None = None,
        rate_limit: RateLimit | None = RateLimit(),  # noqa: B008 (frozen)
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._workspace = Workspace(channels, rate_limit, monotonic, now)
        self.presser: Presser | None = None
        self.app: Conversations | None = None
        self._server = _Server((LOOPBACK, port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(POLL,), name="slack", daemon=True)

    def start(self) -> None:
        """Begin to serve, in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port; requests held by a simulated timeout are let go."""
        self._server.stopping.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Give the page's address, without a slash at its end."""
        return f"http://{LOOPBACK}:{self._server.server_address[1]}"

    def webhook(self, channel: str) -> str:
        """Give the webhook URL of a channel, in the shape of Slack's."""
        return f"{self.url}/services/T00000000/B00000000/{channel}"

    @property
    def messages(self) -> tuple[Message, ...]:
        """List what was taken, oldest first."""
        return self._workspace.messages

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """List what was answered with an error or not at all, oldest first."""
        return self._workspace.refusals

    def clear(self) -> None:
        """Forget everything that came, the paces and the outage."""
        self._workspace.clear()

    def outage(
        self,
        failure: str | None,
        *,
        messages: int | None = None,
        seconds: float | None = None,
        channel: str | None = None,
    ) -> None:
        """Fail on purpose with a key of FAILURES, for some messages, some seconds or until it is set to None."""
        self._workspace.strike(failure, messages=messages, seconds=seconds, channel=channel)


class Wish(BaseModel):
    """What `/_control` understands: `{"outage": "429", "for": 5}` counts messages, `"for": "30s"` seconds."""

    model_config = ConfigDict(strict=True, extra="forbid")

    outage: Literal["403", "404", "410", "429", "500", "timeout"] | None
    for_: Annotated[int, Field(gt=0)] | Annotated[str, Field(pattern=r"^\d+(\.\d+)?s$")] | None = Field(
        None, alias="for"
    )
    channel: str | None = None

    @property
    def span(self) -> dict[str, Any]:
        """Give the outage's length as `outage()` takes it."""
        match self.for_:
            case int(messages):
                return {"messages": messages}
            case str(seconds):
                return {"seconds": float(seconds.removesuffix("s"))}
        return {}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # a storm of senders connects at once

    def __init__(self, address: tuple[str, int], slack: "SlackLookalike") -> None:
        self.slack, self.workspace = slack, slack._workspace  # noqa: SLF001 - it is the lookalike's own server
        self.stopping = threading.Event()
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Bind without HTTPServer's look-up of the host's name, which takes seconds on some machines."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing when a client hangs up: it is what clients do in a simulated timeout."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10.0  # seconds for a client to say what it wants

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if not self._from_this_machine():
            self._send(HTTPStatus.FORBIDDEN, "this server answers on localhost only")
        elif address.path in PAGE:
            name, kind = PAGE[address.path]
            self._send(HTTPStatus.OK, resources.files(__package__).joinpath("page", name).read_text("utf-8"), kind)
        elif address.path == "/messages.json":
            self._list_messages(parse_qs(address.query).get("after", ["0"])[0])
        elif WEBHOOK.fullmatch(address.path):
            self._send(HTTPStatus.METHOD_NOT_ALLOWED, "a webhook is posted to", Allow="POST")
        else:
            self._send(HTTPStatus.NOT_FOUND, "not found")

    def do_POST(self) -> None:
        path, body = urlsplit(self.path).path, self._body()
        if not self._from_this_machine():
            self._send(HTTPStatus.FORBIDDEN, "this server answers on localhost only")
        elif webhook := WEBHOOK.fullmatch(path):
            self._respond(self.server.workspace.receive(unquote(webhook["channel"]), body))
        elif path == "/_control":
            self._control(body)
        elif person := PERSON_DOES.fullmatch(path):
            self._act(person["what"], body)
        elif method := WEB_API.fullmatch(path):
            self._call(method["method"], body)
        else:
            self._send(HTTPStatus.NOT_FOUND, "no_service")

    def _from_this_machine(self) -> bool:
        """Refuse foreign host names: a page elsewhere could point its own name here and read along."""
        return urlsplit(f"//{self.headers.get('Host', '')}").hostname in {LOOPBACK, "localhost"}

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            return b""
        if int(length) <= LARGEST_BODY:
            return self.rfile.read(int(length))
        for start in range(0, int(length), LARGEST_BODY):  # read on: who is cut off never sees the response
            self.rfile.read(min(LARGEST_BODY, int(length) - start))
        return b""

    def _respond(self, response: Response) -> None:
        if response.status is None:
            self.server.stopping.wait(LONGEST_SILENCE)
        elif response.retry_after is not None:
            body = {"retry_after": response.retry_after, "ok": False, "error": response.reason}
            self._send(response.status, json.dumps(body), JSON, **{"Retry-After": str(response.retry_after)})
        else:
            self._send(response.status, response.reason)

    def _list_messages(self, after: str) -> None:
        if after.isdecimal():
            self._send(HTTPStatus.OK, json.dumps(self._news(int(after))), JSON)
        else:
            self._send(HTTPStatus.BAD_REQUEST, "after is the number of a message")

    def _news(self, after: int) -> dict[str, Any]:
        app = self.server.slack.app
        of_app: dict[str, Any] = {"living": [], "modals": {}, "commands": []}
        if app:
            of_app = {"living": living(app), "modals": modals(app), "commands": sorted(app.channels.values())}
        return snapshot(self.server.workspace, after) | of_app

    def _control(self, body: bytes) -> None:
        # A browser asks before it sends JSON across origins, and gets no response: foreign pages can't turn this knob.
        if self.headers.get_content_type() != "application/json":
            self._send(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send JSON")
            return
        try:
            wish = Wish.model_validate_json(body)
        except ValidationError as error:
            complaints = error.errors(include_url=False, include_context=False, include_input=False)
            self._send(HTTPStatus.BAD_REQUEST, json.dumps({"errors": complaints}), JSON)
        else:
            self.server.workspace.strike(wish.outage, channel=wish.channel, **wish.span)
            self._send(HTTPStatus.OK, json.dumps({"outage": self.server.workspace.outage}), JSON)

    def _call(self, method: str, body: bytes) -> None:
        """Call a method of the Web API, with the app's token."""
        app, token = self.server.slack.app, self.headers.get("Authorization", "").removeprefix("Bearer ")
        if app is None:
            self._send(HTTPStatus.NOT_FOUND, "not found")
            return
        reply = app.call(method, token, arguments_in(body, self.headers.get_content_type()))
        more = {} if reply.retry_after is None else {"Retry-After": str(reply.retry_after)}
        self._send(reply.status, json.dumps(reply.document), JSON, **more)

    def _act(self, what: str, body: bytes) -> None:
        """Press a button of the app's, submit or close a modal, or type a command, as the page asks."""
        presser = self.server.slack.presser
        if presser is None or self.headers.get_content_type() != "application/json":
            self._send(HTTPStatus.NOT_FOUND, "nobody takes that")
            return
        self._send(HTTPStatus.OK, json.dumps(presser.act(what, json.loads(body))), JSON)

    def _send(self, status: HTTPStatus, body: str, kind: str = TEXT, **headers: str) -> None:
        content = body.encode()
        self.send_response(status)
        for name, value in {**HEADERS, **headers, "Content-Type": kind, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def version_string(self) -> str:
        return "slack-lookalike"

    def log_message(self, *_: object) -> None:
        """Stay quiet: what came in stands on the page."""


def snapshot(workspace: Workspace, after: int = 0) -> dict[str, Any]:
    """List the messages with a higher number than `after`, drawn as they look now, and the state around them."""
    now = datetime.now().astimezone()
    refusals = workspace.refusals
    return {
        "epoch": workspace.epoch,
        "channels": workspace.channels,
        "outage": workspace.outage,
        "refused": len(refusals),
        "refusals": [
            {
                "channel": one.channel,
                "received_at": one.received_at.isoformat(),
                "status": one.status,
                "reason": one.reason,
                "detail": one.detail,
            }
            for one in refusals[-REFUSALS_SHOWN:]
        ],
        "messages": [
            {
                "number": one.number,
                "channel": one.channel,
                "received_at": one.received_at.isoformat(),
                "payload": one.payload,
                "html": render.message(accept(one.payload), now),
            }
            for one in workspace.messages[after:]
        ],
    }
