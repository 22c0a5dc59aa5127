"""GET /events and GET /events/{event_id}."""

import base64
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.aws_console import Console
from chalicelib.domain.pagination import Cursor
from chalicelib.domain.queries import EventQuery
from chalicelib.domain.timestamps import DAY, iso
from tests.app.world import World, gateway_event, invoke
from tests.fakes import NOW
from tests.sources.samples import load

MIDNIGHT = NOW // DAY * DAY
EVENT = {
    "id",
    "account",
    "account_name",
    "region",
    "source",
    "detail_type",
    "kind",
    "resources",
    "severity",
    "signal",
    "title",
    "fingerprint",
    "resource",
    "link",
    "lines",
    "published_at",
    "received_at",
    "updated_at",
    "expired_at",
    "outcome",
    "change",
}


def ids(body: Any) -> list[str]:
    return [each["id"] for each in body["items"]]


def problems(body: Any) -> dict[str, str]:
    return {each["field"]: each["message"] for each in body["error"]["details"]}


def test_an_empty_table_is_an_empty_page(world: World) -> None:
    assert world.get("/events").json_body == {"items": [], "limit": 50, "next": None, "previous": None}


def test_a_list_shows_events_without_their_detail(world: World) -> None:
    record = world.take()

    (shown,) = world.get("/events").json_body["items"]

    assert shown.keys() == EVENT
    assert shown["id"] == record.event.id
    assert shown["severity"] == "UNKNOWN"
    assert shown["published_at"] == shown["received_at"] == shown["updated_at"] == iso(NOW)
    assert shown["expired_at"] == iso(NOW + 90 * DAY)
    assert shown["change"] == "opened"
    assert shown["outcome"] == {
        "status": "delivered",
        "reason": "first",
        "decided_by": "monitoring",
        "deliveries": {"monitoring": "delivered"},
    }


def test_links_lead_through_the_portal_that_is_set(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    record = world.hub.ingest(load("error_logs-python") | {"time": iso(NOW)})
    console = Console("https://example.awsapps.com/start", "ReadOnlyAccess")
    monkeypatch.setattr(world.hub, "settings", replace(world.hub.settings, console=console))

    (listed,) = world.get("/events").json_body["items"]

    assert listed["link"].startswith("https://example.awsapps.com/start/#/console?account_id=111122223333&role_name=")
    assert world.get(f"/events/{record.event.id}").json_body["link"] == listed["link"]


def test_the_id_that_the_list_shows_can_be_fetched_and_has_the_detail(world: World) -> None:
    world.take(fields={"detail": {"order": 7, "why": ["lost"]}})
    (event_id,) = ids(world.get("/events").json_body)

    answer = world.get(f"/events/{event_id}")

    assert answer.status_code == 200
    assert answer.json_body.keys() == EVENT | {
        "detail",
        "notifications",
        "severity_by",
        "source_severity",
        "annotation",
    }
    assert answer.json_body["detail"] == {"order": 7, "why": ["lost"]}


@pytest.mark.parametrize("event_id", ["1760000000-" + "0" * 32, "nonsense", "%2e%2e", "x" * 5_000])
def test_an_id_that_nobody_has_is_not_found(world: World, event_id: str) -> None:
    answer = world.get(f"/events/{event_id}")

    assert answer.status_code == 404
    assert answer.json_body["error"]["code"] == "not_found"


def test_the_newest_event_comes_first_unless_requested_otherwise(world: World) -> None:
    old, new = (world.take(at).event.id for at in (NOW - 60, NOW))

    assert ids(world.get("/events").json_body) == [new, old]
    assert ids(world.get("/events", direction="asc").json_body) == [old, new]


def test_pages_lead_forward_and_back_over_all_events(world: World) -> None:
    taken = [world.take(NOW - ago).event.id for ago in range(5)]

    first = world.get("/events", limit=2).json_body
    second = world.get("/events", limit=2, cursor=first["next"]).json_body
    third = world.get("/events", limit=2, cursor=second["next"]).json_body
    back = world.get("/events", limit=2, cursor=third["previous"]).json_body

    assert ids(first) + ids(second) + ids(third) == taken
    assert first["previous"] is None
    assert third["next"] is None
    assert back["items"] == second["items"]
    assert second["previous"] not in {first["next"], second["next"]}


@pytest.mark.parametrize("start", [str(NOW), iso(NOW), iso(NOW).removesuffix("Z"), iso(NOW).replace("Z", "+00:00")])
def test_a_start_is_inclusive_however_it_is_written(world: World, start: str) -> None:
    world.take(NOW - 1)
    wanted = world.take(NOW).event.id

    assert ids(world.get("/events", start_date=start).json_body) == [wanted]


@pytest.mark.parametrize("end", [str(NOW), iso(NOW), iso(NOW).replace("Z", ".999Z")])
def test_an_end_is_inclusive_to_its_last_second(world: World, end: str) -> None:
    wanted = world.take(NOW).event.id
    world.take(NOW + 1)

    assert ids(world.get("/events", end_date=end).json_body) == [wanted]


def test_a_start_alone_and_an_end_alone_are_enough(world: World) -> None:
    old, new = (world.take(at).event.id for at in (NOW - 60, NOW))

    assert ids(world.get("/events", start_date=NOW - 30).json_body) == [new]
    assert ids(world.get("/events", end_date=NOW - 30).json_body) == [old]


def test_a_date_alone_means_the_whole_day(world: World) -> None:
    world.clock.time = MIDNIGHT + DAY + 60
    first, last = (world.take(at).event.id for at in (MIDNIGHT, MIDNIGHT + DAY - 1))
    world.take(MIDNIGHT - 1)
    world.take(MIDNIGHT + DAY)
    day = iso(MIDNIGHT)[:10]

    assert ids(world.get("/events", start_date=day, end_date=day).json_body) == [last, first]


def test_eight_digits_are_epoch_seconds_and_no_date(world: World) -> None:
    wanted = world.take().event.id

    assert ids(world.get("/events", start_date="20260101").json_body) == [wanted]


def test_an_offset_that_is_not_escaped_is_refused_with_the_remedy(world: World) -> None:
    answer = world.client.http.get(
        "/events?start_date=2026-01-01T00:00:00+01:00", headers={"Authorization": "Bearer both-token"}
    )

    assert "%2B" in problems(answer.json_body)["start_date"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("account", "444455556666"),
        ("account", "*"),
        ("region", "us-east-1"),
        ("source", "custom.other shop"),
    ],
)
def test_a_filter_shows_what_fits_it_and_nothing_else(world: World, name: str, value: str) -> None:
    world.take()
    wanted = world.take(fields={name: value}).event.id

    assert ids(world.get("/events", **{name: value}).json_body) == [wanted]


