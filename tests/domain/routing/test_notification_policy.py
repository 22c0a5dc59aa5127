"""What time alone makes of an alert."""

import pytest
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import FLAP_WINDOW, FLAPS, Alert, Status
from chalicelib.domain.alerts.timeline import TransitionKind
from chalicelib.domain.events.event import Event, Severity
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.notifications.notification import Outcome, Reason, record_announcement
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.next_evaluation import HELD_BACK, RECONSIDERED, due_at, with_next_evaluation
from chalicelib.domain.routing.notification_policy import Policy, evaluate, evaluate_event
from chalicelib.domain.routing.routes import HOUR, Route
from chalicelib.domain.routing.silences import FOREVER, Silence
from tests.domain.given import NOON, a_resolution, an_alert, an_event

ROUTE = Route(name="monitoring", receivers=("monitoring",), repeat_interval=4 * HOUR)
POLICY = Policy((ROUTE,), quiet={"error_logs": HOUR})
SILENCE = Silence(id="s1", matchers=(), starts_at=NOON, ends_at=NOON + 60, author="on call", reason="maintenance")


def announced(*events: Event, policy: Policy = POLICY) -> Alert:
    """Return the alert of these events (of one, if none are given), each announced at its own time."""
    given = events or (an_event(),)
    alert = Alert.about(given[0])
    for event in given:
        alert, change = alert.observe(event)
        alert = record_announcement(
            alert, evaluate_event(alert, change, event, policy, event.published_at), event.published_at
        )
    return alert


def a_log_error() -> Alert:
    return announced(an_event(kind="error_logs", lifecycle=Lifecycle.RECURRING))


def reason(alert: Alert, now: int, policy: Policy = POLICY) -> Reason:
    return evaluate(alert, policy, now)[1].reason


def test_what_goes_on_until_somebody_says_otherwise_is_not_over_by_being_quiet() -> None:
    alert = announced(an_event(kind="error_logs", lifecycle=Lifecycle.CONTINUOUS))

    assert evaluate(alert, POLICY, NOON + 9 * HOUR)[0].status is Status.FIRING


def test_a_problem_that_nobody_ends_is_over_after_a_quiet_period() -> None:
    assert due_at(a_log_error(), POLICY, NOON) == NOON + HOUR
    assert evaluate(a_log_error(), POLICY, NOON + HOUR - 1)[0].status is Status.FIRING
    alert, outcome = evaluate(a_log_error(), POLICY, NOON + HOUR)
    assert (alert.status, outcome.reason) == (Status.RESOLVED, Reason.RESOLVED)


def test_an_alarm_that_goes_on_gets_a_reminder_after_the_repeat_interval() -> None:
    assert due_at(announced(), POLICY, NOON) == NOON + 4 * HOUR
    assert reason(announced(), NOON + 4 * HOUR - 1) is Reason.REPEATED
    assert reason(announced(), NOON + 4 * HOUR) is Reason.REMINDER


def test_what_is_over_needs_no_evaluation() -> None:
    alert = announced(an_event(), a_resolution(NOON + 1))
    assert due_at(alert, POLICY, NOON + 2) == 0
    assert reason(alert, NOON + 2) is Reason.NOTHING_TO_RESOLVE


def test_what_is_acknowledged_gets_no_reminder() -> None:
    assert due_at(announced().mark(TransitionKind.ACKNOWLEDGED, NOON + 1), POLICY, NOON) == 0


def test_what_was_never_announced_needs_no_evaluation() -> None:
    mild = announced(an_event(severity=Severity.LOW))
    assert due_at(mild, POLICY, NOON) == 0
    assert reason(mild, NOON + 9 * HOUR) is Reason.BELOW_MINIMUM


def test_flapping_is_due_when_it_may_have_settled() -> None:
    alert = announced(*((a_resolution if turn % 2 else an_event)(NOON + turn) for turn in range(FLAPS)))
    assert due_at(alert, POLICY, NOON + FLAPS) == alert.turned_at + FLAP_WINDOW
    assert reason(alert, alert.turned_at + FLAP_WINDOW) is Reason.STABLE


