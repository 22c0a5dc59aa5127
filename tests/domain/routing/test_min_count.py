"""A route with a minimum count announces what fired often enough within its window, and holds back what did not."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.timeline import TransitionKind
from chalicelib.domain.events.event import Event, Severity
from chalicelib.domain.notifications.notification import Notification, Outcome, Reason
from chalicelib.domain.routing.decision import Decision, decide
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.next_evaluation import due_at
from chalicelib.domain.routing.notification_policy import Policy, evaluate, news_at
from chalicelib.domain.routing.reminders import NEVER
from chalicelib.domain.routing.routes import HOUR, Route
from chalicelib.domain.routing.silences import Silence
from tests.domain.given import NOON, a_resolution, an_event

QUARTER = 900
STEP = QUARTER // 12
FIVE = Route(name="five", receivers=("team",), min_count=5, min_count_window=QUARTER, continues=True)
EACH = Route(name="each", receivers=("log",), continues=True)


def lines(number: int, at: int = NOON, severity: Severity = Severity.HIGH) -> Event:
    """Return an event about so many log lines."""
    return an_event(at, kind="error_logs", lines=number, severity=severity)


def played(policy: Policy, *events: Event, alert: Alert | None = None) -> tuple[Alert, list[Outcome]]:
    """Let an alert have these events, each when it was published."""
    alert, outcomes = alert or Alert.about(events[0]), []
    for event in events:
        decision = decide(alert, [event], policy, event.published_at)
        alert = decision.alert
        outcomes += [each.outcome for each in decision.events]
    return alert, outcomes


def reasons(policy: Policy, *events: Event) -> list[Reason]:
    """Return the reason of each event's outcome."""
    return [outcome.reason for outcome in played(policy, *events)[1]]


def notification_of(decision: Decision) -> Notification:
    """Return the only notification of a decision."""
    (notification,) = decision.pending
    return notification


def test_the_event_that_reaches_the_count_announces_it() -> None:
    alert, outcomes = played(Policy((FIVE,)), lines(2), lines(2, NOON + 60))
    assert outcomes == [Outcome(reason=Reason.BELOW_COUNT, by="five")] * 2
    notification = notification_of(decide(alert, [lines(1, NOON + 120)], Policy((FIVE,)), NOON + 120))
    assert (notification.reason, notification.receiver, notification.by) == (Reason.FIRST, "team", "five")
    assert (notification.count, notification.since) == (3, NOON)


def test_what_is_not_often_enough_within_the_window_is_held_back_for_good() -> None:
    events = [lines(4, NOON + number * 2 * QUARTER) for number in range(5)]
    assert set(reasons(Policy((FIVE,)), *events)) == {Reason.BELOW_COUNT}


def test_an_event_that_is_not_about_lines_counts_one() -> None:
    events = [an_event(NOON + second) for second in range(6)]
    assert reasons(Policy((FIVE,)), *events) == [*[Reason.BELOW_COUNT] * 4, Reason.FIRST, Reason.REPEATED]


def test_what_ends_and_begins_again_is_counted_on_within_the_window() -> None:
    twice = replace(FIVE, min_count=2)
    events = (an_event(), a_resolution(NOON + 60), an_event(NOON + 120), a_resolution(NOON + 180))
    assert reasons(Policy((twice,)), *events) == [
        Reason.BELOW_COUNT,
        Reason.NOTHING_TO_RESOLVE,
        Reason.REGRESSION,
        Reason.RESOLVED,
    ]


def test_critical_is_announced_at_once_and_unknown_is_counted() -> None:
    policy = Policy((FIVE,))
    assert reasons(policy, lines(1, severity=Severity.CRITICAL)) == [Reason.FIRST]
    assert reasons(policy, lines(1, severity=Severity.UNKNOWN)) == [Reason.BELOW_COUNT]
    assert reasons(policy, lines(1), lines(1, NOON + 1, Severity.CRITICAL)) == [Reason.BELOW_COUNT, Reason.FIRST]


