"""docs/api.md says what the API does, no less and no more."""

import re

import pytest

import app
from chalicelib import api
from chalicelib.api import requests
from chalicelib.api.requests import alerts, silences
from chalicelib.api.requests import coverage as coverage_requests
from chalicelib.domain.agents.agent import AgentStatus
from chalicelib.domain.alerts.alert import Change, Status
from chalicelib.domain.events.event import Severity, Signal
from chalicelib.domain.notifications.notification import Delivery, Reason
from chalicelib.domain.routing.matchers import Field
from chalicelib.services.alerting.alerts import LEADS_TO, NEWEST
from tests.app.test_agents import ID, beat
from tests.app.test_coverage import COVERAGE
from tests.app.world import ROOT, World, views

TEXT = (ROOT / "docs" / "api.md").read_text()
# The text below each heading of a route.
ROUTES = dict(re.findall(r"^### `(\w+ \S+)`\n(.*?)(?=^##|\Z)", TEXT, re.MULTILINE | re.DOTALL))
VIEWS = views()


def table(text: str, heading: str) -> set[str]:
    """Return the names in the first column of the tables under a heading."""
    rows = re.findall(rf"^\| {heading} \|.*\n\|.*\n((?:\|.*\n)*)", text, re.MULTILINE)
    return {name for row in "".join(rows).splitlines() for name in re.findall(r"`([^`]+)`", row.split("|")[1])}


def test_every_route_is_described_and_no_other() -> None:
    assert ROUTES.keys() == VIEWS.keys()


@pytest.mark.parametrize("route", sorted(VIEWS))
def test_every_route_says_its_scope(route: str) -> None:
    scope = VIEWS[route].scope

    assert ROUTES[route].strip().startswith(f"Scope `{scope}`." if scope else "No token.")


def test_every_parameter_is_described_and_no_other() -> None:
    described = {route: table(text, "Parameter") for route, text in ROUTES.items()}

    assert described.pop("GET /events") == set(requests.EVENT_PARAMETERS)
    assert described.pop("GET /alerts") == set(alerts.ALERT_PARAMETERS)
    assert described.pop("GET /notifications") == set(alerts.NOTIFICATION_PARAMETERS)
    assert described.pop("GET /silences") == set(silences.SILENCE_PARAMETERS)
    assert described.pop("GET /agents") == set(requests.PAGE_PARAMETERS)
    assert described.pop("GET /coverage") == set(coverage_requests.COVERAGE_PARAMETERS)
    assert not any(described.values())


def test_every_field_of_a_body_is_described_and_no_other() -> None:
    assert table(ROUTES["POST /agents"], "Field") == set(requests.AGENT_FIELDS)
    assert table(ROUTES["POST /silences"], "Field") == set(silences.SILENCE_FIELDS)
    assert table(ROUTES["PATCH /agents/{agent_id}"], "Field") == {"name"}
    assert table(ROUTES["POST /links/{token}"], "Field") == {"name"}
    for act in ("acknowledge", "resolve", "reopen"):
        assert table(ROUTES[f"POST /alerts/{{fingerprint}}/{act}"], "Field") == set(alerts.NOTE_FIELDS)
    assert table(ROUTES["POST /notifications/{notification_id}/redeliver"], "Field") == {"again"}


def test_every_field_of_an_event_is_described_and_no_other(world: World) -> None:
    event_id = world.take().event.id
    listed, whole = table(ROUTES["GET /events"], "Field"), table(ROUTES["GET /events/{event_id}"], "Field")

    assert listed == world.get("/events").json_body["items"][0].keys()
    assert listed | whole == world.get(f"/events/{event_id}").json_body.keys()


def test_every_field_of_an_alert_is_described_and_no_other(world: World) -> None:
    fingerprint = world.take().event.fingerprint
    shown = world.call("POST", f"/alerts/{fingerprint}/acknowledge").json_body
    listed, whole = table(ROUTES["GET /alerts"], "Field"), table(ROUTES["GET /alerts/{fingerprint}"], "Field")

    assert listed == world.get("/alerts").json_body["items"][0].keys() == shown.keys()
    assert listed | whole == world.get(f"/alerts/{fingerprint}").json_body.keys()
    for part in ("announcement", "marked"):
        assert [name for name in shown[part] if f"`{name}`" not in ROUTES["GET /alerts"]] == []


def test_every_field_of_a_notification_is_described_and_no_other(world: World) -> None:
    world.take()

    assert table(ROUTES["GET /notifications"], "Field") == world.get("/notifications").json_body["items"][0].keys()


def test_every_field_of_a_silence_is_described_and_no_other(world: World) -> None:
    made = world.call("POST", "/silences", json={"everything": True, "duration": "1h", "reason": "A drill."})

    assert table(ROUTES["GET /silences"], "Field") == made.json_body.keys()
    assert [name for name in Field if f"`{name}`" not in ROUTES["POST /silences"]] == []
    assert f"Up to {silences.MOST_MATCHERS} matchers" in ROUTES["POST /silences"]


def test_every_field_of_an_agent_is_described_and_no_other(world: World) -> None:
    beat(world, "111122223333")

    listed, whole = table(ROUTES["GET /agents"], "Field"), table(ROUTES["GET /agents/{agent_id}"], "Field")

    assert listed == world.get("/agents").json_body["items"][0].keys()
    assert listed | whole == world.get(f"/agents/{ID}").json_body.keys()


def test_every_member_of_a_coverage_is_described_and_no_other(world: World) -> None:
    beat(world, "111122223333", coverage=COVERAGE)
    (shown,) = world.get("/coverage").json_body["items"]
    coverage = shown["coverage"]

    assert table(ROUTES["GET /coverage"], "Field") == shown.keys()
    assert table(ROUTES["GET /coverage"], "Member") == coverage.keys()
    for part in (coverage["gaps"][0], coverage["spend"]):
        assert [name for name in part if f"`{name}`" not in ROUTES["GET /coverage"]] == []


def test_every_error_is_described_and_no_other() -> None:
    rows = re.findall(r"^\| (\d{3}) \| `(\w+)` \|", TEXT, re.MULTILINE)

    assert {int(status): code for status, code in rows} == api.CODES


@pytest.mark.parametrize(
    ("route", "words"),
    [
        ("GET /events", [each.name for each in Severity]),
        ("GET /events", [*Signal, *Change, *Delivery]),
        ("GET /alerts", [*Status, *(each.name.lower() for each in LEADS_TO)]),
        ("GET /notifications", [*Delivery]),
        ("GET /agents", [*AgentStatus]),
    ],
)
def test_every_word_that_a_field_can_hold_is_explained(route: str, words: list[str]) -> None:
    assert [word for word in words if f"`{word}`" not in ROUTES[route]] == []


def test_every_reason_is_explained_where_the_api_leads_its_readers() -> None:
    page = (ROOT / "docs" / "notifications.md").read_text()

    assert table(page, "reason") == set(Reason)


def test_the_limits_are_those_of_the_code() -> None:
    assert f"more than {requests.LARGEST_BODY:,} bytes" in TEXT
    assert f"up to {requests.LONGEST_NAME} characters" in TEXT
    assert f"up to {alerts.LONGEST_NOTE} characters" in TEXT
    assert NEWEST == 10
    assert f"and {app.authorize.config.ttl_seconds} seconds more" in TEXT
