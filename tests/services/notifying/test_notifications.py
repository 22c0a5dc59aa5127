"""Anyone can ask what became of a notification, and have one sent again."""

import pytest

from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.notifications.notification import Delivery, Reason
from chalicelib.domain.pagination import Direction
from chalicelib.domain.queries import NotificationQuery
from chalicelib.services.notifying.ports import Rejected
from tests.fakes import NOW
from tests.services.world import World, finding

NOBODY = "0" * 32


def refused() -> tuple[World, str]:
    """Return a world in which a notification has failed, and its id."""
    world = World()
    world.slack.fail("monitoring", Rejected("HTTP 404", receiver_gone=True))
    record = world.ingest(finding())
    (pending,) = world.notifications.of(record)
    return world, pending.id


def test_an_event_knows_its_notifications() -> None:
    world = World()
    record = world.ingest(finding())
    (pending,) = world.notifications.of(record)
    assert pending == world.notifications.get(pending.id)
    assert (pending.receiver, pending.status, pending.attempts, pending.by) == (
        "monitoring",
        Delivery.DELIVERED,
        1,
        "monitoring",
    )
    world.ingest(finding(at=NOW))
    assert world.notifications.of(world.ingest(finding(at=NOW + 1))) == []


def test_what_failed_is_sent_again_and_its_event_follows() -> None:
    world, failed = refused()
    assert world.statuses() == {Delivery.FAILED}
    pending = world.notifications.redeliver(failed)
    assert (pending.status, pending.attempts, pending.error) == (Delivery.PENDING, 1, "HTTP 404")
    assert world.statuses() == {Delivery.PENDING}
    world.next_minute()
    sent = world.notifications.get(failed)
    assert (sent.status, sent.attempts, sent.error) == (Delivery.DELIVERED, 2, "")
    assert world.statuses() == {Delivery.DELIVERED}
    assert world.announced() == [failed]


def test_what_is_pending_stays_so() -> None:
    world, failed = refused()
    assert world.notifications.redeliver(failed) == world.notifications.redeliver(failed)


def test_what_was_delivered_is_sent_again_only_where_that_is_requested() -> None:
    world = World()
    (pending,) = world.notifications.of(world.ingest(finding()))
    with pytest.raises(Conflict, match="is delivered"):
        world.notifications.redeliver(pending.id)
    world.notifications.redeliver(pending.id, force=True)
    world.next_minute()
    assert world.announced() == [pending.id, pending.id]


def test_a_receiver_that_is_no_more_gets_nothing_again() -> None:
    world, failed = refused()
    with pytest.raises(Conflict, match="monitoring no longer exists"):
        world.restarted(named=("report",)).notifications.redeliver(failed)


def test_a_notification_that_changes_meanwhile_is_not_enqueued_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world, failed = refused()
    monkeypatch.setattr(world.store, "change", lambda *_: False)
    with pytest.raises(Conflict, match="updated concurrently"):
        world.notifications.redeliver(failed)


def test_what_is_not_there_can_neither_be_seen_nor_sent_again() -> None:
    for act in (World().notifications.get, World().notifications.redeliver):
        with pytest.raises(NotFound):
            act(NOBODY)


def test_what_was_suppressed_is_listed_by_the_events_that_stand_for_it() -> None:
    world = World()
    for at in (NOW - 10, NOW - 9):
        world.ingest(finding(at=at))
    repeated, again = world.ingest(finding(at=NOW - 8)), world.ingest(finding(at=NOW - 7))
    query = NotificationQuery(statuses=(Delivery.SUPPRESSED,), limit=1, direction=Direction.ASC)
    first = world.notifications.page(query)
    (shown,) = first.items
    assert (shown.id, shown.receiver, shown.event_id) == ("", "", repeated.event.id)
    assert (shown.status, shown.reason, shown.by) == (Delivery.SUPPRESSED, Reason.REPEATED, "monitoring")
    assert first.next is not None
    assert [each.status for each in world.notifications.page(NotificationQuery()).items] == [Delivery.DELIVERED] * 2
    assert (
        again.event.id == world.notifications.page(NotificationQuery(statuses=(Delivery.SUPPRESSED,))).items[0].event_id
    )
