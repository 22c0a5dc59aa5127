"""What lists can be filtered by, beyond one value for one field; and names beside ids."""

from typing import Any

import pytest

from chalicelib.domain.agents.agent import Agent, AgentStatus
from tests.app.test_agents import beat
from tests.app.test_events import ids, problems
from tests.app.world import World, gateway_event, invoke
from tests.fakes import NOW

FINDING = {"source": "aws.guardduty", "detail-type": "GuardDuty Finding"}


def finding(world: World, severity: float, **fields: Any) -> str:
    """Take in a GuardDuty finding, and return its event's id."""
    detail = {"id": f"finding-{severity}", "severity": severity, "title": f"Finding of {severity}"}
    return world.take(fields=FINDING | {"detail": detail} | fields).event.id


@pytest.fixture
def findings(world: World) -> dict[str, str]:
    """Return the ids of a finding of each severity that GuardDuty knows."""
    return {name: finding(world, at) for name, at in {"LOW": 2.0, "MEDIUM": 5.0, "HIGH": 8.0, "CRITICAL": 9.5}.items()}


@pytest.mark.parametrize("wanted", [["HIGH"], ["LOW", "CRITICAL"], ["CRITICAL", "LOW", "LOW"]])
@pytest.mark.parametrize("path", ["/events", "/alerts"])
def test_a_severity_is_exact_and_may_be_repeated(
    world: World, findings: dict[str, str], path: str, wanted: list[str]
) -> None:
    answer = world.call("GET", path, [("severity", each) for each in wanted]).json_body

    assert {each["severity"] for each in answer["items"]} == set(wanted)
    assert len(answer["items"]) == len(set(wanted))


def test_several_severities_arrive_through_the_gateway(world: World, findings: dict[str, str]) -> None:
    query = {"severity": ["LOW", "HIGH"], "min_severity": ["MEDIUM"]}

    _, body = invoke(gateway_event("GET", "/events", multiValueQueryStringParameters=query))

    assert ids(body) == [findings["HIGH"]]


def test_a_cursor_goes_with_the_same_values_in_any_order(world: World, findings: dict[str, str]) -> None:
    first = world.call("GET", "/events", [("severity", "LOW"), ("severity", "HIGH"), ("limit", 1)]).json_body
    query = [("severity", "HIGH"), ("severity", "LOW"), ("severity", "HIGH"), ("limit", 1), ("cursor", first["next"])]

    second = world.call("GET", "/events", query)

    assert second.status_code == 200
    assert {*ids(first), *ids(second.json_body)} == {findings["LOW"], findings["HIGH"]}
    other = world.call("GET", "/events", [("severity", "HIGH"), ("cursor", first["next"])])
    assert problems(other.json_body).keys() == {"cursor"}


@pytest.mark.parametrize("name", ["kind", "q", "min_severity", "account_name", "limit", "start_date"])
def test_a_single_value_may_not_be_repeated(world: World, name: str) -> None:
    value = {"min_severity": "LOW", "limit": 5, "start_date": NOW}.get(name, "x")

    answer = world.call("GET", "/events", [(name, value), (name, value)])

    assert problems(answer.json_body) == {name: "is given more than once"}


def test_a_kind_is_one_kind_of_events_and_alerts(world: World, findings: dict[str, str]) -> None:
    world.take()

    for path in ("/events", "/alerts"):
        assert {each["kind"] for each in world.get(path, kind="guardduty").json_body["items"]} == {"guardduty"}
        assert len(world.get(path, kind="custom").json_body["items"]) == 1
        assert world.get(path, kind="guard").json_body["items"] == []


@pytest.mark.parametrize(("text", "count"), [("finding of 8", 1), ("FINDING", 4), ("of 8.0x", 0)])
def test_text_is_found_in_titles_in_any_letter_case(
    world: World, findings: dict[str, str], text: str, count: int
) -> None:
    world.take()

    for path in ("/events", "/alerts"):
        assert len(world.get(path, q=text).json_body["items"]) == count


@pytest.fixture
def accounts(world: World) -> None:
    """Have agents in three accounts, two of which have one name."""
    for account, name in (("111122223333", "shop"), ("444455556666", "till"), ("777788889999", "shop")):
        beat(world, account, name=name)
        world.take(fields={"account": account, "detail-type": f"Order of {account}"})


@pytest.mark.usefixtures("accounts")
@pytest.mark.parametrize("path", ["/events", "/alerts"])
@pytest.mark.parametrize(
    ("name", "wanted"),
    [("shop", {"111122223333", "777788889999"}), ("till", {"444455556666"}), ("nobody", set())],
)
def test_an_account_can_be_chosen_by_its_name(world: World, path: str, name: str, wanted: set[str]) -> None:
    listed = world.get(path, account_name=name).json_body

    assert {each["account"] for each in listed["items"]} == wanted
    assert {each["account_name"] for each in listed["items"]} <= {name}
    assert listed["next"] is None


@pytest.mark.usefixtures("accounts")
def test_names_stand_beside_the_ids_of_accounts(world: World) -> None:
    (event,) = world.get("/events", account="444455556666").json_body["items"]
    (notification,) = world.get(f"/events/{event['id']}").json_body["notifications"]
    alert = world.get(f"/alerts/{event['fingerprint']}").json_body

    named = [event, notification, alert, *alert["locations"]]
    assert [each["account_name"] for each in named] == ["till"] * 4


@pytest.mark.usefixtures("accounts")
def test_a_public_event_is_of_no_account_with_a_name(world: World) -> None:
    world.take(fields={"account": "*"})

    (event,) = world.get("/events", account="*").json_body["items"]

    assert (event["account"], event["account_name"]) == ("*", None)


@pytest.mark.usefixtures("accounts")
@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ([("name", "shop")], ["111122223333", "777788889999"]),
        ([("account", "444455556666")], ["444455556666"]),
        ([("region", "us-east-1")], []),
        ([("status", "active")], ["111122223333", "444455556666", "777788889999"]),
        ([("status", "stale"), ("status", "expected")], ["999900001111"]),
    ],
)
def test_agents_are_filtered(world: World, query: list[tuple[str, str]], wanted: list[str]) -> None:
    world.store.agents.save(Agent(account="999900001111", region="eu-west-1", status=AgentStatus.EXPECTED))

    listed = world.call("GET", "/agents", query).json_body["items"]

    assert [each["account"] for each in listed] == wanted


def test_pages_of_agents_keep_to_their_filters(world: World) -> None:
    for number in range(3):
        beat(world, f"{number:012d}", name="shop" if number != 1 else "till")
    first = world.get("/agents", name="shop", limit=1).json_body

    second = world.get("/agents", name="shop", limit=1, cursor=first["next"]).json_body

    assert [each["account"] for each in second["items"]] == ["000000000002"]
    assert problems(world.get("/agents", cursor=first["next"]).json_body).keys() == {"cursor"}


def test_nothing_is_null_and_never_an_empty_text(world: World) -> None:
    event_id = world.take(fields={"region": ""}).event.id
    fingerprint = world.get(f"/events/{event_id}").json_body["fingerprint"]
    world.call("POST", "/agents", json={"account": "111122223333", "region": "eu-west-1"})

    for path in (f"/events/{event_id}", f"/alerts/{fingerprint}", "/agents/111122223333-eu-west-1", "/notifications"):
        assert '""' not in world.get(path).body.decode()
