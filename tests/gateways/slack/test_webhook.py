"""Posting to a webhook over real HTTP: what Slack's answers mean, and that the URL stays a secret."""

import json
import logging
import threading
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import urllib3

from chalicelib.domain.errors import DeliveryError, Misconfigured, Refused, Unacceptable, Unavailable
from chalicelib.gateways.slack.webhook import SlackWebhooks, is_safe
from local.slack.server import SlackLookalike
from tests.domain.given import an_event
from tests.gateways.slack.messages import a_busy_day, a_composer, a_report, an_announcement, notifications

SECRET = "T0SECRET/B0SECRET/x0secret"
MESSAGE = {"text": "hello"}


@dataclass
class Server:
    """An HTTP server on loopback that answers as it is told, and keeps what it was sent."""

    port: int = 0
    status: int = 200
    body: str = "ok"
    headers: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    received: list[tuple[str, Any]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Return a webhook URL of this server."""
        return f"http://127.0.0.1:{self.port}/services/{SECRET}"

    def webhooks(self, timeout: float = 5.0) -> SlackWebhooks:
        """Return what posts to this server."""
        return SlackWebhooks(lambda receiver: self.url, "test", timeout)


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            state.received.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            if state.silent:
                state.over.wait(30)
                return
            self.send_response(state.status)
            for name, value in state.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(state.body.encode())

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        state.port = http.server_address[1]
        thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield state
        state.over.set()
        http.shutdown()
        thread.join()


def failure(webhooks: SlackWebhooks) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        webhooks.post("monitoring", MESSAGE)
    return caught.value


def test_ok_is_delivered(server: Server) -> None:
    server.webhooks().post("monitoring", MESSAGE)
    assert server.received == [(f"/services/{SECRET}", MESSAGE)]


def test_the_webhook_is_that_of_the_receiver(server: Server) -> None:
    SlackWebhooks({"report": server.url}.get, "test").post("report", MESSAGE)
    assert len(server.received) == 1


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, "invalid_blocks", Unacceptable),
        (400, "invalid_attachments", Unacceptable),
        (400, "no_text", Unacceptable),
        (413, "", Unacceptable),
        (403, "action_prohibited", Refused),
        (404, "no_service", Refused),
        (410, "channel_is_archived", Refused),
        (429, "rate_limited", Unavailable),
        (500, "rollup_error", Unavailable),
        (503, "", Unavailable),
        (401, "", Unavailable),
        (302, "", Unavailable),
        (204, "", Unavailable),
        (200, "<html>Please log in</html>", Unavailable),
    ],
)
def test_what_an_answer_means(server: Server, status: int, body: str, error: type[DeliveryError]) -> None:
    server.status, server.body = status, body
    found = failure(server.webhooks())
    assert type(found) is error
    assert str(status) in str(found)


def test_slacks_own_word_is_told(server: Server) -> None:
    server.status, server.body = 400, "invalid_blocks"
    assert str(failure(server.webhooks())) == "Slack cannot read the message: 400 invalid_blocks"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("0", 1), ("86400", 3_600), ("soon", 30), ("-5", 30), ("9" * 5_000, 30), (None, 30)],
)
def test_slack_is_left_alone_as_long_as_it_asks_but_no_longer_than_an_hour(
    server: Server, header: str | None, seconds: int
) -> None:
    server.status = 429
    server.headers = {} if header is None else {"Retry-After": header}
    found = failure(server.webhooks())
    assert isinstance(found, Unavailable)
    assert found.retry_after == seconds


def test_a_redirect_is_not_followed(server: Server) -> None:
    server.status, server.headers = 307, {"Location": f"http://127.0.0.1:{server.port}/elsewhere"}
    assert isinstance(failure(server.webhooks()), Unavailable)
    assert len(server.received) == 1


def test_silence_is_unavailable(server: Server) -> None:
    server.silent = True
    found = failure(server.webhooks(timeout=0.05))
    assert isinstance(found, Unavailable)
    assert found.retry_after == 30


def test_a_missing_webhook_names_the_parameter_to_set() -> None:
    found = failure(SlackWebhooks(lambda receiver: None, "prod"))
    assert isinstance(found, Unavailable)
    assert "/monitoring/prod/slack/monitoring is missing" in str(found)


def test_a_parameter_that_cannot_be_read_is_unavailable() -> None:
    def broken(receiver: str) -> str:
        raise TimeoutError(SECRET)

    found = failure(SlackWebhooks(broken, "prod"))
    assert isinstance(found, Unavailable)
    assert "cannot be read (TimeoutError)" in str(found)


def test_what_the_parameter_store_says_is_passed_on() -> None:
    def forbidden(receiver: str) -> str:
        raise Misconfigured("Parameter /monitoring/prod/slack/monitoring cannot be read: AccessDeniedException")

    assert "AccessDeniedException" in str(failure(SlackWebhooks(forbidden, "prod")))


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://hooks.slack.com/services/T/B/x", True),
        ("http://127.0.0.1:4580/services/T/B/x", True),
        ("http://localhost:4580/services/T/B/x", True),
        ("http://[::1]:4580/services/T/B/x", True),
        ("http://hooks.slack.com/services/T/B/x", False),
        ("http://127.0.0.1.evil.example/", False),
        ("http://localhost.evil.example/", False),
        ("http://10.0.0.1/", False),
        ("ftp://127.0.0.1/", False),
        ("file:///etc/passwd", False),
        ("https://", False),
        ("https://[", False),
        ("hooks.slack.com/services/T/B/x", False),
        ("", False),
    ],
)
def test_only_https_or_this_machine_is_posted_to(url: str, safe: bool) -> None:
    assert is_safe(url) is safe


def tell_the_url(_pool: object, _method: str, url: str, **_more: object) -> None:
    """Fail as requests does."""
    raise ConnectionError(f"Max retries exceeded with url: {url}")


@pytest.mark.parametrize("case", ["refused", "timeout", "400", "404", "500", "echo", "no url", "idna", "library"])
def test_the_url_is_in_no_error_traceback_or_log(
    server: Server, case: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Libraries put it into the text of their exceptions and into their debug log, and proxies into their pages."""
    caplog.set_level(logging.DEBUG)
    webhooks = server.webhooks(timeout=0.05 if case == "timeout" else 5)
    match case:
        case "refused":
            webhooks = SlackWebhooks(lambda receiver: f"http://127.0.0.1:1/services/{SECRET}", "test")
        case "timeout":
            server.silent = True
        case "echo":
            server.status, server.body = 400, f"no page {server.url} here"
        case "no url":
            webhooks = SlackWebhooks(lambda receiver: f"http://hooks.example/{SECRET}", "test")
        case "idna":
            webhooks = SlackWebhooks(lambda receiver: f"https://{'x' * 70}.localhost/{SECRET}", "test")
        case "library":
            monkeypatch.setattr(urllib3.PoolManager, "request", tell_the_url)
        case status:
            server.status = int(status)
    found = failure(webhooks)
    told = [repr(found), str(found), repr(webhooks), caplog.text, *traceback.format_exception(found)]
    assert not [text for text in told if "secret" in text.lower()]
    assert found.__context__ is None
    assert found.__cause__ is None


def test_the_look_alike_takes_every_kind_of_message() -> None:
    composer = a_composer()
    with SlackLookalike(rate_limit=None) as slack:
        webhooks = SlackWebhooks(slack.webhook, "local")
        webhooks.post("monitoring", composer.announcement(*an_announcement(an_event())))
        webhooks.post("monitoring", composer.digest(notifications(2_000), 0))
        webhooks.post("report", composer.announcement(a_report(a_busy_day()), None))
        webhooks.post("monitoring", composer.plain(notifications(1)[0]))
        assert len(slack.messages) == 4
        assert slack.refusals == ()


def test_the_look_alikes_rate_limit_is_understood() -> None:
    with SlackLookalike() as slack:
        slack.outage("429")
        found = failure(SlackWebhooks(slack.webhook, "local"))
    assert isinstance(found, Unavailable)
