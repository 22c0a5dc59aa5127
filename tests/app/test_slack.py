"""What people do in Slack: signed requests reach alerts and silences in their names, and nothing else does."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert, Status
from chalicelib.domain.notifications.chat_requests import ChatPerson, ChatRequest
from chalicelib.domain.notifications.notification import Reason
from chalicelib.domain.routing.receivers import Receiver
from chalicelib.domain.timestamps import week_of
from tests.app.slack_calls import CHANNEL, SIGNING_SECRET, TEAM, button, command, interaction, signed, submission
from tests.app.world import SETTINGS, World
from tests.fakes import NOW


class FakeChat:
    """A chat that knows Ann, and keeps what it was to say."""

    def __init__(self) -> None:
        self.ann: ChatPerson | None = ChatPerson(id="U0123456789", name="Ann Example", clock_ahead=3_600)
        self.said: list[tuple[str, str]] = []
        self.covered: list[tuple[Sequence[str], int]] = []
        self.form = "V1"

    def person(self, _request: ChatRequest) -> ChatPerson | None:
        """Return Ann."""
        return self.ann

    def say(self, _request: ChatRequest, text: str, silence_id: str = "") -> None:
        """Keep it."""
        self.said.append((text, silence_id))

    def text(self, lines: Sequence[str]) -> str:
        """Join the lines."""
        return "\n".join(lines)

    def open_silence_form(self, _request: ChatRequest, _alert: Alert) -> str:
        """Open it."""
        return self.form

    def show_covered(self, _form: str, _request: ChatRequest, _alert: Alert, titles: Sequence[str], count: int) -> None:
        """Keep what is covered."""
        self.covered.append((titles, count))


class Slack:
    """A hub with a receiver in Slack, and one alert that people were notified of."""

    def __init__(self, world: World) -> None:
        self.world, self.chat, self.wakes = world, FakeChat(), 0
        hub = world.hub
        hub.file = replace(hub.file, known_receivers={"monitoring": Receiver(type="slack", channel=CHANNEL)})
        vars(hub).update(chat=self.chat, wake_sender=self._wake)
        world.secrets.elsewhere["/monitoring/dev/slack-app/signing-secret"] = SIGNING_SECRET
        self.fingerprint = world.take().event.fingerprint

    def _wake(self) -> None:
        self.wakes += 1

    def post(self, body: bytes, kind: str = "interactions", **signing: Any) -> Any:
        """Send a request as Slack does, and return the document of the response."""
        headers = signed(body, signing.get("at", self.world.clock.now()), signing.get("secret", SIGNING_SECRET))
        response = self.world.call("POST", f"/slack/{kind}", token="", body=body, headers=headers)
        assert response.status_code == signing.get("status", 200)
        return response.json_body if response.body else None

    def press(self, action: str, **value: Any) -> Any:
        """Press a button of the alert's message."""
        return self.post(interaction(button(action, {"fingerprint": self.fingerprint, "episode": 1} | value)))

    @property
    def alert(self) -> Alert:
        """The alert as it stands."""
        return self.world.store.alerts[self.fingerprint]

    def is_now(self, status: Status) -> bool:
        """Tell how the alert stands."""
        return self.alert.status is status

    @property
    def reasons(self) -> list[Reason]:
        """Why people were notified."""
        return [each.reason for each in self.world.store.notifications.values()]


@pytest.fixture
def slack(world: World) -> Slack:
    return Slack(world)


def test_a_button_acknowledges_in_the_name_that_slack_knows_and_wakes_the_sender(slack: Slack) -> None:
    assert slack.press("acknowledge") is None

    assert slack.is_now(Status.ACKNOWLEDGED)
    assert slack.alert.marked is not None
    assert slack.alert.marked.by == "Ann Example"
    assert slack.reasons == [Reason.FIRST, Reason.ACKNOWLEDGED]
    assert slack.wakes == 1


