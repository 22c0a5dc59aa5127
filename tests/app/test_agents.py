"""The agents' routes."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.agents.agent import Agent, AgentStatus
from chalicelib.domain.errors import Conflict
from chalicelib.domain.pagination import Cursor
from chalicelib.domain.timestamps import iso
from tests.app.test_events import problems, written
from tests.app.world import World, gateway_event, invoke
from tests.fakes import NOW

ID = "111122223333-eu-west-1"
NEW = {"account": "111122223333", "region": "eu-west-1", "name": "Shop"}


def beat(world: World, account: str, region: str = "eu-west-1", **more: Any) -> None:
    """Have an agent report, as its first heartbeat does."""
    detail = {
        "at": NOW,
        "heartbeat_seconds": 300,
        "name": "Shop",
        "version": "1",
        "commit": "abc1234",
        "log_group_count": 3,
        "scan_tag": "team",
    } | more
    raw = {"id": account + region, "source": "monitoring.agent.heartbeat", "detail-type": "Heartbeat"}
    world.hub.receive(raw | {"account": account, "region": region, "time": iso(NOW), "detail": detail})


def test_an_agent_that_reported_is_shown_whole(world: World) -> None:
    beat(world, "111122223333")

    assert world.get(f"/agents/{ID}").json_body == {
        "id": ID,
        "account": "111122223333",
        "region": "eu-west-1",
        "name": "Shop",
        "status": "active",
        "deployment": None,
        "deployed_at": None,
        "heartbeat_at": iso(NOW),
        "heartbeat_seconds": 300,
        "version": "1",
        "commit": "abc1234",
        "log_group_count": 3,
        "scan_tag": "team",
        "created_at": iso(NOW),
        "coverage": None,
    }


def test_two_regions_of_an_account_are_two_agents(world: World) -> None:
    beat(world, "111122223333")
    beat(world, "111122223333", "us-east-1")

    listed = world.get("/agents").json_body["items"]

    assert [each["id"] for each in listed] == [ID, "111122223333-us-east-1"]


def test_agents_past_a_hundred_can_be_listed(world: World) -> None:
    for number in range(105):
        beat(world, f"{number:012d}")

    first = world.get("/agents", limit=100).json_body
    second = world.get("/agents", limit=100, cursor=first["next"]).json_body
    back = world.get("/agents", limit=100, cursor=second["previous"]).json_body

    assert (len(first["items"]), len(second["items"])) == (100, 5)
    assert (first["previous"], second["next"]) == (None, None)
    assert back["items"] == first["items"]


def test_a_page_of_agents_has_fifty_by_default(world: World) -> None:
    assert world.get("/agents").json_body == {"items": [], "limit": 50, "next": None, "previous": None}


def test_a_cursor_of_the_list_of_events_is_refused(world: World) -> None:
    answer = world.get("/agents", cursor=Cursor(ID).encode("events"))

    assert answer.status_code == 400
    assert problems(answer.json_body).keys() == {"cursor"}


@pytest.mark.parametrize(("name", "value"), [("limit", "0"), ("limit", "101"), ("cursor", written([])), ("state", "x")])
def test_a_parameter_that_cannot_be_is_refused_by_name(world: World, name: str, value: str) -> None:
    answer = world.get("/agents", **{name: value})

    assert answer.status_code == 400
    assert problems(answer.json_body).keys() == {name}


def test_an_agent_can_be_registered_before_it_reports(world: World) -> None:
    answer = world.call("POST", "/agents", json=NEW)

    assert answer.status_code == 201
    assert answer.headers["Location"] == f"agents/{ID}"
    assert answer.json_body["status"] == "expected"
    assert answer.json_body | {"coverage": None} == world.get(f"/agents/{ID}").json_body


def test_a_new_agent_needs_no_name(world: World) -> None:
    answer = world.call("POST", "/agents", json={"account": "111122223333", "region": "us-gov-west-1"})

    assert answer.status_code == 201
    assert answer.json_body["name"] is None


def test_an_agent_that_is_there_already_is_a_conflict(world: World) -> None:
    world.call("POST", "/agents", json=NEW)

    answer = world.call("POST", "/agents", json=NEW)

    assert answer.status_code == 409
    assert answer.json_body["error"]["code"] == "conflict"


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"account", "region"}),
        (NEW | {"account": 111122223333}, {"account"}),
        (NEW | {"account": "1" * 13}, {"account"}),
        (NEW | {"account": "*"}, {"account"}),
        (NEW | {"region": "Europe"}, {"region"}),
        (NEW | {"region": None}, {"region"}),
        (NEW | {"region": "eu-west-1" * 1_000}, {"region"}),
        (NEW | {"name": "n" * 65}, {"name"}),
        (NEW | {"name": "two\nlines"}, {"name"}),
        (NEW | {"name": ["Shop"]}, {"name"}),
        (NEW | {"status": "active"}, {"status"}),
        ({"account": "x", "nam": "Shop"}, {"account", "region", "nam"}),
    ],
)
def test_all_fields_that_are_wrong_are_reported_at_once(world: World, body: dict[str, Any], wrong: set[str]) -> None:
    answer = world.call("POST", "/agents", json=body)

    assert answer.status_code == 400
    assert problems(answer.json_body).keys() == wrong
    assert world.store.agents.items == {}


def test_an_agent_can_be_renamed(world: World) -> None:
    beat(world, "111122223333")

    answer = world.call("PATCH", f"/agents/{ID}", json={"name": "Till"})

    assert answer.status_code == 200
    assert answer.json_body["name"] == "Till"
    assert world.get(f"/agents/{ID}").json_body["name"] == "Till"


@pytest.mark.parametrize(("body", "wrong"), [({}, {"name"}), ({"name": None}, {"name"}), (NEW, {"account", "region"})])
def test_nothing_but_the_name_can_be_changed(world: World, body: dict[str, Any], wrong: set[str]) -> None:
    beat(world, "111122223333")

    answer = world.call("PATCH", f"/agents/{ID}", json=body)

    assert answer.status_code == 400
    assert problems(answer.json_body).keys() == wrong


def test_an_agent_that_changes_while_it_is_renamed_is_a_conflict(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    beat(world, "111122223333")

    def lose(agent: Agent) -> None:
        raise Conflict(f"Agent {agent.id} was updated concurrently; try again.")

    monkeypatch.setattr(world.store.agents, "save", lose)

    assert world.call("PATCH", f"/agents/{ID}", json={"name": "Till"}).status_code == 409


def test_an_agent_can_be_forgotten(world: World) -> None:
    beat(world, "111122223333")

    answer = world.call("DELETE", f"/agents/{ID}")

    assert (answer.status_code, answer.body) == (204, b"")
    assert world.get(f"/agents/{ID}").status_code == 404


@pytest.mark.parametrize(
    "agent_id", [ID, "nonsense", "1-eu-west-1", "111122223333-", "1" * 13 + "-eu-west-1", "x" * 5_000]
)
@pytest.mark.parametrize(("method", "more"), [("GET", {}), ("PATCH", {"json": {"name": "Till"}}), ("DELETE", {})])
def test_an_agent_that_is_not_there_is_not_found(
    world: World, method: str, agent_id: str, more: dict[str, Any]
) -> None:
    answer = world.call(method, f"/agents/{agent_id}", **more)

    assert answer.status_code == 404
    assert answer.json_body["error"]["code"] == "not_found"


def test_a_removed_agent_is_still_shown(world: World) -> None:
    world.store.agents.save(replace(Agent(account="111122223333", region="eu-west-1"), status=AgentStatus.REMOVED))

    assert world.get(f"/agents/{ID}").json_body["status"] == "removed"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["account", "name"]), inner),
    max_leaves=5,
)
FIELDS = st.sampled_from(["account", "region", "name"]) | st.text()
VALUES = st.sampled_from(["111122223333", "eu-west-1", "Shop"]) | JSON


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.dictionaries(FIELDS, VALUES, max_size=4) | JSON)
def test_any_body_is_taken_or_refused_and_never_an_error_of_ours(world: World, body: object) -> None:
    world.store.agents.items.clear()
    event = gateway_event("POST", "/agents", headers={"content-type": "application/json"}, body=json.dumps(body))

    status, answer = invoke(event)

    assert status in {201, 400}
    assert ("error" in answer) is (status == 400)
