"""Messages say what matters, in words, within Slack's limits, whatever they are about."""

import logging
import re
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from chalicelib.domain.errors import Misconfigured
from chalicelib.domain.events.event import Severity, Signal
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.notifications.action_links import Action
from chalicelib.domain.notifications.digest import DOUBT
from chalicelib.domain.notifications.notification import Reason
from chalicelib.domain.reports.daily import DayTally, Totals
from chalicelib.domain.timestamps import DAY
from chalicelib.gateways.link_signer import SignedLinks
from chalicelib.gateways.slack.messages import SlackComposer
from chalicelib.gateways.slack.templates import Templates
from chalicelib.services.notifying.ports import LinkSigner, Message
from tests.domain.given import NOON, a_resolution, an_event
from tests.fakes import FakeClock
from tests.gateways.slack.messages import (
    Names,
    a_busy_day,
    a_composer,
    a_report,
    an_announcement,
    buttons_of,
    judge,
    judge_harmless,
    notifications,
    the_links,
    words,
)
from tests.sources.samples import NAMES, altered, load, read


def as_reason(signal: Signal) -> Reason:
    return Reason.RESOLVED if signal is Signal.RESOLVED else Reason.FIRST


# --- what it looks like


@pytest.mark.parametrize("name", NAMES)
def test_an_announcement_of_each_sample_is_rendered_as_before(name: str, snapshot: SnapshotAssertion) -> None:
    event = read(name)
    notification, record = an_announcement(event, as_reason(event.signal), since=event.published_at - 720, count=3)
    message = a_composer(event.published_at + 60).announcement(notification, record)
    assert message == snapshot(extension_class=JSONSnapshotExtension)
    judge(message)
    judge_harmless(message)


@pytest.mark.parametrize("name", NAMES)
def test_no_template_fails_over_its_samples(name: str, caplog: pytest.LogCaptureFixture) -> None:
    a_composer().announcement(*an_announcement(read(name)))
    assert not [record for record in caplog.records if record.name.startswith("chalicelib.gateways")]


def test_a_digest_is_rendered_as_before(snapshot: SnapshotAssertion) -> None:
    message = a_composer().digest(notifications(1_000))
    assert message == snapshot(extension_class=JSONSnapshotExtension)


def test_a_report_of_a_hundred_accounts_is_rendered_as_before(snapshot: SnapshotAssertion) -> None:
    message = a_composer().announcement(a_report(a_busy_day()), None)
    judge(message)
    judge_harmless(message)
    assert message == snapshot(extension_class=JSONSnapshotExtension)


def test_a_report_of_a_quiet_day_is_rendered_as_before(snapshot: SnapshotAssertion) -> None:
    report = DayTally().report(NOON, Totals(), [], [], NOON)
    message = a_composer().announcement(a_report(report), None)
    judge(message)
    assert message == snapshot(extension_class=JSONSnapshotExtension)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("alarm-metric-alarm", Reason.FIRST),
        ("alarm-metric-alarm", Reason.FLAPPING),
        ("alarm-metric-ok", Reason.RESOLVED),
        ("error_logs-python", Reason.STEP),
        ("guardduty-ec2", Reason.WORSENED),
        ("health-issue-open-public", Reason.REGRESSION),
        ("custom-budget", Reason.REMINDER),
    ],
)
def test_a_message_with_buttons_is_rendered_as_before(name: str, reason: Reason, snapshot: SnapshotAssertion) -> None:
    event = read(name)
    notification, record = an_announcement(event, reason, since=event.published_at - 720, count=3, episode=1)
    message = a_composer(event.published_at + 60, the_links()).announcement(notification, record)
    assert message == snapshot(extension_class=JSONSnapshotExtension)
    judge(message)
    judge_harmless(message)


# --- what it says