def test_what_was_silenced_is_announced_when_the_silence_ends() -> None:
    policy = replace(POLICY, silences=(SILENCE,))
    alert = announced(policy=policy)
    assert alert.announcement is None
    assert due_at(alert, policy, NOON) == NOON + 60
    assert evaluate(alert, policy, NOON + 59)[1] == Outcome(reason=Reason.SILENCED, by="s1")
    assert reason(alert, NOON + 60, policy) is Reason.FIRST


def test_what_is_reopened_by_hand_has_its_quiet_period_again() -> None:
    alert = evaluate(a_log_error(), POLICY, NOON + HOUR)[0].mark(TransitionKind.REOPENED, NOON + 2 * HOUR, "on-call")
    assert due_at(alert, POLICY, NOON + 2 * HOUR) == NOON + 3 * HOUR
    assert evaluate(alert, POLICY, NOON + 2 * HOUR)[0].status is Status.FIRING


def test_a_long_silence_is_examined_now_and_then_as_it_may_be_lifted() -> None:
    policy = replace(POLICY, silences=(replace(SILENCE, ends_at=NOON + 9 * HOUR),))
    assert due_at(announced(policy=policy), policy, NOON) == NOON + HELD_BACK


def test_an_endless_silence_of_the_file_is_reevaluated_daily_as_the_file_may_change() -> None:
    policy = replace(POLICY, silences=(replace(SILENCE, ends_at=FOREVER),))
    assert due_at(announced(policy=policy), policy, NOON) == NOON + RECONSIDERED


def test_what_needs_no_announcement_does_not_wait_for_the_end_of_a_silence() -> None:
    policy = replace(POLICY, silences=(SILENCE,))
    assert due_at(announced(an_event(severity=Severity.LOW), policy=policy), policy, NOON) == 0
    assert due_at(announced(), policy, NOON) == NOON + 4 * HOUR


def test_a_due_time_is_set_once_and_moved_only_to_be_sooner() -> None:
    alert = with_next_evaluation(announced(), POLICY, NOON)
    assert alert.due == NOON + 4 * HOUR
    later = replace(alert, announcement=announced(an_event(NOON + 60)).announcement)
    assert with_next_evaluation(later, POLICY, NOON + 60).due == alert.due
    sooner = replace(POLICY, routes=(replace(ROUTE, repeat_interval=HOUR),))
    assert with_next_evaluation(alert, sooner, NOON).due == NOON + HOUR


def test_what_needs_no_evaluation_any_more_has_no_due_time() -> None:
    alert = with_next_evaluation(announced(), POLICY, NOON).mark(TransitionKind.ACKNOWLEDGED, NOON + 1)
    assert with_next_evaluation(alert, POLICY, NOON + 1).due == 0


def test_an_alert_that_no_route_matches_is_reevaluated_daily_as_routes_may_change() -> None:
    flapping = announced(*((a_resolution if turn % 2 else an_event)(NOON + turn) for turn in range(FLAPS)))
    milder = replace(POLICY, routes=(replace(ROUTE, minimum=Severity.CRITICAL),))
    now = flapping.turned_at + FLAP_WINDOW
    assert evaluate(flapping, milder, now)[1].reason is Reason.BELOW_MINIMUM
    assert with_next_evaluation(flapping, milder, now).due == now + RECONSIDERED


def test_what_could_be_announced_already_and_was_not_waits_a_while() -> None:
    """A silence covered the event, and does not cover the alert."""
    assert with_next_evaluation(an_alert(an_event()), POLICY, NOON).due == NOON + HELD_BACK


@pytest.mark.parametrize(
    "route", [replace(ROUTE, every_event=True), replace(ROUTE, matchers=(Matcher(Field.KIND, ("stack",)),))]
)
def test_a_route_that_reports_events_only_sends_no_reminder(route: Route) -> None:
    policy = Policy((route,))
    assert due_at(announced(policy=policy), policy, NOON) == 0
    assert reason(announced(), NOON + 9 * HOUR, policy) is Reason.UNROUTED
