"""What an open alert shows is kept, and what is over expires."""

import pytest

from chalicelib.domain.timestamps import DAY
from chalicelib.services.alerting import open_alerts, retention
from chalicelib.services.alerting.retention import MARGIN
from tests.fakes import NOW
from tests.services.world import World, finding


def test_the_event_that_an_open_alert_shows_is_kept_for_years() -> None:
    world = World()
    older, newest = world.ingest(finding()).event, world.ingest(finding(at=NOW)).event
    keep_for = world.settings.keep_for
    for _ in range(100):
        world.clock.sleep(10 * DAY)
        world.retention()
        shown = world.store.records[newest.id]
        assert world.clock.now() < shown.expired_at <= world.clock.now() + keep_for
    assert world.store.records[older.id].expired_at < world.clock.now()


def test_nothing_is_extended_before_it_must_be_nor_for_what_is_over() -> None:
    world = World()
    world.ingest(finding())
    keep_for = world.settings.keep_for
    world.clock.sleep(keep_for - MARGIN - DAY)
    assert world.retention() == 0
    world.clock.sleep(2 * DAY)
    assert [world.retention(), world.retention()] == [1, 0]
    world.ingest(finding(archived=True, at=world.clock.now()))
    world.clock.sleep(keep_for - DAY)
    assert world.retention() == 0


def test_more_open_alerts_than_a_run_reads_are_an_error_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world = World()
    world.ingest(finding())
    world.ingest(finding(2))
    world.clock.sleep(world.settings.keep_for)
    world.retention()
    assert "Too many open alerts" not in caplog.text
    monkeypatch.setattr(open_alerts, "LARGEST_LIMIT", 1)
    monkeypatch.setattr(retention, "MOST_PAGES", 1)
    world.retention()
    assert "Too many open alerts" in caplog.text


def test_alerts_that_were_read_before_are_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.ingest(finding())
    world.clock.sleep(world.settings.keep_for - MARGIN + DAY)
    world.ingest(finding(2, at=world.clock.now()))
    going_on = [
        alert for page, _ in open_alerts.pages_of_open(world.retention.alerts, world.clock.now(), 1) for alert in page
    ]
    monkeypatch.delattr(retention, "pages_of_open")

    assert len(going_on) == 2
    assert [world.retention(going_on), world.retention(going_on)] == [1, 0]
