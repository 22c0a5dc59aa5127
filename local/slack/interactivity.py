"""A person at the workspace's page: what Slack sends for buttons, forms and commands, signed as Slack signs."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from local.slack.conversations import AppMessage, Conversations
from local.slack.modal import values_in

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

    def act(self, kind: str, wish: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do what somebody does at the page, and return what the page shows of it."""
        match kind:
            case "press":
                return {"status": self.press(wish["ts"], wish["action"], wish.get("value"))}
            case "submit":
                return self.submit(wish["view"], wish["values"])
            case "close":
                self._slack.views.open.pop(wish["view"], None)
                return {}
            case _:
                return {"status": self.command(wish["channel"], wish["text"])}

    def offers(self, words: str, action_id: str) -> str | None:
        """Return the time stamp of the newest message that says these words and has such a button."""
        said = (each for each in reversed(self._slack.roots()) if words in str(each.payload.get("text", "")))
        return next((each.ts for each in said if any(_does(one, action_id) for one in _buttons(each))), None)

    def press(self, ts: str, action_id: str, value: str | None = None) -> int:
        """Press a button of a message; returns the status of the app's answer, 0 where there was none.

        Where several do the same, it is the one of this value.
        """
        message = next(each for each in (*self._slack.messages, *self._slack.whispers_shown) if each.ts == ts)
        element = next(
            each for each in _buttons(message) if _does(each, action_id) and value in {None, each.get("value", "")}
        )
        action = {"type": "button", "action_id": action_id, "action_ts": f"{time.time():.6f}"}
        payload = {
            "type": "block_actions",
            "channel": {"id": message.channel},
            "message": {"ts": ts},
            "trigger_id": self._slack.views.trigger(),
            "actions": [action | {"value": element.get("value", "")}],
        }
        return self._interact(payload)[0]

    def submit(self, view_id: str, given: Mapping[str, str]) -> Mapping[str, Any]:
        """Submit a modal; it is closed unless the app says what is wrong with it."""
        view = self._slack.views.open[view_id]
        state = {"values": values_in(view, given)}
        about = {"id": view_id, "callback_id": view.get("callback_id", ""), "state": state}
        about["private_metadata"] = view.get("private_metadata", "")
        status, answer = self._interact({"type": "view_submission", "view": about})
        errors = answer.get("errors") or {}
        if status == HTTPStatus.OK and not errors:
            self._slack.views.open.pop(view_id, None)
        return {"status": status, "errors": errors}

    def command(self, channel: str, text: str) -> int:
        """Type a command into a channel, and show what the app answers to whoever typed it."""
        name, _, rest = text.strip().partition(" ")
        form = {
            "command": name,
            "text": rest,
            "user_id": str(PERSON["id"]),
            "user_name": "you",
            "team_id": TEAM["id"],
            "channel_id": next(key for key, known in self._slack.channels.items() if known == channel),
            "trigger_id": self._slack.views.trigger(),
        }
        status, answer = self._send("commands", form)
        if answer.get("text"):
            self._slack.whisper({"channel": form["channel_id"], "user": PERSON["id"], "text": answer["text"]})
        return status

    def send(self, kind: str, form: Mapping[str, str]) -> int:
        """Send a request, signed; returns the status of the answer."""
        return self._send(kind, form)[0]

    def _interact(self, payload: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        who = {"user": {"id": PERSON["id"], "username": "you", "team_id": TEAM["id"]}, "team": TEAM}
        return self._send("interactions", {"payload": json.dumps(who | dict(payload))})

    def _send(self, kind: str, form: Mapping[str, str]) -> tuple[int, Mapping[str, Any]]:
        body, timestamp = urlencode(form).encode(), str(int(time.time()))
        signed = hmac.new(self._key, f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": f"v0={signed}",
        }
        try:
            with open_url(Request(f"{self.url}/slack/{kind}", body, headers), timeout=PATIENCE) as response:  # noqa: S310 - loopback
                return int(response.status), json.loads(response.read() or b"{}") or {}
        except HTTPError as error:
            error.close()
            return error.code, {}
        except (URLError, TimeoutError):
            return 0, {}


def _buttons(message: AppMessage) -> list[dict[str, Any]]:
    blocks = [*message.payload.get("blocks", ())]
    blocks += [block for each in message.payload.get("attachments", ()) for block in each.get("blocks", ())]
    beside = [block["accessory"] for block in blocks if block.get("accessory", {}).get("type") == "button"]
    return beside + [element for block in blocks if block["type"] == "actions" for element in block["elements"]]


def _does(button: Mapping[str, Any], action_id: str) -> bool:
    return button.get("action_id") == action_id
