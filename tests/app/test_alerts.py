"""GET /alerts, GET /alerts/{fingerprint}, and what people do to an alert."""

from typing import Any

import pytest

from chalicelib.domain.timestamps import DAY, iso
from tests.app.world import BOTH, WRITER, World
from tests.fakes import NOW

NOBODY = "0" * 32
ACTS = ("acknowledge", "resolve", "reopen")


def fired(world: World, at: int = NOW, **fields: Any) -> str:
    """Take in an event of a problem of its own for each detail type, and return the fingerprint."""
    return world.take(at, fields).event.fingerprint


def fingerprints(body: Any) -> list[str]:
    return [each["fingerprint"] for each in body["items"]]


def problems(body: Any) -> dict[str, str]:
    return {each["field"]: each["message"] for each in body["error"]["details"]}


def act(world: World, fingerprint: str, name: str, **more: Any) -> Any:
    return world.call("POST", f"/alerts/{fingerprint}/{name}", **more)


def test_no_alerts_are_an_empty_page(world: World) -> None:
    assert world.get("/alerts").json_body == {"items": [], "limit": 50, "next": None, "previous": None}


def test_an_alert_shows_how_it_stands_and_what_people_were_notified_of(world: World) -> None:
    fingerprint = fired(world)

    (shown,) = world.get("/alerts").json_body["items"]

    assert shown == {
        "fingerprint": fingerprint,
        "status": "firing",
        "severity": "UNKNOWN",
        "title": shown["title"],
        "kind": "custom",
        "source": "custom.shop",
        "account": "111122223333",
        "account_name": None,
        "region": "eu-west-1",
        "resource": None,
        "lifecycle": "recurring",
        "due_at": None,
        "since": iso(NOW),
        "count": 1,
        "total": 1,
        "episodes": 1,
        "first_seen": iso(NOW),
        "last_seen": iso(NOW),
        "last_notification": {
            "at": iso(NOW),
            "receivers": ["monitoring"],
            "severity": "UNKNOWN",
            "count": 1,
            "resolved": False,
            "flapping": False,
        },
        "inhibited": None,
        "last_action": None,
        "annotation": None,
    }


def test_one_alert_has_its_newest_events_and_what_became_of_them(world: World) -> None:
    oldest, older, newer = (world.take(at).event for at in (NOW - 9, NOW - 5, NOW))

    answer = world.get(f"/alerts/{newer.fingerprint}")

    assert answer.status_code == 200
    assert [each["id"] for each in answer.json_body["events"]] == [newer.id, older.id, oldest.id]
    assert answer.json_body["events"][0] == {
        "id": newer.id,
        "published_at": iso(NOW),
        "signal": "firing",
        "severity": "UNKNOWN",
        "change": "repeated",
        "outcome": {"status": "suppressed", "reason": "repeated", "decided_by": "monitoring", "deliveries": {}},
    }


def test_one_alert_says_where_it_is_and_what_was_deployed_before(world: World) -> None:
    for number, account in enumerate(["111122223333", "111122223333", "444455556666"]):
        fingerprint = world.hub.ingest(logged_errors(account, NOW - 600 + number * 300)).event.fingerprint

    shown = world.get(f"/alerts/{fingerprint}").json_body

    assert shown["locations"] == [
        {
            "account": "111122223333",
            "account_name": None,
            "region": "eu-west-1",
            "first_seen": iso(NOW - 600),
            "last_seen": iso(NOW - 300),
            "events": 2,
            "lines": 10,
        },
        shown["locations"][1],
    ]
    assert (shown["more_locations"], shown["locations_complete"], shown["deploys"]) == (0, True, [])
    stack = world.hub.ingest(stack_event("shop", NOW - 700)).event
    assert world.get(f"/alerts/{fingerprint}").json_body["deploys"] == [
        {
            "what": "stack",
            "name": "shop",
            "operation": "updated",
            "account": "111122223333",
            "account_name": None,
            "region": "eu-west-1",
            "at": iso(NOW - 700),
            "seconds_before": 100,
            "in_progress": False,
            "link": stack.link,
            "event_id": stack.id,
        }
    ]


