"""Speaking to people in Slack, by the look-alike: who they are, what they are told alone, and the form of a silence."""

from functools import partial
from typing import Any

import pytest

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.notifications.chat_requests import ChatRequest, ChatRequestKind
from chalicelib.gateways.slack_app.chat import SlackChat
from chalicelib.gateways.slack_app.rates import MethodRates
from local.slack.conversations import Conversations
from tests.domain.given import NOON, an_event
from tests.fakes import FakeCallBudgets, FakeClock
from tests.gateways.slack_app.workspace import CHANNEL, TOKEN, Wire

ALERT, _ = Alert.about(an_event(title="queue <full> & more")).observe(an_event(title="queue <full> & more"))


@pytest.fixture
def slack() -> Conversations:
    slack = Conversations({CHANNEL: "ops"}, TOKEN, lambda: NOON, rates=False)
    slack.people["U1"] = {
        "id": "U1",
        "real_name": "Ann Example",
        "profile": {"display_name": "ann"},
        "tz_offset": 3_600,
    }
    return slack


@pytest.fixture
def chat(slack: Conversations) -> SlackChat:
    secret = {"/monitoring/test/slack-app/bot-token": TOKEN}.get
    rates = partial(MethodRates, FakeCallBudgets(), FakeClock(NOON))
    wire: Any = Wire(slack)  # posts as HttpClient does
    return SlackChat(secret, "test", "https://slack.example.com/api", wire, rates)


def request(**changes: Any) -> ChatRequest:
    """Return a press on a button."""
    values: dict[str, Any] = {
        "kind": ChatRequestKind.BUTTON,
        "person_id": "U1",
        "person_name": "ann.login",
        "team": "T1",
        "person_team": "T1",
        "channel": CHANNEL,
    }
    return ChatRequest(**values | changes)


def test_a_person_is_called_as_slack_shows_them_and_lives_by_their_own_clock(chat: SlackChat) -> None:
    person = chat.person(request())

    assert person is not None
    assert (person.name, person.clock_ahead, person.is_guest) == ("ann", 3_600, False)


@pytest.mark.parametrize(
    ("user", "changes"),
    [
        ({"is_restricted": True}, {}),
        ({"is_ultra_restricted": True}, {}),
        ({"is_stranger": True}, {}),
        ({}, {"person_team": "T2"}),
    ],
)
def test_guests_and_people_of_other_organisations_are_known(
    chat: SlackChat, slack: Conversations, user: dict[str, Any], changes: dict[str, Any]
) -> None:
    slack.people["U1"] |= user
    person = chat.person(request(**changes))

    assert person is not None
    assert person.is_guest


def test_whoever_slack_does_not_know_is_nobody(chat: SlackChat) -> None:
    assert chat.person(request(person_id="U9")) is None


def test_what_is_said_to_one_person_is_escaped_and_offers_to_end_a_silence(
    chat: SlackChat, slack: Conversations
) -> None:
    chat.say(request(), "Done <!channel>")
    chat.say(request(), "Silenced.", "a-silence")

    first, second = slack.whispers
    assert first["text"] == "Done &lt;!channel&gt;"
    assert second["blocks"][1]["elements"][0]["action_id"] == "end_silence"
    assert slack.roots() == []
    assert chat.text(["a <b>", "c"]) == "a &lt;b&gt;\nc"


def test_a_form_is_opened_by_its_trigger_and_then_says_what_it_covers(chat: SlackChat, slack: Conversations) -> None:
    pressed = request(trigger=slack.views.trigger())
    form = chat.open_silence_form(pressed, ALERT)
    chat.show_covered(form, pressed, ALERT, [f"alert {number}" for number in range(9)], 9)

    shown = str(slack.views.open[form]["blocks"])
    assert "It covers 9 alerts now" in shown
    assert "and 4 more" in shown
    assert "queue &lt;full&gt; &amp; more" in shown
    assert slack.refusals == []


def test_a_form_whose_trigger_has_expired_is_not_opened(chat: SlackChat) -> None:
    assert chat.open_silence_form(request(trigger="expired"), ALERT) == ""
