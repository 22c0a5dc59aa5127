"""How a problem lasts decides how often people hear of it: a year of any problem makes few messages."""

from collections.abc import Iterable
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert, Change, Status
from chalicelib.domain.alerts.timeline import TransitionKind
from chalicelib.domain.events.event import Event, Severity, Signal
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.notifications.notification import Reason
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.notification_policy import Policy, reevaluate
from chalicelib.domain.routing.reminders import AHEAD, interval_at
from chalicelib.domain.routing.routes import HOUR, Route
from chalicelib.domain.text import digest
from chalicelib.domain.timestamps import DAY
from tests.domain.given import NOON, a_resolution, an_alert, an_event
from tests.domain.routing.lives import POLICY, Life, Sent, life_of

YEAR = 365 * DAY
CONTINUOUS, RECURRING, RECHECKED, PLANNED, POINT = Lifecycle
HOURLY = replace(POLICY, routes=(Route(name="all", receivers=("monitoring",), repeat_interval=HOUR),))


def seen(lifecycle: Lifecycle, *offsets: int, **changes: object) -> list[Event]:
    """Return events of a problem, so many seconds after noon."""
    return [an_event(NOON + offset, lifecycle=lifecycle, **changes) for offset in offsets]


# --- Continuous


def test_what_goes_on_is_announced_again_after_4_12_and_24_hours_and_then_daily() -> None:
    life = life_of(seen(CONTINUOUS, 0), 5 * DAY)
    assert [each.at // HOUR for each in life.sent] == [0, 4, 16, 40, 64, 88, 112]
    assert set(life.reasons[1:]) == {Reason.REMINDER}


def test_a_routes_repeat_interval_is_the_first_of_the_growing_ones() -> None:
    life = life_of(seen(CONTINUOUS, 0), 3 * DAY, HOURLY)
    assert [each.at // HOUR for each in life.sent] == [0, 1, 4, 10, 22, 46, 70]


@given(st.integers(0, YEAR), st.integers(300, 7 * DAY))
def test_intervals_grow_with_age_and_end_at_a_day_or_where_they_began(age: int, first: int) -> None:
    assert first <= interval_at(age, first) <= max(first, DAY)
    assert interval_at(age, first) <= interval_at(age + HOUR, first)


def test_what_is_acknowledged_is_not_announced_again_but_for_an_update() -> None:
    alert = an_alert(*seen(CONTINUOUS, 0, revision="one"))
    assert alert.mark(TransitionKind.ACKNOWLEDGED, NOON + 1).status is Status.ACKNOWLEDGED
    assert life_of([*seen(CONTINUOUS, 0, revision="one"), *seen(CONTINUOUS, HOUR, revision="two")], DAY).reasons == [
        Reason.FIRST,
        Reason.UPDATE,
        Reason.REMINDER,
        Reason.REMINDER,
    ]


def test_another_revision_is_an_update_once_and_an_older_one_that_comes_late_is_none() -> None:
    first, late, newest = (an_event(NOON + second, revision=str(second)) for second in (0, 1, 2))
    assert life_of([first, newest, replace(newest, id=newest.id + "x")], HOUR).reasons == [Reason.FIRST, Reason.UPDATE]
    alert, _ = an_alert(first, newest).observe(late)
    assert alert.revision == newest.revision


def test_an_update_that_is_worse_is_announced_as_worse_and_not_again_as_an_update() -> None:
    events = [an_event(NOON, revision="a"), an_event(NOON + 1, revision="b", severity=Severity.CRITICAL)]
    assert life_of(events, HOUR).reasons == [Reason.FIRST, Reason.WORSENED]


def test_an_update_reaches_those_whose_hours_had_not_begun_when_they_have() -> None:
    """Noon is on a Monday; both teams know of the problem, and one has gone home when there is more to say."""
    day = Route(
        name="day",
        receivers=("day",),
        continues=True,
        matchers=(Matcher(Field.HOURS, ("Mon-Fri 08:00-18:00 UTC",)),),
        repeat_interval=7 * DAY,
    )
    night = Route(name="night", receivers=("night",), repeat_interval=7 * DAY)
    life = life_of(
        [an_event(NOON, revision="a"), an_event(NOON + 12 * HOUR, revision="b")], 2 * DAY, Policy((day, night))
    )
    assert life.sent == [Sent(0, Reason.FIRST), Sent(12 * HOUR, Reason.UPDATE), Sent(20 * HOUR, Reason.UPDATE)]


# --- What comes and goes by nature


def a_swing(start: int, end: int, period: int, away: int) -> Iterable[Event]:
    """Return the events of what comes each `period` seconds and is away again `away` seconds later."""
    for offset in range(start, end, period):
        yield an_event(NOON + offset, intermittent=True, severity=Severity.MEDIUM)
        yield a_resolution(NOON + offset + away)


@pytest.mark.parametrize(
    ("period", "away"), [pytest.param(600, 300, marks=pytest.mark.slow), (2 * HOUR, HOUR), (DAY, 3 * HOUR)]
)
def test_what_comes_and_goes_by_nature_is_announced_once_in_a_year(period: int, away: int) -> None:
    assert life_of(a_swing(0, YEAR, period, away), YEAR).reasons == [Reason.FIRST, Reason.RESOLVED]


def test_what_comes_and_goes_by_nature_is_news_after_a_calm_day() -> None:
    events = [*a_swing(0, DAY, 2 * HOUR, HOUR), *a_swing(3 * DAY, 4 * DAY, 2 * HOUR, HOUR)]
    assert life_of(events, 5 * DAY).reasons == [Reason.FIRST, Reason.RESOLVED, Reason.REGRESSION, Reason.RESOLVED]


def test_what_comes_by_nature_and_stays_for_a_day_is_announced() -> None:
    events = [*a_swing(0, DAY, 2 * HOUR, HOUR), an_event(NOON + DAY, intermittent=True)]
    assert life_of(events, 2 * DAY + HOUR).sent[2:] == [Sent(2 * DAY, Reason.REGRESSION)]


def test_what_fires_among_what_comes_and_goes_by_nature_is_announced_at_once() -> None:
    events = [*a_swing(0, DAY, 2 * HOUR, HOUR), an_event(NOON + DAY), a_resolution(NOON + DAY + HOUR)]
    missing = an_event(NOON + DAY + 2 * HOUR, intermittent=True)
    assert life_of([*events, missing], DAY + 3 * HOUR).sent[2:] == [
        Sent(DAY, Reason.REGRESSION),
        Sent(DAY + HOUR, Reason.RESOLVED),
        Sent(DAY + 2 * HOUR, Reason.REGRESSION),
    ]


# --- Recurring


def test_a_finding_that_stays_open_is_announced_when_seen_again_and_daily_at_most() -> None:
    """It is seen four times a day for sixty days, and then never again."""
    life = life_of(seen(RECURRING, *range(0, 60 * DAY, 6 * HOUR)), YEAR)
    assert life.reasons.count(Reason.STEP) == 3
    assert life.reasons.count(Reason.REMINDER) <= 60
    assert life.sent[-1].at < 60 * DAY


def test_what_recurs_is_never_announced_because_time_has_passed() -> None:
    assert life_of(seen(RECURRING, 0), YEAR).reasons == [Reason.FIRST]
    assert life_of(seen(RECURRING, 0, HOUR, 2 * HOUR), YEAR).reasons == [Reason.FIRST, Reason.STEP]


def test_what_other_regions_repeat_is_not_seen_again_and_what_comes_later_is() -> None:
    copies = seen(RECURRING, 0, 60, 1_800, HOUR - 1, replicated=True)
    assert life_of(copies, YEAR).reasons == [Reason.FIRST]
    assert life_of([*copies, *seen(RECURRING, 5 * HOUR, replicated=True)], YEAR).reasons == [Reason.FIRST, Reason.STEP]
    assert life_of([*copies, *seen(RECURRING, 900)], YEAR).reasons == [Reason.FIRST, Reason.STEP]


# --- Planned


@pytest.mark.parametrize("ahead", [184 * DAY, 30 * DAY])
def test_what_is_planned_is_announced_at_once_before_it_starts_and_then(ahead: int) -> None:
    life = life_of(seen(PLANNED, 0, due_at=NOON + ahead), YEAR)
    assert [each.at for each in life.sent] == [0, *(ahead - each for each in AHEAD)]
    assert life.alert.status is Status.FIRING


def test_what_is_planned_for_the_day_after_tomorrow_is_announced_thrice() -> None:
    life = life_of(seen(PLANNED, 0, due_at=NOON + 2 * DAY), YEAR)
    assert [each.at for each in life.sent] == [0, DAY, 2 * DAY]


def test_what_is_put_off_is_announced_by_its_new_time() -> None:
    events = [
        *seen(PLANNED, 0, due_at=NOON + 20 * DAY, revision="a"),
        *seen(PLANNED, 10 * DAY, due_at=NOON + 40 * DAY, revision="b"),
    ]
    days = [each.at // DAY for each in life_of(events, YEAR).sent]
    assert days == [0, 6, 10, 26, 33, 37, 39, 40]


def test_what_is_planned_for_no_known_time_is_announced_once() -> None:
    assert life_of(seen(PLANNED, 0, DAY, 9 * DAY), YEAR).reasons == [Reason.FIRST]


def test_what_is_planned_is_over_when_its_source_says_so() -> None:
    events = [*seen(PLANNED, 0, due_at=NOON + 9 * DAY), a_resolution(NOON + DAY, lifecycle=PLANNED)]
    assert life_of(events, YEAR).reasons == [Reason.FIRST, Reason.RESOLVED]


# --- A point in time


def test_what_has_happened_is_over_after_a_quiet_day_and_nobody_is_notified_of_that() -> None:
    life = life_of(seen(POINT, 0), YEAR)
    assert (life.reasons, life.alert.status) == ([Reason.FIRST], Status.RESOLVED)


def test_what_happens_each_night_is_announced_each_night() -> None:
    life = life_of(seen(POINT, *range(0, 30 * DAY, DAY + HOUR)), YEAR)
    assert [each.at for each in life.sent] == list(range(0, 30 * DAY, DAY + HOUR))


def test_what_succeeds_is_over_even_when_it_had_been_quiet_before() -> None:
    for later in (HOUR, 3 * DAY):
        life = life_of([*seen(POINT, 0), a_resolution(NOON + later, lifecycle=POINT)], YEAR)
        assert life.reasons == [Reason.FIRST, Reason.RESOLVED]


def test_what_a_person_ends_is_announced_though_it_has_only_happened() -> None:
    alert = life_of(seen(POINT, 0), HOUR).alert.mark(TransitionKind.RESOLVED, NOON + HOUR, "on-call")
    assert reevaluate(alert, POLICY, NOON + HOUR).reason is Reason.RESOLVED


# --- What is found again each day


def test_what_is_no_longer_found_is_over_after_three_days_and_that_is_announced() -> None:
    life = life_of(seen(RECHECKED, 0, 18 * HOUR, 36 * HOUR), YEAR)
    assert (life.sent[-1], life.alert.status) == (Sent(36 * HOUR + 3 * DAY, Reason.RESOLVED), Status.RESOLVED)


def test_what_is_found_again_each_day_goes_on_and_is_announced_once_a_day_at_most() -> None:
    life = life_of(seen(RECHECKED, *range(0, 30 * DAY, DAY)), 30 * DAY)
    assert life.alert.status is Status.FIRING
    assert {*life.reasons[1:]} <= {Reason.REMINDER, Reason.STEP}
    assert len(life.sent) == len({each.at // DAY for each in life.sent})


# --- A year of anything


class Stretch(NamedTuple):
    """Some events of a problem, one each `period` seconds."""

    start: int
    period: int
    signals: str
    severity: Severity
    revisions: int
    due_in: int
    intermittent: bool
    replicated: bool

    def events(self, lifecycle: Lifecycle) -> Iterable[Event]:
        """Return those within the year as events of a problem that lasts so."""
        times = range(NOON + self.start, NOON + YEAR, self.period)
        for number, (at, signal) in enumerate(zip(times, self.signals, strict=False)):
            yield an_event(
                at,
                id=f"{at:010d}-{digest(repr(self), str(number))}",
                signal=Signal.FIRING if signal == "F" else Signal.RESOLVED,
                severity=self.severity if signal == "F" else Severity.LOW,
                lifecycle=lifecycle,
                revision=str(number % self.revisions) if self.revisions else "",
                due_at=at + self.due_in,
                intermittent=self.intermittent,
                replicated=self.replicated,
            )


STRETCHES = st.builds(
    Stretch,
    start=st.integers(0, YEAR - DAY),
    period=st.sampled_from([60, 600, HOUR, 6 * HOUR, DAY, 5 * DAY]),
    signals=st.text("FR", min_size=1, max_size=40) | st.integers(1, 60).map("F".__mul__),
    severity=st.sampled_from([Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL]),
    revisions=st.integers(0, 3),
    due_in=st.integers(0, YEAR),
    intermittent=st.booleans(),
    replicated=st.booleans(),
)


class Named(NamedTuple):
    """What a problem's life holds that is worth a message each."""

    turns: int
    worsenings: int
    updates: int
    lifecycle: int


def named(events: list[Event], lifecycle: Lifecycle) -> Named:
    """Count what happens in a life, from its events alone."""
    alert, worsenings, updates, counts, dates, days = Alert.about(events[0]), 0, 0, list[int](), set[int](), set[int]()
    firing_for, last = 0, events[0].published_at
    for event in events:
        if lifecycle is RECHECKED and alert.status is Status.FIRING and event.published_at >= last + 3 * DAY:
            alert, _ = alert.observe(a_resolution(last + 3 * DAY))
        firing_for += event.published_at - last if alert.status is Status.FIRING else 0
        before, last = alert, event.published_at
        alert, change = alert.observe(event)
        worsenings += change is Change.WORSENED
        updates += alert.revision != before.revision
        counts.append(alert.count)
        if event.signal is Signal.FIRING:
            dates.add(event.due_at)
            days.add(event.published_at // DAY)
    firing_for += NOON + YEAR - last if alert.status is Status.FIRING else 0
    each = {
        CONTINUOUS: firing_for // DAY + 3 * alert.episodes,
        RECURRING: len(days) + sum(count in {2, 10} for count in counts),
        PLANNED: len(AHEAD) * len(dates),
        RECHECKED: len(days) + sum(count == 10 for count in counts),
        POINT: len(days) + sum(count in {2, 10} for count in counts),
    }
    return Named(2 * alert.episodes, worsenings, updates, each[lifecycle])


@given(st.sampled_from(Lifecycle), st.lists(STRETCHES, min_size=1, max_size=5))
def test_a_year_of_a_problem_makes_three_messages_and_one_for_all_that_is_named(
    lifecycle: Lifecycle, stretches: list[Stretch]
) -> None:
    """Named are each beginning and end of an episode, each worsening, each update, and what the lifecycle names."""
    events = sorted((event for each in stretches for event in each.events(lifecycle)), key=lambda event: event.id)
    life: Life = life_of(events, YEAR)
    assert len(life.sent) <= 3 + sum(named(events, lifecycle))
