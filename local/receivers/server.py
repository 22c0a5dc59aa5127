"""The receivers beside Slack on loopback: one address for each look-alike, and a page that shows what came."""

import html
import socketserver
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import urlsplit

from local.receivers.answer import Answer
from local.receivers.demo import DOMAIN, TOPIC, WEBHOOK_SECRET
from local.receivers.mails import MailServices
from local.receivers.pagerduty import PagerDuty
from local.receivers.teams import TeamsWorkflow
from local.receivers.webhooks import WebhookProgram

LOOPBACK = "127.0.0.1"
LARGEST_BODY = 2_000_000
POLL = 0.05
POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
HEAD = "<meta charset=utf-8><meta name=viewport content=width=device-width><title>Receivers</title>"
STYLE = """
body { font: 15px system-ui; margin: 2rem auto; max-width: 64rem; padding: 0 1rem }
:root { color-scheme: light dark }
table { width: 100% } h1 { font-size: 1.4rem }
td, th { text-align: left; padding: .3rem .8rem .3rem 0; vertical-align: top; overflow-wrap: anywhere }
"""

# Where a mail is shown as its reader sees it.
MAILS = "/mails/"

type Headers = dict[str, str]
type Row = tuple[str, ...]


class ReceiversLookalike:
    """The look-alikes behind one server; it listens from construction on and serves while used as a context."""

    def __init__(self, port: int = 0) -> None:
        self.pagerduty, self.teams, self.webhooks = PagerDuty(), TeamsWorkflow(), WebhookProgram(WEBHOOK_SECRET)
        self.mail_services = MailServices({TOPIC}, DOMAIN)
        self.outage: HTTPStatus | None = None
        self._server = _Server((LOOPBACK, port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(POLL,), name="receivers", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """The address of the page, without a slash at its end; also PagerDuty's, and of what sends mails in AWS."""
        return f"http://{LOOPBACK}:{self._server.server_address[1]}"

    def post(self, path: str, body: bytes, headers: Headers) -> Answer:
        """Pass a request on to the look-alike that it is for, unless an outage is played."""
        if self.outage is not None:
            return Answer(self.outage)
        takes = self._paths().get(path)
        return takes(body, headers) if takes else Answer(HTTPStatus.NOT_FOUND)

    def mail(self, path: str) -> str | None:
        """Return the HTML of a mail by its address on the page; None where there is none."""
        number = path.removeprefix(MAILS)
        mails = self.mail_services.mails
        return mails[int(number)].html if number in map(str, range(len(mails))) else None

    def page(self) -> str:
        """Return the page: a table for each look-alike."""
        tables = "".join(_table(*each) for each in self._tables())
        return f"<!doctype html>{HEAD}<style>{STYLE}</style>{tables}"

    def _paths(self) -> dict[str, Callable[[bytes, Headers], Answer]]:
        return {
            "/v2/enqueue": lambda body, _headers: self.pagerduty.enqueue(body),
            "/teams": lambda body, _headers: self.teams.receive(body),
            "/webhook": self.webhooks.receive,
            "/": lambda body, _headers: self.mail_services.publish(body),
            "/v2/email/outbound-emails": lambda body, _headers: self.mail_services.send_email(body),
        }

    def _tables(self) -> list[tuple[str, Row, list[Row]]]:
        incidents: list[Row] = [
            (each.status, each.severity, each.summary, ", ".join(each.actions), each.key)
            for each in reversed(self.pagerduty.incidents)
        ]
        cards: list[Row] = [tuple(each.lines[:2]) for each in reversed(self.teams.cards)]
        webhooks: list[Row] = [
            (each.body["type"], each.body["data"]["notification"]["title"], each.id)
            for each in reversed(self.webhooks.taken)
        ]
        mails: list[Row] = [
            (each.via, each.message["Subject"], each.text.partition("\n")[0], each.message["References"] or "")
            for each in reversed(self.mail_services.mails)
        ]
        return [
            ("PagerDuty", ("status", "severity", "summary", "events", "key"), incidents),
            ("Teams", ("title", "where"), cards),
            ("Webhooks", ("type", "title", "id"), webhooks),
            (f"Mails, the newest of {len(mails)} first ({MAILS}0 …)", ("via", "subject", "begins", "thread"), mails),
        ]


def _table(title: str, head: Row, rows: list[Row]) -> str:
    cells = [_row("th", head), *(_row("td", each) for each in rows)]
    return f"<h1>{html.escape(title)}</h1><table>{''.join(cells)}</table>"


def _row(tag: str, cells: Row) -> str:
    return f"<tr>{''.join(f'<{tag}>{html.escape(each)}</{tag}>' for each in cells)}</tr>"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], receivers: ReceiversLookalike) -> None:
        self.receivers = receivers
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Bind without looking up the host's name, which takes seconds on some machines."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, self.server_address[1]


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10.0

    def do_GET(self) -> None:
        path, receivers = urlsplit(self.path).path, self.server.receivers
        shown = receivers.page() if path == "/" else receivers.mail(path)
        if not self._is_from_here() or shown is None:
            self._send(Answer(HTTPStatus.NOT_FOUND))
            return
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": POLICY}
        self._send(Answer(HTTPStatus.OK, shown, headers))

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        body = self.rfile.read(int(length)) if length.isdecimal() and int(length) <= LARGEST_BODY else b""
        if not self._is_from_here():
            self._send(Answer(HTTPStatus.FORBIDDEN))
            return
        self._send(self.server.receivers.post(urlsplit(self.path).path, body, dict(self.headers.items())))

    def _is_from_here(self) -> bool:
        """Refuse foreign host names: a page elsewhere could point its own name here and read along."""
        return urlsplit(f"//{self.headers.get('Host', '')}").hostname in {LOOPBACK, "localhost"}

    def _send(self, answer: Answer) -> None:
        content = answer.body.encode()
        self.send_response(answer.status)
        for name, value in {**answer.headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def version_string(self) -> str:
        return "receivers-lookalike"

    def log_message(self, *_: object) -> None:
        """Stay quiet: what came in stands on the page."""
