"""GET /docs: a page to read and try the API on, with nothing from another host."""

import re
from pathlib import Path

import pytest

from chalicelib.api import swagger_ui
from tests.app.world import World, gateway_event, invoke_raw

ASSETS = [*swagger_ui.SHIPPED, *swagger_ui.OURS]


def test_the_page_names_its_files_relatively_and_no_other_host(world: World) -> None:
    page = world.client.http.get("/docs")

    assert page.status_code == 200
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    named = re.findall(r'(?:src|href)="([^"]+)"', page.body.decode())
    assert set(named) == {"data:,", "openapi.json", *(f"docs/{each}" for each in ASSETS)}


@pytest.mark.parametrize("name", ASSETS)
def test_each_file_comes_through_lambda_as_text(world: World, name: str) -> None:
    event = gateway_event("GET", "/docs/{asset}", pathParameters={"asset": name}, headers={"accept": "image/png, */*"})

    answer = invoke_raw(event)

    assert answer["statusCode"] == 200
    assert answer["headers"]["Content-Type"].startswith("text/")
    assert not answer.get("isBase64Encoded")
    assert len(answer["body"]) > 100
    assert len(answer["body"].encode()) < 5_000_000


@pytest.mark.parametrize("name", ["swagger-ui.js", "..%2fapp.py", "docs.html", "LICENSE"])
def test_no_other_file_is_shown(world: World, name: str) -> None:
    answer = world.client.http.get(f"/docs/{name}")

    assert answer.status_code == 404
    assert answer.json_body["error"]["code"] == "not_found"


def test_the_page_may_do_no_more_than_it_needs(world: World) -> None:
    policy = world.client.http.get("/docs").headers["Content-Security-Policy"]

    assert policy.startswith("default-src 'none'; script-src 'self'; ")
    assert "http" not in policy
    assert "unsafe" not in policy
    assert "validatorUrl: null" in world.client.http.get("/docs/docs.js").body.decode()


def test_without_its_files_the_page_says_where_the_document_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swagger_ui, "DISTRIBUTION", "no_such_distribution")

    answer = world.client.http.get("/docs/swagger-ui.css")

    assert answer.status_code == 404
    assert "openapi.json" in answer.json_body["error"]["message"]


def test_in_a_package_the_files_lie_beside_the_templates(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "swagger-ui.css").write_text("body {}", encoding="utf-8")
    monkeypatch.setattr(swagger_ui, "PACKAGED", tmp_path)

    assert world.client.http.get("/docs/swagger-ui.css").body == b"body {}"
