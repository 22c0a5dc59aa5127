"""What time alone does to alerts is done once, told once, and never for nothing again and again."""

from collections.abc import Callable, Sequence

import pytest
from msgspec.structs import replace

from chalicelib.container.threads import run_at_once
from chalicelib.domain.alerts.alert import FLAP_WINDOW, FLAPS, Alert, Flapping, Status
from chalicelib.domain.notifications.notification import Delivery, Outcome, Reason, Recording
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.next_evaluation import HELD_BACK, RECONSIDERED
from chalicelib.domain.routing.notification_policy import Policy
from chalicelib.domain.routing.notification_policy import evaluate as honest
from chalicelib.domain.routing.routes import HOUR, Route
from chalicelib.domain.routing.silences import Silence
from chalicelib.domain.timestamps import iso
from chalicelib.services.alerting import evaluator
from tests.fakes import NOW
from tests.services.world import POLICY, World, alarm, envelope, finding

SILENCE = Silence(id="s1", matchers=(), starts_at=NOW, ends_at=NOW + 600, author="on call", reason="maintenance")

# Nobody says of such an event's problem that it is over.
UNHEARD = "aws.unheard"


def only_alert(world: World) -> Alert:
    (alert,) = world.store.alerts.values()
    return alert


def reasons(world: World) -> list[Reason]:
    """Return why anybody was ever told anything, in order."""
    pending = sorted(world.store.notifications.values(), key=lambda each: each.created_at)
    return [each.reason for each in pending]


def test_what_never_says_that_it_is_over_is_over_after_a_quiet_period() -> None:
    world = World()
    world.ingest(envelope(UNHEARD))
    world.clock.sleep(HOUR)
    world.next_minute()
    assert only_alert(world).status is Status.RESOLVED
    assert reasons(world) == [Reason.FIRST, Reason.RESOLVED]
    assert {each.status for each in world.store.notifications.values()} == {Delivery.DELIVERED}


def test_what_keeps_coming_is_not_over_and_is_examined_again_in_time() -> None:
    world = World()
    world.ingest(envelope(UNHEARD))
    world.clock.sleep(HOUR - 300)
    world.ingest(envelope(UNHEARD, id="another", time=iso(NOW + HOUR - 300)))
    world.clock.sleep(300)
    world.next_minute()
    alert = only_alert(world)
    assert alert.status is Status.FIRING
    assert alert.due == alert.last_seen + HOUR


def test_what_goes_on_gets_reminders_at_growing_intervals() -> None:
    world = World()
    world.ingest(alarm())
    for hours in (4, 12, 24, 24):
        world.clock.sleep(hours * HOUR)
        world.next_minute()
        world.next_minute()
    assert reasons(world) == [Reason.FIRST, *[Reason.REMINDER] * 4]
    assert len(world.sent()) == 5


def test_a_reminder_shows_the_newest_event_and_belongs_to_none() -> None:
    world = World()
    record = world.ingest(alarm())
    world.clock.sleep(4 * HOUR)
    world.next_minute()
    (reminder,) = [each for each in world.store.notifications.values() if each.reason is Reason.REMINDER]
    assert (reminder.event_id, reminder.about, reminder.by) == ("", record.event.id, "monitoring")
    assert world.sent()[-1]["known"]


def test_what_was_acknowledged_gets_no_reminder() -> None:
    world = World()
    world.ingest(alarm())
    world.alerts.acknowledge(only_alert(world).fingerprint, "on-call")
    world.clock.sleep(9 * HOUR)
    world.next_minute()
    assert only_alert(world).due == 0
    assert reasons(world) == [Reason.FIRST]


def flapping() -> World:
    world = World()
    for turn in range(FLAPS):
        world.ingest(finding(at=NOW - 600 + turn, archived=bool(turn % 2)))
    return world


def test_flapping_is_reported_once_and_how_it_stands_when_it_has_settled() -> None:
    world = flapping()
    assert reasons(world)[-1] is Reason.FLAPPING
    world.ingest(finding(at=NOW - 500, archived=True))
    world.ingest(finding(at=NOW - 400))
    assert reasons(world)[-1] is Reason.FLAPPING
    world.clock.sleep(FLAP_WINDOW)
    world.next_minute()
    assert reasons(world)[-1] is Reason.STABLE
    assert only_alert(world).due == only_alert(world).announcement.at + RECONSIDERED  # type: ignore[union-attr]  # as above


def test_flapping_that_settles_as_resolved_says_so() -> None:
    world = flapping()
    world.ingest(finding(at=NOW - 500, archived=True))
    world.clock.sleep(FLAP_WINDOW)
    world.next_minute()
    assert reasons(world)[-1] is Reason.RESOLVED
    assert only_alert(world).due == 0


def test_what_was_silenced_and_is_still_there_is_announced_when_the_silence_ends() -> None:
    world = World(policy=replace(POLICY, silences=(SILENCE,)))
    world.ingest(finding())
    world.next_minute()
    assert reasons(world) == []
    world.clock.sleep(600)
    world.next_minute()
    assert reasons(world) == [Reason.FIRST]


def test_an_alert_outside_the_hours_of_all_its_routes_is_announced_when_they_begin() -> None:
    """It is 08:53 UTC; nothing else happens to the alert, and it is looked at no more than once."""
    hours = Matcher(Field.HOURS, ("10:00-18:00 UTC",))
    world = World(policy=Policy((Route(name="day", receivers=("monitoring",), matchers=(hours,)),)))
    record = world.ingest(finding())
    assert record.outcome.reason is Reason.UNROUTED
    for _ in range(70):
        world.next_minute()
    assert reasons(world) == [Reason.FIRST]
    assert {each.status for each in world.store.notifications.values()} == {Delivery.DELIVERED}
    assert only_alert(world).version == 2


