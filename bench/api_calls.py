"""What calls the API, and Slack's press of a button, as API Gateway would hand them over."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from bench.world import PROJECT, request
from chalicelib.config.compiled import SUFFIX
from chalicelib.config.routes import compiled
from chalicelib.gateways.slack_app.signature import signature_of
from local.receivers import demo
from local.slack.interactivity import PERSON, TEAM

LIST, ACTIONS, SLACK = "app, GET /events", "app, POST /alerts/actions", "app, POST /slack/interactions"
CALLER = {"name": "bench", "scopes": "read write"}
FILE = "chalicelib/config/routes.toml"
# A receiver of the app's, which what is packaged has none of.
LIVING = f"""
[[route]]
name = "living"
match.account = "999999999999"
receivers = "{demo.LIVING}"

[receivers.{demo.LIVING}]
type = "slack"
channel = "{demo.CHANNEL}"
"""


@dataclass(frozen=True)
class Occasion:
    """What wakes a function of a handler; `items` are in the table then, `files` in the package instead of its own.

    Only what `was_always` can be had of older packages.
    """

    handler: str
    event: Callable[[], Any]
    items: Sequence[dict[str, Any]] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    was_always: bool = True


def occasions(items: Sequence[dict[str, Any]]) -> dict[str, Occasion]:
    """Return calls that have something to read: a validated list, a list in a body, a press on a button."""
    fingerprints = [each["pk"]["S"].removeprefix("ALERT#") for each in items if each["sk"]["S"] == "ALERT"]
    return {
        LIST: Occasion("app", _list, items, was_always=False),
        ACTIONS: Occasion("app", lambda: _acknowledge(fingerprints), items, was_always=False),
        SLACK: Occasion("app", lambda: _press(fingerprints[0]), items, _routes(), was_always=False),
    }


def _routes() -> dict[str, bytes]:
    document = compiled((PROJECT / FILE).read_text() + LIVING, "routes.toml")
    return {FILE.replace(".toml", SUFFIX): document}


def _list() -> Any:
    query = {"min_severity": ["LOW"], "kind": ["alarm"], "limit": ["20"]}
    return request("/events", caller=CALLER, multiValueQueryStringParameters=query)


def _acknowledge(fingerprints: Sequence[str]) -> Any:
    body = {"action": "acknowledge", "fingerprints": fingerprints, "note": "We are at it."}
    headers = {"content-type": "application/json"}
    return request("/alerts/actions", "POST", CALLER, body=json.dumps(body), headers=headers, multiValueHeaders=headers)


def _press(fingerprint: str) -> Any:
    value = json.dumps({"fingerprint": fingerprint, "episode": 1})
    action = {"type": "button", "action_id": "acknowledge", "action_ts": f"{time.time():.6f}", "value": value}
    payload = {
        "type": "block_actions",
        "user": {"id": PERSON["id"], "username": "you", "team_id": TEAM["id"]},
        "team": TEAM,
        "channel": {"id": demo.CHANNEL},
        "trigger_id": "a-trigger",
        "actions": [action],
    }
    body, timestamp = urlencode({"payload": json.dumps(payload)}), str(int(time.time()))
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": signature_of(demo.SIGNING_SECRET.encode(), timestamp, body.encode()),
    }
    return request("/slack/{kind}", "POST", pathParameters={"kind": "interactions"}, headers=headers, body=body)
