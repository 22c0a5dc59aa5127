"""The hub's end of backfills: old errors are stored and told to nobody, and then all of them once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.notifications.notification import Delivery, Reason
from chalicelib.domain.timestamps import iso
from chalicelib.services.ingestion import backfill_results
from tests.fakes import NOW
from tests.services.world import World, envelope

SINCE, UNTIL = NOW - 7_200, NOW - 3_600


def errors(at: int, fingerprint: str = "f1", *, backfill: bool = True, count: int = 3) -> dict[str, Any]:
    detail = {
        "idempotency_key": f"{at}-{fingerprint}",
        "log_group": "/aws/lambda/pay",
        "service": "lambda",
        "resource": "pay",
        "fingerprint": fingerprint,
        "title": f"KeyError: {fingerprint}",
        "count": count,
        "window": {"start": at - 300, "end": at},
    } | ({"backfill": True} if backfill else {})
    return envelope("monitoring.agent.logs", "Error Logs", detail=detail, time=iso(at))


def the_end(**changes: Any) -> dict[str, Any]:
    detail = {"since": SINCE, "until": UNTIL, "finished_at": NOW - 10, "events": 2} | changes
    return envelope("monitoring.agent.logs", "Backfill Finished", detail=detail, time=iso(NOW - 10))


def outcomes(world: World) -> dict[str, int]:
    reasons = [record.outcome.reason for record in world.store.records.values()]
    return {reason: reasons.count(reason) for reason in reasons}


def test_old_errors_are_stored_and_announced_to_nobody() -> None:
    world = World()
    for at in range(SINCE + 300, UNTIL, 300):
        world.receive(errors(at))
    for _ in range(100):
        world.next_minute()

    assert outcomes(world) == {Reason.BACKFILLED: 11}
    assert world.slack.posts == []


def test_one_message_says_what_a_backfill_found() -> None:
    world = World()
    world.receive(errors(SINCE + 300, count=5))
    world.receive(errors(SINCE + 600, "f2"))
    world.receive(the_end())
    world.receive(the_end())
    for _ in range(100):
        world.next_minute()

    (summary,) = [record for record in world.store.records.values() if record.event.kind == "backfill"]
    assert summary.event.title == "Backfill: 8 errors in 2 groups, 2 of them new"
    assert summary.outcome.reason is Reason.SUMMARY
    assert summary.outcome.status == "delivered"
    assert len(world.sent()) == 1


def test_a_flood_of_ends_of_an_account_is_a_few_messages_and_loses_none() -> None:
    world = World()
    others = the_end() | {"account": "222233334444"}
    for each in range(50):
        world.receive(the_end(finished_at=NOW - 60 - each))
    world.receive(others)

    counted = [each for each in world.store.records.values() if not each.event.title.endswith("not counted")]
    assert (len(counted), len(world.store.records)) == (backfill_results.MOST_A_MINUTE + 1, 51)
    world.next_minute()
    assert len(world.sent()) <= backfill_results.MOST_A_MINUTE + 3
    world.receive(the_end())
    for _ in range(3):
        world.next_minute()
    assert {each.outcome.status for each in world.store.records.values()} == {Delivery.DELIVERED}


def test_a_problem_that_is_known_gets_its_history_and_nobody_a_message() -> None:
    world = World()
    world.receive(errors(NOW - 5, backfill=False))
    (before,) = world.store.alerts.values()
    world.receive(errors(SINCE + 300))
    (after,) = world.store.alerts.values()

    assert (after.first_seen, after.status, after.count, after.episodes) == (SINCE + 300, "firing", 1, 1)
    assert (after.last_seen, after.total) == (before.last_seen, 2)
    assert len(world.sent()) == 1


def test_what_fires_for_the_first_time_after_its_history_was_found_is_announced() -> None:
    """Nobody was told of it by itself: were it not announced now, nobody ever would be."""
    world = World()
    world.receive(errors(SINCE + 300))
    world.receive(errors(NOW - 5, backfill=False))

    assert outcomes(world) == {Reason.BACKFILLED: 1, Reason.FIRST: 1}
    assert len(world.sent()) == 1


def test_what_is_over_stays_over() -> None:
    world = World()
    world.receive(errors(NOW - 5, backfill=False))
    for _ in range(100):
        world.next_minute()
    messages = len(world.slack.posts)
    world.receive(errors(SINCE + 300))
    for _ in range(100):
        world.next_minute()

    (alert,) = world.store.alerts.values()
    assert alert.status == "resolved"
    assert len(world.slack.posts) == messages


@given(st.permutations([(SINCE + 300, True), (SINCE + 600, True), (NOW - 400, False), (NOW - 100, False)]))
def test_the_same_events_make_the_same_alert_whichever_came_first(order: list[tuple[int, bool]]) -> None:
    def alert_after(arrivals: list[tuple[int, bool]]) -> Any:
        world = World()
        for at, backfill in arrivals:
            world.receive(errors(at, backfill=backfill))
        (alert,) = world.store.alerts.values()
        return alert.status, alert.since, alert.count, alert.total, alert.first_seen, alert.last_seen, alert.timeline

    assert alert_after(order) == alert_after(sorted(order))


def test_a_window_that_was_found_when_it_happened_is_found_only_once() -> None:
    world = World()
    world.receive(errors(SINCE + 300, backfill=False))
    world.receive(errors(SINCE + 300))
    world.receive(the_end(events=1))

    assert outcomes(world) == {Reason.FIRST: 1, Reason.SUMMARY: 1}
    assert "Backfill: no new errors in the logs" in {each.event.title for each in world.store.records.values()}


def test_what_anybody_puts_under_found_is_not_believed() -> None:
    world = World()
    world.receive(the_end(found={"errors": 10**6, "error_groups": 5, "new": 5}))

    (record,) = world.store.records.values()
    assert record.event.title == "Backfill: no new errors in the logs"
    assert record.event.detail["found"]["in_transit"] == 2


def test_nor_is_it_believed_where_nothing_is_counted() -> None:
    world = World()
    for each in range(backfill_results.MOST_A_MINUTE + 1):
        world.receive(the_end(finished_at=NOW - 60 - each, found={"errors": 9, "error_groups": 9}))
    world.receive(the_end(since=UNTIL, until=UNTIL, found={"errors": 9, "error_groups": 9}))

    titles = {each.event.title for each in world.store.records.values()}
    assert titles == {"Backfill: no new errors in the logs", "Backfill: done, findings not counted"}


def test_errors_beyond_a_page_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill_results, "EVENTS_AT_ONCE", 2)
    world = World()
    for number in range(5):
        world.receive(errors(SINCE + 300 + number, f"f{number}"))
    world.receive(the_end())

    assert "Backfill: 15 errors in 5 groups, 5 of them new" in {
        each.event.title for each in world.store.records.values()
    }


@pytest.mark.parametrize(
    "damage",
    [{"since": None}, {"since": "yesterday"}, {"since": UNTIL + 1}, {"until": 10**30}, {"until": [1]}],
)
def test_an_end_that_cannot_be_read_is_an_event_like_any_unknown_one(damage: dict[str, Any]) -> None:
    world = World()
    world.receive(the_end(**damage))

    (record,) = world.store.records.values()
    assert record.outcome.status == "delivered"


def test_a_detail_that_is_no_object_is_kept_as_well() -> None:
    world = World()
    world.receive(the_end() | {"detail": ["?"]})

    assert [record.event.kind for record in world.store.records.values()] == ["unknown"]
