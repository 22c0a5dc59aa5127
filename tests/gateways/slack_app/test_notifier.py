"""One living message for each problem: updated in place, its story in the thread, found and not repeated."""

from http import HTTPStatus

import pytest
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.suspect_deploy import Deploy
from chalicelib.domain.alerts.timeline import TransitionKind
from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Reason
from chalicelib.domain.timestamps import DAY
from chalicelib.gateways.slack_app.channel import MOST_MEMBERS, SEARCH_AFTER
from chalicelib.gateways.slack_app.notifier import UPDATES
from chalicelib.services.notifying.ports import Delivered, Message, Rejected, Retry
from local.slack.conversations import Reply, failing
from tests.domain.given import NOON, a_resolution, an_event
from tests.fakes import Crash, Died
from tests.gateways.slack.messages import a_busy_day, a_report, the_links
from tests.gateways.slack_app.workspace import BROKEN, Hub, about, an_alert


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def alert(hub: Hub) -> Alert:
    alert = an_alert()
    hub.alerts[alert.fingerprint] = alert
    return alert


def test_the_story_of_a_problem_is_one_message_its_thread_and_one_broadcast(hub: Hub, alert: Alert) -> None:
    hub.deliver(about(alert, Reason.FIRST, 1))
    hub.deliver(about(alert, Reason.JOINED, 2))
    worse, _ = alert.observe(an_event(NOON + 9, fingerprint=alert.fingerprint, severity=Severity.CRITICAL))
    hub.alerts[alert.fingerprint] = worse
    hub.deliver(about(worse, Reason.WORSENED, 3))
    taken = worse.mark(TransitionKind.ACKNOWLEDGED, NOON + 90, "Ann", "on it")
    hub.alerts[alert.fingerprint] = taken
    hub.deliver(about(taken, Reason.ACKNOWLEDGED, 4))
    assert "*Ann* has it" in str(hub.slack.roots()[0].payload)
    over, _ = taken.observe(a_resolution(NOON + 99, fingerprint=alert.fingerprint))
    hub.alerts[alert.fingerprint] = over
    hub.deliver(about(over, Reason.RESOLVED, 5))

    (root,) = hub.slack.roots()
    assert hub.titles == [f"✅ RESOLVED · {over.title}"]
    assert [line.split(" · ")[0] for line in hub.story] == [
        "🌐 *In more accounts or regions*, most recently payments-production eu-west-1",
        "⬆️ *Got worse*, now CRITICAL",
        "✋ *Acknowledged* by Ann",
        "✅ *Resolved* after 35 s",
    ]
    assert [over.title in line for line in hub.story] == [False, True, False, False]  # where it is read alone
    assert [each.broadcast for each in hub.slack.replies(root.ts)] == [False, True, False, False]
    assert hub.slack.refusals == []


def test_all_that_is_pending_about_a_problem_is_one_update_and_one_reply(hub: Hub, alert: Alert) -> None:
    hub.deliver(about(alert, Reason.FIRST, 1))
    hub.deliver(about(alert, Reason.JOINED, 2), about(alert, Reason.STEP, 3))

    assert hub.wire.calls == ["chat.postMessage", "chat.update", "chat.postMessage"]
    assert len(hub.story) == 2


def test_a_silence_is_in_the_thread_with_its_end_and_nothing_is_due_in_the_message(hub: Hub, alert: Alert) -> None:
    hub.deliver(about(alert, Reason.FIRST, 1))
    hub.deliver(about(alert, Reason.SILENCED, 2, by="<@U1> Ann", due_at=NOON + 3_600))

    assert hub.story[0].startswith(f"🔕 *Silenced* by &lt;@U1&gt; Ann until <!date^{NOON + 3_600}^")
    assert "Due" not in str(hub.slack.roots()[0].payload)


def test_the_message_says_how_things_stand_when_it_is_sent(hub: Hub, alert: Alert) -> None:
    over, _ = alert.observe(a_resolution(NOON + 99, fingerprint=alert.fingerprint))
    hub.alerts[alert.fingerprint] = over
    hub.deliver(about(alert, Reason.FIRST, 1))

    assert hub.titles == [f"✅ RESOLVED · {alert.title}"]


