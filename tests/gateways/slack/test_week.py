"""The weekly report in Slack, and in plain words: within every limit, and nobody's text gets through."""

import pytest
from msgspec.structs import replace

from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Notification, Reason
from chalicelib.domain.reports.response_times import ResponseTimes
from chalicelib.domain.reports.weekly import NoisyAlert, WeekReport, WeekRow, WeekTable
from chalicelib.domain.text import digest
from chalicelib.domain.timestamps import week_of
from chalicelib.gateways.plain_messages.overviews import report_message
from chalicelib.gateways.webhook.body import WebhookType, _type
from tests.domain.given import NOON
from tests.gateways.slack.messages import a_busy_day, a_composer, a_report, judge, judge_harmless, the_links, words

HOSTILE = "<!channel> *orders* & `more` " * 20
TOOK = "*12* messages about 3 alerts · acknowledged in *5 min*, at most 15 min · resolved in *1 min*"
ROW = WeekRow(
    name="111122223333", messages=12, problems=3, taken=ResponseTimes(2, 300, 900), ended=ResponseTimes(1, 60, 60)
)


def a_week(**changes: object) -> WeekReport:
    """Return the report of a week."""
    report = WeekReport(
        week=week_of(NOON),
        messages=41,
        before=46,
        problems=7,
        noisiest=(a_noisy_alert(),),
        taken=ROW.taken,
        ended=ROW.ended,
        accounts=WeekTable((ROW, replace(ROW, name="")), 2),
        teams=WeekTable((replace(ROW, name="payments"), replace(ROW, name="", taken=ResponseTimes())), 0),
        useful=3,
        not_useful=1,
        approximate=True,
    )
    return replace(report, **changes)


def a_noisy_alert(number: int = 1, title: str = "queue is full") -> NoisyAlert:
    """Return an alert that made messages."""
    return NoisyAlert(
        title=title,
        severity=Severity.HIGH,
        account="111122223333",
        region="eu-west-1",
        fingerprint=digest(str(number)),
        messages=9,
        episodes=3,
        accounts=1,
        useful=1,
        not_useful=2,
    )


def announced(report: WeekReport) -> Notification:
    """Return the notification that carries it."""
    return replace(a_report(a_busy_day()), kind="weekly_report", body=report.to_json())


def test_a_week_says_what_was_noisy_how_long_it_took_and_whose_it_was() -> None:
    message = a_composer(links=the_links()).announcement(announced(a_week()), None)
    judge(message)
    page = f"<https://hub.example.com/api/ui/alerts/{digest('1')}|queue is full>"

    assert words(message).splitlines() == [
        "🗓 Weekly report · 2026-03-02",
        "*41* messages about 7 alerts, 5 fewer than the week before",
        "✋ Acknowledged, half of them in *5 min*, at most 15 min (2 times)",
        "✅ Resolved, half of them in *1 min* (1 time)",
        "👍 Messages were found useful 3 times, not useful 1 time",
        "*Noisiest alerts*",
        f"🔴 {page} · *payments-production* `111122223333` · eu-west-1 · *9* messages, it fired 3 times · 👍 1 · 👎 2",
        "*By account*",
        f"*payments-production* `111122223333`: {TOOK}",
        f"no account: {TOOK}",
        "… and 2 more",
        "*By team*",
        f"payments: {TOOK}",
        "no owner: *12* messages about 3 alerts · resolved in *1 min*",
        "There was too much to count it all; the true numbers are larger.",
        "2026-03-02 to 2026-03-08, Monday to Sunday, UTC",
    ]
    assert message["text"] == "🗓 Weekly report · 2026-03-02 · 41 messages about 7 alerts"


def test_where_nobody_says_who_owns_what_there_is_no_table_of_teams() -> None:
    nobody = a_week(teams=WeekTable((replace(ROW, name=""),), 0))

    assert "By team" not in words(a_composer().announcement(announced(nobody), None))


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        (None, "A quiet week: nobody was notified of anything."),
        (46, "A quiet week: nobody was notified of anything (46 messages the week before)."),
    ],
)
def test_a_quiet_week_has_a_report(before: int | None, sentence: str) -> None:
    nothing = WeekTable((), 0)
    report = a_week(
        messages=0,
        before=before,
        problems=0,
        noisiest=(),
        taken=ResponseTimes(),
        ended=ResponseTimes(),
        accounts=nothing,
        teams=nothing,
        useful=0,
        not_useful=0,
        approximate=False,
    )
    message = a_composer().announcement(announced(report), None)
    judge(message)

    assert words(message).splitlines()[1:-1] == [sentence]


def test_the_longest_week_fits_and_foreign_text_stays_text() -> None:
    noisy = tuple(a_noisy_alert(number, HOSTILE[:120]) for number in range(10))
    table = WeekTable(tuple(replace(ROW, name=HOSTILE[:64]) for _ in range(10)), 9)
    message = a_composer().announcement(announced(a_week(noisiest=noisy, accounts=table, teams=table)), None)
    judge(message)
    judge_harmless(message)


def test_a_week_in_plain_words_and_for_programs() -> None:
    notification = announced(a_week())
    plain = report_message(notification, lambda account, region: f"{account} {region}")

    assert plain.title == "Weekly report · 2026-03-02"
    assert plain.lines == (
        "41 messages about 7 alerts",
        "Acknowledged, half of them in 5 min, at most 15 min",
        "Resolved, half of them in 1 min, at most 1 min",
        "Noisy: queue is full · 111122223333 eu-west-1 · 9",
        "payments: 12 messages",
        "no owner: 12 messages",
    )
    assert _type(notification, None) is WebhookType.WEEKLY_REPORT
    assert notification.reason is Reason.SCHEDULED
    assert report_message(announced(a_week(taken=ResponseTimes())), lambda *_: "").lines[1].startswith("Resolved")
