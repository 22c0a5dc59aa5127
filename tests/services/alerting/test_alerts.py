"""People acknowledge, resolve and reopen alerts; whoever should know of it does, once."""

import pytest
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Mark, Status
from chalicelib.domain.alerts.timeline import TransitionKind
from chalicelib.domain.errors import Conflict, Invalid, NotFound
from chalicelib.domain.notifications.notification import Delivery, Reason
from chalicelib.domain.queries import AlertQuery
from chalicelib.domain.routing.notification_policy import Policy
from chalicelib.domain.routing.routes import Route
from chalicelib.domain.timestamps import DAY
from chalicelib.services.alerting.alerts import ATTEMPTS, NEWEST
from tests.fakes import NOW
from tests.services.world import World, finding


def fired(world: World, **changes: object) -> str:
    """Take in an event of a problem, and return the fingerprint."""
    return world.ingest(finding(**changes)).event.fingerprint  # type: ignore[arg-type]  # as finding takes them


def last_enqueued(world: World) -> tuple[Reason, str]:
    pending = list(world.store.notifications.values())[-1]
    return pending.reason, pending.resolved_by


def test_to_acknowledge_is_remembered_with_who_when_and_why_and_notifies_nobody() -> None:
    world = World()
    fingerprint = fired(world)
    at = world.clock.now()
    alert = world.alerts.acknowledge(fingerprint, "on-call", "looking")
    assert alert == world.store.alerts[fingerprint]
    assert alert.status is Status.ACKNOWLEDGED
    assert alert.marked == Mark(at=at, kind=TransitionKind.ACKNOWLEDGED, by="on-call", note="looking")
    assert len(world.store.notifications) == 1


def test_whoever_follows_an_alert_is_notified_once_that_somebody_acknowledged_it() -> None:
    world = World()
    world.policy = replace(world.policy, status_receivers=frozenset({"monitoring"}))
    fingerprint = fired(world)
    for _ in range(2):
        world.alerts.acknowledge(fingerprint, "on-call")
        world.next_minute()
    followed = [each for each in world.store.notifications.values() if each.reason is Reason.ACKNOWLEDGED]
    assert [(each.receiver, each.status) for each in followed] == [("monitoring", Delivery.DELIVERED)]


def test_to_resolve_is_announced_once_to_whoever_had_heard_and_by_whom() -> None:
    world = World(policy=Policy((Route(name="all", receivers=("monitoring", "report")),)))
    fingerprint = fired(world)
    for _ in range(2):
        world.alerts.resolve(fingerprint, "on-call")
        world.next_minute()
    announced = [each for each in world.store.notifications.values() if each.reason is Reason.RESOLVED]
    assert {(each.receiver, each.resolved_by, each.status) for each in announced} == {
        ("monitoring", "on-call", Delivery.DELIVERED),
        ("report", "on-call", Delivery.DELIVERED),
    }
    assert len(announced) == 2


def test_what_comes_to_its_end_after_it_was_resolved_by_hand_says_nothing_more() -> None:
    world = World()
    fingerprint = fired(world)
    world.alerts.resolve(fingerprint, "on-call")
    record = world.ingest(finding(at=NOW + 60, archived=True))
    assert record.outcome.reason is Reason.NOTHING_TO_RESOLVE


def test_an_alert_that_fires_again_after_a_manual_resolution_is_a_regression() -> None:
    world = World()
    fingerprint = fired(world)
    world.alerts.resolve(fingerprint, "on-call")
    assert world.ingest(finding(at=NOW + 60)).outcome.reason is Reason.REGRESSION
    world.ingest(finding(at=NOW + 120, archived=True))
    assert last_enqueued(world) == (Reason.RESOLVED, "")


def test_to_reopen_what_people_think_is_over_notifies_them() -> None:
    world = World()
    fingerprint = fired(world)
    world.alerts.resolve(fingerprint, "on-call")
    alert = world.alerts.reopen(fingerprint, "boss", "not so")
    assert (alert.status, alert.episodes, alert.count) == (Status.FIRING, 1, 1)
    assert last_enqueued(world) == (Reason.REGRESSION, "")