def test_what_fires_again_is_the_same_message_and_is_broadcast(hub: Hub, alert: Alert) -> None:
    hub.deliver(about(alert, Reason.FIRST, 1))
    hub.deliver(about(alert, Reason.RESOLVED, 2))
    hub.deliver(about(alert, Reason.REGRESSION, 3, episode=2))

    (root,) = hub.slack.roots()
    assert hub.slack.replies(root.ts)[-1].broadcast


def test_a_message_that_was_deleted_or_is_too_old_is_posted_anew(hub: Hub, alert: Alert) -> None:
    hub.deliver(about(alert, Reason.FIRST, 1))
    hub.slack.deleted.add(hub.slack.roots()[0].ts)
    hub.deliver(about(alert, Reason.REMINDER, 2))
    assert len(hub.slack.roots()) == 2
    hub.clock.sleep(15 * DAY)
    hub.deliver(about(alert, Reason.REMINDER, 3))

    assert len(hub.slack.roots()) == 3
    assert all(hub.slack.replies(each.ts) == [] for each in hub.slack.roots())


@pytest.mark.parametrize("lost", ["lost", "unsent"])
def test_after_a_time_out_a_message_is_searched_before_it_is_posted_again(hub: Hub, alert: Alert, lost: str) -> None:
    setattr(hub.wire, lost, 1)
    first = about(alert, Reason.FIRST, 1)

    assert isinstance(hub.notify(first), Retry)
    early = hub.notify(first)
    assert isinstance(early, Retry)
    assert 0 < early.after <= SEARCH_AFTER
    hub.deliver(first)

    assert len(hub.slack.roots()) == 1
    assert "conversations.history" in hub.wire.calls


@pytest.mark.parametrize("failure", [BROKEN, failing(HTTPStatus.BAD_GATEWAY)])
def test_after_an_error_of_slacks_own_a_message_is_searched_too(hub: Hub, alert: Alert, failure: Reply) -> None:
    hub.slack.failures.append(failure)
    hub.deliver(about(alert, Reason.FIRST, 1))

    assert hub.wire.calls[:2] == ["chat.postMessage", "conversations.history"]
    assert len(hub.slack.roots()) == 1


@pytest.mark.parametrize("lost", ["lost", "unsent"])
def test_after_a_time_out_a_reply_is_searched_in_its_thread(hub: Hub, alert: Alert, lost: str) -> None:
    hub.deliver(about(alert, Reason.FIRST, 1))
    worse = about(alert, Reason.WORSENED, 2)
    with_update = hub.wire.post

    def fail_the_reply(*arguments: object) -> object:
        if str(arguments[0]).endswith("chat.postMessage"):
            setattr(hub.wire, lost, 1)
            hub.wire.post = with_update  # type: ignore[method-assign]  # once is enough
        return with_update(*arguments)  # type: ignore[arg-type]  # as they came

    hub.wire.post = fail_the_reply  # type: ignore[method-assign,assignment]
    hub.deliver(worse)

    assert len(hub.story) == 1
    assert "conversations.replies" in hub.wire.calls


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_at_any_call_posts_nothing_twice_and_loses_nothing(*, after: bool) -> None:
    alert = an_alert()
    for reasons in ([Reason.FIRST], [Reason.FIRST, Reason.WORSENED]):
        counting = Hub()
        counting.alerts[alert.fingerprint] = alert
        for number, reason in enumerate(reasons[:-1]):
            counting.deliver(about(alert, reason, number))
        crash = Crash()
        counting.notify(about(alert, reasons[-1], 9), crash=crash)

        for at in range(1, len(crash.calls) + 1):
            hub = Hub()
            hub.alerts[alert.fingerprint] = alert
            for number, reason in enumerate(reasons[:-1]):
                hub.deliver(about(alert, reason, number))
            with pytest.raises(Died):
                hub.notify(about(alert, reasons[-1], 9), crash=Crash(at, after=after))
            hub.clock.sleep(60)
            hub.deliver(about(alert, reasons[-1], 9))

            assert len(hub.slack.roots()) == 1, at
            assert len(hub.story) == len(reasons) - 1, at