def test_the_same_press_twice_does_it_once(slack: Slack) -> None:
    for _ in range(2):
        slack.press("acknowledge")
        slack.press("silence")

    assert slack.reasons.count(Reason.ACKNOWLEDGED) == 1
    assert slack.reasons.count(Reason.SILENCED) == 1
    assert len(slack.world.silences.unexpired(slack.world.clock.now())) == 1


def test_buttons_resolve_reopen_and_hand_over(slack: Slack) -> None:
    slack.press("resolve")
    assert slack.is_now(Status.RESOLVED)
    slack.press("reopen")
    assert slack.is_now(Status.FIRING)
    slack.press("acknowledge")
    slack.chat.ann = ChatPerson(id="U2", name="Bob Example")
    slack.press("assign")

    assert slack.alert.marked is not None
    assert slack.alert.marked.by == "Bob Example"


def test_a_silence_can_be_undone_by_who_made_it(slack: Slack) -> None:
    slack.press("silence")
    ((_, silence_id),) = slack.chat.said
    slack.press("end_silence", subject=silence_id)

    assert slack.world.silences.unexpired(slack.world.clock.now()) == []


def test_a_button_of_an_episode_that_is_over_does_nothing_and_says_so(slack: Slack) -> None:
    slack.press("acknowledge", episode=7)

    assert slack.is_now(Status.FIRING)
    assert "begun again" in slack.chat.said[0][0]


def test_a_form_with_a_preview_silences_for_as_long_as_it_says(slack: Slack) -> None:
    slack.press("silence_more")
    assert [count for _, count in slack.chat.covered] == [1]
    about = {"fingerprint": slack.fingerprint, "episode": 1}

    assert slack.post(interaction(submission(about, custom="90m", reason="a move"))) == {"response_action": "clear"}
    (silence,) = slack.world.silences.unexpired(slack.world.clock.now())
    assert (silence.ends_at - silence.starts_at, silence.author) == (5_400, "Ann Example")
    assert silence.reason == "a move"


@pytest.mark.parametrize("reason", ["<!channel> " * 9, "*a* `b`\n\x00\u202e", "'; DROP TABLE--", "x" * 9_000, "\ud800"])
def test_hostile_text_in_a_form_is_kept_as_one_line_and_bounded(slack: Slack, reason: str) -> None:
    slack.post(interaction(submission({"fingerprint": slack.fingerprint}, reason=reason)))

    (silence,) = slack.world.silences.unexpired(slack.world.clock.now())
    assert len(silence.reason) <= 200
    assert silence.reason.isprintable()


@pytest.mark.parametrize("about", [{"episode": "x"}, {"fingerprint": ["a"]}, {"fingerprint": "0" * 32}, {}])
def test_a_form_about_nothing_that_is_there_silences_nothing(slack: Slack, about: dict[str, Any]) -> None:
    slack.post(interaction(submission(about)))
    slack.post(interaction(submission(about) | {"view": {"id": "V1", "private_metadata": "[" * 9_000}}))

    assert slack.world.silences.unexpired(slack.world.clock.now()) == []


@pytest.mark.parametrize(
    "custom", ["soon", "30s", "8d", "9" * 300, "0h", "-1h", "1h; 2h", "<!here>", "1.5h", "\u0661h"]
)
def test_a_form_with_no_time_is_shown_again(slack: Slack, custom: str) -> None:
    about = {"fingerprint": slack.fingerprint, "episode": 1}
    document = slack.post(interaction(submission(about, custom=custom)))

    assert document["response_action"] == "errors"
    assert slack.world.silences.unexpired(slack.world.clock.now()) == []


def test_until_tomorrow_is_nine_o_clock_where_the_person_is(slack: Slack) -> None:
    slack.post(interaction(submission({"fingerprint": slack.fingerprint}, "tomorrow")))

    (silence,) = slack.world.silences.unexpired(slack.world.clock.now())
    assert (silence.ends_at + 3_600) % 86_400 == 9 * 3_600


