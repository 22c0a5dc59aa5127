"""Message search: finds a message by the id in its metadata, after a post of unknown result."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.gateways.slack_app.composer import EVENT_TYPE
from chalicelib.gateways.slack_app.web_api import Called

if TYPE_CHECKING:
    from chalicelib.gateways.slack_app.thread import PostAttempt
    from chalicelib.gateways.slack_app.web_api import CallResult, SlackWebApi

# Seconds by which Slack's clock and ours may differ, and messages on a page.
MARGIN, PAGE, MOST_PAGES = 120, 200, 5


def find_posted(
    api: "SlackWebApi", channel: str, thread_ts: str, attempt: "PostAttempt", *, is_grave: bool
) -> "CallResult | str":
    """Return the time stamp of what was posted, empty if it was not, or why that is unknown."""
    where = {"channel": channel, "include_all_metadata": "true", "inclusive": "true", "limit": str(PAGE)}
    where["oldest"] = str(attempt.at - MARGIN)
    if attempt.is_reply:
        where["ts"] = thread_ts
    method = "conversations.replies" if attempt.is_reply else "conversations.history"
    for _ in range(MOST_PAGES):
        result = api.read(method, where, is_grave=is_grave)
        if not isinstance(result, Called):
            return result
        if found := _found(result.document, attempt.id):
            return found
        cursor = _next(result.document)
        if not cursor:
            break
        where["cursor"] = cursor
    return ""


def _found(document: Mapping[str, Any], message_id: str) -> str:
    for message in document.get("messages") or ():
        metadata = message.get("metadata") or {}
        payload = metadata.get("event_payload") or {}
        if metadata.get("event_type") == EVENT_TYPE and payload.get("id") == message_id:
            return str(message.get("ts", ""))
    return ""


def _next(document: Mapping[str, Any]) -> str:
    return str((document.get("response_metadata") or {}).get("next_cursor", ""))