def test_several_new_problems_at_once_are_one_digest(hub: Hub) -> None:
    alerts = [an_alert(number) for number in range(8)]
    hub.alerts |= {each.fingerprint: each for each in alerts}
    result = hub.notify(*(about(each, Reason.FIRST, number) for number, each in enumerate(alerts)))

    assert result == Delivered()
    assert hub.titles == ["🔴 HIGH · 8 alerts at once"]


def test_in_a_storm_messages_that_are_there_are_updated_and_the_rest_stays_pending(hub: Hub) -> None:
    alerts = [an_alert(number) for number in range(UPDATES + 5)]
    hub.alerts |= {each.fingerprint: each for each in alerts}
    for number, each in enumerate(alerts):
        hub.deliver(about(each, Reason.FIRST, number))
    pending = [about(each, Reason.RESOLVED, 100 + number) for number, each in enumerate(alerts)]
    result = hub.notify(*pending)

    assert isinstance(result, Delivered)
    assert len(result.left) == 5
    hub.deliver(*(each for each in pending if each.id in result.left))
    assert len(hub.slack.roots()) == len(alerts)


def test_in_a_storm_what_would_outlast_the_turn_stays_pending(hub: Hub) -> None:
    alerts = [an_alert(number) for number in range(UPDATES)]
    hub.alerts |= {each.fingerprint: each for each in alerts}
    for number, each in enumerate(alerts):
        hub.deliver(about(each, Reason.FIRST, number))
    pending = [about(each, Reason.RESOLVED, 100 + number) for number, each in enumerate(alerts)]
    ends_at = hub.clock.now() + 5
    result = hub.notifiers().notify(Message("ops", pending, until=ends_at))

    assert isinstance(result, Delivered)
    assert len(result.left) == UPDATES - 6
    assert hub.clock.now() == ends_at


def test_a_digest_of_unknown_outcome_is_searched_and_accounts_for_what_it_said(hub: Hub) -> None:
    alerts = [an_alert(number) for number in range(9)]
    hub.alerts |= {each.fingerprint: each for each in alerts}
    pending = [about(each, Reason.FIRST, number) for number, each in enumerate(alerts)]
    hub.wire.lost = 1

    assert isinstance(hub.notify(*pending[:8]), Retry)
    hub.clock.sleep(SEARCH_AFTER)
    result = hub.notify(*pending)

    assert isinstance(result, Delivered)
    assert result.left == {pending[8].id}
    assert len(hub.slack.roots()) == 1


def test_a_digest_whose_sender_died_before_it_was_settled_is_not_repeated(hub: Hub) -> None:
    alerts = [an_alert(number) for number in range(MOST_MEMBERS + 5)]
    hub.alerts |= {each.fingerprint: each for each in alerts}
    pending = [about(each, Reason.FIRST, number) for number, each in enumerate(alerts)]
    hub.notify(*pending[:-2])
    hub.clock.sleep(60)

    result = hub.notify(*pending)

    assert isinstance(result, Delivered)
    assert result.left == {each.id for each in pending[-2:]}
    assert len(hub.slack.roots()) == 1
    assert hub.notify(*(replace(each, settled_at=hub.clock.now()) for each in pending)) == Delivered()
    assert len(hub.slack.roots()) == 2


def test_a_digest_that_did_not_arrive_is_posted(hub: Hub) -> None:
    alerts = [an_alert(number) for number in range(8)]
    hub.alerts |= {each.fingerprint: each for each in alerts}
    pending = [about(each, Reason.FIRST, number) for number, each in enumerate(alerts)]
    hub.wire.unsent = 1
    hub.notify(*pending)
    hub.clock.sleep(SEARCH_AFTER)
    result = hub.notify(*pending)

    assert isinstance(result, Delivered)
    assert result.left == {each.id for each in pending}
    hub.deliver(*pending)
    assert hub.titles == ["🔴 HIGH · 8 alerts at once"]


def test_a_report_is_posted_once(hub: Hub) -> None:
    report = replace(a_report(a_busy_day()), receiver="ops")
    hub.wire.lost = 1
    hub.deliver(report)
    hub.deliver(report)

    assert len(hub.slack.roots()) == 1


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("channel_not_found", Rejected),
        ("is_archived", Rejected),
        ("not_in_channel", Retry),
        ("invalid_auth", Retry),
        ("missing_scope", Retry),
        ("ratelimited", Retry),
    ],
)
def test_what_slack_refuses_is_final_or_can_be_mended(hub: Hub, alert: Alert, word: str, expected: type) -> None:
    hub.slack.failures.append(Reply({"ok": False, "error": word}))

    assert isinstance(hub.notify(about(alert, Reason.FIRST, 1)), expected)


