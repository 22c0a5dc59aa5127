"""What is owed about an event, why, and what became of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import FLAP_WINDOW, FLAPS, Alert, Announcement
from chalicelib.domain.alerts.timeline import TransitionKind
from chalicelib.domain.events.event import Event, Severity, Signal
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.notifications.notification import (
    Delivery,
    Notification,
    Outcome,
    Reason,
    completed,
    notifications_of,
    record_announcement,
    reminders_of,
)
from chalicelib.domain.routing.alert_evaluation import evaluate_alert
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.notification_policy import Policy, evaluate_event
from chalicelib.domain.routing.reminders import step_of
from chalicelib.domain.routing.routes import HOUR, MatchedRoutes, Route
from chalicelib.domain.routing.silences import Silence
from tests.domain.given import NOON, a_notice, a_resolution, an_event

MONITORING = Route(name="monitoring", receivers=("monitoring",))
POLICY = Policy((MONITORING,))


def announced(*events: Event, policy: Policy = POLICY, now: int = NOON) -> tuple[Alert, list[Outcome]]:
    """Send the events through one alert, remembering what was announced."""
    alert, outcomes = Alert.about(events[0]), []
    for event in events:
        alert, change = alert.observe(event)
        outcome = evaluate_event(alert, change, event, policy, now)
        alert = record_announcement(alert, outcome, now)
        outcomes.append(outcome)
    return alert, outcomes


def reasons(*events: Event, policy: Policy = POLICY, now: int = NOON) -> list[Reason]:
    return [outcome.reason for outcome in announced(*events, policy=policy, now=now)[1]]


def firing(count: int, start: int = NOON) -> list[Event]:
    return [an_event(start + second) for second in range(count)]


def test_the_first_event_of_a_problem_is_announced() -> None:
    _, (outcome,) = announced(an_event())
    assert outcome == Outcome(reason=Reason.FIRST, by="monitoring", deliveries={"monitoring": Delivery.PENDING})


def test_a_repetition_is_not_announced() -> None:
    assert reasons(*firing(2)) == [Reason.FIRST, Reason.REPEATED]


def test_a_worse_event_is_announced() -> None:
    assert reasons(an_event(), an_event(NOON + 1, severity=Severity.CRITICAL)) == [Reason.FIRST, Reason.WORSENED]


@pytest.mark.parametrize(("lifecycle", "steps"), [(Lifecycle.RECURRING, [2, 10, 100]), (Lifecycle.POINT, [10, 100])])
def test_what_is_seen_again_is_announced_once_at_each_step(lifecycle: Lifecycle, steps: list[int]) -> None:
    seen = [replace(event, lifecycle=lifecycle) for event in firing(101)]
    assert [at + 1 for at, each in enumerate(reasons(*seen)) if each is Reason.STEP] == steps


@pytest.mark.parametrize("lifecycle", [Lifecycle.CONTINUOUS, Lifecycle.PLANNED])
def test_what_goes_on_is_not_announced_for_being_seen_often(lifecycle: Lifecycle) -> None:
    seen = [replace(event, lifecycle=lifecycle) for event in firing(101)]
    assert reasons(*seen) == [Reason.FIRST, *[Reason.REPEATED] * 100]


def test_what_still_fires_after_the_repeat_interval_is_announced_again() -> None:
    alert, _ = announced(an_event())
    alert, change = alert.observe(an_event(NOON + 1))
    reminded = evaluate_event(alert, change, an_event(NOON + 1), POLICY, NOON + 4 * HOUR)
    assert reminded.reason is Reason.REMINDER


def test_just_before_the_repeat_interval_nothing_is_announced() -> None:
    alert, _ = announced(an_event())
    alert, change = alert.observe(an_event(NOON + 1))
    assert evaluate_event(alert, change, an_event(NOON + 1), POLICY, NOON + 4 * HOUR - 1).reason is Reason.REPEATED


def test_a_resolution_goes_to_all_who_heard_of_the_problem() -> None:
    pager = Route(name="pager", receivers=("pager",), matchers=(Matcher(Field.TITLE, ("again",)),))
    _, outcomes = announced(
        an_event(),
        an_event(NOON + 1, title="again", severity=Severity.CRITICAL),
        a_resolution(NOON + 2),
        policy=Policy((pager, MONITORING)),
    )
    assert (outcomes[2].reason, set(outcomes[2].deliveries)) == (Reason.RESOLVED, {"monitoring", "pager"})


def test_a_resolution_of_what_nobody_heard_of_is_not_announced() -> None:
    mild = an_event(severity=Severity.LOW)
    assert reasons(mild, a_resolution(NOON + 1)) == [Reason.BELOW_MINIMUM, Reason.NOTHING_TO_RESOLVE]


def test_a_resolution_of_nothing_is_not_announced() -> None:
    assert reasons(a_resolution()) == [Reason.NOTHING_TO_RESOLVE]


def test_a_problem_that_returns_is_a_regression() -> None:
    assert reasons(an_event(), a_resolution(NOON + 1), an_event(NOON + 2))[-1] is Reason.REGRESSION


def test_what_nobody_could_determine_the_severity_of_is_announced() -> None:
    pager = Policy((replace(MONITORING, minimum=Severity.CRITICAL),))
    assert reasons(an_event(severity=Severity.UNKNOWN), policy=pager) == [Reason.FIRST]


def test_the_worst_of_an_episode_decides_whether_it_is_heard() -> None:
    """A mild event cannot hide that the episode it belongs to is a bad one."""
    loudly = (Matcher(Field.TITLE, ("loud",)),)
    silence = Silence(id="s1", matchers=loudly, starts_at=NOON, ends_at=NOON + 60, author="on call", reason="test")
    loud, mild = an_event(title="loud"), an_event(NOON + 1, title="mild", severity=Severity.LOW)
    assert reasons(loud, mild, policy=Policy((MONITORING,), (silence,))) == [Reason.SILENCED, Reason.FIRST]


def flapping(turns: int) -> list[Event]:
    """Return events that begin and end a problem in turns, a minute apart."""
    return [(a_resolution if turn % 2 else an_event)(NOON + 60 * turn) for turn in range(turns)]


def test_a_flapping_problem_is_announced_once_as_such_and_then_no_more() -> None:
    outcomes = reasons(*flapping(FLAPS + 3), now=NOON + 60 * FLAPS)
    assert outcomes[FLAPS - 1 :] == [Reason.FLAPPING] * 4
    deliveries = [bool(each.deliveries) for each in announced(*flapping(FLAPS + 3), now=NOON + 60 * FLAPS)[1]]
    assert deliveries == [True] * FLAPS + [False] * 3


@pytest.mark.parametrize(("turns", "reason"), [(FLAPS, Reason.STABLE), (FLAPS + 1, Reason.RESOLVED)])
def test_when_it_has_settled_people_hear_how(turns: int, reason: Reason) -> None:
    alert, _ = announced(*flapping(turns), now=NOON + 60 * FLAPS)
    for now, expected in (
        (alert.turned_at + FLAP_WINDOW - 1, Reason.FLAPPING),
        (alert.turned_at + FLAP_WINDOW, reason),
    ):
        assert evaluate_alert(alert, MatchedRoutes((MONITORING,)), now).outcome.reason is expected


def test_what_is_acknowledged_is_quiet_until_it_gets_worse_or_is_over() -> None:
    alert, _ = announced(an_event())
    alert = alert.mark(TransitionKind.ACKNOWLEDGED, NOON + 1)
    later = NOON + 8 * HOUR
    quiet, change = alert.observe(an_event(NOON + 2))
    assert evaluate_event(quiet, change, an_event(NOON + 2), POLICY, later).reason is Reason.ACKNOWLEDGED
    for event, reason in (
        (an_event(NOON + 3, severity=Severity.CRITICAL), Reason.WORSENED),
        (a_resolution(NOON + 4), Reason.RESOLVED),
    ):
        heard, change = quiet.observe(event)
        assert evaluate_event(heard, change, event, POLICY, later).reason is reason


def test_a_return_that_was_silenced_is_announced_as_a_regression_when_it_fires_on() -> None:
    silence = Silence(id="s1", matchers=(), starts_at=NOON, ends_at=NOON + 60, author="on call", reason="deploy")
    alert, _ = announced(an_event())
    silenced = Policy((MONITORING,), (silence,))
    for event in (a_resolution(NOON + 1), an_event(NOON + 2)):
        alert, change = alert.observe(event)
        assert evaluate_event(alert, change, event, silenced, NOON + 3).reason is Reason.SILENCED
    alert, change = alert.observe(an_event(NOON + 70))
    assert evaluate_event(alert, change, an_event(NOON + 70), silenced, NOON + 71).reason is Reason.REGRESSION


def test_a_notice_is_not_announced() -> None:
    assert reasons(a_notice()) == [Reason.NOTICE]


def test_history_is_not_announced_and_is_no_reason_to_hold_back_what_happens_now() -> None:
    history = an_event(NOON - 60, signal=Signal.HISTORICAL)

    assert reasons(history, an_event()) == [Reason.BACKFILLED, Reason.FIRST]
    assert reasons(an_event(), history, a_resolution(NOON + 1)) == [Reason.FIRST, Reason.BACKFILLED, Reason.RESOLVED]


def test_an_informational_event_notifies_every_matched_route_and_leaves_no_alert() -> None:
    alert, (outcome,) = announced(an_event(signal=Signal.INFORMATIONAL, severity=Severity.LOW))

    assert (outcome.reason, list(outcome.deliveries)) == (Reason.SUMMARY, ["monitoring"])
    assert (alert.announcement, alert.episodes) == (None, 0)


def test_an_outdated_event_is_not_announced() -> None:
    assert reasons(an_event(), a_resolution(NOON + 5), an_event(NOON + 3))[-1] is Reason.OUTDATED


def test_an_event_without_a_route_is_not_announced() -> None:
    assert reasons(an_event(), policy=Policy(())) == [Reason.UNROUTED]


def test_the_first_route_that_takes_an_event_decides() -> None:
    other = replace(MONITORING, name="other", receivers=("other",))
    never = replace(MONITORING, name="never", matchers=(Matcher(Field.KIND, ("stack",)),))
    _, (outcome,) = announced(an_event(), policy=Policy((never, other, MONITORING)))
    assert (outcome.by, set(outcome.deliveries)) == ("other", {"other"})


def test_a_silenced_event_is_not_announced_and_says_by_what() -> None:
    silence = Silence(id="s1", matchers=(), starts_at=NOON, ends_at=NOON + 60, author="on call", reason="maintenance")
    _, (outcome,) = announced(an_event(), policy=Policy((MONITORING,), (silence,)))
    assert (outcome.reason, outcome.by, outcome.status) == (Reason.SILENCED, "s1", Delivery.SUPPRESSED)


def test_a_route_for_every_event_announces_all_but_notices_and_outdated_ones() -> None:
    policy = Policy((replace(MONITORING, every_event=True, minimum=Severity.CRITICAL),))
    events = (
        a_resolution(NOON),
        an_event(NOON + 1),
        an_event(NOON + 2),
        a_resolution(NOON + 5),
        an_event(NOON + 3),
        a_notice(NOON + 6),
    )
    assert reasons(*events, policy=policy) == [Reason.EVERY_EVENT] * 4 + [Reason.OUTDATED, Reason.NOTICE]


def test_the_same_decision_makes_the_same_notifications() -> None:
    alert, (outcome,) = announced(an_event())
    first, again = (notifications_of(alert, an_event(), outcome, now) for now in (NOON, NOON + 9))
    assert [each.id for each in first] == [each.id for each in again]


def test_each_event_and_receiver_has_a_notification_of_its_own() -> None:
    alert, _ = announced(an_event())
    both = Outcome.pending(Reason.STEP, ("monitoring", "pager"), "monitoring")
    pending = [each for event in firing(3) for each in notifications_of(alert, event, both, NOON)]
    assert len({each.id for each in pending}) == len(pending) == 6


def test_a_reminder_needs_no_event_and_shows_the_newest() -> None:
    alert, _ = announced(*firing(2))
    both = Outcome.pending(Reason.REMINDER, ("monitoring", "pager"), "monitoring")
    pending = [*reminders_of(alert, both, NOON), *reminders_of(replace(alert, version=1), both, NOON)]
    assert len({each.id for each in pending}) == 4
    assert {(each.event_id, each.about) for each in pending} == {("", an_event(NOON + 1).id)}


def test_a_notification_carries_enough_of_its_alert_for_a_line() -> None:
    alert, (outcome,) = announced(an_event())
    (pending,) = notifications_of(alert, an_event(), outcome, NOON + 2)
    assert (pending.receiver, pending.reason, pending.title) == ("monitoring", Reason.FIRST, "checkout-5xx")
    assert (pending.count, pending.since, pending.created_at, pending.event_id) == (1, NOON, NOON + 2, an_event().id)


def test_nothing_to_announce_makes_no_notifications() -> None:
    alert, (outcome,) = announced(a_notice())
    assert notifications_of(alert, a_notice(), outcome, NOON) == ()


def test_what_is_announced_is_remembered() -> None:
    alert, _ = announced(an_event(), now=NOON + 3)
    assert alert.announcement == Announcement(
        at=NOON + 3, receivers=("monitoring",), severity=Severity.HIGH, count=1, episodes=1
    )


def test_what_is_not_announced_is_not_remembered() -> None:
    alert, _ = announced(a_notice())
    assert alert.announcement is None


@pytest.mark.parametrize(
    ("deliveries", "status"),
    [
        ([], Delivery.SUPPRESSED),
        ([Delivery.SUPPRESSED], Delivery.SUPPRESSED),
        ([Delivery.DELIVERED, Delivery.SUPPRESSED], Delivery.DELIVERED),
        ([Delivery.DELIVERED, Delivery.PENDING], Delivery.PENDING),
        ([Delivery.DELIVERED, Delivery.PENDING, Delivery.FAILED], Delivery.FAILED),
    ],
)
def test_one_failure_or_delay_shows_whatever_went_well(deliveries: list[Delivery], status: Delivery) -> None:
    outcome = Outcome(reason=Reason.FIRST, deliveries={str(at): each for at, each in enumerate(deliveries)})
    assert outcome.status is status


def test_an_unmerged_event_is_pending() -> None:
    assert Outcome(reason=Reason.PROCESSING).status is Delivery.PENDING


def test_a_settled_notification_says_when_how_and_after_how_many_attempts() -> None:
    pending = Notification(
        id="n", receiver="r", kind="alarm", reason=Reason.FIRST, severity=Severity.LOW, title="t", created_at=NOON
    )
    failed = completed(
        completed(pending, Delivery.PENDING, NOON + 1, "unavailable"), Delivery.FAILED, NOON + 2, "refused"
    )
    assert (failed.status, failed.attempts, failed.error, failed.settled_at) == (
        Delivery.FAILED,
        2,
        "refused",
        NOON + 2,
    )


@given(st.integers(min_value=1, max_value=10**12))
def test_a_step_is_the_power_of_ten_that_a_count_has_reached(count: int) -> None:
    step = step_of(count)
    assert step <= count < 10 * step
    assert set(str(step)) <= {"1", "0"}


@pytest.mark.parametrize("count", [0, -1])
def test_no_count_has_reached_no_step(count: int) -> None:
    assert step_of(count) == 0


@given(st.permutations([an_event(NOON), an_event(NOON + 1), a_resolution(NOON + 2), an_event(NOON + 3)]))
def test_every_event_has_a_reason_whatever_the_order(events: list[Event]) -> None:
    _, outcomes = announced(*events)
    assert all(each.reason in Reason for each in outcomes)
    assert any(each.deliveries for each in outcomes)
