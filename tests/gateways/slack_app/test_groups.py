"""A group's message stands for all its problems: each one's state follows, and its thread tells what becomes of any."""

import pytest
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.timeline import TransitionKind
from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Notification, Reason
from chalicelib.domain.timestamps import DAY
from chalicelib.gateways.slack_app.channel import MOST_MEMBERS, SEARCH_AFTER
from chalicelib.services.notifying.ports import Delivered, Retry
from tests.domain.given import NOON, a_resolution, an_event
from tests.fakes import Crash, Died
from tests.gateways.slack.messages import a_busy_day, a_report, judge, judge_harmless, the_links
from tests.gateways.slack_app.workspace import Hub, about, an_alert


def a_group(hub: Hub, count: int = 3) -> list[Alert]:
    """Let some alerts begin at once, and return them."""
    alerts = [an_alert(number) for number in range(count)]
    hub.alerts |= {each.fingerprint: each for each in alerts}
    hub.deliver_all(*(about(each, Reason.FIRST, number) for number, each in enumerate(alerts)))
    return alerts


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def group(hub: Hub) -> list[Alert]:
    return a_group(hub)


def resolve(hub: Hub, alert: Alert, number: int) -> Notification:
    """Let an alert be over, and return the notification of it."""
    over, _ = hub.alerts[alert.fingerprint].observe(a_resolution(NOON + 99, fingerprint=alert.fingerprint))
    hub.alerts[alert.fingerprint] = over
    return about(over, Reason.RESOLVED, number)


def lines(hub: Hub) -> list[str]:
    """Return what the message of the group says of each problem."""
    blocks = hub.slack.roots()[0].payload["attachments"][0]["blocks"]
    return [line for each in blocks if each["type"] == "section" for line in each["text"]["text"].splitlines()]


def test_what_becomes_of_each_problem_shows_in_the_one_message_and_its_thread(hub: Hub, group: list[Alert]) -> None:
    first, second, third = group
    taken = first.mark(TransitionKind.ACKNOWLEDGED, NOON + 90, "Ann")
    hub.alerts[first.fingerprint] = taken
    hub.deliver(about(taken, Reason.ACKNOWLEDGED, 10))
    worse, _ = second.observe(an_event(NOON + 9, fingerprint=second.fingerprint, severity=Severity.CRITICAL))
    hub.alerts[second.fingerprint] = worse
    hub.deliver(about(worse, Reason.WORSENED, 11))
    hub.deliver(resolve(hub, third, 12))

    (root,) = hub.slack.roots()
    assert hub.titles == ["🚨 CRITICAL · 3 alerts at once, 1 resolved"]
    assert [(each[0], each.rpartition(" · ")[2][:12]) for each in lines(hub)] == [
        ("🚨", "since <!date"),
        ("🔴", "✋ *Ann* has "),
        ("✅", "resolved"),
    ]
    assert [each.split(" · ")[0] for each in hub.story] == [
        "✋ *Acknowledged* by Ann",
        "⬆️ *Got worse*, now CRITICAL",
        "✅ *Resolved* after 42 s",
    ]
    assert [each.split(" · ")[1] for each in hub.story] == [first.title, worse.title, third.title]
    assert [each.broadcast for each in hub.slack.replies(root.ts)] == [False, True, False]
    for number, each in enumerate((first, second)):
        hub.deliver(resolve(hub, each, 20 + number))
    assert hub.titles == ["✅ RESOLVED · all 3 alerts"]
    assert hub.slack.refusals == []


def test_several_changes_at_once_are_one_update_and_one_reply(hub: Hub, group: list[Alert]) -> None:
    calls = len(hub.wire.calls)
    hub.deliver_all(*(resolve(hub, each, 10 + number) for number, each in enumerate(group)))

    assert hub.wire.calls[calls:] == ["chat.update", "chat.postMessage"]
    assert len(hub.story) == 3


def test_each_problem_has_its_button_and_leads_to_its_page() -> None:
    hub = Hub(links=the_links())
    first, *_ = a_group(hub)
    hub.alerts[first.fingerprint] = first.mark(TransitionKind.ACKNOWLEDGED, NOON + 90, "Ann")
    hub.deliver(about(hub.alerts[first.fingerprint], Reason.ACKNOWLEDGED, 10))
    hub.deliver(resolve(hub, an_alert(1), 11))
    *sections, row, _ = hub.slack.roots()[0].payload["attachments"][0]["blocks"]

    assert [each.get("accessory", {}).get("action_id", "") for each in sections] == ["acknowledge", "reopen", ""]
    assert first.fingerprint in sections[1]["accessory"]["value"]
    assert f"<https://hub.example.com/api/ui/alerts/{first.fingerprint}|{first.title}>" in sections[1]["text"]["text"]
    assert row["elements"][0]["url"] == "https://hub.example.com/api/ui/alerts"


