"""The weekly report: what was noisiest, how long it took, whose it was, and what messages were worth."""

from typing import Any

from chalicelib.domain.alerts.alert import Mark
from chalicelib.domain.alerts.timeline import TransitionKind
from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Notification, Reason
from chalicelib.domain.reports.response_times import ResponseTimes
from chalicelib.domain.reports.weekly import ACCOUNTS, EPISODES, ROWS, TOP, WeekReport, WeekTally
from chalicelib.domain.timestamps import WEEK, week_of
from tests.domain.given import NOON
from tests.feedback_fakes import said

MONDAY = week_of(NOON)


def notified(problem: str, reason: Reason = Reason.FIRST, at: int = NOON, **changes: Any) -> Notification:
    """Return a notification about a problem, made at a time."""
    values: dict[str, Any] = {
        "id": f"{problem}-{reason}-{at}",
        "receiver": "ops",
        "kind": "alarm",
        "reason": reason,
        "severity": Severity.HIGH,
        "title": f"{problem} is full",
        "created_at": at,
        "fingerprint": problem,
        "account": "111122223333",
        "region": "eu-west-1",
        "since": NOON,
        "episode": 1,
    }
    return Notification(**values | changes)


def a_tally(*notifications: Notification, tracked: int = 10) -> WeekTally:
    """Return what a week's notifications add up to."""
    tally = WeekTally(tracked)
    for each in notifications:
        tally.add(each)
    return tally


def a_mark(at: int, kind: TransitionKind = TransitionKind.ACKNOWLEDGED) -> Mark:
    """Return what somebody did to an alert."""
    return Mark(at=at, kind=kind, by="Ann")


def test_a_week_begins_on_monday() -> None:
    assert MONDAY == 1_772_409_600  # 2026-03-02
    assert [week_of(MONDAY + WEEK - 1), week_of(MONDAY), week_of(MONDAY - 1)] == [MONDAY, MONDAY, MONDAY - WEEK]
    assert week_of(0) == -3 * 86_400


def test_the_alerts_with_most_messages_come_first_and_what_interrupts_nobody_is_none() -> None:
    quiet = [notified("b", reason, NOON + 9) for reason in (Reason.ACKNOWLEDGED, Reason.REOPENED, Reason.SILENCED)]
    tally = a_tally(notified("a"), notified("b"), notified("a", Reason.WORSENED, severity=Severity.CRITICAL), *quiet)
    report = tally.report(MONDAY, 5, [])

    assert [(each.fingerprint, each.messages, each.severity) for each in report.noisiest] == [
        ("a", 2, Severity.CRITICAL),
        ("b", 1, Severity.HIGH),
    ]
    assert (report.messages, report.before, report.problems, report.approximate) == (3, 5, 2, False)


def test_an_alert_is_called_as_when_it_last_fired() -> None:
    tally = a_tally(notified("a"), notified("a", Reason.RESOLVED, title="a: updated"))

    assert [each.title for each in tally.noisiest(1)] == ["a is full"]


def test_reports_and_summaries_are_none_of_the_noise() -> None:
    report = a_tally(notified("", kind="report"), notified("a", Reason.SUMMARY, episode=0)).report(MONDAY, None, [])

    assert (report.messages, report.problems, report.noisiest) == (0, 0, ())


def test_an_alert_about_which_people_did_something_alone_is_not_noisy() -> None:
    assert a_tally(notified("a", Reason.ACKNOWLEDGED)).report(MONDAY, None, []).noisiest == ()


def test_how_long_it_took_is_counted_once_an_episode_from_its_beginning() -> None:
    tally = a_tally(
        notified("a"),
        notified("a", Reason.REMINDER, NOON + 50, since=NOON - 10),
        notified("a", Reason.RESOLVED, NOON + 100, receiver="ops"),
        notified("a", Reason.RESOLVED, NOON + 101, receiver="dev"),
        notified("a", Reason.REGRESSION, NOON + 1_000, since=NOON + 1_000, episode=2),
        notified("a", Reason.RESOLVED, NOON + 1_300, since=NOON + 1_000, episode=2),
        notified("b", since=0),
    )
    first, _ = tally.noisiest(2)
    first.take_on(
        [
            a_mark(NOON + 90),
            a_mark(NOON + 20),
            a_mark(NOON + 25, TransitionKind.REOPENED),
            a_mark(NOON + 1_007),
            a_mark(NOON - 500),
        ]
    )
    report = tally.report(MONDAY, None, [])

    assert report.taken == ResponseTimes(2, 7, 30)
    assert report.ended == ResponseTimes(2, 110, 300)
    assert [each.episodes for each in report.noisiest] == [2, 1]


def test_accounts_and_teams_are_compared() -> None:
    tally = a_tally(
        notified("a"),
        notified("a", Reason.STEP, NOON + 1),
        notified("b", account="444455556666"),
        notified("c", Reason.RESOLVED, NOON + 60),
    )
    for each in tally.noisiest(3):
        each.team = "shop" if each.fingerprint == "a" else ""
    report = tally.report(MONDAY, None, [])

    assert [(row.name, row.messages, row.problems, row.ended) for row in report.accounts.rows] == [
        ("111122223333", 3, 2, ResponseTimes(1, 60, 60)),
        ("444455556666", 1, 1, ResponseTimes()),
    ]
    assert [(row.name, row.messages) for row in report.teams.rows] == [("", 2), ("shop", 2)]


def test_what_people_found_useful_stands_beside_the_alert() -> None:
    feedback = [said(fingerprint="a", useful=True), said(fingerprint="a", person_id="U2"), said(fingerprint="gone")]
    report = a_tally(notified("a")).report(MONDAY, None, feedback)

    assert [(each.useful, each.not_useful) for each in report.noisiest] == [(1, 1)]
    assert (report.useful, report.not_useful) == (1, 2)


def test_every_list_is_bounded_and_the_report_is_read_as_it_was_written() -> None:
    many = [notified(f"p{number}", account=f"{number:012d}", title="x" * 500) for number in range(40)]
    episodes = [notified("a", episode=number, account=f"{number:012d}") for number in range(1, 2 * ACCOUNTS)]
    tally = a_tally(*many, *episodes, tracked=100)
    report = tally.report(MONDAY, None, [])

    assert (len(report.noisiest), len(report.accounts.rows), report.accounts.more) == (TOP, ROWS, 31)
    assert (report.noisiest[0].episodes, report.noisiest[0].accounts) == (EPISODES, ACCOUNTS)
    assert max(len(each.title) for each in report.noisiest) == 120
    assert WeekReport.from_json(report.to_json()) == report


def test_of_too_many_alerts_the_quietest_are_forgotten_and_the_report_says_so() -> None:
    loud = [notified("loud", Reason.STEP, NOON + number) for number in range(5)]
    tally = a_tally(*loud, *(notified(f"p{number}") for number in range(30)), tracked=10)
    report = tally.report(MONDAY, None, [])

    assert report.noisiest[0].fingerprint == "loud"
    assert (report.messages, report.approximate) == (35, True)
    assert report.problems <= 20


def test_nothing_took_no_time() -> None:
    assert ResponseTimes.of([]) == ResponseTimes()
    assert ResponseTimes.of([-5]) == ResponseTimes(1, 0, 0)
    assert ResponseTimes.of([9, 1, 4, 2]) == ResponseTimes(4, 2, 9)
