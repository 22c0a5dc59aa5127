"""Silences over the API: what is held back, until when, by whom, and what is wrong with a request for one."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.notifications.notification import Reason
from chalicelib.domain.routing.matchers import Field
from chalicelib.domain.timestamps import DAY, iso
from chalicelib.services.alerting.policy_provider import REMEMBERED_FOR
from tests.app.world import READER, WRITER, World, gateway_event, invoke
from tests.fakes import NOW

SHOP = {"field": "source", "patterns": ["custom.shop"]}
# They were an hour ago, and are again in a day.
PASSED = {"field": "hours", "patterns": ["07:00-08:00 UTC"]}
DRILL: dict[str, Any] = {"matchers": [SHOP], "duration": "2h", "reason": "A drill."}
HOUR = 3_600


def make(world: World, **changes: Any) -> Any:
    """Make a silence, and return what is answered."""
    body = {name: value for name, value in (DRILL | changes).items() if value is not None}
    return world.call("POST", "/silences", json=body)


def complaints(world: World, **changes: Any) -> dict[str, str]:
    """Return what is wrong with a request for a silence, by field."""
    response = make(world, **changes)
    assert response.status_code == 400
    assert world.silences.items == {}
    return {each["field"]: each["message"] for each in response.json_body["error"]["details"]}


def test_a_silence_is_made_and_shown(world: World) -> None:
    made = make(world, matchers=[SHOP, {"field": "tag", "key": "stage", "patterns": ["prod"], "not": True}])

    assert made.status_code == 201
    silence = made.json_body
    assert silence == {
        "id": silence["id"],
        "status": "active",
        "matchers": [
            {"field": "source", "key": None, "patterns": ["custom.shop"], "not": False},
            {"field": "tag", "key": "stage", "patterns": ["prod"], "not": True},
        ],
        "everything": False,
        "starts_at": iso(NOW),
        "ends_at": iso(NOW + 2 * HOUR),
        "created_at": iso(NOW),
        "author": "both",
        "reason": "A drill.",
    }
    assert made.headers["Location"] == f"silences/{silence['id']}"
    assert world.get(f"/silences/{silence['id']}").json_body == silence


def test_a_silence_holds_back_what_it_fits_and_no_more(world: World) -> None:
    made = make(world).json_body
    quiet, loud = world.take(), world.take(fields={"source": "custom.billing"})

    assert (quiet.outcome.reason, quiet.outcome.by) == (Reason.SILENCED, made["id"])
    assert loud.outcome.reason is Reason.FIRST
    shown = world.get(f"/events/{quiet.event.id}").json_body["outcome"]
    assert shown == {"status": "suppressed", "reason": "silenced", "decided_by": made["id"], "deliveries": {}}


def test_a_silence_that_is_deleted_ends_now_however_often(world: World) -> None:
    made = make(world).json_body
    world.clock.sleep(60)

    for _ in range(2):
        assert world.call("DELETE", f"/silences/{made['id']}").status_code == 204
        world.clock.sleep(REMEMBERED_FOR)

    shown = world.get(f"/silences/{made['id']}").json_body
    assert (shown["status"], shown["ends_at"]) == ("expired", iso(NOW + 60))
    assert world.take().outcome.reason is Reason.FIRST


def test_a_silence_may_begin_later(world: World) -> None:
    made = make(world, starts_at=iso(NOW + HOUR), ends_at=NOW + 2 * HOUR, duration=None, author="Team shop").json_body

    assert (made["status"], made["starts_at"], made["ends_at"]) == ("pending", iso(NOW + HOUR), iso(NOW + 2 * HOUR))
    assert made["author"] == "Team shop"
    assert world.take().outcome.reason is Reason.FIRST


def test_everything_is_silent_only_if_that_is_said(world: World) -> None:
    made = make(world, matchers=None, everything=True)

    assert (made.status_code, made.json_body["everything"], made.json_body["matchers"]) == (201, True, [])
    assert world.take().outcome.reason is Reason.SILENCED


def test_the_same_request_twice_makes_one_silence(world: World) -> None:
    assert make(world).json_body == make(world).json_body
    assert len(world.silences.items) == 1


def test_silences_are_listed_by_status_in_pages(world: World) -> None:
    hours = {"expired": -1, "active": 1, "pending": 3}
    world.clock.time = NOW - 3 * HOUR
    for name, at in hours.items():
        make(world, reason=name, starts_at=NOW + (at - 1) * HOUR, ends_at=NOW + at * HOUR, duration=None)
    world.clock.time = NOW

    for status in hours:
        assert [each["reason"] for each in world.get("/silences", status=status).json_body["items"]] == [status]
    first = world.get("/silences", limit=2).json_body
    rest = world.get("/silences", limit=2, cursor=first["next"]).json_body
    assert [each["reason"] for each in first["items"] + rest["items"]] == ["pending", "active", "expired"]
    assert rest["next"] is None
    assert world.get("/silences", limit=2, cursor=rest["previous"]).json_body["items"] == first["items"]


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"matchers": None}, "matchers", 'one of matchers and "everything": true is needed'),
        ({"matchers": []}, "matchers", 'one of matchers and "everything": true is needed'),
        ({"everything": True}, "matchers", 'one of matchers and "everything": true is needed'),
        ({"everything": "yes"}, "everything", "must be true or false"),
        ({"matchers": SHOP}, "matchers", "must be a list"),
        ({"matchers": [SHOP] * 11}, "matchers", "must have at most 10"),
        ({"matchers": ["source"]}, "matchers[0]", "must be an object"),
        ({"matchers": [{}]}, "matchers[0].field", "is missing"),
        ({"matchers": [{"field": "source"}]}, "matchers[0].patterns", "is missing"),
        ({"matchers": [SHOP | {"field": "name"}]}, "matchers[0].field", "must be one of kind, source, account"),
        ({"matchers": [SHOP | {"field": []}]}, "matchers[0].field", "must be one of kind, source, account"),
        ({"matchers": [SHOP, SHOP | {"patterns": ["*"]}]}, "matchers[1].patterns", "'*' fits everything"),
        ({"matchers": [SHOP | {"patterns": [7]}]}, "matchers[0].patterns", "invalid value 7"),
        ({"matchers": [SHOP | {"patterns": []}]}, "matchers[0].patterns", "must not be empty"),
        (
            {"matchers": [SHOP | {"regex": "x"}]},
            "matchers[0].regex",
            "unknown field; expected one of field, patterns, not",
        ),
        ({"matchers": [SHOP | {"not": 1}]}, "matchers[0].not", "must be true or false"),
        ({"matchers": [SHOP | {"key": "stage"}]}, "matchers[0].key", "unknown field; expected one of field"),
        ({"matchers": [SHOP | {"field": "tag"}]}, "matchers[0].key", "is missing"),
        ({"matchers": [SHOP | {"field": "tag", "key": ""}]}, "matchers[0].key", "must be the key of a tag"),
        ({"matchers": [{"field": "severity", "patterns": "high"}]}, "matchers[0].patterns", "invalid severity 'high'"),
        ({"matchers": [{"field": "hours", "patterns": "night"}]}, "matchers[0].patterns", "invalid hours 'night'"),
        ({"duration": None}, "ends_at", "one of ends_at and duration is needed"),
        ({"ends_at": iso(NOW + HOUR)}, "ends_at", "one of ends_at and duration is needed"),
        ({"duration": "2 hours"}, "duration", "invalid duration '2 hours'"),
        ({"duration": 7_200}, "duration", 'must be a duration such as "2h"'),
        ({"duration": "31d"}, "duration", "must be at most 30 days"),
        ({"duration": None, "ends_at": "soon"}, "ends_at", "must be epoch seconds or ISO 8601"),
        ({"duration": None, "ends_at": [1]}, "ends_at", "must be epoch seconds or ISO 8601"),
        ({"duration": None, "ends_at": iso(NOW)}, "ends_at", "must end after its start, and after now"),
        ({"starts_at": iso(NOW - DAY)}, "duration", "must end after its start, and after now"),
        ({"matchers": [PASSED]}, "duration", "must end after its hours have come"),
        ({"matchers": [PASSED], "starts_at": iso(NOW - DAY), "duration": "25h"}, "duration", "must end after its h"),
        ({"matchers": [PASSED], "duration": None, "ends_at": iso(NOW + HOUR)}, "ends_at", "must end after its hours"),
        ({"starts_at": iso(NOW + 366 * DAY)}, "starts_at", "must lie within 365 days"),
        ({"reason": None}, "reason", "is missing"),
        ({"reason": ""}, "reason", "must be one line of 1 to 200 characters"),
        ({"author": "a\nb"}, "author", "must be one line of 1 to 64 characters"),
        ({"until": "tomorrow"}, "until", "unknown field; expected one of everything, matchers"),
    ],
)
def test_what_is_wrong_with_a_request_is_reported(
    world: World, changes: dict[str, Any], field: str, message: str
) -> None:
    assert complaints(world, **changes)[field].startswith(message)


def test_all_that_is_wrong_is_reported_at_once(world: World) -> None:
    wrong = complaints(world, matchers=[{"field": "x"}], duration="1x", reason="", author="", everything=3, more=1)
    expected = {"matchers[0].field", "duration", "reason", "author", "everything", "more"}
    assert set(wrong) == expected
    assert set(complaints(world, reason="", duration="40d", matchers=None)) == {"reason", "duration", "matchers"}


@pytest.mark.parametrize("silence_id", ["0" * 16, "backup", "0" * 17])
def test_what_is_no_silence_is_not_found(world: World, silence_id: str) -> None:
    for method in ("GET", "DELETE"):
        assert world.call(method, f"/silences/{silence_id}").status_code == 404


@pytest.mark.parametrize("query", [{"status": "over"}, {"limit": 0}, {"cursor": "!"}, {"author": "me"}])
def test_what_cannot_be_requested_of_the_list_is_reported(world: World, query: dict[str, Any]) -> None:
    response = world.get("/silences", **query)
    assert response.status_code == 400
    assert [each["field"] for each in response.json_body["error"]["details"]] == list(query)


def test_readers_list_and_writers_create_and_end(world: World) -> None:
    assert world.call("POST", "/silences", token=READER, json=DRILL).status_code == 403
    assert world.call("GET", "/silences", token=WRITER).status_code == 403
    made = world.call("POST", "/silences", token=WRITER, json=DRILL).json_body
    assert made["author"] == "writer"
    assert world.call("DELETE", f"/silences/{made['id']}", token=READER).status_code == 403


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["field", "patterns", "not"]), inner),
    max_leaves=6,
)
MATCHERS = st.lists(
    st.fixed_dictionaries(
        {"field": st.sampled_from([*Field, "name"]), "patterns": st.sampled_from(["HIGH", "a*", ["x"]]) | JSON},
        optional={"key": st.text(max_size=3), "not": st.booleans()},
    )
    | JSON,
    max_size=3,
)
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "matchers": MATCHERS | JSON,
        "everything": st.booleans() | JSON,
        "duration": st.sampled_from(["1h", "31d"]) | JSON,
        "starts_at": st.integers() | JSON,
        "ends_at": st.integers(NOW, NOW + DAY) | st.datetimes().map(lambda moment: moment.isoformat()) | JSON,
        "reason": st.text(max_size=9) | JSON,
        "author": st.text(max_size=9) | JSON,
    },
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES | JSON)
def test_any_body_makes_a_silence_or_is_refused(world: World, body: object) -> None:
    headers = {"content-type": "application/json"}
    for path in ("/silences", "/silences/preview"):
        status, answer = invoke(gateway_event("POST", path, headers=headers, body=json.dumps(body)))

        assert status in {200, 201, 400}
        assert ("error" in answer) is (status == 400)