def test_what_is_less_severe_is_below_the_minimum_first() -> None:
    mild = lines(9, severity=Severity.LOW)
    assert reasons(Policy((FIVE,)), mild) == [Reason.BELOW_MINIMUM]


def test_each_route_counts_for_itself() -> None:
    ten = replace(FIVE, name="ten", receivers=("pager",), min_count=10, min_count_window=HOUR)
    _, outcomes = played(Policy((FIVE, EACH, ten)), *(lines(3, NOON + minute * 60) for minute in range(4)))
    assert [(each.reason, set(each.deliveries), each.by) for each in outcomes] == [
        (Reason.FIRST, {"log"}, "each"),
        (Reason.FIRST, {"team"}, "five, each"),
        (Reason.REPEATED, set(), "five, each"),
        (Reason.FIRST, {"pager"}, "five, each, ten"),
    ]


def test_what_was_announced_is_not_held_back_again_before_it_is_over() -> None:
    policy = Policy((FIVE,), quiet={"error_logs": 3 * 4 * HOUR})
    late = NOON + 4 * HOUR
    events = (lines(5), lines(1, late), lines(1, late + HOUR, Severity.CRITICAL), a_resolution(late + 2 * HOUR))
    assert reasons(policy, *events) == [Reason.FIRST, Reason.REMINDER, Reason.WORSENED, Reason.RESOLVED]


def test_a_regression_is_counted_anew() -> None:
    later = NOON + 2 * HOUR
    events = (lines(5), a_resolution(NOON + HOUR), lines(1, later), a_resolution(later + 1), lines(4, later + 2))
    assert reasons(Policy((FIVE,)), *events) == [
        Reason.FIRST,
        Reason.RESOLVED,
        Reason.BELOW_COUNT,
        Reason.NOTHING_TO_RESOLVE,
        Reason.REGRESSION,
    ]


def test_a_count_in_a_new_file_holds_back_nothing_that_was_announced() -> None:
    alert, _ = played(Policy((replace(FIVE, min_count=1),)), lines(1))
    _, (outcome,) = played(Policy((FIVE,)), lines(1, NOON + 4 * HOUR), alert=alert)
    assert outcome.reason is Reason.REMINDER


def test_an_acknowledged_alert_stays_so_when_its_count_is_reached() -> None:
    policy = Policy((EACH, FIVE))
    alert, _ = played(policy, lines(1))
    acknowledged = alert.mark(TransitionKind.ACKNOWLEDGED, NOON + 1, "ann")
    _, (outcome,) = played(policy, lines(5, NOON + 60), alert=acknowledged)
    assert outcome == Outcome(reason=Reason.ACKNOWLEDGED, by="each, five")


def test_accounts_that_join_are_announced_to_those_alone_whose_count_is_reached() -> None:
    accounts = ("111122223333", "444455556666", "777788889999")
    events = [replace(lines(2, NOON + 60 * number), account=each) for number, each in enumerate(accounts)]
    assert reasons(Policy((FIVE,)), *events) == [Reason.BELOW_COUNT, Reason.BELOW_COUNT, Reason.FIRST]
    _, outcomes = played(Policy((FIVE, EACH)), *events)
    assert [(each.reason, set(each.deliveries)) for each in outcomes] == [
        (Reason.FIRST, {"log"}),
        (Reason.JOINED, {"log"}),
        (Reason.JOINED, {"log", "team"}),
    ]


def test_what_flaps_too_seldom_for_the_count_is_held_back_too() -> None:
    rare = replace(FIVE, min_count=9)
    events = [event for at in range(NOON, NOON + 480, 120) for event in (an_event(at), a_resolution(at + 60, lines=0))]
    assert set(reasons(Policy((rare,)), *events, an_event(NOON + 500))) <= {
        Reason.BELOW_COUNT,
        Reason.NOTHING_TO_RESOLVE,
    }


