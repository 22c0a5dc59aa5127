"""All that the API does for its pages, on whatever store the hub has."""

import re

from chalice.local import LambdaContext

import app
from tests.app.world import BOTH, gateway_event

FORM = {"content-type": "application/x-www-form-urlencoded"}
RESOURCES = ("/ui", "/ui/{page}", "/ui/{page}/{item}")


def call_ui() -> None:
    """Sign in, wrongly and rightly, look at pages, do what their forms say, and sign out."""
    assert send("POST", "sign-in", body="token=guessed")[0] == 403
    _, headers, _ = send("POST", "sign-in", body=f"token={BOTH}")
    cookie = str(headers["Set-Cookie"]).partition(";")[0]
    status, _, page = send("GET", cookie=cookie)
    assert status == 200
    form_token = re.findall(r'name="form_token" value="([^"]+)"', page)[0]
    assert send("POST", "sign-out", body=f"form_token={form_token}", cookie=cookie)[0] == 303
    assert send("GET", cookie=cookie)[0] == 303


def send(method: str, *parts: str, cookie: str = "", body: str = "") -> tuple[int, dict[str, str], str]:
    """Return the status, the headers and the body of what a page or form answers."""
    names = dict(zip(("page", "item"), parts, strict=False))
    event = gateway_event(
        method,
        RESOURCES[len(parts)],
        pathParameters=names,
        headers={"cookie": cookie} | (FORM if method == "POST" else {}),
        body=body or None,
    )
    answer = app.app(event, LambdaContext("api_handler", 512))
    return answer["statusCode"], answer["headers"], answer["body"]
