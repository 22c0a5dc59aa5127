"""GET /coverage: what was scanned, what was not, and why."""

from typing import Any

import pytest

from chalicelib.domain.timestamps import DAY, iso
from tests.app.test_agents import ID, beat
from tests.app.test_alerts import problems
from tests.app.world import WRITER, World
from tests.fakes import NOW

SINCE = NOW - 3_600
COVERAGE: dict[str, Any] = {
    "since": SINCE,
    "watermark": NOW - 300,
    "late_watermark": NOW - 900,
    "gaps": [
        {"window": [SINCE + 600, SINCE + 900], "reason": "throttled", "tries": 2},
        {"window": [SINCE + 1_200, SINCE + 1_500], "reason": "truncated", "log_groups": ["/ecs/shop"]},
    ],
    "missing": ["/aws/lambda/gone"],
    "unresolved_count": 3,
    "access_denied": ["ecs"],
    "spend": {"midnight": NOW // DAY * DAY, "bytes": 5_000},
    "forecast": 9_000,
}


def requested(world: World, **query: Any) -> Any:
    (item,) = world.get("/coverage", **query).json_body["items"]
    return item["coverage"]


def span(*seconds: int) -> dict[str, str]:
    start, end = (iso(SINCE + each) for each in seconds)
    return {"start": start, "end": end}


def test_coverage_says_what_was_scanned_what_was_not_and_what_it_cost(world: World) -> None:
    beat(world, "111122223333", coverage=COVERAGE)

    (shown,) = world.get("/coverage").json_body["items"]

    all_groups = {"log_groups": None, "from": None, "to": None}
    assert shown == {
        "agent": ID,
        "account": "111122223333",
        "region": "eu-west-1",
        "name": "Shop",
        "status": "active",
        "coverage": {
            "since": iso(SINCE),
            "watermark": iso(NOW - 300),
            "late_watermark": iso(NOW - 900),
            "lag": 300,
            "scanned": [span(0, 600), span(900, 1_200), span(1_500, 3_300)],
            "gaps": [
                span(600, 900) | {"reason": "throttled", "tries": 2} | all_groups,
                span(1_200, 1_500) | {"reason": "truncated", "tries": 1} | all_groups | {"log_groups": ["/ecs/shop"]},
            ],
            "late_gaps": [],
            "missing": ["/aws/lambda/gone"],
            "unresolved_count": 3,
            "access_denied": ["ecs"],
            "spend": {"day": "2025-10-09", "bytes": 5_000, "budget": None, "forecast": 9_000},
        },
    }
    assert world.get(f"/agents/{ID}").json_body["coverage"] == shown["coverage"]


def test_of_one_log_group_only_what_concerns_it_counts(world: World) -> None:
    beat(world, "111122223333", coverage=COVERAGE)

    assert len(requested(world, log_group="/ecs/shop")["gaps"]) == 2
    other = requested(world, log_group="/aws/lambda/gone")
    assert [each["reason"] for each in other["gaps"]] == ["throttled"]
    assert other["scanned"] == [span(0, 600), span(900, 3_300)]
    assert (other["missing"], requested(world, log_group="/ecs/shop")["missing"]) == (["/aws/lambda/gone"], [])


def test_intervals_are_cut_to_the_time_requested(world: World) -> None:
    beat(world, "111122223333", coverage=COVERAGE)

    shown = requested(world, start_date=SINCE + 700, end_date=SINCE + 999)

    assert shown["scanned"] == [span(900, 1_000)]
    assert [(each["start"], each["end"]) for each in shown["gaps"]] == [(iso(SINCE + 700), iso(SINCE + 900))]


@pytest.mark.parametrize(
    ("query", "agents"),
    [
        ({}, 3),
        ({"account": "111122223333"}, 2),
        ({"region": "eu-west-1"}, 2),
        ({"account": "111122223333", "region": "us-east-1"}, 1),
        ({"agent": ID}, 1),
        ({"agent": "111122223333-eu-west-2"}, 0),
    ],
)
def test_agents_are_chosen_by_id_account_and_region(world: World, query: dict[str, str], agents: int) -> None:
    for account, region in [
        ("111122223333", "eu-west-1"),
        ("111122223333", "us-east-1"),
        ("444455556666", "eu-west-1"),
    ]:
        beat(world, account, region)

    shown = world.get("/coverage", **query).json_body["items"]

    assert len(shown) == agents
    assert [each["coverage"] for each in shown] == [None] * agents


def test_pages_lead_on_and_back_under_the_same_filters(world: World) -> None:
    for number in range(5):
        beat(world, "111122223333", f"eu-west-{number}")

    first = world.get("/coverage", limit=2, account="111122223333").json_body
    second = world.get("/coverage", limit=2, account="111122223333", cursor=first["next"]).json_body
    back = world.get("/coverage", limit=2, account="111122223333", cursor=second["previous"]).json_body

    assert [each["region"] for each in second["items"]] == ["eu-west-2", "eu-west-3"]
    assert back["items"] == first["items"]
    assert world.get("/coverage", cursor=first["next"]).status_code == 400


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"agent": "here"}, "agent"),
        ({"agent": ID, "account": "111122223333"}, "agent"),
        ({"account": "*"}, "account"),
        ({"log_group": "a b"}, "log_group"),
        ({"log_group": "x" * 513}, "log_group"),
        ({"start_date": "2026-02-01", "end_date": "2026-01-01"}, "end_date"),
        ({"severity": "HIGH"}, "severity"),
    ],
)
def test_what_cannot_be_requested_is_refused(world: World, query: dict[str, str], field: str) -> None:
    answer = world.get("/coverage", **query)

    assert answer.status_code == 400
    assert problems(answer.json_body).keys() == {field}


def test_coverage_needs_the_scope_to_read(world: World) -> None:
    assert world.call("GET", "/coverage", token=WRITER).status_code == 403
    assert world.call("GET", "/coverage", token="").status_code == 401
