"""What goes wrong, in one shape; and what every answer has in common."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from chalice.local import LambdaContext

import app
from chalicelib import __version__, container, logging_config
from chalicelib.services.operations.health import REMEMBERED_FOR
from tests.app.test_agents import ID, NEW
from tests.app.world import BOTH, READER, WRITER, World, gateway_event, invoke, invoke_raw

DIGEST = "0" * 32
EVENT_ID = "1760000000-" + DIGEST


def assert_error(body: Any, code: str) -> None:
    assert body.keys() == {"error"}
    assert body["error"].keys() == {"code", "message", "details", "request_id"}
    assert body["error"]["code"] == code
    assert body["error"]["message"]
    assert body["error"]["request_id"]
    assert all(each.keys() == {"location", "field", "message"} for each in body["error"]["details"])


def test_a_request_that_came_past_the_authorizer_is_unauthorized(world: World) -> None:
    event = gateway_event("GET", "/events")
    del event["requestContext"]["authorizer"]

    status, body = invoke(event)

    assert status == 401
    assert_error(body, "unauthorized")


@pytest.mark.parametrize(
    ("method", "path", "token", "scope"),
    [
        ("GET", "/events", WRITER, "read"),
        ("GET", f"/events/{EVENT_ID}", WRITER, "read"),
        ("GET", "/alerts", WRITER, "read"),
        ("GET", f"/alerts/{DIGEST}", WRITER, "read"),
        ("POST", f"/alerts/{DIGEST}/acknowledge", READER, "write"),
        ("POST", f"/alerts/{DIGEST}/resolve", READER, "write"),
        ("POST", f"/alerts/{DIGEST}/reopen", READER, "write"),
        ("GET", "/notifications", WRITER, "read"),
        ("GET", f"/notifications/{DIGEST}", WRITER, "read"),
        ("POST", f"/notifications/{DIGEST}/redeliver", READER, "write"),
        ("GET", "/agents", WRITER, "read"),
        ("GET", f"/agents/{ID}", WRITER, "read"),
        ("POST", "/agents", READER, "write"),
        ("PATCH", f"/agents/{ID}", READER, "write"),
        ("DELETE", f"/agents/{ID}", READER, "write"),
    ],
)
def test_a_token_without_the_scope_is_forbidden_and_the_scope_named(
    world: World, method: str, path: str, token: str, scope: str
) -> None:
    answer = world.call(method, path, token=token, json=NEW)

    assert answer.status_code == 403
    assert_error(answer.json_body, "forbidden")
    assert f"scope {scope}" in answer.json_body["error"]["message"]


def test_a_method_that_came_past_the_gateway_is_refused_in_our_shape(world: World) -> None:
    answer = app.app(gateway_event("PUT", "/agents"), LambdaContext("api_handler", 512))

    assert answer["statusCode"] == 405
    assert_error(json.loads(answer["body"]), "method_not_allowed")
    assert answer["headers"]["Allow"] == "GET, POST, OPTIONS"
    assert answer["headers"]["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/plain"}, {"Content-Type": "*/*"}, {"Content-Type": ""}])
def test_a_body_that_is_not_said_to_be_json_is_unsupported(world: World, method: str, headers: dict[str, str]) -> None:
    path = "/agents" if method == "POST" else f"/agents/{ID}"

    answer = world.call(method, path, headers=headers, body=json.dumps(NEW).encode())

    assert answer.status_code == 415
    assert_error(answer.json_body, "unsupported_media_type")


def test_a_content_type_may_have_parameters(world: World) -> None:
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}

    assert world.call("POST", "/agents", headers=headers, body=json.dumps(NEW).encode()).status_code == 201


def test_a_body_beyond_the_limit_is_too_large(world: World) -> None:
    fits = json.dumps(NEW).encode().ljust(65_536)

    assert world.call("POST", "/agents", json={}, body=fits).status_code == 201
    answer = world.call("POST", "/agents", json={}, body=fits + b" ")
    assert answer.status_code == 413
    assert_error(answer.json_body, "too_large")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"7",
        b"\xff\xfe\x00",
        b"[" * 65_536,
        b'{"a":' * 10_000,
        b"9" * 10_000,
        b'{"name": "\\ud800"}',
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/agents"), ("PATCH", f"/agents/{ID}")])
def test_a_body_that_is_no_json_object_is_refused(world: World, method: str, path: str, body: bytes) -> None:
    answer = world.call(method, path, json={}, body=body)

    assert answer.status_code == 400
    assert_error(answer.json_body, "bad_request")


@pytest.mark.parametrize(
    ("body", "repeated"),
    [
        (b'{"account":"111122223333","region":"eu-west-1","name":"a","n\\u0061me":"b"}', ["name"]),
        (
            b'{"account":"1","account":"2","other":{"deep":[{"x":1,"x":1}]}, "big":' + b"9" * 4_000 + b"}",
            ["account", "x"],
        ),
    ],
)
def test_a_key_that_a_body_has_twice_is_refused_by_name(world: World, body: bytes, repeated: list[str]) -> None:
    answer = world.call("POST", "/agents", json={}, body=body)

    assert answer.status_code == 400
    details = answer.json_body["error"]["details"]
    assert {each["field"] for each in details if each["message"] == "is given more than once"} == set(repeated)
    assert world.store.agents.items == {}


def test_an_unexpected_error_is_logged_whole_and_reported_without_internals(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("arn:aws:dynamodb:secret-table")

    monkeypatch.setattr(world.store, "page", fail)

    answer = world.get("/events")

    assert answer.status_code == 500
    assert_error(answer.json_body, "internal_error")
    assert b"secret-table" not in answer.body
    assert "secret-table" in caplog.text
    assert "Traceback" in caplog.text


def test_a_wrong_setting_is_one_line_in_the_log_that_names_it(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("TABLE_NAME")

    status, body = invoke(gateway_event("GET", "/events"))

    assert status == 500
    assert_error(body, "internal_error")
    assert "TABLE_NAME is not set" in caplog.records[-1].__dict__["error"]
    assert "Traceback" not in caplog.text


def test_an_error_of_chalice_itself_is_answered_in_our_shape(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("no view of ours")

    monkeypatch.setattr(app.app.routes["/health"]["GET"], "view_function", broken)

    answer = world.get("/health")

    assert answer.status_code == 500
    assert_error(answer.json_body, "internal_error")
    assert b"Code" not in answer.body


def test_what_did_not_come_through_a_gateway_is_refused(world: World) -> None:
    answer = app.app({}, LambdaContext("api_handler", 512))

    assert answer["statusCode"] == 400
    assert json.loads(answer["body"])["error"]["code"] == "bad_request"


def test_a_failure_of_the_last_resort_is_answered_in_our_shape(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("no settings at all")

    monkeypatch.setattr(container, "settings", fail)

    status, body = invoke(gateway_event("GET", "/events"))

    assert status == 500
    assert_error(body, "internal_error")


def test_an_error_carries_the_request_id_that_the_gateway_gave(world: World) -> None:
    _, body = invoke(gateway_event("GET", "/events/{event_id}", pathParameters={"event_id": EVENT_ID}))

    assert body["error"]["request_id"] == "gateway-request"


def test_the_log_has_the_request_id_and_the_caller(
    world: World, request_ids: set[str], caplog: pytest.LogCaptureFixture
) -> None:
    invoke(gateway_event("GET", "/events"))

    assert request_ids == {"gateway-request"}
    (line,) = caplog.records
    assert {"method": "GET", "path": "/events", "caller": "both"}.items() <= vars(line).items()
    assert logging_config.request_id.get() == ""


def test_the_hub_says_that_it_is_well_without_a_token(world: World) -> None:
    answer = world.client.http.get("/health")

    assert answer.status_code == 200
    assert answer.json_body == {"status": "ok", "stage": "dev", "version": __version__, "commit": "unknown"}


def test_a_flood_of_requests_for_health_costs_no_reads_of_the_table(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[str] = []
    monkeypatch.setattr(world.store, "find", reads.append)

    statuses = {world.client.http.get("/health").status_code for _ in range(20)}

    assert (statuses, len(reads)) == ({200}, 1)


def test_health_is_read_again_after_some_seconds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert world.client.http.get("/health").status_code == 200
    monkeypatch.setattr(world.store, "find", lambda _: 1 / 0)
    world.clock.sleep(REMEMBERED_FOR)

    assert world.client.http.get("/health").status_code == 503


def test_a_table_that_does_not_answer_is_unavailable(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: str) -> None:
        raise RuntimeError("ResourceNotFoundException")

    monkeypatch.setattr(world.store, "find", fail)

    answer = world.client.http.get("/health")

    assert answer.status_code == 503
    assert_error(answer.json_body, "unavailable")
    assert b"ResourceNotFound" not in answer.body
    assert "ResourceNotFound" in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/events", 200),
        ("GET", "/health", 200),
        ("OPTIONS", "/events", 204),
        ("GET", "/agents/x", 404),
        ("POST", "/agents", 415),
    ],
)
def test_every_answer_has_the_headers_that_keep_it_private(world: World, method: str, path: str, status: int) -> None:
    answer = world.call(method, path)

    assert answer.status_code == status
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Vary"] == "Origin"


ORIGIN = "https://status.example.com"
PATHS = ["/events", f"/events/{EVENT_ID}", "/agents", f"/agents/{ID}", "/health"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_no_page_of_another_origin_may_call_by_default(world: World, method: str, path: str) -> None:
    answer = world.call(method, path, headers={"Origin": ORIGIN})

    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_pages_of_the_chosen_origin_may_call_and_no_others(
    world: World, monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    monkeypatch.setenv("CORS_ORIGIN", ORIGIN)

    chosen = world.call(method, path, headers={"Origin": ORIGIN})
    other = world.call(method, path, headers={"Origin": "https://elsewhere.example.com"})

    assert chosen.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Origin" not in other.headers


def test_a_preflight_needs_no_token_and_names_the_methods(world: World) -> None:
    answer = world.call("OPTIONS", f"/agents/{ID}", token="")

    assert (answer.status_code, answer.body) == (204, b"")
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, PATCH, DELETE"
    assert (
        answer.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type, Idempotency-Key, If-None-Match"
    )


def test_an_error_can_be_read_by_pages_of_the_chosen_origin(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_ORIGIN", ORIGIN)

    answer = world.call("GET", "/events", {"limit": 0}, token=BOTH, headers={"Origin": ORIGIN})

    assert answer.status_code == 400
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


@pytest.mark.parametrize("origin", ["*", "https://*", "status.example.com", "https://a.example.com/path", "https://["])
def test_an_origin_that_is_none_or_all_stops_the_hub(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, origin: str
) -> None:
    monkeypatch.setenv("CORS_ORIGIN", origin)

    assert world.get("/events").status_code == 500
    assert "CORS_ORIGIN" in caplog.records[-1].__dict__["error"]


@pytest.mark.parametrize(
    ("resource", "name", "value"),
    [
        ("/events/{event_id}", "event_id", f"1760000000%2F{DIGEST}"),
        ("/alerts/{fingerprint}", "fingerprint", f"{DIGEST}%20"),
        ("/alerts/{fingerprint}/timeline", "fingerprint", f"%2F{DIGEST}"),
        ("/notifications/{notification_id}", "notification_id", f"{DIGEST}%0A"),
        ("/silences/{silence_id}", "silence_id", "0000000%2F00000000"),
        ("/agents/{agent_id}", "agent_id", "111122223333%20eu-west-1"),
        ("/docs/{asset}", "asset", "..%2Fapp.py"),
        ("/links/{token}", "token", "a%2Fb%20c"),
    ],
)
@pytest.mark.parametrize("decode", [str, unquote])
def test_no_id_has_a_slash_or_space_in_it_however_it_comes(
    world: World, resource: str, name: str, value: str, decode: Callable[[str], str]
) -> None:
    answer = invoke_raw(gateway_event("GET", resource, pathParameters={name: decode(value)}))

    assert answer["statusCode"] == (403 if name == "token" else 404)
    assert "Traceback" not in answer["body"]


@pytest.mark.parametrize("path", ["/events", "/health", "/openapi.json", "/docs", "/links/1"])
def test_a_foreign_content_type_is_unsupported_even_without_a_body(world: World, path: str) -> None:
    answer = world.call("GET", path, headers={"Content-Type": "multipart/form-data"})

    assert answer.status_code == 415
    assert_error(answer.json_body, "unsupported_media_type")