def test_what_a_silence_suppresses_is_counted_and_announced_when_it_ends() -> None:
    silence = Silence(id="s", matchers=(), starts_at=NOON, ends_at=NOON + HOUR, author="a", reason="r")
    policy = Policy((FIVE,), (silence,))
    alert, outcomes = played(policy, lines(3), lines(3, NOON + 60))
    assert [each.reason for each in outcomes] == [Reason.SILENCED] * 2
    assert evaluate(alert, policy, NOON + HOUR)[1].reason is Reason.FIRST


def test_what_fired_before_the_hours_of_a_route_is_counted() -> None:
    by_day = replace(FIVE, matchers=(Matcher(Field.HOURS, ("12:00-13:00 UTC",)),))
    policy = Policy((by_day, Route(name="rest", receivers=("rest",), minimum=Severity.CRITICAL)))
    alert, outcomes = played(policy, lines(6, NOON - 60))
    assert outcomes[0].reason is Reason.BELOW_MINIMUM
    assert due_at(alert, policy, NOON - 59) == NOON
    assert set(evaluate(alert, policy, NOON)[1].deliveries) == {"team"}


def test_time_alone_brings_no_news_of_what_is_held_back() -> None:
    policy = Policy((FIVE,))
    alert, _ = played(policy, lines(4))
    assert news_at(alert, policy, NOON) == NEVER
    assert alert.due == 0
    assert evaluate(alert, policy, NOON + HOUR)[1].reason is Reason.BELOW_COUNT


def test_a_reminder_comes_as_often_as_the_routes_say_that_announced_it() -> None:
    policy = Policy((EACH, replace(FIVE, repeat_interval=HOUR)))
    held_back, _ = played(policy, lines(1))
    assert news_at(held_back, policy, NOON) == NOON + 4 * HOUR
    reached, _ = played(policy, lines(5))
    assert news_at(reached, policy, NOON) == NOON + HOUR


def test_an_alert_counts_only_where_a_route_wants_it() -> None:
    elsewhere = replace(FIVE, matchers=(Matcher(Field.ACCOUNT, ("444455556666",)),))
    assert played(Policy((EACH,)), lines(5))[0].recent == ()
    assert played(Policy((EACH, elsewhere)), lines(5))[0].recent == ()
    assert played(Policy((EACH, FIVE)), lines(5))[0].most_within(QUARTER) == 5
    assert played(Policy((EACH,)), lines(1, NOON + 1), alert=played(Policy((FIVE,)), lines(5))[0])[0].recent == ()


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 3)), min_size=1, max_size=12, unique_by=lambda each: each[0]),
    st.randoms(use_true_random=False),
    st.integers(2, 12),
)
@pytest.mark.parametrize("sort", [True, False], ids=["in order", "in any order"])
def test_it_is_announced_once_and_by_the_event_that_reaches_the_count(
    sort: bool,
    steps: list[tuple[int, int]],
    random: Random,
    wanted: int,
) -> None:
    route = replace(FIVE, min_count=wanted)
    coming = [lines(number, NOON + step * STEP) for step, number in steps]
    random.shuffle(coming)
    if sort:
        coming.sort(key=lambda event: event.published_at)
    _, outcomes = played(Policy((route,)), *coming)
    firsts = [number for number, each in enumerate(outcomes) if each.reason is Reason.FIRST]
    assert firsts == reaching(coming, wanted)
    held_back = [each.reason for each in outcomes[: firsts[0] if firsts else None]]
    assert set(held_back) <= {Reason.BELOW_COUNT}


def reaching(coming: Sequence[Event], wanted: int) -> list[int]:
    """Return which event first makes a window full, by counting each window that ends with any event so far."""
    for number in range(len(coming)):
        so_far = coming[: number + 1]
        newest = max(event.published_at for event in so_far)
        remembered = [event for event in so_far if newest - event.published_at < 26 * STEP]
        sums = (
            sum(each.lines for each in remembered if 0 <= end.published_at - each.published_at < 13 * STEP)
            for end in remembered
        )
        if max(sums) >= wanted:
            return [number]
    return []