def logged_errors(account: str, end: int) -> dict[str, Any]:
    detail = {
        "idempotency_key": f"{account}/{end}",
        "log_group": "/shop",
        "fingerprint": "1",
        "count": 5,
        "window": {"start": end - 300, "end": end},
    }
    names = {"source": "monitoring.agent.logs", "detail-type": "Error Logs"}
    return names | {"account": account, "region": "eu-west-1", "detail": detail}


def stack_event(name: str, at: int) -> dict[str, Any]:
    arn = f"arn:aws:cloudformation:eu-west-1:111122223333:stack/{name}/1"
    detail = {"stack-id": arn, "status-details": {"status": "UPDATE_COMPLETE"}}
    names = {"source": "aws.cloudformation", "detail-type": "CloudFormation Stack Status Change"}
    return names | {"time": iso(at), "detail": detail}


@pytest.mark.parametrize("method", ["GET", *ACTS])
@pytest.mark.parametrize("fingerprint", [NOBODY, "nonsense", "%2e%2e", "x" * 5_000, "A" * 32])
def test_a_fingerprint_that_no_alert_has_is_not_found(world: World, method: str, fingerprint: str) -> None:
    answer = world.get(f"/alerts/{fingerprint}") if method == "GET" else act(world, fingerprint, method)

    assert answer.status_code == 404
    assert answer.json_body["error"]["code"] == "not_found"


def test_an_alert_that_has_expired_is_not_found(world: World) -> None:
    fingerprint = fired(world)
    world.hub.alerts.resolve(fingerprint, "on-call")
    world.clock.sleep(90 * DAY)

    assert world.get(f"/alerts/{fingerprint}").status_code == 404
    assert act(world, fingerprint, "resolve").status_code == 404
    assert world.get("/alerts").json_body["items"] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("account", "444455556666"),
        ("region", "us-east-1"),
        ("source", "custom.other"),
        ("status", "acknowledged"),
        ("start_date", iso(NOW - 5)),
    ],
)
def test_a_filter_shows_the_alerts_that_fit_it(world: World, name: str, value: str) -> None:
    fired(world, NOW - 60)
    changes = {name: value} if name in {"account", "region", "source"} else {}
    wanted = fired(world, NOW - 5, **{"detail-type": "Order Doubled"}, **changes)
    act(world, wanted, "acknowledge")

    assert fingerprints(world.get("/alerts", **{name: value}).json_body) == [wanted]
    assert fingerprints(world.get("/alerts", fingerprint=wanted).json_body) == [wanted]


def test_a_minimum_severity_leaves_out_what_is_milder(world: World) -> None:
    fired(world)

    assert world.get("/alerts", severity="low").json_body["items"] == []
    assert len(world.get("/alerts", severity="unknown").json_body["items"]) == 1


def test_pages_lead_forward_and_back_over_all_alerts(world: World) -> None:
    all_of_them = [fired(world, NOW - ago, **{"detail-type": f"Order {ago}"}) for ago in range(5)]

    first = world.get("/alerts", limit=2).json_body
    second = world.get("/alerts", limit=2, cursor=first["next"]).json_body
    third = world.get("/alerts", limit=2, cursor=second["next"]).json_body
    back = world.get("/alerts", limit=2, cursor=third["previous"]).json_body

    assert fingerprints(first) + fingerprints(second) + fingerprints(third) == all_of_them
    assert (first["previous"], third["next"]) == (None, None)
    assert back["items"] == second["items"]
    assert fingerprints(world.get("/alerts", direction="asc").json_body) == all_of_them[::-1]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"status": "over"}, "status"),
        ({"outcome": "failed"}, "outcome"),
        ({"severity": "bad"}, "severity"),
        ({"start_date": NOW, "end_date": NOW - 1}, "end_date"),
        ({"cursor": "abc"}, "cursor"),
    ],
)
def test_an_invalid_query_is_refused(world: World, query: dict[str, Any], field: str) -> None:
    answer = world.get("/alerts", **query)

    assert answer.status_code == 400
    assert problems(answer.json_body).keys() == {field}


