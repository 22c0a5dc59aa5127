"""Slack's requests: a pressed button, a submitted form or a command as a chat request.

https://docs.slack.dev/interactivity/handling-user-interaction,
https://docs.slack.dev/interactivity/implementing-slash-commands
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from chalicelib.domain.notifications.chat_requests import ChatAction, ChatRequest, ChatRequestKind
from chalicelib.domain.text import word

DURATION, CUSTOM, REASON = "duration", "custom", "reason"
LONGEST_NAME, LONGEST_TEXT = 64, 200
OFFERED = frozenset(ChatAction)


def request_in(body: bytes) -> ChatRequest | None:
    """Read a request; None where it is nothing that the hub offers."""
    try:
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        return _interaction(json.loads(form["payload"])) if "payload" in form else _command(form)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError):
        return None


def _interaction(payload: Mapping[str, Any]) -> ChatRequest | None:
    match payload["type"]:
        case "block_actions":
            return _button(payload)
        case "view_submission":
            return _form(payload)
        case _:
            return None


def _button(payload: Mapping[str, Any]) -> ChatRequest | None:
    """Read a pressed button; Slack also reports those on links, by other ids, which need nothing."""
    (action,) = payload["actions"]
    if action["action_id"] not in OFFERED:
        return None
    value = json.loads(action.get("value") or "{}")
    return ChatRequest(
        kind=ChatRequestKind.BUTTON,
        channel=word(payload["channel"]["id"]),
        action=word(action["action_id"]),
        at=word(action["action_ts"]),
        trigger=word(payload["trigger_id"]),
        **_alert(value),
        subject=word(value.get("subject", "")),
        **_who(payload),
    )


def _form(payload: Mapping[str, Any]) -> ChatRequest:
    view = payload["view"]
    about = json.loads(view["private_metadata"])
    values = view["state"]["values"]
    return ChatRequest(
        kind=ChatRequestKind.FORM,
        channel=word(about["channel"]),
        at=word(view["id"]),
        duration=_given(values, CUSTOM) or word(values[DURATION][DURATION]["selected_option"]["value"]),
        reason=_given(values, REASON),
        **_alert(about),
        **_who(payload),
    )


def _command(form: Mapping[str, str]) -> ChatRequest:
    return ChatRequest(
        kind=ChatRequestKind.COMMAND,
        person_id=word(form["user_id"]),
        person_name=word(form["user_name"], LONGEST_NAME),
        team=word(form["team_id"]),
        person_team=word(form["team_id"]),
        channel=word(form["channel_id"]),
        text=word(form.get("text", ""), LONGEST_TEXT),
        at=word(form["trigger_id"]),
    )


def _alert(value: Mapping[str, Any]) -> dict[str, Any]:
    return {"fingerprint": word(value.get("fingerprint", "")), "episode": int(value.get("episode", 0))}


def _who(payload: Mapping[str, Any]) -> dict[str, Any]:
    person, team = payload["user"], payload["team"]["id"]
    return {
        "person_id": word(person["id"]),
        "person_name": word(person.get("username") or person.get("name") or person["id"], LONGEST_NAME),
        "team": word(team),
        "person_team": word(person.get("team_id") or team),
    }


def _given(values: Mapping[str, Any], block: str) -> str:
    return word((values.get(block) or {}).get(block, {}).get("value") or "", LONGEST_TEXT)
