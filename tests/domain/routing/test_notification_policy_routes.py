"""Events take ways: one or more routes that decide together, in the order of the file."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.accounts import Account
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.event import Event, Severity, Signal
from chalicelib.domain.notifications.notification import (
    Delivery,
    Outcome,
    Reason,
    notifications_of,
    record_announcement,
)
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.next_evaluation import due_at
from chalicelib.domain.routing.notification_policy import Policy, evaluate, evaluate_event
from chalicelib.domain.routing.routes import HOUR, Route
from chalicelib.domain.routing.silences import FOREVER, Silence
from chalicelib.domain.timestamps import DAY
from tests.domain.given import NOON, a_notice, a_resolution, an_event

REST = Route(name="rest", receivers=("monitoring",))
PAGER = Route(name="pager", receivers=("pager",), minimum=Severity.CRITICAL, repeat_interval=HOUR, continues=True)
ARCHIVE = Route(name="archive", receivers=("archive",), every_event=True, continues=True)
SILENCE = Silence(id="s", matchers=(), starts_at=NOON, ends_at=NOON + 60, author="on call", reason="maintenance")
AT_NOON = Route(
    name="noon", receivers=("noon",), matchers=(Matcher(Field.HOURS, ("12:00-13:00 UTC",)),), continues=True
)


def announced(policy: Policy, *events: Event) -> tuple[Alert, list[Outcome]]:
    """Return the alert of these events and the outcome of each, decided when it was published."""
    alert, outcomes = Alert.about(events[0]), []
    for event in events:
        alert, change = alert.observe(event)
        outcomes.append(evaluate_event(alert, change, event, policy, event.published_at))
        alert = record_announcement(alert, outcomes[-1], event.published_at)
    return alert, outcomes


def pending(policy: Policy, *events: Event) -> list[tuple[Reason, set[str]]]:
    """Return the reason and the receivers of each event."""
    return [(outcome.reason, set(outcome.deliveries)) for outcome in announced(policy, *events)[1]]


def test_an_event_goes_on_to_the_next_routes_as_long_as_they_continue() -> None:
    first, second = replace(REST, name="first", continues=True), replace(REST, name="second", receivers=("second",))
    _, (outcome,) = announced(Policy((first, second, REST)), an_event())
    assert (outcome.by, list(outcome.deliveries)) == ("first, second", ["monitoring", "second"])


def test_routes_to_the_same_receiver_give_it_one_notification() -> None:
    policy = Policy((replace(REST, name="first", continues=True), replace(ARCHIVE, receivers=("monitoring",)), REST))
    alert, (outcome,) = announced(policy, an_event())
    assert [each.receiver for each in notifications_of(alert, an_event(), outcome, NOON)] == ["monitoring"]


def test_a_receiver_hears_from_its_routes_minimum_on() -> None:
    events = (an_event(), an_event(NOON + 60, severity=Severity.CRITICAL), a_resolution(NOON + 120))
    assert pending(Policy((PAGER, REST)), *events) == [
        (Reason.FIRST, {"monitoring"}),
        (Reason.WORSENED, {"pager", "monitoring"}),
        (Reason.RESOLVED, {"pager", "monitoring"}),
    ]


def test_only_the_routes_that_hear_of_it_are_named() -> None:
    assert announced(Policy((PAGER, REST)), an_event())[1][0].by == "rest"
    assert announced(Policy((PAGER,)), an_event())[1][0] == Outcome(reason=Reason.BELOW_MINIMUM, by="pager")


def test_what_gets_a_reminder_goes_to_all_as_often_as_any_route_says() -> None:
    policy = Policy((PAGER, REST))
    alert, _ = announced(policy, an_event(severity=Severity.CRITICAL))
    assert due_at(alert, policy, NOON) == NOON + HOUR
    assert set(evaluate(alert, policy, NOON + HOUR)[1].deliveries) == {"pager", "monitoring"}


def test_who_hears_of_each_event_takes_no_news_from_those_who_hear_of_changes() -> None:
    events = (an_event(severity=Severity.LOW), an_event(NOON + 1), an_event(NOON + 2), a_resolution(NOON + 3))
    assert pending(Policy((ARCHIVE, REST)), *events) == [
        (Reason.EVERY_EVENT, {"archive"}),
        (Reason.FIRST, {"archive", "monitoring"}),
        (Reason.EVERY_EVENT, {"archive"}),
        (Reason.RESOLVED, {"archive", "monitoring"}),
    ]


def test_a_route_of_every_event_puts_off_no_reminder() -> None:
    policy = Policy((ARCHIVE, REST))
    reasons = [reason for reason, _ in pending(policy, *(an_event(NOON + hour * HOUR) for hour in range(5)))]
    assert reasons == [Reason.FIRST, *[Reason.EVERY_EVENT] * 3, Reason.REMINDER]


def test_whose_hours_begin_hears_of_what_goes_on_and_the_others_do_not_again() -> None:
    policy = Policy((AT_NOON, REST))
    events = (an_event(NOON - 60), an_event(NOON), an_event(NOON + 60), an_event(NOON + HOUR))
    assert pending(policy, *events) == [
        (Reason.FIRST, {"monitoring"}),
        (Reason.FIRST, {"noon"}),
        (Reason.REPEATED, set()),
        (Reason.REPEATED, set()),
    ]


def test_whoever_has_heard_of_it_hears_that_it_is_over_whatever_the_hour() -> None:
    events = (an_event(NOON), a_resolution(NOON + HOUR))
    assert pending(Policy((AT_NOON, REST)), *events)[-1] == (Reason.RESOLVED, {"noon", "monitoring"})


BY_DAY = Route(
    name="day", receivers=("team",), matchers=(Matcher(Field.HOURS, ("Mon-Fri 09:00-18:00 Europe/Berlin",)),)
)
NIGHTLY = replace(REST, name="night", receivers=("pager",), minimum=Severity.CRITICAL)
# A Monday at noon in UTC, and when the team goes home, and comes back.
EVENING, MORNING = NOON + 5 * HOUR, NOON + 20 * HOUR


def test_an_alert_that_no_hours_announced_is_announced_when_hours_begin() -> None:
    policy = Policy((BY_DAY, NIGHTLY))
    alert, (outcome,) = announced(policy, an_event(EVENING))
    assert outcome == Outcome(reason=Reason.BELOW_MINIMUM, by="night")
    assert due_at(alert, policy, EVENING) == MORNING
    assert evaluate(alert, policy, MORNING - 1)[1].deliveries == {}
    pending = evaluate(alert, policy, MORNING)[1]
    assert (pending.reason, set(pending.deliveries)) == (Reason.FIRST, {"team"})


def test_what_others_heard_at_night_the_team_hears_when_its_hours_begin() -> None:
    seldom = 72 * HOUR
    policy = Policy((replace(BY_DAY, continues=True, repeat_interval=seldom), replace(REST, repeat_interval=seldom)))
    alert, (outcome,) = announced(policy, an_event(EVENING))
    assert (outcome.by, due_at(alert, policy, EVENING)) == ("rest", MORNING)
    assert set(evaluate(alert, policy, MORNING)[1].deliveries) == {"team"}


def test_what_got_worse_at_night_is_announced_as_worse_to_daytime_receivers() -> None:
    seldom = 72 * HOUR
    policy = Policy((replace(BY_DAY, repeat_interval=seldom), replace(NIGHTLY, repeat_interval=seldom)))
    worse = an_event(EVENING, severity=Severity.CRITICAL)
    alert, (first, second) = announced(policy, an_event(NOON), worse)
    assert (set(first.deliveries), set(second.deliveries), second.reason) == ({"team"}, {"pager"}, Reason.WORSENED)
    assert due_at(alert, policy, EVENING) == MORNING
    pending = evaluate(alert, policy, MORNING)[1]
    assert (pending.reason, set(pending.deliveries)) == (Reason.WORSENED, {"team"})
    caught_up = record_announcement(alert, pending, MORNING)
    assert evaluate(caught_up, policy, MORNING + 60)[1].reason is Reason.REPEATED
    over, change = caught_up.observe(a_resolution(MORNING + 120))
    end = evaluate_event(over, change, a_resolution(MORNING + 120), policy, MORNING + 120)
    assert set(end.deliveries) == {"team", "pager"}


def test_what_fires_on_friday_night_waits_for_monday() -> None:
    policy = Policy((BY_DAY, NIGHTLY))
    friday = EVENING + 96 * HOUR
    alert, _ = announced(policy, an_event(friday))
    assert due_at(alert, policy, friday) == MORNING + 144 * HOUR


def test_a_reminder_that_is_due_at_night_is_sent_in_the_morning() -> None:
    policy = Policy((BY_DAY, NIGHTLY))
    alert, _ = announced(policy, an_event(NOON + 4 * HOUR))
    assert due_at(alert, policy, NOON + 4 * HOUR) == MORNING
    assert evaluate(alert, policy, MORNING)[1].reason is Reason.REMINDER


def test_what_is_mild_at_any_hour_does_not_wait_for_hours_to_begin() -> None:
    policy = Policy((BY_DAY, NIGHTLY))
    alert, _ = announced(policy, an_event(EVENING, severity=Severity.LOW))
    assert due_at(alert, policy, EVENING) == 0


def test_hours_of_others_are_nothing_to_wait_for() -> None:
    elsewhere = replace(BY_DAY, matchers=(*BY_DAY.matchers, Matcher(Field.REGION, ("us-*",))))
    policy = Policy((elsewhere, NIGHTLY))
    alert, _ = announced(policy, an_event(EVENING))
    assert due_at(alert, policy, EVENING) == 0


def test_what_a_window_of_maintenance_holds_back_is_announced_when_it_ends() -> None:
    window = Silence(id="w", matchers=AT_NOON.matchers, starts_at=0, ends_at=FOREVER, author="file", reason="backup")
    policy = Policy((REST,), (window,))
    alert, _ = announced(policy, an_event())
    assert due_at(alert, policy, NOON) == NOON + HOUR


def test_the_end_that_a_silence_held_back_is_announced_when_it_ends() -> None:
    policy = Policy((REST,), (replace(SILENCE, starts_at=NOON + 60, ends_at=NOON + 600),))
    alert, outcomes = announced(policy, an_event(), a_resolution(NOON + 120))
    assert outcomes[-1].reason is Reason.SILENCED
    assert due_at(alert, policy, NOON + 120) == NOON + 600
    assert evaluate(alert, policy, NOON + 600)[1].reason is Reason.RESOLVED


def test_a_receiver_without_a_route_any_more_hears_of_no_resolution() -> None:
    alert, _ = announced(Policy((replace(REST, receivers=("monitoring", "gone")),)), an_event())
    over, change = alert.observe(a_resolution(NOON + 60))
    assert list(evaluate_event(over, change, a_resolution(NOON + 60), Policy((REST,)), NOON + 60).deliveries) == [
        "monitoring"
    ]
    others = Policy((replace(REST, receivers=("others",)),))
    assert evaluate_event(over, change, a_resolution(NOON + 60), others, NOON + 60).reason is Reason.NOTHING_TO_RESOLVE


def test_a_silence_of_certain_hours_covers_at_these_hours() -> None:
    window = Silence(id="w", matchers=AT_NOON.matchers, starts_at=0, ends_at=FOREVER, author="file", reason="backup")
    policy = Policy((REST,), (window,))
    alert, (outcome,) = announced(policy, an_event())
    assert outcome == Outcome(reason=Reason.SILENCED, by="w")
    assert evaluate(alert, policy, NOON + HOUR)[1].reason is Reason.FIRST


def test_a_policy_knows_accounts_by_name_and_tag() -> None:
    here = {"111122223333": Account("payments", {"stage": "prod"})}
    payments = replace(REST, name="payments", matchers=(Matcher(Field.TAG, ("prod",), "stage"),))
    policy = Policy((payments, REST), accounts=lambda account: here.get(account, Account()))
    assert policy.matched_routes(an_event(), NOON).names == "payments"
    assert policy.matched_routes(an_event(account="444455556666"), NOON).names == "rest"


def test_what_a_route_groups_by_stands_on_what_is_pending() -> None:
    grouping = replace(REST, group_by=("account",))
    alert, (outcome,) = announced(Policy((grouping,)), an_event())
    (notification,) = notifications_of(alert, an_event(), outcome, NOON)
    assert notification.group == grouping.group(alert) != ""


MATCHERS = st.builds(
    Matcher,
    st.sampled_from([Field.KIND, Field.REGION, Field.ACCOUNT, Field.TITLE]),
    st.lists(st.sampled_from(["alarm", "*", "eu-*", "1111*", "payments", "?LARM*", ""]), max_size=2).map(tuple),
    st.just(""),
    st.booleans(),
) | st.builds(
    Matcher,
    st.just(Field.HOURS),
    st.sampled_from([("Mon 12:00-13:00 UTC",), ("Sat,Sun 22:00-06:00 Europe/Berlin",)]),
    st.just(""),
    st.booleans(),
)
ROUTES = st.builds(
    Route,
    name=st.sampled_from("abcd"),
    receivers=st.lists(st.sampled_from(["x", "y", "z"]), min_size=1, max_size=3, unique=True).map(tuple),
    matchers=st.lists(MATCHERS, max_size=2).map(tuple),
    minimum=st.sampled_from(Severity),
    every_event=st.booleans(),
    repeat_interval=st.integers(300, HOUR),
    continues=st.booleans(),
    group_by=st.sampled_from([(), ("account",)]),
)
SILENCES = st.builds(
    Silence,
    id=st.just("quiet"),
    matchers=st.lists(MATCHERS, max_size=2).map(tuple),
    starts_at=st.integers(NOON - 100, NOON + 100),
    ends_at=st.integers(NOON, NOON + 7_200),
    author=st.just("a"),
    reason=st.just("r"),
)
POLICIES = st.builds(
    Policy, st.lists(ROUTES, max_size=4).map(tuple), st.lists(SILENCES, max_size=2).map(tuple), st.just({"alarm": 600})
)
EVENTS = st.lists(
    st.builds(
        lambda make, after, severity: make(NOON + after, severity=severity),
        st.sampled_from([an_event, a_resolution, a_notice]),
        st.integers(0, 7_200),
        st.sampled_from(Severity),
    ),
    min_size=1,
    max_size=12,
)


@given(POLICIES, EVENTS)
def test_under_any_routes_and_silences_each_event_has_an_outcome_that_says_why(
    policy: Policy, events: list[Event]
) -> None:
    for event, outcome in zip(events, announced(policy, *events)[1], strict=True):
        way, silence = policy.matched_routes(event, event.published_at), policy.silence(event, event.published_at)
        assert (outcome.reason is Reason.UNROUTED) == (not way.routes)
        assert (outcome.reason is Reason.SILENCED) == (bool(way.routes) and silence is not None)
        assert outcome.by if way.routes else not outcome.by
        assert outcome.status is (Delivery.PENDING if outcome.deliveries else Delivery.SUPPRESSED)


@given(POLICIES, EVENTS)
def test_each_receiver_gets_at_most_one_notification_of_an_event(policy: Policy, events: list[Event]) -> None:
    alert, outcomes = announced(policy, *events)
    for event, outcome in zip(events, outcomes, strict=True):
        receivers = [each.receiver for each in notifications_of(alert, event, outcome, NOON)]
        assert len(receivers) == len(set(receivers))


@given(POLICIES, EVENTS)
def test_the_order_of_matching_is_that_of_the_file(policy: Policy, events: list[Event]) -> None:
    for event in events:
        taking = [
            route
            for route in policy.routes
            if policy.matched_routes(event, NOON).routes and _takes(policy, route, event)
        ]
        way = policy.matched_routes(event, NOON).routes
        assert list(way) == taking[: len(way)]
        assert all(route.continues for route in way[:-1])
        assert len(way) == len(taking) or not way[-1].continues


@given(POLICIES, EVENTS)
def test_time_alone_finds_an_outcome_for_every_alert(policy: Policy, events: list[Event]) -> None:
    alert, _ = announced(policy, *events)
    if events[0].signal is not Signal.NOTICE:
        _, outcome = evaluate(alert, policy, NOON + 9_000)
        assert outcome.status is (Delivery.PENDING if outcome.deliveries else Delivery.SUPPRESSED)


@given(POLICIES, EVENTS, st.integers(0, 8 * DAY))
def test_whatever_is_enqueued_at_some_time_is_examined_by_then(policy: Policy, events: list[Event], after: int) -> None:
    """Nothing that time alone makes news waits for another event to come: it is due when it is owed, or before."""
    alert, _ = announced(policy, *events)
    now = max(event.published_at for event in events)
    due = due_at(alert, policy, now)
    if evaluate(alert, policy, now + after)[1].deliveries:
        assert 0 < due <= now + after


def _takes(policy: Policy, route: Route, event: Event) -> bool:
    return bool(replace(policy, routes=(route,)).matched_routes(event, NOON).routes)
