"""The OpenAPI document describes every route, parameter, field and error; what is served is what is documented."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

import app
from chalicelib import release
from chalicelib.api import openapi
from chalicelib.api.errors import CODES
from chalicelib.api.openapi import JSON
from infra.openapi import DOCUMENT, text
from tests.app.world import World, gateway_event, invoke, views

WRITTEN: dict[str, Any] = json.loads(text())
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, methods in WRITTEN["paths"].items()
    for method, operation in methods.items()
}


def test_the_document_in_the_repository_is_that_of_the_code() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == text(), "run `make openapi`"


def test_the_document_is_valid() -> None:
    validate(WRITTEN)


def test_the_document_is_served_without_a_token_with_the_address_it_came_to(world: World) -> None:
    served = world.client.http.get("/openapi.json").json_body

    assert served | {"servers": []} == WRITTEN | {"servers": []}


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({"host": "abc.execute-api.eu-west-1.amazonaws.com"}, "https://abc.execute-api.eu-west-1.amazonaws.com/api"),
        ({"host": "127.0.0.1:8000"}, "http://127.0.0.1:8000/api"),
        ({"host": "monitoring.example.com", "x-forwarded-proto": "https"}, "https://monitoring.example.com/api"),
        ({"host": '"><script>'}, "."),
        ({}, "."),
    ],
)
def test_the_server_is_the_stage_that_was_called(world: World, headers: dict[str, str], address: str) -> None:
    event = gateway_event("GET", "/openapi.json", headers=headers)
    event["requestContext"]["path"] = "/api/openapi.json"

    assert invoke(event)[1]["servers"] == [{"url": address, "description": "This stage."}]


def test_every_route_is_described_and_no_other() -> None:
    assert OPERATIONS.keys() == views().keys()


@pytest.mark.parametrize("route", sorted(OPERATIONS))
def test_every_route_has_an_id_a_summary_its_scope_and_its_errors(route: str) -> None:
    operation, scope = OPERATIONS[route], views()[route].scope

    assert operation["operationId"].isidentifier()
    assert 0 < len(operation["summary"]) <= 100
    assert operation["security"] == ([{"bearer": [scope]}] if scope else [])
    assert {"500"} <= operation["responses"].keys()
    assert {"401", "403"} <= operation["responses"].keys() or not scope


def test_ids_of_operations_are_unique() -> None:
    ids = [each["operationId"] for each in OPERATIONS.values()]

    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("route", sorted(OPERATIONS))
def test_every_parameter_says_what_it_is(route: str) -> None:
    for parameter in OPERATIONS[route].get("parameters", []):
        assert parameter["in"] == "path" or parameter["description"]
        assert "title" not in parameter["schema"]


@pytest.mark.parametrize("name", ["severity", "status"])
def test_what_may_be_repeated_is_a_form_that_explodes(name: str) -> None:
    (parameter,) = [each for each in OPERATIONS["GET /alerts"]["parameters"] if each["name"] == name]

    assert (parameter["style"], parameter["explode"], parameter["schema"]["type"]) == ("form", True, "array")


def test_every_error_is_in_the_one_shape() -> None:
    responses = WRITTEN["components"]["responses"]

    assert responses.keys() == {CODES[status] for status in openapi.WHEN}
    for response in responses.values():
        assert response["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/FailureResponse"}


def examples(node: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield each schema that stands beside an example of it."""
    if isinstance(node, dict):
        if "schema" in node and "example" in node:
            yield node["schema"], node["example"]
        for each in node.values():
            yield from examples(each)
    elif isinstance(node, list):
        for each in node:
            yield from examples(each)


def test_every_example_fits_its_schema() -> None:
    found = list(examples(WRITTEN))

    assert len(found) > 30
    for schema, example in found:
        Draft202012Validator(schema | {"components": WRITTEN["components"]}).validate(example)


def test_the_address_is_the_only_thing_that_depends_on_the_stage() -> None:
    here, there = (openapi.document(app.app, release.VERSION, url) for url in ("/api", "https://example.com"))

    assert [name for name in here if here[name] != there[name]] == ["servers"]


WITH_BODY = [
    route for route in sorted(OPERATIONS) if JSON in OPERATIONS[route].get("requestBody", {}).get("content", {})
]


@pytest.mark.parametrize("route", WITH_BODY)
def test_every_example_of_a_body_is_one_that_is_taken(world: World, route: str) -> None:
    example = OPERATIONS[route]["requestBody"]["content"][JSON]["example"]

    answer = world.call(*a_call(route), json=example)

    assert answer.status_code in {200, 201, 404}, answer.body


@pytest.mark.parametrize("route", WITH_BODY)
def test_a_body_is_required_where_none_is_refused(world: World, route: str) -> None:
    answer = world.call(*a_call(route), headers={"Content-Type": JSON})

    is_required = OPERATIONS[route]["requestBody"]["required"]
    assert (answer.status_code == 400) == is_required


def a_call(route: str) -> tuple[str, str]:
    """Return the method and the path of a route, with an example of each id in it."""
    method, _, path = route.partition(" ")
    parameters = [each for each in OPERATIONS[route]["parameters"] if each["in"] == "path"]
    return method, path.format_map({each["name"]: each["schema"]["examples"][0] for each in parameters})
