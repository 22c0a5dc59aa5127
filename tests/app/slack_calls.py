"""What Slack sends to the app when somebody presses a button, submits a form or types a command."""

import json
from typing import Any
from urllib.parse import urlencode

from chalicelib.gateways.slack_app.signature import signature_of

SIGNING_SECRET, CHANNEL, TEAM, ANN = "a-signing-secret", "C0123456789", "T0123456789", "U0123456789"
FORM = "application/x-www-form-urlencoded"


def button(action: str, value: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return the payload of a press on a button."""
    pressed = {"action_id": action, "action_ts": "1760000000.1", "value": json.dumps(value), "type": "button"}
    return {
        "type": "block_actions",
        "user": {"id": ANN, "username": "ann", "team_id": TEAM},
        "team": {"id": TEAM, "domain": "example"},
        "api_app_id": "A0123456789",
        "channel": {"id": CHANNEL, "name": "ops"},
        "trigger_id": "a-trigger",
        "actions": [pressed],
    } | changes


def submission(
    about: dict[str, Any], duration: str = "1h", custom: str = "", reason: str = "", **changes: Any
) -> dict[str, Any]:
    """Return the payload of a submitted form."""
    values = {
        "duration": {"duration": {"type": "static_select", "selected_option": {"value": duration}}},
        "custom": {"custom": {"type": "plain_text_input", "value": custom or None}},
        "reason": {"reason": {"type": "plain_text_input", "value": reason or None}},
    }
    metadata = json.dumps({"channel": CHANNEL} | about)
    return {
        "type": "view_submission",
        "user": {"id": ANN, "name": "ann", "team_id": TEAM},
        "team": {"id": TEAM},
        "view": {"id": "V1", "private_metadata": metadata, "state": {"values": values}},
    } | changes


def interaction(payload: Any) -> bytes:
    """Return the body of an interaction."""
    return urlencode({"payload": json.dumps(payload)}).encode()


def command(text: str, **changes: str) -> bytes:
    """Return the body of a command."""
    form = {
        "command": "/monitoring",
        "text": text,
        "user_id": ANN,
        "user_name": "ann",
        "team_id": TEAM,
        "channel_id": CHANNEL,
        "trigger_id": "a-trigger",
    }
    return urlencode(form | changes).encode()


def signed(body: bytes, at: int, secret: str = SIGNING_SECRET) -> dict[str, str]:
    """Return the headers of a request that Slack sends at some time."""
    signature = signature_of(secret.encode(), str(at), body)
    return {"Content-Type": FORM, "X-Slack-Request-Timestamp": str(at), "X-Slack-Signature": signature}
