"""Over HTTP the look-alike answers as Slack does, shows what came, and lets go when it is told."""

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from slack_sdk.webhook import WebhookClient

from local.slack import RateLimit, SlackLookalike
from local.slack.server import LARGEST_BODY
from tests.local.markup import read

ENOUGH = 10.0  # seconds; reached only when something hangs


@pytest.fixture
def slack() -> Iterator[SlackLookalike]:
    with SlackLookalike(rate_limit=None) as lookalike:
        yield lookalike


def post(slack: SlackLookalike, payload: Any, channel: str = "ops") -> requests.Response:
    return requests.post(slack.webhook(channel), json=payload, timeout=ENOUGH)


def get(slack: SlackLookalike, path: str, **headers: str) -> requests.Response:
    return requests.get(slack.url + path, headers=headers, timeout=ENOUGH)


def control(slack: SlackLookalike, wish: Any) -> requests.Response:
    return requests.post(f"{slack.url}/_control", json=wish, timeout=ENOUGH)


def wait_for_a_refusal(slack: SlackLookalike) -> None:
    deadline = time.monotonic() + ENOUGH
    while not slack.refusals and time.monotonic() < deadline:
        threading.Event().wait(0.001)


def test_a_message_is_answered_ok(slack: SlackLookalike) -> None:
    answer = post(slack, {"text": "hello"})
    assert (answer.status_code, answer.text, [one.payload for one in slack.messages]) == (
        200,
        "ok",
        [{"text": "hello"}],
    )


def test_slacks_own_client_is_content(slack: SlackLookalike) -> None:
    answer = WebhookClient(slack.webhook("ops")).send(text="hello")
    assert (answer.status_code, answer.body) == (200, "ok")


@pytest.mark.parametrize(
    ("payload", "word"),
    [
        ([], "invalid_payload"),
        ({}, "no_text"),
        ({"blocks": [{"type": "x"}]}, "invalid_blocks"),
        ({"attachments": [{"blocks": [{"type": "x"}]}]}, "invalid_attachments"),
    ],
)
def test_a_bad_message_is_answered_with_slacks_word(slack: SlackLookalike, payload: Any, word: str) -> None:
    answer = post(slack, payload)
    assert (answer.status_code, answer.text) == (400, word)


def test_a_body_too_large_is_refused_and_answered(slack: SlackLookalike) -> None:
    answer = requests.post(slack.webhook("ops"), data=b"x" * (2 * LARGEST_BODY + 1), timeout=ENOUGH)
    assert (answer.status_code, answer.text) == (400, "invalid_payload")


def test_a_body_of_untold_length_is_refused(slack: SlackLookalike) -> None:
    answer = requests.post(slack.webhook("ops"), headers={"Content-Length": "-1"}, timeout=ENOUGH)
    assert (answer.status_code, answer.text) == (400, "invalid_payload")


def test_an_unknown_channel_has_no_service() -> None:
    with SlackLookalike(channels=("ops",)) as slack:
        answer = post(slack, {"text": "hello"}, "attic")
    assert (answer.status_code, answer.text) == (404, "no_service")


def test_haste_is_answered_with_429_and_when_to_come_back() -> None:
    with SlackLookalike(rate_limit=RateLimit(burst=1), monotonic=lambda: 0.0) as slack:
        post(slack, {"text": "one"})
        answer = post(slack, {"text": "two"})
    assert (answer.status_code, answer.headers["Retry-After"], answer.json()["error"]) == (429, "1", "rate_limited")


def test_the_rate_limit_is_on_unless_switched_off() -> None:
    with SlackLookalike(monotonic=lambda: 0.0) as slack:
        responses = [post(slack, {"text": "hello"}).status_code for _ in range(6)]
    assert responses == [200, 200, 200, 200, 200, 429]


def test_an_outage_is_reported_over_http(slack: SlackLookalike) -> None:
    announced = control(slack, {"outage": "500", "for": 1})
    assert (announced.json(), post(slack, {"text": "x"}).status_code, post(slack, {"text": "x"}).status_code) == (
        {"outage": "500"},
        500,
        200,
    )


@pytest.mark.parametrize("wish", [{"outage": "403", "for": "30s", "channel": "ops"}, {"outage": "403"}])
def test_an_outage_can_last(slack: SlackLookalike, wish: dict[str, Any]) -> None:
    control(slack, wish)
    assert [post(slack, {"text": "x"}).text for _ in range(2)] == ["action_prohibited"] * 2


def test_an_outage_is_lifted_over_http(slack: SlackLookalike) -> None:
    slack.outage("500")
    control(slack, {"outage": None})
    assert post(slack, {"text": "x"}).status_code == 200


