"""The buttons of the Slack app: the possible actions on an alert in its current state."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from chalicelib.domain.alerts.timeline import Status
from chalicelib.domain.notifications.chat_requests import ChatAction

if TYPE_CHECKING:
    from chalicelib.domain.alerts.alert import Alert
    from chalicelib.gateways.slack.blocks import Block

# The buttons: the action's id, the label and the style.
OFFERS: dict[Status, tuple[tuple[ChatAction, str, str], ...]] = {
    Status.FIRING: (
        (ChatAction.ACKNOWLEDGE, "Acknowledge", "primary"),
        (ChatAction.SILENCE, "Silence 1 h", ""),
        (ChatAction.SILENCE_MORE, "Silence …", ""),
        (ChatAction.RESOLVE, "Resolve", ""),
    ),
    Status.ACKNOWLEDGED: (
        (ChatAction.ASSIGN, "Assign to me", ""),
        (ChatAction.SILENCE, "Silence 1 h", ""),
        (ChatAction.SILENCE_MORE, "Silence …", ""),
        (ChatAction.RESOLVE, "Resolve", ""),
        (ChatAction.REOPEN, "Undo", ""),
    ),
    Status.RESOLVED: ((ChatAction.REOPEN, "Reopen", ""),),
}
# Feedback on a message; the weekly report counts it.
FEEDBACK = ((ChatAction.USEFUL, "👍 Useful", ""), (ChatAction.NOT_USEFUL, "👎 Not useful", ""))


def offer(action: str, label: str, style: str, alert: Alert) -> Block:
    """Return a button for an action on an alert in its current episode."""
    value = json.dumps({"fingerprint": alert.fingerprint, "episode": alert.episodes})
    text = {"type": "plain_text", "text": label}
    button = {"type": "button", "text": text, "action_id": action, "value": value}
    return button | ({"style": style} if style else {})