def test_a_form_that_could_not_be_opened_shows_nothing(slack: Slack) -> None:
    slack.chat.form = ""
    slack.press("silence_more")

    assert slack.chat.covered == []
    assert slack.chat.said == [("Slack did not open the form; press again.", "")]


def test_what_a_person_last_says_of_a_message_is_kept_in_their_name(slack: Slack) -> None:
    for action in ("useful", "not_useful", "not_useful"):
        slack.press(action)
    (given,) = slack.world.feedback.in_week(week_of(slack.world.clock.now()), 10)

    assert (given.fingerprint, given.episode, given.kind) == (slack.fingerprint, 1, "custom")
    assert (given.by, given.useful) == ("Ann Example", False)
    assert slack.chat.said[-1] == ("Thank you: the weekly report counts it as not useful.", "")
    assert (slack.wakes, slack.is_now(Status.FIRING)) == (0, True)


def test_a_message_of_an_episode_that_is_over_may_have_been_useful_too(slack: Slack) -> None:
    slack.press("resolve")
    slack.press("useful", episode=0)

    assert [each.useful for each in slack.world.feedback.in_week(week_of(slack.world.clock.now()), 10)] == [True]


@pytest.mark.parametrize(
    "signing",
    [
        {"secret": "another", "status": 401},
        {"at": NOW - 1_000, "status": 401},
    ],
)
def test_what_is_forged_or_replayed_is_refused(slack: Slack, signing: Mapping[str, Any]) -> None:
    slack.post(interaction(button("resolve", {"fingerprint": slack.fingerprint, "episode": 1})), **signing)

    assert slack.is_now(Status.FIRING)


def test_a_body_that_was_changed_on_its_way_is_refused(slack: Slack) -> None:
    body = interaction(button("resolve", {"fingerprint": slack.fingerprint, "episode": 1}))
    headers = signed(body, slack.world.clock.now())
    response = slack.world.call("POST", "/slack/interactions", token="", body=body + b"&x=1", headers=headers)

    assert response.status_code == 401
    assert slack.is_now(Status.FIRING)


def test_a_guest_may_do_nothing_unless_the_setting_says_so(slack: Slack) -> None:
    assert slack.chat.ann is not None
    slack.chat.ann = replace(slack.chat.ann, is_guest=True)
    slack.press("resolve")
    assert slack.is_now(Status.FIRING)
    assert "Guests" in slack.chat.said[0][0]
    vars(slack.world.hub).pop("chat_actions")
    slack.world.hub.settings = replace(SETTINGS, slack_guests=True)
    slack.press("resolve")

    assert slack.is_now(Status.RESOLVED)


def test_a_guest_may_neither_submit_a_form_nor_type_a_command(slack: Slack) -> None:
    assert slack.chat.ann is not None
    slack.chat.ann = replace(slack.chat.ann, is_guest=True)
    about = {"fingerprint": slack.fingerprint, "episode": 1}

    assert slack.post(interaction(submission(about)))["errors"] == {"duration": "Guests may not do that."}
    assert slack.post(command(f"silence {slack.fingerprint[:8]} 2h"), "commands")["text"] == "Guests may not do that."
    slack.press("useful")
    assert slack.world.silences.unexpired(slack.world.clock.now()) == []
    assert slack.world.feedback.in_week(week_of(slack.world.clock.now()), 10) == []


@pytest.mark.parametrize("action", ["acknowledge", "silence", "useful"])
def test_a_request_that_is_replayed_within_its_five_minutes_changes_nothing_more(slack: Slack, action: str) -> None:
    body = interaction(button(action, {"fingerprint": slack.fingerprint, "episode": 1}))
    for _ in range(3):
        slack.post(body, at=slack.world.clock.now())
    feedback = slack.world.feedback.in_week(week_of(slack.world.clock.now()), 10)

    assert len(slack.reasons) == (1 if action == "useful" else 2)
    assert len(slack.world.silences.unexpired(slack.world.clock.now())) == (action == "silence")
    assert len(feedback) == (action == "useful")