def test_a_cursor_of_a_list_of_events_leads_to_no_alerts(world: World) -> None:
    for ago in range(2):
        world.take(NOW - ago)
    cursor = world.get("/events", limit=1).json_body["next"]

    assert "other filters" in problems(world.get("/alerts", cursor=cursor).json_body)["cursor"]


def test_to_acknowledge_remembers_whose_token_it_was_when_and_why(world: World) -> None:
    fingerprint = fired(world)
    at = world.clock.now()

    answer = act(world, fingerprint, "acknowledge", token=WRITER, json={"note": "looking into it"})

    assert answer.status_code == 200
    assert answer.json_body["status"] == "acknowledged"
    assert answer.json_body["last_action"] == {
        "type": "acknowledged",
        "by": "writer",
        "at": iso(at),
        "note": "looking into it",
    }
    assert world.get("/alerts", status="acknowledged").json_body["items"] == [answer.json_body]


def test_to_resolve_is_announced_by_the_next_sweep_and_not_by_the_api(world: World) -> None:
    fingerprint = fired(world)

    assert act(world, fingerprint, "resolve").json_body["status"] == "resolved"
    assert len(world.slack.posts) == 1

    world.clock.sleep(60)
    world.hub.sweep()
    assert len(world.slack.posts) == 2


def test_to_reopen_goes_on_where_it_was(world: World) -> None:
    fingerprint = fired(world)
    act(world, fingerprint, "resolve")

    answer = act(world, fingerprint, "reopen")

    assert (answer.json_body["status"], answer.json_body["episodes"]) == ("firing", 1)
    assert answer.json_body["last_action"]["type"] == "reopened"


@pytest.mark.parametrize("name", ACTS)
def test_to_do_it_twice_returns_the_same(world: World, name: str) -> None:
    fingerprint = fired(world)
    first = act(world, fingerprint, name, token=WRITER).json_body

    assert act(world, fingerprint, name, token=BOTH, json={"note": "again"}).json_body == first


def test_to_acknowledge_what_is_resolved_is_a_conflict_that_says_so(world: World) -> None:
    fingerprint = fired(world)
    act(world, fingerprint, "resolve")

    answer = act(world, fingerprint, "acknowledge")

    assert answer.status_code == 409
    assert "resolved" in answer.json_body["error"]["message"]


def test_a_race_that_is_lost_again_and_again_is_a_conflict(world: World) -> None:
    fingerprint = fired(world)
    world.store.conflicts = 100

    answer = act(world, fingerprint, "resolve")

    assert answer.status_code == 409
    assert "try again" in answer.json_body["error"]["message"]


@pytest.mark.parametrize(
    ("body", "field"),
    [({"note": "x" * 201}, "note"), ({"note": "two\nlines"}, "note"), ({"note": 7}, "note"), ({"who": "me"}, "who")],
)
def test_a_note_that_cannot_be_is_refused(world: World, body: dict[str, Any], field: str) -> None:
    answer = act(world, fired(world), "acknowledge", json=body)

    assert answer.status_code == 400
    assert problems(answer.json_body).keys() == {field}


def test_a_body_that_is_no_json_is_refused_and_none_is_fine(world: World) -> None:
    fingerprint = fired(world)

    assert act(world, fingerprint, "acknowledge", json={}, body=b"{").status_code == 400
    assert act(world, fingerprint, "acknowledge", headers={"Content-Type": "text/plain"}, body=b"a").status_code == 415
    assert act(world, fingerprint, "acknowledge").status_code == 200
    assert world.call("POST", f"/alerts/{fingerprint}/resolve", {"note": "x"}).status_code == 400