def test_a_fingerprint_shows_the_events_of_one_problem(world: World) -> None:
    world.take(fields={"detail-type": "Order Found"})
    record = world.take()

    assert ids(world.get("/events", fingerprint=record.event.fingerprint).json_body) == [record.event.id]


@pytest.mark.parametrize("severity", ["high", "HIGH", "High"])
def test_a_minimum_of_severity_is_the_least_one_by_name(world: World, severity: str) -> None:
    world.take()
    finding = {"id": "f", "severity": 8.0, "title": "t"}
    wanted = world.take(
        fields={"source": "aws.guardduty", "detail-type": "GuardDuty Finding", "detail": finding}
    ).event.id

    assert ids(world.get("/events", min_severity=severity).json_body) == [wanted]
    assert ids(world.get("/events", severity=severity).json_body) == [wanted]


@pytest.mark.parametrize("severity", ["UNKNOWN", "unknown"])
def test_an_unknown_minimum_of_severity_filters_nothing(world: World, severity: str) -> None:
    assert ids(world.get("/events", min_severity=severity).json_body) == []
    wanted = world.take().event.id

    assert ids(world.get("/events", min_severity=severity).json_body) == [wanted]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("start_date", "yesterday"),
        ("start_date", "-1"),
        ("start_date", "9" * 5_000),
        ("start_date", "253402300800"),
        ("start_date", "٣"),
        ("end_date", "2026-02-30"),
        ("end_date", ""),
        ("limit", "0"),
        ("limit", "101"),
        ("limit", "ten"),
        ("limit", "1.0"),
        ("limit", "٣"),
        ("limit", ""),
        ("direction", "down"),
        ("direction", ""),
        ("account", "12345"),
        ("account", "1111222233334"),
        ("account", "١١١١٢٢٢٢٣٣٣٣"),
        ("account", ""),
        ("region", "eu west 1"),
        ("region", ""),
        ("source", ""),
        ("source", "a" * 129),
        ("source", "a\nb"),
        ("severity", "3"),
        ("min_severity", "bad"),
        ("kind", ""),
        ("q", ""),
        ("q", "a" * 101),
        ("account_name", ""),
        ("severity", "-1"),
        ("severity", "bad"),
        ("severity", ""),
        ("fingerprint", "abc"),
        ("fingerprint", ""),
        ("cursor", ""),
        ("cursor", "!"),
        ("cursor", "a" * 513),
    ],
)
def test_a_parameter_that_cannot_be_is_refused_by_name(world: World, name: str, value: str) -> None:
    answer = world.get("/events", **{name: value})

    assert answer.status_code == 400
    assert answer.json_body["error"]["code"] == "bad_request"
    assert problems(answer.json_body).keys() == {name}