def test_whoever_slack_does_not_know_may_do_nothing(slack: Slack) -> None:
    slack.chat.ann = None
    slack.press("resolve")

    assert slack.is_now(Status.FIRING)


def test_a_channel_or_a_workspace_that_is_none_of_the_hubs_is_refused(slack: Slack) -> None:
    value = {"fingerprint": slack.fingerprint, "episode": 1}
    slack.post(interaction(button("resolve", value, channel={"id": "C9999999999"})))
    slack.world.hub.settings = replace(SETTINGS, slack_team="T9999999999")
    vars(slack.world.hub).pop("chat_actions")
    slack.post(interaction(button("resolve", value)))
    document = slack.post(interaction(submission(value)))

    assert slack.is_now(Status.FIRING)
    assert document["errors"] == {"duration": "This hub belongs to another workspace."}
    assert slack.post(command("status"), "commands")["text"] == "This hub belongs to another workspace."


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"payload=%7B",
        b"payload=[]",
        b"payload=%7B%7D",
        b"\xff\xfe",
        b"payload=" + b"%5B" * 20_000,
        interaction({"type": "message_action"}),
        interaction(button("acknowledge", {}) | {"actions": []}),
        interaction(button("acknowledge", {"episode": "x"})),
        interaction(button("acknowledge", {"fingerprint": "0" * 32, "episode": float("inf")})),
    ],
)
def test_what_the_hub_has_not_offered_changes_nothing(slack: Slack, body: bytes) -> None:
    assert slack.post(body) is None
    assert slack.is_now(Status.FIRING)


def test_an_alert_that_is_no_longer_kept_is_said_to_be_gone(slack: Slack) -> None:
    slack.press("acknowledge", fingerprint="0" * 32)

    assert slack.chat.said[0][0] == "There is no alert with this fingerprint."


def test_a_press_on_a_link_which_slack_reports_too_does_nothing(slack: Slack) -> None:
    slack.post(interaction(button("kJ4x", {}) | {"actions": [{"type": "button", "action_id": "kJ4x"}]}))

    assert (slack.wakes, slack.chat.said) == (0, [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "status: how many alerts are open"),
        ("status", "1 open alert, 0 acknowledged\n1 UNKNOWN"),
        ("alerts", "UNKNOWN · Order Lost"),
        ("alerts 111122223333", "UNKNOWN · Order Lost"),
        ("alerts 444455556666", "No alert is open there."),
        ("Status", "1 open alert, 0 acknowledged"),
        ("silence 12345678 1h", "No open alert has this id"),
        ("silence 1234567 1h", "Give at least 8 characters"),
        ("silenze 12345678 1h", "“silenze 12345678 1h” is not understood; expected:\nstatus: how many"),
        ("explain 1760000000-" + "0" * 32, "There is no event with this id."),
    ],
)
def test_commands_are_answered_to_whoever_types_them(slack: Slack, text: str, expected: str) -> None:
    document = slack.post(command(text), "commands")

    assert document["response_type"] == "ephemeral"
    assert expected in document["text"]


def test_a_command_silences_and_explains(slack: Slack) -> None:
    (event_id,) = slack.world.store.records
    silenced = slack.post(command(f"silence {slack.fingerprint[:8]} 2h"), "commands")["text"]
    refused = slack.post(command(f"silence {slack.fingerprint[:8]} soon"), "commands")["text"]
    explained = slack.post(command(f"explain {event_id}"), "commands")["text"]

    assert silenced.startswith("Silenced until ")
    assert refused.startswith("Give a duration")
    assert "monitoring: " in explained
    assert slack.post(command("alerts", team_id=TEAM), "commands")["text"].count("\n") == 0