def test_severity_shows_in_emoji_word_and_colour() -> None:
    messages = [a_composer().announcement(*an_announcement(an_event(severity=each))) for each in Severity]
    assert len({message["attachments"][0]["color"] for message in messages}) == len(Severity)
    for message, severity in zip(messages, Severity, strict=True):
        assert f" {severity.name} · " in message["blocks"][0]["text"]["text"]


def test_a_resolution_is_green_and_says_how_long_it_took() -> None:
    notification, record = an_announcement(a_resolution(), Reason.RESOLVED, since=NOON - 720, count=37)
    message = a_composer().announcement(notification, record)
    assert message["blocks"][0]["text"]["text"] == "✅ RESOLVED · checkout-5xx"
    assert "*Resolved* after 12 min · it fired 37 times" in words(message)


def test_a_resolution_by_hand_says_whose_it_was() -> None:
    notification, record = an_announcement(an_event(), Reason.RESOLVED, event_id="", resolved_by="<!here> on-call")
    message = a_composer().announcement(replace(notification, created_at=NOON + 60), record)
    judge(message)
    assert "*Resolved* by &lt;!here&gt; on-call after 1 min" in words(message)
    assert message["text"].endswith("· by &lt;!here&gt; on-call")


def test_a_reminder_that_shows_an_event_of_long_ago_is_no_late_news() -> None:
    notification, record = an_announcement(an_event(), Reason.REMINDER, event_id="", since=NOON)
    message = a_composer(NOON + 14_460).announcement(replace(notification, created_at=NOON + 14_400), record)
    assert "*Still firing*, 1 time since" in words(message)
    assert "Late" not in words(message)


@pytest.mark.parametrize(
    ("direction", "label"), [("INBOUND", "From"), ("OUTBOUND", "Connects to"), ("UNKNOWN", "Remote"), (None, "From")]
)
def test_a_finding_says_who_connected_to_whom(direction: str | None, label: str) -> None:
    action = ("service", "action", "networkConnectionAction", "connectionDirection")
    event = read(altered("guardduty-ec2", *action, to=direction))
    assert f"*{label}* `203.0.113.77`" in words(a_composer().announcement(*an_announcement(event)))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (load("custom-budget"), "*Resource* `budget/shop`\n```"),
        (load("custom-budget") | {"source": "aws.billing"}, "The hub does not know this type of event."),
        (load("unknown-unreadable-finding"), "The hub knows this type of event, but this one does not"),
    ],
)
def test_an_event_without_a_model_is_explained_only_where_something_is_wrong(raw: Any, said: str) -> None:
    message = a_composer().announcement(*an_announcement(read(raw)))
    assert message["attachments"][0]["blocks"][1]["text"]["text"].startswith(said)


@pytest.mark.parametrize(
    ("reason", "story"),
    [
        (Reason.FIRST, "*Started* "),
        (Reason.REGRESSION, "*Fired again* after it was resolved"),
        (Reason.WORSENED, "*Got worse*, now HIGH · 37 times since "),
        (
            Reason.JOINED,
            "*In more accounts*, most recently *payments-production* `111122223333` · eu-west-1",
        ),
        (Reason.UPDATE, "*Update* on what began "),
        (Reason.INHIBITED, "*Explained by another problem*, which is known already"),
        (Reason.RELEASED, "*Still firing*, though what explained it is over or a day old · 37 times since "),
        (Reason.STEP, "*Still firing*, 37 times since "),
        (Reason.REMINDER, "*Still firing*, 37 times since "),
    ],
)
def test_the_reason_is_reported_in_words(reason: Reason, story: str) -> None:
    message = a_composer().announcement(*an_announcement(an_event(), reason, count=37, since=NOON - 60))
    assert story in words(message)


@pytest.mark.parametrize("lifecycle", [Lifecycle.RECURRING, Lifecycle.POINT])
def test_what_is_seen_again_is_not_said_to_be_still_there(lifecycle: Lifecycle) -> None:
    announcement = an_announcement(an_event(lifecycle=lifecycle), Reason.STEP, count=37, since=NOON - 60)
    message = a_composer().announcement(*announcement)
    assert "*Again*, 37 times since " in words(message)
    assert message["text"].endswith("· again, 37 times")


