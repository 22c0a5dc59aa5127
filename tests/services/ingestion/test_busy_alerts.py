"""Busy alerts: events that only count leave them alone, and are merged by the next sweep."""

from chalicelib.domain.notifications.notification import Delivery, Reason
from chalicelib.services.ingestion import busy_alerts
from chalicelib.services.ingestion.busy_alerts import BUSY_FOR, BusyAlerts
from tests.fakes import NOW, FakeClock
from tests.services.world import World, finding


def test_an_alert_is_busy_for_a_while_after_two_lost_races_and_not_after_one() -> None:
    clock = FakeClock()
    busy = BusyAlerts(clock)
    busy.add("a")
    assert "a" not in busy
    busy.add("a")
    assert "a" in busy
    assert "b" not in busy
    clock.sleep(BUSY_FOR)
    assert "a" not in busy


def test_lost_races_that_are_far_from_each_other_make_no_alert_busy() -> None:
    clock = FakeClock()
    busy = BusyAlerts(clock)
    busy.add("a")
    clock.sleep(BUSY_FOR)
    busy.add("a")
    assert "a" not in busy


def test_how_many_are_remembered_is_bounded() -> None:
    busy = BusyAlerts(FakeClock())
    for number in range(2 * busy_alerts.MOST_REMEMBERED):
        busy.add(str(number))
        busy.add(str(number))
    assert "0" not in busy
    assert str(2 * busy_alerts.MOST_REMEMBERED - 1) in busy


def test_what_only_counts_is_stored_alone_with_its_outcome_where_the_alert_is_busy() -> None:
    world = World()
    first = world.ingest(finding())
    world.store.conflicts = 2
    world.ingest(finding(at=NOW + 1))
    del world.crash.calls[:]

    kept = world.ingest(finding(at=NOW + 2))

    assert "record" not in world.crash.calls
    assert (kept.outcome.status, kept.outcome.reason) == (Delivery.SUPPRESSED, Reason.REPEATED)
    assert world.store.alerts[first.event.fingerprint].count == 2
    world.next_minute()
    assert world.store.alerts[first.event.fingerprint].count == 3
    assert world.store.records[kept.event.id] == kept
    assert world.store.waiting == set()


def test_what_somebody_has_to_hear_of_races_for_the_busiest_alert() -> None:
    world = World()
    world.ingest(finding(severity=5.0))
    world.store.conflicts = 2
    world.ingest(finding(severity=5.0, at=NOW + 1))
    del world.crash.calls[:]

    worse = world.ingest(finding(severity=9.5, at=NOW + 2))

    assert world.crash.calls.count("record") == 1
    assert (worse.outcome.status, worse.outcome.reason) == (Delivery.PENDING, Reason.WORSENED)
    assert worse.event.id not in world.store.waiting


def test_what_turns_out_to_be_more_than_a_repetition_is_so_when_it_is_merged() -> None:
    world = World()
    first = world.ingest(finding())
    world.store.conflicts = 2
    world.ingest(finding(at=NOW + 1))
    kept = world.ingest(finding(at=NOW + 3))
    world.receive(finding(at=NOW + 2, archived=True))

    world.next_minute()

    assert world.store.records[kept.event.id].outcome.reason is not Reason.REPEATED
    assert world.store.alerts[first.event.fingerprint].status == "firing"