def test_a_message_that_slack_cannot_read_is_sent_plainly(hub: Hub, alert: Alert) -> None:
    hub.slack.failures.append(Reply({"ok": False, "error": "invalid_blocks"}))
    hub.deliver(about(alert, Reason.FIRST, 1))
    hub.slack.failures.append(Reply({"ok": False, "error": "invalid_blocks"}))
    hub.deliver(about(alert, Reason.REMINDER, 2))

    (root,) = hub.slack.roots()
    assert alert.title in root.payload["text"]


def test_a_message_that_slack_cannot_read_in_any_form_is_rejected(hub: Hub, alert: Alert) -> None:
    hub.slack.failures += [Reply({"ok": False, "error": "msg_too_long"})] * 2

    assert isinstance(hub.notify(about(alert, Reason.FIRST, 1)), Rejected)


def test_the_buttons_are_those_that_make_sense(hub: Hub, alert: Alert) -> None:
    hub.deliver(about(alert, Reason.FIRST, 1))

    def offered() -> list[str]:
        blocks = hub.slack.roots()[0].payload["attachments"][0]["blocks"]
        rows = [[each["text"]["text"] for each in row["elements"]] for row in blocks if row["type"] == "actions"]
        assert rows[1:] == [["👍 Useful", "👎 Not useful"]]
        return rows[0][:5]

    assert offered()[:4] == ["Acknowledge", "Silence 1 h", "Silence …", "Resolve"]
    hub.alerts[alert.fingerprint] = alert.mark(TransitionKind.ACKNOWLEDGED, NOON + 90, "Ann")
    hub.deliver(about(alert, Reason.ACKNOWLEDGED, 2))
    assert offered() == ["Assign to me", "Silence 1 h", "Silence …", "Resolve", "Undo"]


def test_details_lead_to_the_page_of_the_alert_and_no_link_acts(alert: Alert) -> None:
    hub = Hub(links=the_links())
    hub.alerts[alert.fingerprint] = alert
    hub.deliver(about(alert, Reason.FIRST, 1))
    blocks = hub.slack.roots()[0].payload["attachments"][0]["blocks"]
    row, _ = [each for each in blocks if each["type"] == "actions"]

    *_, details = row["elements"]
    assert details["url"] == f"https://hub.example.com/api/ui/alerts/{alert.fingerprint}"
    assert not any("/links/" in each.get("url", "") for each in row["elements"])


def test_an_alert_that_is_no_longer_kept_is_shown_as_it_was(hub: Hub) -> None:
    alert = an_alert()
    hub.deliver(about(alert, Reason.FIRST, 1))

    assert hub.titles == [f"🔴 HIGH · {alert.title}"]


class Deploys:
    """What was deployed before any problem: a stack."""

    def deploys_before(self, _problem: object, _began: object = None) -> tuple[Deploy, ...]:
        """Return it."""
        return (
            Deploy(
                what="stack",
                name="shop",
                operation="updated",
                account="111122223333",
                region="eu-west-1",
                at=NOON - 60,
                seconds_before=60,
                in_progress=False,
                link="",
                event_id="1-a",
            ),
        )


def test_a_living_message_names_what_was_deployed_before_until_it_is_over(alert: Alert) -> None:
    hub = Hub(affected=Deploys())
    hub.alerts[alert.fingerprint] = alert
    hub.deliver(about(alert, Reason.FIRST, 1))
    again, _ = alert.observe(an_event(NOON + 9, fingerprint=alert.fingerprint))
    hub.alerts[alert.fingerprint] = again
    hub.deliver(about(again, Reason.STEP, 2))
    (root,) = hub.slack.roots()
    assert "stack shop updated 1 min before" in str(root.payload)

    hub.alerts[alert.fingerprint], _ = again.observe(a_resolution(NOON + 99, fingerprint=alert.fingerprint))
    hub.deliver(about(hub.alerts[alert.fingerprint], Reason.RESOLVED, 3))
    assert "stack shop" not in str(hub.slack.roots()[0].payload)