@pytest.mark.parametrize(
    ("ahead", "shown", "story"),
    [(7 * DAY, "in 7 d", "in 7 days"), (90_000, "in 1 d 1 h", "in 1 day"), (0, "now", "now"), (-60, "now", "now")],
)
def test_what_is_planned_says_when_it_is_due(ahead: int, shown: str, story: str) -> None:
    event = an_event(lifecycle=Lifecycle.PLANNED, due_at=NOON + 60 + ahead)
    message = a_composer(NOON + 60).announcement(*an_announcement(event, Reason.REMINDER))
    assert f"*Due {shown}*, " in words(message)
    assert message["text"].endswith(f"· due {story}")
    assert "firing" not in words(message)


def test_what_is_planned_is_not_said_to_have_started() -> None:
    event = an_event(lifecycle=Lifecycle.PLANNED, due_at=NOON + 7 * DAY)
    assert "*Announced* <!date" in words(a_composer().announcement(*an_announcement(event, since=NOON)))


def test_a_fact_that_is_a_time_is_one_for_the_readers_clock_and_no_other() -> None:
    event = read("cost_anomaly-detected")
    usage = {"service": "EC2", "region": "eu:west", "usageType": "12:" + "9" * 150}
    detail = dict(event.detail) | {"rootCauses": [usage]}

    said = words(a_composer().announcement(*an_announcement(replace(event, detail=detail))))

    assert "*Since* <!date^1772323200^" in said
    assert f"*Usage* 12:{'9' * 150}" in said
    assert "*Region* eu:west" in said


def test_an_account_is_called_by_its_name_with_the_id_beside() -> None:
    message = a_composer().announcement(*an_announcement(an_event()))
    assert "*payments-production* `111122223333` · eu-west-1" in words(message)
    assert "payments-production (111122223333) eu-west-1" in message["text"]


def test_an_account_without_a_name_is_its_id() -> None:
    message = a_composer().announcement(*an_announcement(an_event(account="123456789012")))
    assert "account `123456789012` · eu-west-1" in words(message)


def test_a_public_event_is_about_every_account() -> None:
    message = a_composer().announcement(*an_announcement(read("health-issue-open-public")))
    assert "*every account* · eu-west-1" in words(message)


def test_an_account_is_resolved_once() -> None:
    names = Names()
    composer = SlackComposer(names, FakeClock(NOON))
    for _ in range(3):
        composer.announcement(*an_announcement(an_event()))
    assert names.requested == ["111122223333"]


def test_an_account_that_has_no_name_yet_is_resolved_again_for_the_next_message() -> None:
    names = Names()
    composer = SlackComposer(names, FakeClock(NOON))
    for _ in range(2):
        composer.announcement(*an_announcement(an_event(account="123456789012")))
    assert names.requested == ["123456789012"] * 2


def test_a_name_that_cannot_be_resolved_costs_the_message_its_name_only() -> None:
    class Broken:
        def name(self, account: str) -> str:
            raise TimeoutError

    message = SlackComposer(Broken(), FakeClock(NOON)).announcement(*an_announcement(an_event()))
    assert "account `111122223333` · eu-west-1" in words(message)


def test_news_that_waited_says_how_old_it_is() -> None:
    message = a_composer(NOON + 7_500).announcement(*an_announcement(an_event()))
    assert "⏰ *Delayed by* 2 h 5 min" in words(message)


def test_news_of_the_minute_is_not_called_late() -> None:
    assert "Late" not in words(a_composer().announcement(*an_announcement(an_event())))


def test_an_event_that_is_no_longer_kept_is_announced_from_its_notification() -> None:
    notification, _ = an_announcement(an_event())
    message = a_composer().announcement(notification, None)
    judge(message)
    assert "🔴 HIGH · checkout-5xx" in words(message)
    assert notification.event_id in words(message)


