"""The app's messages as the page shows them: each as it is now, with its thread below."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from markupsafe import Markup

from local.slack import render
from local.slack.blockkit import accept
from local.slack.conversations import AppMessage, Conversations
from local.slack.modal import modal

FORM = "application/x-www-form-urlencoded"
SHOWN = 100


def living(slack: Conversations) -> list[dict[str, Any]]:
    """List the app's messages, drawn as they look now."""
    now = datetime.now().astimezone()
    whispers = [_drawn(each, slack, now) | {"whisper": True} for each in slack.whispers_shown]
    return [_drawn(each, slack, now) for each in slack.roots()[-SHOWN:]] + whispers


def modals(slack: Conversations) -> dict[str, str]:
    """Return the modals that are open, drawn, by their ids."""
    now = datetime.now().astimezone()
    return {view_id: modal(view, now) for view_id, view in list(slack.views.open.items())}


def arguments_in(body: bytes, kind: str) -> Mapping[str, Any]:
    """Read the arguments of a method, from JSON or from a form; none where they are neither."""
    if kind == FORM:
        return {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}
    try:
        arguments = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return arguments if isinstance(arguments, dict) else {}


def _drawn(message: AppMessage, slack: Conversations, now: datetime) -> dict[str, Any]:
    html = render.message(accept(message.payload), now)
    if message.history:
        html += Markup('<div class="block context">(edited)</div>')
    for reply in slack.replies(message.ts):
        words = render.message(accept(reply.payload), now)
        mark = Markup('<div class="block context">Also sent to the channel</div>') if reply.broadcast else ""
        html += Markup('<blockquote class="reply">{}{}</blockquote>').format(words, mark)
    return {
        "ts": message.ts,
        "channel": slack.channels[message.channel],
        "received_at": datetime.fromtimestamp(float(message.ts), UTC).isoformat(),
        "payload": message.payload,
        "html": html,
    }