def test_to_reopen_what_was_acknowledged_brings_it_to_mind_again_in_time() -> None:
    world = World()
    fingerprint = fired(world)
    world.alerts.acknowledge(fingerprint, "on-call")
    alert = world.alerts.reopen(fingerprint, "on-call")
    assert alert.status is Status.FIRING
    assert alert.due > world.clock.now()
    assert len(world.store.notifications) == 1


def test_to_do_it_twice_changes_nothing_and_leaves_the_first_name() -> None:
    world = World()
    fingerprint = fired(world)
    first = world.alerts.acknowledge(fingerprint, "on-call")
    assert world.alerts.acknowledge(fingerprint, "somebody else") == first
    assert world.alerts.reopen(fingerprint, "boss").version == first.version + 1
    assert world.alerts.reopen(fingerprint, "boss").version == first.version + 1


def test_what_is_resolved_cannot_be_acknowledged() -> None:
    world = World()
    fingerprint = fired(world)
    world.alerts.resolve(fingerprint, "on-call")
    with pytest.raises(Conflict, match="is resolved"):
        world.alerts.acknowledge(fingerprint, "on-call")


def test_what_never_fired_can_neither_be_acknowledged_nor_resolved_nor_reopened() -> None:
    world = World()
    fingerprint = fired(world, archived=True)
    for act in (world.alerts.acknowledge, world.alerts.resolve, world.alerts.reopen):
        with pytest.raises(Conflict, match="never fired"):
            act(fingerprint, "on-call")


def test_an_alert_that_is_not_there_or_has_expired_cannot_be_marked() -> None:
    world = World()
    fingerprint = fired(world)
    with pytest.raises(NotFound):
        world.alerts.resolve("unheard of", "on-call")
    world.alerts.resolve(fingerprint, "on-call")
    world.clock.sleep(91 * DAY)
    with pytest.raises(NotFound):
        world.alerts.get(fingerprint)


def test_a_lost_race_is_run_again_with_what_the_other_left() -> None:
    world = World()
    fingerprint = fired(world)
    world.store.conflicts = ATTEMPTS - 1
    assert world.alerts.resolve(fingerprint, "on-call").status is Status.RESOLVED
    world.store.conflicts = ATTEMPTS
    with pytest.raises(Conflict, match="try again"):
        world.alerts.reopen(fingerprint, "on-call")


def test_an_alert_is_seen_with_its_newest_events_only() -> None:
    world = World()
    for second in range(NEWEST + 2):
        fingerprint = fired(world, at=NOW + second)
    events = world.alerts.inspect(fingerprint).events
    assert [record.event.published_at for record in events] == [NOW + NEWEST + 1 - n for n in range(NEWEST)]
    assert world.alerts.page(AlertQuery()).items == (world.alerts.get(fingerprint),)


def test_a_note_is_kept_in_the_history_and_changes_nothing_else() -> None:
    world = World()
    fingerprint = fired(world)
    before = world.store.alerts[fingerprint]
    world.store.conflicts = 1
    for words in ("It is the database.", "It was the database."):
        world.alerts.note(fingerprint, "ana", words)

    after = world.store.alerts[fingerprint]
    assert replace(after, version=before.version) == before
    notes = [(each.kind, each.by, each.note) for each in world.alert_history.of(fingerprint).entries if each.note]
    assert sorted(notes) == [("noted", "ana", "It is the database."), ("noted", "ana", "It was the database.")]
    assert len(world.store.notifications) == 1


def test_a_note_says_something_of_an_alert_that_is_there() -> None:
    world = World()
    fingerprint = fired(world)
    with pytest.raises(Invalid):
        world.alerts.note(fingerprint, "ana", "")
    with pytest.raises(NotFound):
        world.alerts.note("f" * 32, "ana", "x")
    world.store.conflicts = ATTEMPTS
    with pytest.raises(Conflict):
        world.alerts.note(fingerprint, "ana", "x")