def test_everything_that_is_wrong_is_reported_at_once(world: World) -> None:
    wrong = [("limit", "0"), ("account", "x"), ("sevrity", "high"), ("region", "a"), ("region", "b"), ("cursor", "?")]

    answer = world.call("GET", "/events", [*wrong, ("start_date", NOW), ("end_date", NOW - 1)])

    announced = problems(answer.json_body)
    assert announced.keys() == {"limit", "account", "sevrity", "region", "cursor", "end_date"}
    assert announced["region"] == "is given more than once"
    assert announced["end_date"] == "lies before start_date"
    assert "severity" in announced["sevrity"]


def test_a_start_at_the_end_is_one_second(world: World) -> None:
    assert world.get("/events", start_date=NOW, end_date=NOW).status_code == 200


@pytest.mark.parametrize(
    "path", ["/events/1760000000-" + "0" * 32, "/agents/111122223333-eu-west-1", "/health", "/openapi.json"]
)
def test_a_parameter_that_a_route_does_not_know_is_refused(world: World, path: str) -> None:
    answer = world.get(path, account="111122223333")

    assert answer.status_code == 400
    assert problems(answer.json_body).keys() == {"account"}


def written(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "abc",
        "AAAA",
        written({}),
        written([]),
        written([1, True, ""]),
        written(["", True, EventQuery().filters]),
        written(["ü", True, EventQuery().filters]),
        written(["1760000000", 1, EventQuery().filters]),
        base64.urlsafe_b64encode(b"[" * 380).decode().rstrip("="),
    ],
)
def test_a_damaged_cursor_is_refused(world: World, cursor: str) -> None:
    answer = world.get("/events", cursor=cursor)

    assert answer.status_code == 400
    assert problems(answer.json_body) == {"cursor": "is damaged; use `next` or `previous` as the list returned it"}


def test_a_cursor_of_other_filters_is_refused(world: World) -> None:
    cursor = Cursor("1760000000-" + "0" * 32).encode(EventQuery(account="111122223333").filters)

    answer = world.get("/events", cursor=cursor, account="444455556666")

    assert answer.status_code == 400
    assert "other filters" in problems(answer.json_body)["cursor"]


def test_a_cursor_may_be_used_with_another_limit(world: World) -> None:
    for ago in range(5):
        world.take(NOW - ago)
    cursor = world.get("/events", limit=2).json_body["next"]

    assert len(world.get("/events", limit=3, cursor=cursor).json_body["items"]) == 3


NAMES = st.sampled_from(
    [
        *("start_date", "end_date", "limit", "direction", "cursor", "account", "account_name", "region", "source"),
        *("kind", "q", "severity", "min_severity", "fingerprint", "outcome"),
    ]
)
PLAUSIBLE = st.sampled_from(["1", "2026-01-01", "asc", "111122223333", "HIGH", "eu-west-1", "0" * 32, written([])])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.dictionaries(NAMES | st.text(), st.lists(PLAUSIBLE | st.text(), min_size=1, max_size=2), max_size=5))
def test_any_query_is_answered_or_refused_and_never_an_error_of_ours(world: World, query: dict[str, list[str]]) -> None:
    status, body = invoke(gateway_event("GET", "/events", multiValueQueryStringParameters=query))

    assert status in {200, 400}
    if status == 200:
        assert body.keys() == {"items", "limit", "next", "previous"}
    else:
        assert body["error"]["code"] == "bad_request"
        assert body["error"]["details"]
