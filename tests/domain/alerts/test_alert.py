"""What the events of one problem add up to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import FLAP_WINDOW, FLAPS, Alert, Change, Mark, Status
from chalicelib.domain.alerts.timeline import REMEMBERED, TransitionKind
from chalicelib.domain.events.event import Event, Severity, Signal
from tests.domain.given import NOON, a_notice, a_resolution, an_alert, an_event

DEFINITE = (Signal.FIRING, Signal.RESOLVED)


def once(events: list[Event]) -> list[Event]:
    """Drop repetitions, as the store does."""
    return list({event.id: event for event in events}.values())


EVENTS = st.lists(
    st.builds(
        an_event,
        st.integers(min_value=NOON, max_value=NOON + 100),
        signal=st.sampled_from(Signal),
        severity=st.sampled_from(Severity),
    )
    | st.builds(
        an_event,
        st.integers(min_value=NOON, max_value=NOON + 100),
        account=st.sampled_from(["444455556666", "777788889999"]),
        replicated=st.booleans(),
    ),
    min_size=1,
    max_size=REMEMBERED,
)


def changes(*events: Event) -> list[Change]:
    alert, seen = Alert.about(events[0]), []
    for event in events:
        alert, change = alert.observe(event)
        seen.append(change)
    return seen


def in_order(events: list[Event]) -> list[Event]:
    return sorted(once(events), key=lambda event: event.id)


def test_an_alert_begins_with_nothing_observed() -> None:
    alert = Alert.about(an_event())
    assert (alert.status, alert.total, alert.episodes, alert.version) == (Status.RESOLVED, 0, 0, 0)


def test_the_first_firing_event_opens_the_alert() -> None:
    alert, change = Alert.about(an_event()).observe(an_event())
    assert change is Change.OPENED
    assert (alert.status, alert.since, alert.count, alert.total, alert.episodes) == (Status.FIRING, NOON, 1, 1, 1)


def test_firing_again_repeats_and_is_counted() -> None:
    alert = an_alert(an_event(NOON), an_event(NOON + 1, title="still"))
    assert (alert.status, alert.since, alert.count, alert.title) == (Status.FIRING, NOON, 2, "still")


def test_an_alert_is_where_its_problem_fired_last() -> None:
    elsewhere = {"account": "444455556666", "region": "us-east-1", "resource": "checkout-eu"}
    alert = an_alert(an_event(NOON + 1, **elsewhere), an_event(NOON), a_resolution(NOON + 2))
    assert {name: getattr(alert, name) for name in elsewhere} == elsewhere


def test_a_worse_event_worsens_the_alert_and_a_milder_one_does_not_ease_it() -> None:
    worse = an_event(NOON + 1, severity=Severity.CRITICAL)
    milder = an_event(NOON + 2, severity=Severity.LOW)
    assert changes(an_event(), worse, milder) == [Change.OPENED, Change.WORSENED, Change.REPEATED]
    assert an_alert(an_event(), worse, milder).severity is Severity.CRITICAL


def test_a_resolution_ends_the_episode() -> None:
    alert, change = an_alert(an_event()).observe(a_resolution(NOON + 1))
    assert change is Change.RESOLVED
    assert (alert.status, alert.count, alert.total) == (Status.RESOLVED, 1, 2)


def test_a_resolution_of_nothing_is_only_noticed() -> None:
    assert changes(a_resolution()) == [Change.NOTICED]


def test_a_problem_that_returns_begins_a_new_episode() -> None:
    alert, change = an_alert(an_event(severity=Severity.CRITICAL), a_resolution(NOON + 1)).observe(an_event(NOON + 2))
    assert change is Change.REOPENED
    assert (alert.episodes, alert.count, alert.total, alert.since) == (2, 1, 3, NOON + 2)
    assert alert.severity is Severity.HIGH


def test_a_notice_changes_nothing_but_the_total() -> None:
    before = an_alert(an_event())
    alert, change = before.observe(a_notice(NOON + 1))
    assert change is Change.NOTICED
    assert alert == replace(before, total=2, last_seen=NOON + 1)


def test_a_late_resolution_does_not_end_what_has_fired_since() -> None:
    assert changes(an_event(NOON + 5), a_resolution(NOON)) == [Change.OPENED, Change.OUTDATED]


def test_a_late_firing_event_does_not_reopen_what_is_over() -> None:
    events = an_event(NOON), a_resolution(NOON + 5), an_event(NOON + 3)
    assert changes(*events)[-1] is Change.OUTDATED
    assert an_alert(*events).status is Status.RESOLVED


def test_a_late_event_of_an_episode_counts_and_moves_its_start_but_not_its_title() -> None:
    alert = an_alert(an_event(NOON + 5, title="later"), an_event(NOON, title="earlier"))
    assert (alert.count, alert.since, alert.title) == (2, NOON, "later")


def test_a_firing_event_that_is_older_than_a_notice_still_fires() -> None:
    """A notice says nothing of the status, so it cannot have made an older event out of date."""
    assert changes(a_notice(NOON + 5), an_event(NOON)) == [Change.NOTICED, Change.OPENED]


@given(EVENTS)
def test_every_event_is_in_the_total(events: list[Event]) -> None:
    assert an_alert(*events).total == len(events)


@given(EVENTS)
def test_the_count_is_the_number_of_firing_events_since_the_last_resolution(events: list[Event]) -> None:
    definite = [event for event in in_order(events) if event.signal in DEFINITE]
    ends = [at for at, event in enumerate(definite) if event.signal is Signal.RESOLVED]
    episode = definite[ends[-1] + 1 if ends else 0 :]
    alert = an_alert(*in_order(events))
    if alert.status is Status.FIRING:
        assert alert.count == len([event for event in episode if event is episode[0] or not event.replicated])
        assert alert.since == episode[0].published_at
        assert alert.severity == max(event.severity for event in episode)


@given(EVENTS)
def test_events_in_order_leave_the_status_that_the_last_definite_one_says(events: list[Event]) -> None:
    definite = [event.signal for event in in_order(events) if event.signal in DEFINITE]
    fires = bool(definite) and definite[-1] is Signal.FIRING
    assert an_alert(*in_order(events)).status is (Status.FIRING if fires else Status.RESOLVED)


@given(EVENTS.map(once).flatmap(lambda events: st.tuples(st.just(events), st.permutations(events))))
def test_any_order_of_the_same_events_ends_in_the_same_alert(orders: tuple[list[Event], list[Event]]) -> None:
    there, back = (an_alert(*events) for events in orders)
    # A late end parts an episode in two, and nobody remembers where each half was.
    assert replace(there, title="", accounts=()) == replace(back, title="", accounts=())
    if not any(event.signal is Signal.RESOLVED for event in orders[0]):
        assert there.accounts == back.accounts
    if any(event.signal is Signal.FIRING for event in orders[0]):
        assert there.title == back.title


@given(st.permutations([an_event(NOON + second) for second in range(3 * REMEMBERED)]))
def test_a_storm_of_one_problem_is_counted_exactly_in_any_order(events: list[Event]) -> None:
    alert = an_alert(*events)
    assert (alert.count, alert.total, alert.episodes) == (len(events), len(events), 1)
    assert (alert.since, alert.status) == (NOON, Status.FIRING)


def test_what_is_older_than_all_that_is_remembered_decides_nothing() -> None:
    ended = [a_resolution(NOON + second) for second in range(2 * REMEMBERED)]
    alert, change = an_alert(*ended).observe(an_event(NOON - 60))
    assert (change, alert.status) == (Change.OUTDATED, Status.RESOLVED)


def test_a_late_event_of_an_earlier_episode_is_not_counted_in_this_one() -> None:
    steps = [an_event(NOON), a_resolution(NOON + 1), *(an_event(NOON + 10 + n) for n in range(REMEMBERED + 1))]
    alert, change = an_alert(*steps).observe(an_event(NOON - 5))
    assert (change, alert.count) == (Change.OUTDATED, REMEMBERED + 1)


@pytest.mark.parametrize(
    ("happening", "status"),
    [
        (TransitionKind.ACKNOWLEDGED, Status.ACKNOWLEDGED),
        (TransitionKind.RESOLVED, Status.RESOLVED),
        (TransitionKind.REOPENED, Status.FIRING),
    ],
)
def test_people_acknowledge_resolve_and_reopen(happening: TransitionKind, status: Status) -> None:
    marked = an_alert(an_event()).mark(happening, NOON + 1)
    assert (marked.status, marked.count, marked.total, marked.episodes) == (status, 1, 1, 1)


def test_what_was_resolved_by_hand_and_reopened_goes_on_where_it_was() -> None:
    before = an_alert(an_event(), an_event(NOON + 1))
    after = before.mark(TransitionKind.RESOLVED, NOON + 2).mark(TransitionKind.REOPENED, NOON + 3)
    assert (after.status, after.count, after.since, after.episodes) == (Status.FIRING, 2, NOON, 1)


@pytest.mark.parametrize("happening", [TransitionKind.ACKNOWLEDGED, TransitionKind.REOPENED])
@pytest.mark.parametrize("event", [a_resolution(), a_notice()])
def test_nothing_is_acknowledged_or_reopened_that_never_was(happening: TransitionKind, event: Event) -> None:
    assert an_alert(event).mark(happening, NOON + 1).status is Status.RESOLVED


def test_an_acknowledged_problem_stays_so_while_it_fires_and_ends_when_it_is_over() -> None:
    alert = an_alert(an_event()).mark(TransitionKind.ACKNOWLEDGED, NOON + 1)
    again, change = alert.observe(an_event(NOON + 2))
    assert (again.status, again.count, change) == (Status.ACKNOWLEDGED, 2, Change.REPEATED)
    over, change = again.observe(a_resolution(NOON + 3))
    assert (over.status, change) == (Status.RESOLVED, Change.RESOLVED)


def test_a_mark_counts_even_where_an_event_came_from_a_clock_ahead() -> None:
    assert an_alert(an_event(NOON + 30)).mark(TransitionKind.RESOLVED, NOON).status is Status.RESOLVED


def test_marks_of_one_second_take_their_order() -> None:
    alert = an_alert(an_event())
    for happening in (TransitionKind.RESOLVED, TransitionKind.REOPENED, TransitionKind.ACKNOWLEDGED):
        alert = alert.mark(happening, NOON, "on-call")
    assert alert.status is Status.ACKNOWLEDGED
    assert alert.marked == Mark(at=NOON + 2, kind=TransitionKind.ACKNOWLEDGED, by="on-call")


def test_an_alert_remembers_who_last_did_what_to_it_and_why() -> None:
    alert = an_alert(an_event()).mark(TransitionKind.ACKNOWLEDGED, NOON + 1, "on-call", "looking")
    marked = Mark(at=NOON + 1, kind=TransitionKind.ACKNOWLEDGED, by="on-call", note="looking")
    assert alert.marked == marked
    assert alert.mark(TransitionKind.RESOLVED, NOON + 2).marked == marked


def test_who_resolved_it_is_known_until_it_fires_again() -> None:
    resolved = an_alert(an_event()).mark(TransitionKind.RESOLVED, NOON + 1, "on-call")
    assert resolved.resolved_by == "on-call"
    assert an_alert(an_event()).resolved_by == ""
    assert an_alert(an_event()).mark(TransitionKind.ACKNOWLEDGED, NOON + 1, "on-call").resolved_by == ""
    again = resolved.observe(an_event(NOON + 2))[0]
    assert again.resolved_by == again.mark(TransitionKind.RESOLVED, NOON + 3).resolved_by == ""


def test_a_problem_that_begins_and_ends_too_often_flaps_until_it_settles() -> None:
    turns = [(a_resolution if turn % 2 else an_event)(NOON + turn) for turn in range(FLAPS)]
    alert = an_alert(*turns)
    assert not an_alert(*turns[:-1]).flaps_until(NOON + FLAPS)
    assert alert.flaps_until(NOON + FLAPS)
    assert alert.turned_at == NOON + FLAPS - 1
    assert not alert.flaps_until(NOON + FLAP_WINDOW)


@given(EVENTS)
def test_first_and_last_seen_do_not_depend_on_the_order_of_delivery(events: list[Event]) -> None:
    there, back = an_alert(*events), an_alert(*reversed(events))
    assert (there.first_seen, there.last_seen, there.newest) == (back.first_seen, back.last_seen, back.newest)
