"""Adaptive Cards: plain messages for Teams, always within its limits.

https://adaptivecards.io/explorer,
https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
"""

import json
from typing import Any

from chalicelib.domain.events.event import Severity
from chalicelib.domain.severity_styles import GOOD, RESOLVED, STYLES, SeverityStyle
from chalicelib.domain.text import shortened
from chalicelib.gateways.plain_messages.message import PlainMessage

# Bytes of JSON that a workflow accepts.
LARGEST = 28 * 1024
TITLE, TEXT, LABEL, URL, LINES, ACTIONS = 300, 400, 40, 2_000, 20, 4
VERSION = "1.4"
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
COLORS = {
    STYLES[Severity.CRITICAL]: "attention",
    STYLES[Severity.HIGH]: "attention",
    STYLES[Severity.MEDIUM]: "warning",
    STYLES[Severity.LOW]: "accent",
    RESOLVED: "good",
    GOOD: "good",
}

type Element = dict[str, Any]


def message_of(plain: PlainMessage) -> Element:
    """Return the message with the card, shortened if it would be too large.

    Escape sequences count: Teams measures the JSON.
    """
    lines = [*plain.lines, *(f"{label}: {value}" for label, value in plain.facts)]
    actions = [_action(each.label, each.url) for each in plain.links if len(each.url) <= URL][:ACTIONS]
    for count in range(min(len(lines), LINES), -1, -1):
        message = _message(_card(plain, lines[:count], len(lines) - count, actions))
        if size_of(message) < LARGEST:
            return message
    return _message(_card(plain, [], len(lines), []))


def size_of(message: Element) -> int:
    """Return how many bytes a message has when it is sent."""
    return len(json.dumps(message).encode())


def _card(plain: PlainMessage, lines: list[str], left_out: int, actions: list[Element]) -> Element:
    headline = f"{plain.style.emoji} {plain.style.word} · {plain.title}"
    body = [_text(shortened(headline, TITLE), size="large", weight="bolder", color=_color(plain.style))]
    under = " · ".join(filter(None, (plain.place, plain.status)))
    body += [_text(shortened(under, TEXT), isSubtle=True)] if under else []
    body += [_text(shortened(each, TEXT)) for each in lines]
    body += [_text(f"{left_out:,} more lines left out", isSubtle=True)] if left_out else []
    card = {"$schema": SCHEMA, "type": "AdaptiveCard", "version": VERSION, "msteams": {"width": "Full"}, "body": body}
    return card | ({"actions": actions} if actions else {})


def _message(card: Element) -> Element:
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _text(text: str, **style: Any) -> Element:
    """Return a line of rich text, in which nothing is markup, wherever the text comes from."""
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text or " ", **style}]}


def _action(label: str, url: str) -> Element:
    return {"type": "Action.OpenUrl", "title": label[:LABEL], "url": url}


def _color(style: SeverityStyle) -> str:
    return COLORS.get(style, "default")