def test_the_console_is_one_click_away() -> None:
    message = a_composer().announcement(*an_announcement(an_event(link="https://eu-west-1.console.aws.amazon.com/x")))
    (actions,) = [block for block in message["attachments"][0]["blocks"] if block["type"] == "actions"]
    assert actions["elements"][0]["text"]["text"] == "Open alarm"
    assert actions["elements"][0]["url"] == "https://eu-west-1.console.aws.amazon.com/x"


@pytest.mark.parametrize("link", ["", "javascript:alert(1)", "http://", "https://exa mple/", "//x", "https://[", "x"])
def test_a_link_that_is_none_is_no_button(link: str) -> None:
    message = a_composer().announcement(*an_announcement(an_event(link=link)))
    assert all(block["type"] != "actions" for block in message["attachments"][0]["blocks"])


def test_a_successful_deployment_is_no_resolution() -> None:
    notification, record = an_announcement(read("stack-agent-create-complete"), Reason.EVERY_EVENT)
    header = a_composer().announcement(notification, record)["blocks"][0]["text"]["text"]
    assert header == "✅ OK · Stack monitoring-agent: created"


def test_a_kind_without_a_template_is_announced_as_unknown() -> None:
    message = a_composer().announcement(*an_announcement(an_event(kind="tomorrows", detail={"some": "thing"})))
    assert '"some": "thing"' in words(message)


# --- what can be done from it


def with_buttons(reason: Reason = Reason.FIRST, links: LinkSigner | None = None, **changes: Any) -> dict[str, str]:
    """Return the buttons of a message about an alarm."""
    notification, record = an_announcement(an_event(link="https://console.example.com/"), reason, **changes)
    return buttons_of(a_composer(links=links or the_links()).announcement(notification, record))


def test_what_fires_can_be_acknowledged_and_silenced_beside_the_console() -> None:
    buttons = with_buttons()
    assert list(buttons) == ["Open alarm", "Acknowledge", "Silence 1 h", "Details"]
    assert buttons["Details"] == f"https://hub.example.com/api/ui/alerts/{an_event().fingerprint}"
    for label in ("Acknowledge", "Silence 1 h"):
        assert re.fullmatch(r"https://hub\.example\.com/api/links/[\w-]{80}", buttons[label])


def test_a_button_claims_what_stands_on_it_of_this_alert_for_three_days() -> None:
    token = with_buttons()["Silence 1 h"].rpartition("/")[2]
    claim = the_links().read(token, NOON)
    assert (claim.action, claim.duration) == (Action.SILENCE, 3_600)
    assert (claim.fingerprint, claim.episode) == (an_event().fingerprint, 1)
    assert claim.expires_at == NOON + 60 + 3 * DAY


def test_what_is_flapping_can_be_silenced() -> None:
    assert list(with_buttons(Reason.FLAPPING)) == ["Open alarm", "Silence 1 h", "Details"]


@pytest.mark.parametrize("reason", [Reason.RESOLVED, Reason.EVERY_EVENT])
def test_what_is_over_or_no_alert_leads_to_the_console_and_its_page_alone(reason: Reason) -> None:
    assert list(with_buttons(reason)) == ["Open alarm", "Details"]


@pytest.mark.parametrize("missing", ["link_key", "base_url"])
def test_without_a_key_or_an_address_a_message_stays_as_it_is(missing: str) -> None:
    assert list(with_buttons(links=the_links(**{missing: ""}))) == ["Open alarm"]


def test_an_event_that_is_no_longer_kept_still_has_its_buttons() -> None:
    notification, _ = an_announcement(an_event())
    message = a_composer(links=the_links()).announcement(notification, None)
    assert list(buttons_of(message)) == ["Acknowledge", "Silence 1 h", "Details"]


def test_links_that_cannot_be_made_cost_the_message_its_buttons_only(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: str) -> str:
        raise Misconfigured("Parameter cannot be read: AccessDenied")

    assert list(with_buttons(links=SignedLinks(fail, "dev"))) == ["Open alarm"]
    assert "Links not created" in caplog.text