def test_the_end_of_flapping_by_other_settings_is_announced_when_settled_by_them() -> None:
    world = World(policy=replace(POLICY, flapping=Flapping(changes=3, window=600)))
    for turn in range(3):
        world.ingest(finding(at=NOW - 60 + turn, archived=bool(turn % 2)))
    assert reasons(world)[-1] is Reason.FLAPPING
    world.clock.sleep(600)
    world.next_minute()
    assert reasons(world)[-1] is Reason.STABLE


def test_a_silence_that_ends_early_lets_its_alerts_be_announced_within_15_minutes() -> None:
    world = World(policy=replace(POLICY, silences=(replace(SILENCE, ends_at=NOW + 99 * HOUR),)))
    world.ingest(finding())
    world.policy = POLICY
    world.clock.sleep(HELD_BACK)
    world.next_minute()
    assert reasons(world) == [Reason.FIRST]


def test_what_is_held_back_is_not_examined_every_minute() -> None:
    world = World(policy=replace(POLICY, silences=(replace(SILENCE, ends_at=NOW + 99 * HOUR),)))
    world.ingest(finding())
    versions = set()
    for _ in range(30):
        world.next_minute()
        versions.add(only_alert(world).version)
    assert versions == {1, 2, 3}


def test_an_alert_that_somebody_else_changed_is_left_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.ingest(envelope(UNHEARD))
    world.clock.sleep(HOUR)
    monkeypatch.setattr(world.store, "merge", lambda *_: Recording.CONFLICT)
    assert world.evaluator() == 0
    assert only_alert(world).status is Status.FIRING


def test_an_alert_that_cannot_be_evaluated_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world = World()
    poisoned = world.ingest(envelope(UNHEARD)).event.fingerprint
    world.ingest(envelope("aws.unheard-too", id="another"))
    world.clock.sleep(HOUR)

    def fail(alert: Alert, policy: Policy, now: int) -> tuple[Alert, Outcome]:
        if alert.fingerprint == poisoned:
            raise ZeroDivisionError
        return honest(alert, policy, now)

    monkeypatch.setattr(evaluator, "evaluate", fail)
    assert world.evaluator() == 1
    assert "Alert not evaluated; will retry" in caplog.text


def test_a_run_evaluates_alerts_for_as_long_as_there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluator, "READ_AT_ONCE", 2)
    world = World()
    for number in range(7):
        world.ingest(envelope(f"{UNHEARD}.{number}", id=str(number)))
    world.clock.sleep(2 * HOUR)
    assert [world.evaluator(until=world.clock.now()), world.evaluator(), world.evaluator()] == [2, 5, 0]


def test_alerts_that_cannot_be_evaluated_are_tried_once_and_delay_no_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(evaluator, "READ_AT_ONCE", 2)
    world = World()
    records = [world.ingest(envelope(f"{UNHEARD}.{number}", id=str(number))) for number in range(6)]
    poisoned = {each.event.fingerprint for each in records[:3]}

    def fail(alert: Alert, policy: Policy, now: int) -> tuple[Alert, Outcome]:
        if alert.fingerprint in poisoned:
            raise ZeroDivisionError
        return honest(alert, policy, now)

    monkeypatch.setattr(evaluator, "evaluate", fail)
    world.clock.sleep(2 * HOUR)
    assert world.evaluator() == 3
    assert len([each for each in caplog.records if each.message == "Alert not evaluated; will retry"]) == 3


def test_many_alerts_are_evaluated_several_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluator, "FEWEST_EACH", 1)
    world, counts = World(), list[int]()
    for number in range(20):
        world.ingest(envelope(f"{UNHEARD}.{number}", id=str(number)))
    world.clock.sleep(2 * HOUR)

    def run(message: str, parts: Sequence[Callable[[], object]]) -> None:
        counts.append(len(parts))
        run_at_once(message, parts)

    assert replace(world.evaluator, run_at_once=run)() == 20
    assert counts[0] == evaluator.WRITTEN_AT_ONCE
    assert {each.status for each in world.store.alerts.values()} == {Status.RESOLVED}


def test_what_is_silenced_waits_until_nothing_else_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluator, "READ_AT_ONCE", 1)
    matchers = (Matcher(Field.RESOURCE, ("retired-*",)),)
    silence = replace(SILENCE, matchers=matchers, ends_at=NOW + 99 * HOUR)
    world = World(policy=replace(POLICY, silences=(silence,)))
    for number in range(4):
        assert world.ingest(alarm(f"retired-{number}")).outcome.reason is Reason.SILENCED
    world.clock.sleep(HELD_BACK)
    other = world.ingest(envelope(UNHEARD, time=iso(world.clock.now() - HOUR + 1))).event.fingerprint
    world.clock.sleep(1)
    assert [each.can_wait for each in world.alert_store.due(world.clock.now(), 9)] == [False, True, True, True, True]
    assert world.evaluator(until=0) == 1
    assert world.store.alerts[other].status is Status.RESOLVED
    assert world.evaluator() == 4
    assert all(each.due > world.clock.now() and each.can_wait for each in world.store.alerts.values() if each.due)


def test_what_fires_after_its_silence_was_lifted_waits_no_longer() -> None:
    silenced = World(policy=replace(POLICY, silences=(replace(SILENCE, ends_at=NOW + 99 * HOUR),)))
    silenced.ingest(envelope(UNHEARD))
    assert only_alert(silenced).can_wait
    world = World(store=silenced.store)
    assert world.ingest(envelope(UNHEARD, id="another", time=iso(NOW + 1))).outcome.reason is Reason.FIRST
    assert not only_alert(world).can_wait
