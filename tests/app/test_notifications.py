"""GET /notifications, GET /notifications/{notification_id}, and to have one sent again; events with theirs."""

from typing import Any

import pytest

from chalicelib.domain.timestamps import iso
from chalicelib.services.notifying.ports import Rejected
from tests.app.world import World
from tests.fakes import NOW

NOBODY = "0" * 32


def problems(body: Any) -> dict[str, str]:
    return {each["field"]: each["message"] for each in body["error"]["details"]}


def of_event(world: World, event_id: str) -> dict[str, Any]:
    """Return the only notification that an event is shown with."""
    (shown,) = world.get(f"/events/{event_id}").json_body["notifications"]
    return dict(shown)


def failed(world: World) -> dict[str, Any]:
    """Return a notification that Slack has refused."""
    world.slack.fail("monitoring", Rejected("HTTP 404", receiver_gone=True))
    return of_event(world, world.take().event.id)


def redeliver(world: World, notification: dict[str, Any], **more: Any) -> Any:
    return world.call("POST", f"/notifications/{notification['id']}/redeliver", **more)


def test_an_event_shows_its_notifications_and_what_became_of_them(world: World) -> None:
    record = world.take()

    shown = of_event(world, record.event.id)

    assert shown == {
        "id": shown["id"],
        "receiver": "monitoring",
        "status": "delivered",
        "reason": "first",
        "decided_by": "monitoring",
        "kind": "custom",
        "severity": "UNKNOWN",
        "title": record.event.title,
        "event_id": record.event.id,
        "about": record.event.id,
        "fingerprint": record.event.fingerprint,
        "account": "111122223333",
        "account_name": None,
        "region": "eu-west-1",
        "since": iso(NOW),
        "count": 1,
        "resolved_by": None,
        "created_at": iso(NOW),
        "attempts": 1,
        "error": None,
        "last_attempt_at": iso(NOW),
    }
    assert world.get(f"/notifications/{shown['id']}").json_body == shown
    assert world.get("/notifications").json_body["items"] == [shown]


def test_a_suppressed_event_has_no_notifications_and_is_listed_as_suppressed(world: World) -> None:
    for at in (NOW - 9, NOW - 5):
        world.take(at)
    repeated = world.take(NOW).event

    assert world.get(f"/events/{repeated.id}").json_body["notifications"] == []
    (shown,) = world.get("/notifications", status="suppressed").json_body["items"]
    assert (shown["id"], shown["receiver"], shown["event_id"]) == (None, None, repeated.id)
    assert (shown["status"], shown["reason"], shown["decided_by"]) == ("suppressed", "repeated", "monitoring")
    assert [each["id"] for each in world.get("/events", outcome="suppressed").json_body["items"]] == [repeated.id]


@pytest.mark.parametrize("status", ["pending", "failed", "delivered", "suppressed"])
def test_notifications_are_listed_by_what_became_of_them(world: World, status: str) -> None:
    failed(world)

    listed = world.get("/notifications", status=status).json_body["items"]

    assert len(listed) == (status == "failed")


def test_notifications_are_listed_by_receiver_and_time(world: World) -> None:
    world.take()

    assert len(world.get("/notifications", receiver="monitoring", start_date=NOW, end_date=NOW).json_body["items"]) == 1
    assert world.get("/notifications", receiver="deployment").json_body["items"] == []
    assert world.get("/notifications", receiver="nobody").json_body["items"] == []
    assert world.get("/notifications", start_date=NOW + 1).json_body["items"] == []


@pytest.mark.parametrize(("status", "copies"), [("delivered", 1), ("suppressed", 3)])
def test_pages_of_notifications_lead_on_and_back(world: World, status: str, copies: int) -> None:
    for ago in range(3):
        for copy in range(copies):
            world.take(NOW - 10 * ago - copy, {"detail-type": f"Order {ago}"})

    first = world.get("/notifications", status=status, limit=2).json_body
    second = world.get("/notifications", status=status, limit=2, cursor=first["next"]).json_body
    back = world.get("/notifications", status=status, limit=2, cursor=second["previous"]).json_body

    assert len({each["event_id"] for each in (*first["items"], *second["items"])}) == 3
    assert second["next"] is None
    assert back["items"] == first["items"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"status": "lost"}, "status"),
        ([("status", "failed"), ("status", "suppressed")], "status"),
        ({"receiver": ""}, "receiver"),
        ({"status": "suppressed", "receiver": "monitoring"}, "receiver"),
        ({"severity": "high"}, "severity"),
        ({"start_date": NOW, "end_date": NOW - 1}, "end_date"),
        ({"cursor": "abc"}, "cursor"),
    ],
)
def test_an_invalid_query_is_refused(world: World, query: Any, field: str) -> None:
    answer = world.call("GET", "/notifications", query)

    assert answer.status_code == 400
    assert problems(answer.json_body).keys() == {field}


@pytest.mark.parametrize("notification_id", [NOBODY, "nonsense", "%2e%2e", "x" * 5_000])
def test_a_notification_that_is_not_there_is_not_found(world: World, notification_id: str) -> None:
    assert world.get(f"/notifications/{notification_id}").status_code == 404
    assert redeliver(world, {"id": notification_id}).status_code == 404


def test_what_failed_is_pending_again_and_delivered_by_the_next_sweep(world: World) -> None:
    refused = failed(world)
    assert (refused["status"], refused["error"], refused["attempts"]) == ("failed", "HTTP 404", 1)

    answer = redeliver(world, refused)

    assert answer.status_code == 200
    assert answer.json_body == refused | {"status": "pending"}
    assert world.get(f"/events/{refused['event_id']}").json_body["outcome"]["status"] == "pending"
    world.clock.sleep(60)
    world.hub.sweep()
    delivered = of_event(world, refused["event_id"])
    assert (delivered["status"], delivered["error"], delivered["attempts"]) == ("delivered", None, 2)
    assert world.get(f"/events/{refused['event_id']}").json_body["outcome"]["status"] == "delivered"


def test_what_is_pending_stays_so(world: World) -> None:
    pending = redeliver(world, failed(world)).json_body

    assert redeliver(world, pending).json_body == pending


def test_what_was_delivered_is_sent_again_only_where_that_is_said(world: World) -> None:
    delivered = of_event(world, world.take().event.id)

    refusal = redeliver(world, delivered)
    assert refusal.status_code == 409
    assert "force" in refusal.json_body["error"]["message"]
    assert redeliver(world, delivered, json={"force": False}).status_code == 409
    assert redeliver(world, delivered, json={"force": True}).json_body["status"] == "pending"


@pytest.mark.parametrize(
    ("body", "field"), [({"force": "yes"}, "force"), ({"force": 1}, "force"), ({"now": True}, "now")]
)
def test_a_wish_that_cannot_be_is_refused(world: World, body: dict[str, Any], field: str) -> None:
    answer = redeliver(world, failed(world), json=body)

    assert answer.status_code == 400
    assert problems(answer.json_body).keys() == {field}


def test_a_reminder_is_listed_and_belongs_to_no_event(world: World) -> None:
    record = world.take()
    world.clock.sleep(3_600)
    world.hub.sweep()

    reminder, first = world.get("/notifications").json_body["items"]

    assert (reminder["reason"], reminder["event_id"], reminder["about"]) == ("resolved", None, record.event.id)
    assert first["event_id"] == record.event.id


def test_a_report_is_listed_without_an_alert(world: World) -> None:
    world.hub.reports.send()

    (report,) = world.get("/notifications", receiver="report").json_body["items"]

    assert (report["kind"], report["fingerprint"], report["about"]) == ("report", None, None)
