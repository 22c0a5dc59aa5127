"""Escalation: who else is notified while nobody acknowledges: in time and once, whatever happens meanwhile."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert, Status
from chalicelib.domain.alerts.timeline import TransitionKind
from chalicelib.domain.events.event import Event, Severity
from chalicelib.domain.notifications.notification import Outcome, Reason, record_announcement
from chalicelib.domain.routing.escalation import EscalationStep, escalations
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.next_evaluation import due_at
from chalicelib.domain.routing.notification_policy import Policy, evaluate, evaluate_event
from chalicelib.domain.routing.routes import HOUR, Route
from chalicelib.domain.routing.silences import Silence
from tests.domain.given import NOON, a_resolution, an_event

STEPS = (EscalationStep(300, ("pager",)), EscalationStep(900, ("boss", "pager")))
ROUTE = Route(name="all", receivers=("ops",), escalate=STEPS, ack_expires=HOUR)
POLICY = Policy((ROUTE,))


def announced(*events: Event, policy: Policy = POLICY) -> Alert:
    """Return the alert of these events (of one, if none are given), each announced at its own time."""
    given_events = events or (an_event(),)
    alert = Alert.about(given_events[0])
    for event in given_events:
        alert, change = alert.observe(event)
        outcome = evaluate_event(alert, change, event, policy, event.published_at)
        alert = record_announcement(alert, outcome, event.published_at)
    return alert


def evaluated(alert: Alert, now: int, policy: Policy = POLICY) -> tuple[Alert, Outcome]:
    """Return the alert after an evaluation, announced."""
    alert, outcome = evaluate(alert, policy, now)
    return record_announcement(alert, outcome, now), outcome


def test_what_nobody_acknowledges_is_escalated_step_by_step_and_to_everybody_once() -> None:
    alert = announced()
    assert due_at(alert, POLICY, NOON) == NOON + 300
    alert, first = evaluated(alert, NOON + 300)
    assert (first.reason, [*first.deliveries]) == (Reason.ESCALATED, ["pager"])
    assert due_at(alert, POLICY, NOON + 300) == NOON + 900
    alert, second = evaluated(alert, NOON + 900)
    assert (second.reason, [*second.deliveries]) == (Reason.ESCALATED, ["boss"])
    alert, third = evaluated(alert, NOON + 901)

    assert third.deliveries == {}
    assert due_at(alert, POLICY, NOON + 901) > NOON + 901


def test_no_step_is_due_of_an_episode_that_is_over_or_was_not_announced() -> None:
    alert = announced()
    assert alert.announcement is not None
    over, _ = alert.observe(a_resolution(NOON + 60))

    assert escalations(over, alert.announcement, STEPS) == []
    assert escalations(replace(alert, episodes=2), alert.announcement, STEPS) == []


def test_what_was_missed_is_made_up_for_in_one_message() -> None:
    _, outcome = evaluated(announced(), NOON + 5_000)

    assert [*outcome.deliveries] == ["pager", "boss"]


def test_what_is_acknowledged_in_time_is_not_escalated() -> None:
    alert = announced().mark(TransitionKind.ACKNOWLEDGED, NOON + 200, "Ann")

    assert evaluated(alert, NOON + 300)[1].deliveries == {}
    assert due_at(alert, POLICY, NOON + 200) == NOON + 200 + HOUR


def test_an_acknowledgement_lapses_and_all_who_know_are_notified() -> None:
    alert, _ = evaluated(announced(), NOON + 300)
    alert = alert.mark(TransitionKind.ACKNOWLEDGED, NOON + 400, "Ann")
    alert, before = evaluated(alert, NOON + 399 + HOUR)
    assert before.deliveries == {}
    alert, outcome = evaluated(alert, NOON + 400 + HOUR)

    assert alert.status is Status.FIRING
    assert (outcome.reason, sorted(outcome.deliveries)) == (Reason.ACK_EXPIRED, ["ops", "pager"])
    assert due_at(alert, POLICY, NOON + 400 + HOUR) == NOON + 400 + HOUR + 900


def test_a_lapse_that_is_silenced_waits_until_the_silence_ends() -> None:
    alert = announced().mark(TransitionKind.ACKNOWLEDGED, NOON, "Ann")
    silence = Silence(id="s", matchers=(), starts_at=NOON, ends_at=NOON + 2 * HOUR, author="x", reason="y")
    policy = replace(POLICY, silences=(silence,))

    assert evaluated(alert, NOON + HOUR, policy)[0].status is Status.ACKNOWLEDGED
    assert due_at(alert, policy, NOON) <= NOON + 2 * HOUR
    assert evaluated(alert, NOON + 2 * HOUR, policy)[1].reason is Reason.ACK_EXPIRED


def test_whoever_reopens_it_starts_the_clock_again() -> None:
    alert = announced().mark(TransitionKind.ACKNOWLEDGED, NOON + 200, "Ann")
    alert = alert.mark(TransitionKind.REOPENED, NOON + 400, "Ann")

    assert evaluated(alert, NOON + 699)[1].deliveries == {}
    assert [*evaluated(alert, NOON + 700)[1].deliveries] == ["pager"]


def test_outside_its_hours_a_route_escalates_nothing_until_they_begin() -> None:
    hours = Matcher(Field.HOURS, ("12:00-12:04 UTC", "15:00-18:00 UTC"))
    by_day = Route(name="day", receivers=("ops",), matchers=(hours,), escalate=STEPS)
    policy = Policy((by_day, Route(name="rest", receivers=("ops",))))
    alert = announced(policy=policy)

    assert evaluated(alert, NOON + 300, policy)[1].deliveries == {}
    assert due_at(alert, policy, NOON) == NOON + 3 * HOUR
    assert evaluated(alert, NOON + 3 * HOUR, policy)[1].reason is Reason.ESCALATED


@pytest.mark.parametrize("later", [a_resolution(NOON + 60), an_event(NOON + 60, severity=Severity.CRITICAL)])
def test_an_event_finds_it_resolved_or_escalated_in_time(later: Event) -> None:
    alert = announced(an_event(), later)
    outcome = evaluated(alert, NOON + 300)[1]

    assert [*outcome.deliveries] == ([] if alert.status is Status.RESOLVED else ["pager"])


def test_an_event_that_is_news_takes_along_those_whom_it_is_escalated_to() -> None:
    worse = an_event(NOON + 400, severity=Severity.CRITICAL)
    alert, change = announced().observe(worse)
    outcome = evaluate_event(alert, change, worse, POLICY, NOON + 400)

    assert (outcome.reason, [*outcome.deliveries]) == (Reason.WORSENED, ["ops", "pager"])


def test_the_end_reaches_those_whom_it_was_escalated_to() -> None:
    alert, _ = evaluated(announced(), NOON + 300)
    over = a_resolution(NOON + 400)
    alert, change = alert.observe(over)

    assert [*evaluate_event(alert, change, over, POLICY, NOON + 400).deliveries] == ["ops", "pager"]


ACTS = st.lists(
    st.tuples(st.integers(1, 2_000), st.sampled_from(["evaluate", "acknowledge", "reopen", "fire"])), max_size=25
)


@given(ACTS)
def test_each_is_notified_of_an_escalation_once_and_never_too_early(acts: list[tuple[int, str]]) -> None:
    alert, now, notified = announced(), NOON, list[str]()
    base: int | None = NOON
    for seconds, act in acts:
        now += seconds
        outcome = Outcome(reason=Reason.REPEATED)
        match act:
            case "acknowledge" if alert.status is Status.FIRING:
                alert, base = alert.mark(TransitionKind.ACKNOWLEDGED, now, "Ann"), None
            case "reopen" if alert.status is Status.ACKNOWLEDGED:
                alert, base = alert.mark(TransitionKind.REOPENED, now, "Ann"), now
            case "fire":
                event = an_event(now)
                alert, change = alert.observe(event)
                outcome = evaluate_event(alert, change, event, POLICY, now)
                alert = record_announcement(alert, outcome, now)
            case "evaluate":
                was = alert.status
                alert, outcome = evaluated(alert, now)
                base = now if (was, alert.status) == (Status.ACKNOWLEDGED, Status.FIRING) else base
        escalated = [each for each in outcome.deliveries if each != "ops"]
        if outcome.reason is not Reason.ACK_EXPIRED:
            notified += [each for each in escalated if outcome.reason is Reason.ESCALATED or each not in notified]
            for each in escalated:
                step = STEPS[0] if each == "pager" else STEPS[1]
                assert base is not None
                assert now >= base + step.after
        assert len(notified) == len(set(notified))
        if act == "evaluate" and base is not None:
            expected = {each for step in STEPS if now >= base + step.after for each in step.receivers}
            assert expected <= set(alert.announcement.receivers if alert.announcement else ())
