"""The check of responses finds what is not as the document says, and nothing in what is."""

import json
from typing import Any

import pytest

from tests.contract.responses import Seen, problems, template

OURS = {"content-type": "application/json", "x-content-type-options": "nosniff", "vary": "Origin"}
KEPT = OURS | {"cache-control": "no-store"}
HEALTH = {"status": "ok", "stage": "dev", "version": "1", "commit": "abc"}
AGENT = "/agents/111122223333-eu-west-1"


def seen(path: str = "/health", status: int = 200, body: Any = HEALTH, method: str = "GET", **headers: str) -> Seen:
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    return Seen(method, path, status, KEPT | said, body if isinstance(body, str) else json.dumps(body))


def failure(code: str = "not_found", **more: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": "No.", "details": [], "request_id": "1"} | more}


def test_what_is_as_documented_has_no_problems() -> None:
    assert problems(seen(AGENT, 404, failure())) == []
    assert problems(seen("/nothing", 404, failure())) == []
    assert problems(seen("/events", 401, failure("unauthorized"), www_authenticate="Bearer")) == []
    assert problems(seen(AGENT, 204, "", method="DELETE")) == []
    assert (
        problems(Seen("GET", AGENT, 304, KEPT | {"cache-control": "private, no-cache", "etag": f'"{"0" * 32}"'}, ""))
        == []
    )


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (seen(AGENT, 418, failure()), "status 418 is not documented"),
        (seen(AGENT, 404, failure(), content_type="text/html"), "media type 'text/html' is not documented"),
        (seen(AGENT, 404, "<h1>"), "the body is no JSON"),
        (seen(AGENT, 404, failure("lost")), "'lost' is not one of"),
        (seen(AGENT, 404, failure(more=1)), "'more' was unexpected"),
        (seen(AGENT, 204, "gone", method="DELETE"), "none is documented"),
        (seen("/events", 401, failure("unauthorized")), "www-authenticate is None instead of 'Bearer'"),
        (seen(AGENT, 404, failure(), cache_control="public"), "cache-control is 'public' instead of 'no-store'"),
        (seen(AGENT, 404, failure(), vary="*"), "vary is '*' instead of 'Origin'"),
        (seen(AGENT, 304, "", cache_control="private, no-cache"), "header ETag is missing"),
        (seen(AGENT, 304, "", cache_control="private, no-cache", etag="W/1"), "the ETag is none"),
        (seen("/agents", 201, "{}", method="POST"), "header Location is missing"),
        (seen("/agents", 201, "{}", method="POST", location="nowhere/1/2"), "Location leads nowhere"),
        (seen(AGENT, 404, failure(), x_more="a\r\nb"), "header x-more: 'a\\r\\nb' is none"),
        (seen("/nothing", 200, {}), "$: 'error' is a required property"),
    ],
)
def test_what_is_not_as_documented_is_found(wrong: Seen, problem: str) -> None:
    assert problem in "; ".join(problems(wrong))


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/events?limit=1", "/events"),
        ("/silences/preview", "/silences/preview"),
        ("/silences/1", "/silences/{silence_id}"),
        ("/events/1/", "/events/{event_id}"),
        ("/events/1/2", "/events/1/2"),
    ],
)
def test_a_path_is_known_by_its_template(path: str, found: str) -> None:
    assert template(path) == found
