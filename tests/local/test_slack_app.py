"""The look-alike of a Slack app: its Web API over HTTP, the page that shows its messages, and presses of buttons."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier

from local.slack import SlackLookalike
from local.slack.conversations import Conversations
from local.slack.interactivity import Presser

TOKEN, SECRET, CHANNEL = "xoxb-test", "signing-secret", "C0123456789"
BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "Do it"}, "action_id": "do", "value": "{}"}
BLOCKS = [{"type": "actions", "elements": [BUTTON]}]


@pytest.fixture
def slack() -> Iterator[SlackLookalike]:
    with SlackLookalike(channels=["ops"]) as slack:
        slack.app = Conversations({CHANNEL: "ops"}, TOKEN, lambda: 1_760_000_000.0)
        yield slack


@pytest.fixture
def client(slack: SlackLookalike) -> WebClient:
    """Return Slack's own client, in front of the look-alike."""
    return WebClient(TOKEN, base_url=f"{slack.url}/api/")


def test_slacks_own_client_posts_updates_and_finds_messages(client: WebClient) -> None:
    metadata = {"event_type": "test", "event_payload": {"id": "1"}}
    posted = client.chat_postMessage(channel=CHANNEL, text="begun", metadata=metadata)
    client.chat_postMessage(channel=CHANNEL, text="a reply", thread_ts=posted["ts"])
    client.chat_update(channel=CHANNEL, ts=str(posted["ts"]), text="over")
    (found,) = client.conversations_history(channel=CHANNEL, include_all_metadata=True)["messages"]
    thread = client.conversations_replies(channel=CHANNEL, ts=str(posted["ts"]))["messages"]

    assert (found["text"], found["metadata"]) == ("over", metadata)
    assert [each["text"] for each in thread] == ["over", "a reply"]


@pytest.mark.parametrize(
    ("method", "arguments", "word"),
    [
        ("chat_postMessage", {"channel": "C9", "text": "x"}, "channel_not_found"),
        ("chat_postMessage", {"channel": CHANNEL, "text": ""}, "no_text"),
        ("chat_postMessage", {"channel": CHANNEL, "text": "x", "thread_ts": "1.1"}, "thread_not_found"),
        ("chat_postMessage", {"channel": CHANNEL, "blocks": [{"type": "nothing"}]}, "invalid_blocks"),
        ("chat_postMessage", {"channel": CHANNEL, "text": "x", "metadata": {}}, "metadata_must_be_sent"),
        ("chat_update", {"channel": CHANNEL, "ts": "1.1", "text": "x"}, "message_not_found"),
        ("conversations_replies", {"channel": CHANNEL, "ts": "1.1"}, "thread_not_found"),
        ("views_open", {"trigger_id": "old", "view": {"type": "modal"}}, "invalid_arguments"),
        ("users_info", {"user": "U9"}, "user_not_found"),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_what_slack_refuses_is_refused(client: WebClient, method: str, arguments: dict[str, Any], word: str) -> None:
    with pytest.raises(SlackApiError, match=word):
        getattr(client, method)(**arguments)


def test_a_wrong_token_a_missing_scope_and_a_missing_invitation_are_refused(slack: SlackLookalike) -> None:
    assert slack.app is not None
    with pytest.raises(SlackApiError, match="invalid_auth"):
        WebClient("xoxb-other", base_url=f"{slack.url}/api/").chat_postMessage(channel=CHANNEL, text="x")
    client = WebClient(TOKEN, base_url=f"{slack.url}/api/")
    slack.app.invited.clear()
    with pytest.raises(SlackApiError, match="not_in_channel"):
        client.chat_postMessage(channel=CHANNEL, text="x")
    slack.app.scopes = frozenset()
    with pytest.raises(SlackApiError, match="missing_scope"):
        client.chat_postMessage(channel=CHANNEL, text="x")


def test_whoever_posts_too_fast_has_to_wait(slack: SlackLookalike) -> None:
    body, headers = {"channel": CHANNEL, "text": "x"}, {"Authorization": f"Bearer {TOKEN}"}
    responses = [requests.post(f"{slack.url}/api/chat.postMessage", json=body, headers=headers) for _ in range(7)]

    assert responses[0].status_code == 200
    assert responses[-1].status_code == 429
    assert int(responses[-1].headers["Retry-After"]) >= 1


def test_the_page_shows_messages_as_they_are_now_with_their_threads(slack: SlackLookalike, client: WebClient) -> None:
    posted = client.chat_postMessage(channel=CHANNEL, text="begun", blocks=BLOCKS)
    client.chat_update(channel=CHANNEL, ts=str(posted["ts"]), text="over", blocks=BLOCKS)
    client.chat_postMessage(channel=CHANNEL, text="worse", thread_ts=posted["ts"], reply_broadcast=True)
    (shown,) = requests.get(f"{slack.url}/messages.json").json()["living"]

    assert shown["channel"] == "ops"
    for words in ("(edited)", "worse", "Also sent to the channel", 'data-action="do"'):
        assert words in shown["html"]


class App(BaseHTTPRequestHandler):
    """An app that keeps what it is sent."""

    def do_POST(self) -> None:
        """Keep a request, and answer."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, body, dict(self.headers)))  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


def test_a_press_reaches_the_app_signed_as_slack_signs(slack: SlackLookalike, client: WebClient) -> None:
    posted = client.chat_postMessage(channel=CHANNEL, text="begun", blocks=BLOCKS)
    with HTTPServer(("127.0.0.1", 0), App) as server:
        server.requests = []  # type: ignore[attr-defined]
        threading.Thread(target=server.handle_request).start()
        assert slack.app is not None
        slack.presser = Presser(slack.app, SECRET, f"http://127.0.0.1:{server.server_address[1]}")
        pressed = requests.post(f"{slack.url}/_press", json={"ts": posted["ts"], "action": "do"})
        ((path, body, headers),) = server.requests  # type: ignore[attr-defined]

    assert pressed.json() == {"status": 200}
    assert path == "/slack/interactions"
    assert SignatureVerifier(SECRET).is_valid_request(body, headers)
    payload = json.loads(parse_qs(body.decode())["payload"][0])
    assert payload["actions"][0]["action_id"] == "do"
    assert payload["channel"]["id"] == CHANNEL


def test_a_press_without_an_app_or_from_a_foreign_page_is_refused(slack: SlackLookalike) -> None:
    assert requests.post(f"{slack.url}/_press", json={}).status_code == 404
    assert slack.app is not None
    slack.presser = Presser(slack.app, SECRET, "http://127.0.0.1:9")
    assert requests.post(f"{slack.url}/_press", data="{}").status_code == 404


def test_an_app_that_does_not_answer_has_no_status(slack: SlackLookalike) -> None:
    assert slack.app is not None
    assert Presser(slack.app, SECRET, "http://127.0.0.1:9").send("commands", {"text": "status"}) == 0
