"""Forms, commands and what one person alone sees, on the look-alike's page: as Slack sends and shows them."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from slack_sdk.signature import SignatureVerifier

from chalicelib.gateways.slack_app.requests import request_in
from local.slack import SlackLookalike
from local.slack.conversations import Conversations
from local.slack.interactivity import Presser

TOKEN, SECRET, CHANNEL = "xoxb-test", "signing-secret", "C0123456789"
OPTIONS = [{"text": {"type": "plain_text", "text": each}, "value": each} for each in ("1h", "4h")]
VIEW = {
    "type": "modal",
    "private_metadata": json.dumps({"fingerprint": "0" * 32, "episode": 1, "channel": CHANNEL}),
    "title": {"type": "plain_text", "text": "Silence"},
    "submit": {"type": "plain_text", "text": "Silence it"},
    "blocks": [
        {"type": "section", "text": {"type": "mrkdwn", "text": "*queue* is &lt;full&gt;"}},
        {
            "type": "input",
            "block_id": "duration",
            "label": {"type": "plain_text", "text": "How long"},
            "element": {
                "type": "static_select",
                "action_id": "duration",
                "options": OPTIONS,
                "initial_option": OPTIONS[1],
            },
        },
        {
            "type": "input",
            "block_id": "custom",
            "optional": True,
            "label": {"type": "plain_text", "text": "Or <b>"},
            "element": {"type": "plain_text_input", "action_id": "custom"},
        },
    ],
}


class App(BaseHTTPRequestHandler):
    """An app that keeps what it is sent, and says what it was told to."""

    def do_POST(self) -> None:
        """Keep a request, and answer."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        app: Any = self.server
        app.requests.append((self.path, body, dict(self.headers)))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(app.answer)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture
def app() -> Iterator[Any]:
    """Return an app behind the look-alike."""
    with HTTPServer(("127.0.0.1", 0), App) as server:
        known: Any = server
        known.requests, known.answer = [], b""
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield known
        server.shutdown()
        thread.join()


@pytest.fixture
def slack(app: Any) -> Iterator[SlackLookalike]:
    with SlackLookalike(channels=["ops"]) as slack:
        slack.app = Conversations({CHANNEL: "ops"}, TOKEN, lambda: 1_760_000_000.0)
        slack.presser = Presser(slack.app, SECRET, f"http://127.0.0.1:{app.server_address[1]}")
        yield slack


def call(slack: SlackLookalike, method: str, **arguments: Any) -> dict[str, Any]:
    """Call a method of the Web API."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    document: dict[str, Any] = requests.post(f"{slack.url}/api/{method}", json=arguments, headers=headers).json()
    return document


def act(slack: SlackLookalike, what: str, **wish: Any) -> dict[str, Any]:
    """Do something at the page."""
    document: dict[str, Any] = requests.post(f"{slack.url}/_{what}", json=wish).json()
    return document


def page(slack: SlackLookalike) -> dict[str, Any]:
    """Return what the page shows."""
    shown: dict[str, Any] = requests.get(f"{slack.url}/messages.json").json()
    return shown


def opened(slack: SlackLookalike) -> str:
    """Open a form, as an app does on a press; returns its id."""
    assert slack.app is not None
    return str(call(slack, "views.open", trigger_id=slack.app.views.trigger(), view=VIEW)["view"]["id"])


def test_a_form_is_drawn_with_its_fields_and_everything_escaped(slack: SlackLookalike) -> None:
    view = opened(slack)
    html = page(slack)["modals"][view]

    for words in ("<h3>Silence</h3>", "is &lt;full&gt;", 'value="4h" selected', "Or &lt;b&gt;", "Silence it"):
        assert words in html


def test_a_form_reaches_the_app_as_the_hub_reads_it_and_is_closed(slack: SlackLookalike, app: Any) -> None:
    view = opened(slack)
    answer = act(slack, "submit", view=view, values={"duration": "1h", "custom": "90m"})
    ((path, body, headers),) = app.requests
    read = request_in(body)

    assert answer == {"status": 200, "errors": {}}
    assert page(slack)["modals"] == {}
    assert path == "/slack/interactions"
    assert SignatureVerifier(SECRET).is_valid_request(body, headers)
    assert read is not None
    assert (read.at, read.duration, read.channel, read.fingerprint) == (view, "90m", CHANNEL, "0" * 32)


def test_a_form_with_which_something_is_wrong_stays_open_and_says_what(slack: SlackLookalike, app: Any) -> None:
    app.answer = json.dumps({"response_action": "errors", "errors": {"custom": "no time"}}).encode()
    view = opened(slack)

    assert act(slack, "submit", view=view, values={})["errors"] == {"custom": "no time"}
    assert list(page(slack)["modals"]) == [view]
    act(slack, "close", view=view)
    assert page(slack)["modals"] == {}


def test_a_command_is_answered_to_whoever_typed_it(slack: SlackLookalike, app: Any) -> None:
    app.answer = json.dumps({"response_type": "ephemeral", "text": "2 alerts &lt;b&gt;"}).encode()

    assert act(slack, "command", channel="ops", text="/monitoring alerts web") == {"status": 200}
    ((path, body, _),) = app.requests
    form = parse_qs(body.decode())
    assert (path, form["command"], form["text"]) == ("/slack/commands", ["/monitoring"], ["alerts web"])
    (shown,) = page(slack)["living"]
    assert shown["whisper"] is True
    assert "2 alerts &lt;b&gt;" in shown["html"]
    assert slack.app is not None
    assert slack.app.roots() == []


def test_a_button_of_what_one_person_sees_and_one_of_several_alike_can_be_pressed(
    slack: SlackLookalike, app: Any
) -> None:
    button = {"type": "button", "text": {"type": "plain_text", "text": "Do"}, "action_id": "do"}
    row = [{"type": "actions", "elements": [button | {"value": "alone"}]}]
    said = call(slack, "chat.postEphemeral", channel=CHANNEL, user="U1", text="x", blocks=row)
    sections = [
        {"type": "section", "text": {"type": "plain_text", "text": each}, "accessory": button | {"value": each}}
        for each in ("a", "b")
    ]
    posted = call(slack, "chat.postMessage", channel=CHANNEL, text="x", blocks=sections)
    act(slack, "press", ts=said["message_ts"], action="do")
    act(slack, "press", ts=posted["ts"], action="do", value="b")

    payloads = [json.loads(parse_qs(body.decode())["payload"][0]) for _, body, _ in app.requests]
    assert [each["actions"][0]["value"] for each in payloads] == ["alone", "b"]
    assert 'data-value="b"' in page(slack)["living"][0]["html"]