@pytest.mark.parametrize(
    "wish",
    [
        [],
        {},
        {"outage": "418"},
        {"outage": ["500"]},
        {"outage": "500", "for": 0},
        {"outage": "500", "for": True},
        {"outage": "500", "for": "soon"},
        {"outage": "500", "loud": True},
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(slack: SlackLookalike, wish: Any) -> None:
    assert control(slack, wish).status_code == 400


def test_a_foreign_page_cannot_turn_the_knobs(slack: SlackLookalike) -> None:
    answer = requests.post(
        f"{slack.url}/_control", data='{"outage": "500"}', headers={"Content-Type": "text/plain"}, timeout=ENOUGH
    )
    assert answer.status_code == 415


def test_a_timeout_leaves_the_sender_waiting(slack: SlackLookalike) -> None:
    slack.outage("timeout", messages=1)
    with pytest.raises(requests.Timeout):
        requests.post(slack.webhook("ops"), json={"text": "x"}, timeout=0.05)
    wait_for_a_refusal(slack)
    assert [(one.status, one.reason) for one in slack.refusals] == [(None, "timeout")]


def test_stopping_lets_go_of_whoever_waits() -> None:
    slack = SlackLookalike(rate_limit=None)
    slack.start()
    slack.outage("timeout")
    ends: list[type[Exception]] = []

    def wait() -> None:
        try:
            post(slack, {"text": "x"})
        except requests.RequestException as error:
            ends.append(type(error))

    sender = threading.Thread(target=wait)
    sender.start()
    wait_for_a_refusal(slack)
    slack.stop()
    sender.join(ENOUGH)
    assert ends == [requests.ConnectionError]


def test_a_stopped_lookalike_frees_its_port(slack: SlackLookalike) -> None:
    port = int(slack.url.rpartition(":")[2])
    slack.stop()
    SlackLookalike(port).stop()


def test_a_taken_port_is_an_os_error(slack: SlackLookalike) -> None:
    with pytest.raises(OSError, match="in use"):
        SlackLookalike(int(slack.url.rpartition(":")[2]))


def test_the_list_holds_what_came_and_how_it_is_drawn(slack: SlackLookalike) -> None:
    post(slack, {"text": "*hello*"})
    post(slack, {})
    listed = get(slack, "/messages.json").json()
    (message,), (refusal,) = listed["messages"], listed["refusals"]
    assert (message["channel"], message["payload"], read(message["html"]).text) == ("ops", {"text": "*hello*"}, "hello")
    assert (listed["channels"], refusal["reason"]) == (["ops"], "no_text")


def test_the_list_goes_on_after_a_number(slack: SlackLookalike) -> None:
    for text in ("one", "two", "three"):
        post(slack, {"text": text})
    listed = get(slack, "/messages.json?after=1").json()["messages"]
    assert [(one["number"], one["payload"]["text"]) for one in listed] == [(2, "two"), (3, "three")]


def test_the_list_goes_on_after_a_number_only(slack: SlackLookalike) -> None:
    assert get(slack, "/messages.json?after=-1").status_code == 400


def test_text_of_any_alphabet_survives_the_list(slack: SlackLookalike) -> None:
    text = "żółć 🔴 \u202e\u0000"
    post(slack, {"text": text})
    assert get(slack, "/messages.json").json()["messages"][0]["payload"]["text"] == text


def test_a_cleared_lookalike_lists_nothing(slack: SlackLookalike) -> None:
    post(slack, {"text": "hello"})
    slack.clear()
    assert get(slack, "/messages.json").json()["messages"] == []


@pytest.mark.parametrize("path", ["/", "/page.css", "/page.js", "/avatar.svg", "/messages.json", "/nowhere"])
def test_every_answer_forbids_foreign_and_inline_code(slack: SlackLookalike, path: str) -> None:
    policy = get(slack, path).headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("path", ["/", "/page.css", "/page.js"])
def test_the_page_needs_nothing_from_elsewhere(slack: SlackLookalike, path: str) -> None:
    answer = get(slack, path)
    assert (answer.status_code, "://" in answer.text) == (200, False)


def test_the_page_has_no_inline_code_or_style(slack: SlackLookalike) -> None:
    seen = read(get(slack, "/").text)
    assert [
        name for _, attributes in seen.tags for name in attributes if name == "style" or name.startswith("on")
    ] == []


def test_all_that_the_page_names_is_there(slack: SlackLookalike) -> None:
    seen = read(get(slack, "/").text)
    named = {str(name) for name in seen.values("src") + seen.values("href") if not str(name).startswith("#")}
    assert {name: get(slack, f"/{name}").status_code for name in named} == dict.fromkeys(named, 200)
    assert named


@pytest.mark.parametrize("host", ["rebound.example.com", "example.com:80", ""])
def test_a_foreign_host_name_is_turned_away(slack: SlackLookalike, host: str) -> None:
    assert get(slack, "/messages.json", Host=host).status_code == 403


def test_a_webhook_is_not_read(slack: SlackLookalike) -> None:
    assert get(slack, "/services/T0/B0/ops").status_code == 405


@pytest.mark.parametrize("path", ["/services/ops", "/services/", "/elsewhere"])
def test_nothing_is_posted_elsewhere(slack: SlackLookalike, path: str) -> None:
    assert requests.post(slack.url + path, json={"text": "x"}, timeout=ENOUGH).status_code == 404


def test_a_storm_of_senders_is_taken_whole(slack: SlackLookalike) -> None:
    def send() -> None:
        for number in range(5):
            post(slack, {"text": f"message {number}"})

    senders = [threading.Thread(target=send) for _ in range(10)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(ENOUGH)
    assert [message.number for message in slack.messages] == list(range(1, 51))


def test_it_stays_quiet(slack: SlackLookalike, capfd: pytest.CaptureFixture[str]) -> None:
    post(slack, {"text": "hello"})
    post(slack, json.loads("{}"))
    assert capfd.readouterr() == ("", "")
