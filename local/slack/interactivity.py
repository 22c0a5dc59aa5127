"""A person at the workspace's page who presses buttons: what Slack sends to the app then, signed as Slack does."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from local.slack.conversations import AppMessage, Conversations

# Slack waits so long for an answer: https://docs.slack.dev/interactivity/handling-user-interaction
PATIENCE = 3.0
PERSON = {
    "id": "U0LOOPBACK",
    "real_name": "You, on this machine",
    "profile": {"display_name": "You"},
    "tz_offset": 0,
}
TEAM = {"id": "T0LOOPBACK", "domain": "loopback"}
# Nothing on loopback goes through a proxy.
open_url = build_opener(ProxyHandler({})).open


class Presser:
    """Presses buttons in the name of the one person that there is; `url` is where the app takes requests."""

    def __init__(self, slack: Conversations, signing_secret: str, url: str = "") -> None:
        self._slack, self._key, self.url = slack, signing_secret.encode(), url
        slack.people[str(PERSON["id"])] = PERSON

    def press(self, ts: str, action_id: str) -> int:
        """Press a button of a message; returns the status of the app's answer, 0 where there was none."""
        message = next(each for each in self._slack.messages if each.ts == ts)
        element = next(each for each in _buttons(message) if each.get("action_id") == action_id)
        action = {"type": "button", "action_id": action_id, "action_ts": f"{time.time():.6f}"}
        payload = {
            "type": "block_actions",
            "user": {"id": PERSON["id"], "username": "you", "team_id": TEAM["id"]},
            "team": TEAM,
            "channel": {"id": message.channel},
            "message": {"ts": ts},
            "trigger_id": self._slack.views.trigger(),
            "actions": [action | {"value": element.get("value", "")}],
        }
        return self.send("interactions", {"payload": json.dumps(payload)})

    def send(self, kind: str, form: Mapping[str, str]) -> int:
        """Send a request, signed."""
        body, timestamp = urlencode(form).encode(), str(int(time.time()))
        signed = hmac.new(self._key, f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": f"v0={signed}",
        }
        try:
            with open_url(Request(f"{self.url}/slack/{kind}", body, headers), timeout=PATIENCE) as response:  # noqa: S310 - loopback
                return int(response.status)
        except HTTPError as error:
            error.close()
            return error.code
        except (URLError, TimeoutError):
            return 0


def _buttons(message: AppMessage) -> list[dict[str, Any]]:
    blocks = [*message.payload.get("blocks", ())]
    blocks += [block for each in message.payload.get("attachments", ()) for block in each.get("blocks", ())]
    return [element for block in blocks if block["type"] == "actions" for element in block["elements"]]
