"""Posting to a webhook over real HTTP: what Slack's responses mean, and that the URL stays a secret."""

import logging
import traceback
from collections.abc import Callable, Iterator

import pytest

from chalicelib.domain.errors import Misconfigured
from chalicelib.gateways.http import HttpClient
from chalicelib.gateways.slack.webhook import SlackWebhooks, Unreadable
from chalicelib.services.notifying.ports import Delivered, Rejected, Retry
from tests.gateways.http_server import SECRET, Server, running

MESSAGE = {"text": "hello"}
PARAMETER = "/monitoring/prod/slack/monitoring"


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as server:
        yield server


def webhooks(secret: Callable[[str], str | None]) -> SlackWebhooks:
    """Return what posts to the webhooks that these secrets hold."""
    return SlackWebhooks(secret, "prod", HttpClient())


def post(secret: Callable[[str], str | None]) -> Delivered | Retry | Rejected | Unreadable:
    """Post a message to the receiver `monitoring`."""
    webhook = webhooks(secret).find("monitoring")
    return webhook if isinstance(webhook, Retry) else webhook.post(MESSAGE)


def test_ok_is_delivered_to_the_webhook_of_the_receiver(server: Server) -> None:
    assert post({PARAMETER: server.url}.get) == Delivered()
    assert [each.path for each in server.received] == [f"/services/{SECRET}"]


@pytest.mark.parametrize(
    ("status", "body", "result"),
    [
        (400, "invalid_blocks", Unreadable("Slack cannot read the message: 400 invalid_blocks")),
        (400, "invalid_attachments", Unreadable("Slack cannot read the message: 400 invalid_attachments")),
        (413, "", Unreadable("Slack cannot read the message: 413")),
        (403, "action_prohibited", Rejected("Slack refuses messages to monitoring: 403 action_prohibited", True)),
        (404, "no_service", Rejected("Slack refuses messages to monitoring: 404 no_service", True)),
        (410, "channel_is_archived", Rejected("Slack refuses messages to monitoring: 410 channel_is_archived", True)),
        (429, "rate_limited", Retry(30, "rate limited: 429")),
        (500, "rollup_error", Retry(30, "no delivery to monitoring: 500 rollup_error", True, True)),
        (503, "", Retry(30, "no delivery to monitoring: 503", passing=True)),
        (401, "", Retry(30, "no delivery to monitoring: 401")),
        (302, "", Retry(30, "no delivery to monitoring: 302")),
        (204, "", Retry(30, "no delivery to monitoring: 204")),
        (200, "<html>Please log in</html>", Retry(30, "no delivery to monitoring: 200")),
    ],
)
def test_what_a_response_means(server: Server, status: int, body: str, result: Retry | Rejected | Unreadable) -> None:
    server.status, server.body = status, body

    assert post(lambda _: server.url) == result


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("0", 1), ("86400", 3_600), ("soon", 30), ("-5", 30), ("9" * 5_000, 30), (None, 30)],
)
def test_slack_is_left_alone_as_long_as_it_says_but_no_longer_than_an_hour(
    server: Server, header: str | None, seconds: int
) -> None:
    server.status = 429
    server.headers = {} if header is None else {"Retry-After": header}

    assert post(lambda _: server.url) == Retry(seconds, "rate limited: 429")


def test_slack_that_is_broken_is_left_alone_as_long_as_it_says(server: Server) -> None:
    server.status, server.body, server.headers = 503, "", {"Retry-After": "120"}

    assert post(lambda _: server.url) == Retry(120, "no delivery to monitoring: 503")


def broken(_parameter: str) -> str:
    """Fail as a library might."""
    raise TimeoutError(SECRET)


def forbidden(parameter: str) -> str:
    """Fail as the parameter store does."""
    raise Misconfigured(f"Parameter {parameter} cannot be read: AccessDeniedException")


@pytest.mark.parametrize(
    ("secret", "why"),
    [
        (lambda _: None, f"SSM parameter {PARAMETER} is missing"),
        (lambda _: f"http://hooks.example/{SECRET}", f"SSM parameter {PARAMETER} holds no https URL"),
        (broken, f"SSM parameter {PARAMETER} cannot be read (TimeoutError)"),
        (forbidden, f"Parameter {PARAMETER} cannot be read: AccessDeniedException"),
    ],
)
def test_an_unreachable_webhook_is_tried_again(secret: Callable[[str], str | None], why: str) -> None:
    assert post(secret) == Retry(30, f"no delivery to monitoring: {why}")


def test_a_webhook_that_is_not_there_may_be_back_within_seconds() -> None:
    result = post(lambda _: f"http://127.0.0.1:1/{SECRET}")

    assert result == Retry(30, "no delivery to monitoring: NewConnectionError", passing=True)


@pytest.mark.parametrize("status", [200, 400, 404, 500])
def test_the_url_is_in_no_result_or_log(server: Server, status: int, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever stands between us and Slack may repeat the URL on a page of its own."""
    caplog.set_level(logging.DEBUG)
    server.status, server.body = status, f"no page {server.url} here"

    result = post(lambda _: server.url)

    assert "secret" not in f"{result} {caplog.text}".lower()


def test_a_secret_that_cannot_be_read_leaves_no_traceback() -> None:
    try:
        result = post(broken)
    except TimeoutError as error:  # pragma: no cover - what must not happen
        pytest.fail("".join(traceback.format_exception(error)))

    assert SECRET not in repr(result)