# --- what went wrong in systems like this one


def test_two_hundred_log_lines_stay_short_and_keep_their_ends() -> None:
    lines = "\n".join(f"line {number}: {'x' * 480}" for number in range(200))
    event = read(load("error_logs-python") | {"detail": load("error_logs-python")["detail"] | {"samples": [
        {"timestamp": NOON, "stream": "s", "message": lines}
    ]}})  # fmt: skip
    message = a_composer().announcement(*an_announcement(event))
    judge(message)
    assert "line 0:" in words(message)
    assert "line 199:" in words(message)
    assert "189 lines left out" in words(message)


def test_a_title_of_227_characters_fits_the_header() -> None:
    message = a_composer().announcement(*an_announcement(an_event(title="t" * 227)))
    judge(message)


@pytest.mark.parametrize("quote", ['"', "'", "\\", "\n", "\t"])
def test_quotes_newlines_and_backslashes_are_no_danger(quote: str) -> None:
    event = an_event(detail={"state": {"reason": f"a{quote}b"}}, title=f"a{quote}b")
    message = a_composer().announcement(*an_announcement(event))
    judge(message)
    assert "&#" not in str(message)


def test_a_shape_that_no_template_thought_of_costs_the_body_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "slack").mkdir()
    (tmp_path / "slack" / "lead.j2").write_text("{{ place }}")
    (tmp_path / "slack" / "alarm.j2").write_text("{{ 1 / 0 }}")
    composer = SlackComposer(Names(), FakeClock(NOON), Templates(tmp_path))
    message = composer.announcement(*an_announcement(an_event(link="https://console.example/")))
    judge(message)
    assert "payments-production" in words(message)
    assert "Template failed; sent without a body" in caplog.text


def test_without_any_template_the_message_is_plain(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    composer = SlackComposer(Names(), FakeClock(NOON), Templates(tmp_path))
    notification, record = an_announcement(an_event())
    assert composer.announcement(notification, record) == composer.plain(notification)
    assert "Message not rendered; sent as plain text" in caplog.text


def test_without_any_template_a_digest_still_counts_everything(tmp_path: Path) -> None:
    with_nothing = SlackComposer(Names(), FakeClock(NOON), Templates(tmp_path))
    message = with_nothing.digest(notifications(70, severity=Severity.HIGH))
    assert message["text"] == "70 notifications: 60 HIGH, 10 RESOLVED"
    assert with_nothing.digest(notifications(2), doubtful=True)["text"].splitlines()[1:] == [DOUBT]


def test_a_damaged_report_is_sent_plainly(caplog: pytest.LogCaptureFixture) -> None:
    damaged = replace(a_report(a_busy_day(1)), body="{")
    assert "Daily report" in a_composer().announcement(damaged, None)["text"]
    assert caplog.records[0].levelno == logging.ERROR


def test_a_plain_message_is_one_escaped_line_and_the_id() -> None:
    notification, _ = an_announcement(an_event(title="<!channel> & co"))
    assert a_composer().plain(notification) == {
        "text": f"🔴 HIGH · &lt;!channel&gt; &amp; co · 111122223333 eu-west-1\nEvent `{notification.event_id}` · alarm"
    }


def test_what_began_and_ended_before_it_was_sent_is_one_line() -> None:
    began, record = an_announcement(an_event(), Reason.FIRST, since=NOON)
    over = replace(began, id="2", reason=Reason.RESOLVED, created_at=NOON + 8)
    message = a_composer().compose(Message("monitoring", [over, began], record))
    assert message == {
        "text": "✅ RESOLVED · checkout-5xx · payments-production (111122223333) eu-west-1 · over 8 s after it began"
    }
    unknown = [replace(each, since=0) for each in (began, over)]
    assert str(a_composer().compose(Message("monitoring", unknown))["text"]).endswith(" · over")
