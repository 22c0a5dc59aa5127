"""All that the API does for its pages, on whatever store the hub has."""

import re
from collections.abc import Mapping
from functools import partial
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

from chalice.local import LambdaContext

import app
from chalicelib import container
from chalicelib.domain.queries import AlertQuery, EventQuery
from tests.app.world import BOTH, gateway_event

FORM = {"content-type": "application/x-www-form-urlencoded"}
RESOURCES = ("/ui", "/ui/{page}", "/ui/{page}/{item}")
NO_QUERY: Mapping[str, str] = {}
EVENT = '{"source": "custom.shop", "detail-type": "Lost", "detail": {}}'


def call_ui() -> None:
    """Sign in, wrongly and rightly, open pages, do what their forms say, and sign out."""
    assert send("POST", "sign-in", body="token=guessed")[0] == 403
    _, headers, _ = send("POST", "sign-in", body=f"token={BOTH}")
    cookie = str(headers["Set-Cookie"]).partition(";")[0]
    status, _, page = send("GET", cookie=cookie)
    assert status == 200
    form_token = re.findall(r'name="form_token" value="([^"]+)"', page)[0]
    get, post = partial(send, "GET", cookie=cookie), partial(_post, cookie, form_token)
    hub = container.hub()
    (alert, *_) = hub.alerts.page(AlertQuery()).items
    (record, *_) = hub.event_store.page(EventQuery(), hub.clock.now()).items
    of = alert.fingerprint
    for parts in (("events",), ("silences",), ("agents",), ("routes",), ("health",), ("alerts", of)):
        assert get(*parts)[0] == 200, parts
    assert get("events", record.event.id)[0] == 200
    assert post("alerts", of, action="resolve") == post("alerts", action="reopen", of=of) == 303
    assert post("routes", event=EVENT) == 200
    assert post("silences", action="preview", kind="alarm") == 200
    assert post("silences", action="create", kind="alarm", reason="They test.", duration="7200") == 303
    assert post("events", action="send", of="0" * 32) == 303
    assert post("sign-out") == 303
    assert get()[0] == 303
    _sign_in_elsewhere()


def _sign_in_elsewhere() -> None:
    """Go to the company's provider, and come back with what it knows nothing of."""
    status, headers, _ = send("GET", "oidc")
    state = parse_qs(urlsplit(headers["Location"]).query)["state"][0]
    cookie = str(headers["Set-Cookie"]).partition(";")[0]
    assert status == 303
    assert send("GET", "oidc", "callback", cookie=cookie, query={"state": state, "code": "guessed"})[0] == 502


def _post(cookie: str, form_token: str, *parts: str, **fields: str) -> int:
    body = urlencode({"form_token": unescape(form_token), **fields})
    return send("POST", *parts, cookie=cookie, body=body)[0]


def send(
    method: str, *parts: str, cookie: str = "", body: str = "", query: Mapping[str, str] = NO_QUERY
) -> tuple[int, dict[str, str], str]:
    """Return the status, the headers and the body of what a page or form answers."""
    names = dict(zip(("page", "item"), parts, strict=False))
    event = gateway_event(
        method,
        RESOURCES[len(parts)],
        pathParameters=names,
        headers={"cookie": cookie} | (FORM if method == "POST" else {}),
        multiValueQueryStringParameters={name: [value] for name, value in query.items()} or None,
        body=body or None,
    )
    answer = app.app(event, LambdaContext("api_handler", 512))
    return answer["statusCode"], answer["headers"], answer["body"]
