"""Alerts with very many events are counted a little later, and the counts are checked."""

import logging

import pytest
from msgspec.structs import replace

from chalicelib.domain.alerts.affected import affected
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.episode_count import SETTLED_AFTER, EpisodeCount
from chalicelib.domain.events.event import Event
from chalicelib.services.alerting import episode_counter
from chalicelib.services.alerting.affected import MOST_EVENTS
from tests.domain.given import NOON, an_event
from tests.fake_lists import FakeAlerts
from tests.fakes import FakeClock
from tests.gateways.dynamodb.stores import a_record
from tests.services.world import World

ACCOUNTS = 7


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an alert be counted each five events, four at a time, and an alert show its newest three."""
    monkeypatch.setattr("chalicelib.domain.alerts.episode_count.COUNTED_EACH", 5)
    monkeypatch.setattr(episode_counter, "AT_ONCE", 4)
    monkeypatch.setattr("chalicelib.services.alerting.affected.MOST_EVENTS", 3)
    assert MOST_EVENTS > 3


@pytest.fixture
def world() -> World:
    return World(clock=FakeClock(NOON))


def errors(first: int, last: int) -> list[Event]:
    return [
        an_event(NOON + number, kind="error_logs", account=f"{number % ACCOUNTS:012d}", lines=1 + number)
        for number in range(first, last)
    ]


def take(world: World, events: list[Event]) -> Alert:
    """Store events, each with its alert."""
    for event in events:
        known = world.store.alert(event.fingerprint) or Alert.about(event)
        world.store.record(a_record(event), known.observe(event)[0], ())
    (alert,) = world.store.alerts.values()
    return alert


def test_an_alert_of_many_events_knows_what_it_did_in_each_account(world: World) -> None:
    events = errors(0, 33)
    alert = take(world, events)
    assert not world.affected_scopes.of(alert.fingerprint, NOON).complete
    world.clock.time = NOON + 40 + SETTLED_AFTER
    world.sweep()
    assert world.affected_scopes.of(alert.fingerprint, NOON) == affected(events)
    assert not world.store.to_count


def test_what_came_since_is_counted_on_top(world: World) -> None:
    events = errors(0, 35)
    take(world, events[:33])
    world.clock.time = NOON + 40 + SETTLED_AFTER
    world.sweep.counter()
    alert = take(world, events[33:])
    where = world.affected_scopes.of(alert.fingerprint, NOON, events[-1])
    assert (where.places, where.complete) == (affected(events).places, True)


def test_a_late_event_does_not_hide_that_others_are_not_counted(world: World) -> None:
    events = errors(0, 33)
    alert = take(world, events)
    world.store.to_count[alert.fingerprint] = NOON
    world.clock.time = NOON + 9 + SETTLED_AFTER
    world.sweep.counter()
    assert not world.affected_scopes.of(alert.fingerprint, NOON, events[-1]).complete
    assert not world.affected_scopes.of(alert.fingerprint, NOON, events[2]).complete


def test_events_that_have_not_settled_are_counted_later(world: World) -> None:
    events = errors(0, 20)
    alert = take(world, events)
    world.store.to_count[alert.fingerprint] = NOON
    world.clock.time = NOON + 9 + SETTLED_AFTER
    world.sweep.counter()
    assert world.store.episode_counts.counts[alert.fingerprint].until == events[9].id
    world.clock.time += episode_counter.AGAIN_AFTER
    assert world.sweep.counter() == 10
    assert not world.store.to_count


def test_an_event_that_came_late_lets_all_be_counted_anew(world: World) -> None:
    events = errors(0, 20)
    take(world, [*events[:5], *events[6:]])
    world.clock.time = NOON + 40 + SETTLED_AFTER
    world.sweep.counter()
    alert = take(world, [events[5]])
    assert world.store.to_count, "it was the twentieth"
    assert [world.sweep.counter() for _ in range(3)] == [0, 20, 0]
    count = world.store.episode_counts.counts[alert.fingerprint]
    assert (count.fired, count.places, count.is_second) == (20, affected(events).places, False)


def test_one_event_that_came_late_lets_all_be_counted_anew_too(world: World) -> None:
    events = errors(0, 22)
    take(world, [*events[:5], *events[6:]])
    world.clock.time = NOON + 40 + SETTLED_AFTER
    world.sweep.counter()
    alert = take(world, [replace(events[5], received_at=world.clock.now())])
    world.clock.time += SETTLED_AFTER
    assert [world.sweep.counter() for _ in range(3)] == [0, 22, 0]
    assert world.affected_scopes.of(alert.fingerprint, NOON).places == affected(events).places


def test_what_does_not_add_up_is_counted_twice_and_no_more(world: World, caplog: pytest.LogCaptureFixture) -> None:
    alert = take(world, errors(0, 10))
    world.store.alerts[alert.fingerprint] = replace(alert, count=11)
    world.clock.time = NOON + 40 + SETTLED_AFTER
    with caplog.at_level(logging.WARNING):
        assert [world.sweep.counter() for _ in range(3)] == [10, 10, 0]
    assert [record.message for record in caplog.records] == ["Alert count differs from its events"]
    assert world.affected_scopes.of(alert.fingerprint, NOON).complete


def test_what_another_region_has_said_is_no_reason_to_count_again(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    alert = take(world, [replace(each, replicated=True) for each in errors(0, 10)])
    world.store.to_count[alert.fingerprint] = NOON
    world.clock.time = NOON + 40 + SETTLED_AFTER
    with caplog.at_level(logging.INFO):
        assert [world.sweep.counter() for _ in range(2)] == [10, 0]
    assert (alert.count, caplog.records) == (1, [])


def test_what_comes_late_is_counted_though_the_sum_differed_before(world: World) -> None:
    events = errors(0, 20)
    alert = take(world, [*events[:5], *events[6:]])
    world.store.alerts[alert.fingerprint] = replace(alert, count=alert.count + 3)
    world.clock.time = NOON + 40 + SETTLED_AFTER
    world.store.to_count[alert.fingerprint] = NOON
    assert [world.sweep.counter() for _ in range(3)] == [19, 19, 0]
    take(world, [replace(events[5], received_at=world.clock.now())])
    world.clock.time += SETTLED_AFTER
    assert [world.sweep.counter() for _ in range(3)] == [0, 20, 0]
    assert world.affected_scopes.of(alert.fingerprint, NOON).places == affected(events).places


class SlowClock(FakeClock):
    """A clock on which each look takes half a second."""

    def now(self) -> int:
        """Return the epoch seconds."""
        self.time += 0.5
        return super().now()


def test_what_there_is_no_time_for_goes_on_in_the_next_sweep(world: World) -> None:
    alert = take(world, errors(0, 20))
    clock = SlowClock(NOON + 60 + SETTLED_AFTER)
    counter = World(clock=clock, store=world.store).sweep.counter
    assert counter(until=clock.time) == 0
    counted = [counter(until=clock.time + 4) for _ in range(4)]
    assert sum(counted) == 20
    assert max(counted) < 20
    assert world.store.episode_counts.counts[alert.fingerprint].fired == 20


def test_another_episode_is_counted_from_its_beginning(world: World) -> None:
    events = errors(0, 12)
    alert = take(world, events)
    world.store.episode_counts.save(alert.fingerprint, EpisodeCount(since=NOON - 99, until="!", fired=7), NOON)
    assert not world.affected_scopes.of(alert.fingerprint, NOON).complete
    world.clock.time = NOON + 40 + SETTLED_AFTER
    assert world.sweep.counter() == 12
    assert world.affected_scopes.of(alert.fingerprint, NOON).places == affected(events).places


class BrokenAlerts(FakeAlerts):
    """Alerts one of which cannot be read."""

    def find(self, fingerprint: str) -> Alert | None:
        """Return one alert."""
        if fingerprint == "broken":
            raise ValueError(fingerprint)
        return super().find(fingerprint)


def test_an_alert_that_cannot_be_counted_keeps_no_other_from_its_turn(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    take(world, errors(0, 10))
    world.store.to_count |= {"gone": NOON - 2, "broken": NOON - 1}
    world.clock.time = NOON + 40 + SETTLED_AFTER
    assert replace(world.sweep.counter, alerts=BrokenAlerts(world.store))() == 10
    assert [record.message for record in caplog.records] == ["Events of an alert not counted; will retry"]
    assert world.store.to_count == {"broken": world.clock.now() + episode_counter.AGAIN_AFTER}


def test_as_many_alerts_as_are_counted_at_once_keep_no_other_from_its_turn(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(episode_counter, "MOST_ALERTS", 1)
    take(world, errors(0, 10))
    world.store.to_count["broken"] = NOON - 1
    world.clock.time = NOON + 40 + SETTLED_AFTER
    counter = replace(world.sweep.counter, alerts=BrokenAlerts(world.store))
    assert [counter(), counter()] == [0, 10]