@pytest.mark.parametrize("count", [2, 11, MOST_MEMBERS])
def test_a_group_of_any_size_fits_and_foreign_text_stays_text(hub: Hub, count: int) -> None:
    hostile = "<!channel> *a* `b` & <http://x|y> " * 10
    alerts = [replace(an_alert(number), title=hostile) for number in range(count)]
    hub.alerts |= {each.fingerprint: each for each in alerts}
    hub.deliver_all(*(about(each, Reason.FIRST, number) for number, each in enumerate(alerts)))
    message = {"text": "", **hub.slack.roots()[0].payload}
    judge(message)
    judge_harmless(message)

    assert sum(each.startswith("🔴") for each in lines(hub)) == count


def test_of_too_many_for_a_group_each_gets_its_own_message_when_it_changes(hub: Hub) -> None:
    alerts = a_group(hub, MOST_MEMBERS + 1)
    hub.deliver(resolve(hub, alerts[0], 99))

    assert len(hub.slack.roots()) == 2
    assert hub.titles[1] == f"✅ RESOLVED · {alerts[0].title}"


@pytest.mark.parametrize("lost", ["deleted", "old"])
def test_where_a_groups_message_is_gone_each_problem_gets_another(hub: Hub, group: list[Alert], lost: str) -> None:
    if lost == "deleted":
        hub.slack.deleted.add(hub.slack.roots()[0].ts)
    else:
        hub.clock.sleep(15 * DAY)
    hub.deliver(resolve(hub, group[0], 10))
    hub.deliver_all(*(about(each, Reason.REMINDER, 11 + number) for number, each in enumerate(group[1:])))
    _, own, others = hub.titles

    assert (own, others) == (f"✅ RESOLVED · {group[0].title}", "🔴 HIGH · 2 alerts at once")
    hub.deliver(resolve(hub, group[1], 20))
    assert hub.titles[2] == "🔴 HIGH · 2 alerts at once, 1 resolved"


def test_where_it_goes_while_several_change_they_become_another_group(hub: Hub, group: list[Alert]) -> None:
    hub.slack.deleted.add(hub.slack.roots()[0].ts)
    hub.deliver_all(*(resolve(hub, each, 10 + number) for number, each in enumerate(group[:2])))

    assert hub.titles[1:] == ["✅ RESOLVED · all 2 alerts"]


def test_a_group_of_unknown_outcome_is_found_and_stands_for_its_problems(hub: Hub) -> None:
    alerts = [an_alert(number) for number in range(3)]
    hub.alerts |= {each.fingerprint: each for each in alerts}
    pending = [about(each, Reason.FIRST, number) for number, each in enumerate(alerts)]
    hub.wire.lost = 1
    assert isinstance(hub.notify(*pending), Retry)
    hub.clock.sleep(SEARCH_AFTER)
    assert hub.notify(*pending) == Delivered(hub.slack.roots()[0].ts)
    hub.deliver(resolve(hub, alerts[0], 10))

    assert hub.titles == ["🔴 HIGH · 3 alerts at once, 1 resolved"]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_at_any_call_posts_no_group_twice_and_loses_no_problem(*, after: bool) -> None:
    def begin() -> tuple[Hub, list[Notification]]:
        hub = Hub()
        alerts = [an_alert(number) for number in range(3)]
        hub.alerts |= {each.fingerprint: each for each in alerts}
        return hub, [about(each, Reason.FIRST, number) for number, each in enumerate(alerts)]

    counting, pending = begin()
    crash = Crash()
    counting.notify(*pending, crash=crash)
    for at in range(1, len(crash.calls) + 1):
        hub, pending = begin()
        with pytest.raises(Died):
            hub.notify(*pending, crash=Crash(at, after=after))
        hub.clock.sleep(60)
        hub.deliver_all(*pending)
        hub.deliver(resolve(hub, an_alert(0), 10))

        assert hub.titles == ["🔴 HIGH · 3 alerts at once, 1 resolved"], crash.calls[at - 1]
        assert len(hub.story) == 1, crash.calls[at - 1]


def test_a_report_among_problems_is_a_message_of_its_own(hub: Hub) -> None:
    alerts = [an_alert(number) for number in range(2)]
    hub.alerts |= {each.fingerprint: each for each in alerts}
    report = replace(a_report(a_busy_day()), receiver="ops")
    hub.deliver_all(*(about(each, Reason.FIRST, number) for number, each in enumerate(alerts)), report)

    assert [title.split(" · ")[0] for title in hub.titles] == ["🔴 HIGH", "📊 Daily report"]


def test_a_group_that_cannot_be_composed_is_a_digest(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_self: object, _alerts: object) -> None:
        raise ValueError("no words")

    monkeypatch.setattr("chalicelib.gateways.slack_app.group.GroupComposer.message", fail)
    a_group(hub)

    assert hub.titles == ["🔴 3 alerts at once"]


def test_problems_in_several_accounts_and_those_that_fire_again_say_so(hub: Hub) -> None:
    alerts = [an_alert(number) for number in range(2)]
    again, _ = alerts[0].observe(an_event(NOON + 9, fingerprint=alerts[0].fingerprint, account="444455556666"))
    hub.alerts |= {each.fingerprint: each for each in (again, alerts[1].mark(TransitionKind.RESOLVED, NOON + 9, "Bob"))}
    hub.deliver_all(*(about(each, Reason.FIRST, number) for number, each in enumerate(alerts)))

    assert ", 2 times" in lines(hub)[0]
    assert lines(hub)[1].endswith("resolved by Bob")
