"""A workspace's Web API without HTTP: the methods that an app posts, changes and finds messages with, as documented.

https://docs.slack.dev/reference/methods/chat.postMessage, https://docs.slack.dev/reference/methods/chat.update,
https://docs.slack.dev/reference/methods/conversations.history, https://docs.slack.dev/reference/methods/views.open
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from local.slack import limits
from local.slack.blockkit import UnacceptablePayloadError, accept
from local.slack.pace import Bucket, RateLimit
from local.slack.views import Views

OK = HTTPStatus.OK
# What each method needs, https://docs.slack.dev/reference/scopes
SCOPES = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "conversations.history": "channels:history",
    "conversations.replies": "channels:history",
    "chat.postEphemeral": "chat:write",
    "users.info": "users:read",
    "views.open": "",
    "views.update": "",
}
READING = {"conversations.history", "conversations.replies"}
TIER_3 = RateLimit(per_second=50 / 60, burst=50)
# So many of what one person alone sees are shown; Slack forgets them when the page is loaded anew.
WHISPERS = 3
POSTING = RateLimit(per_second=limits.MESSAGES_PER_SECOND, burst=limits.BURST)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a method answers: a status, a document, and after 429 the seconds to wait."""

    document: Mapping[str, Any]
    status: HTTPStatus = OK
    retry_after: int | None = None


@dataclass(slots=True)
class AppMessage:
    """A message of the app, as it is now; `history` are the payloads that it had before."""

    ts: str
    channel: str
    payload: dict[str, Any]
    thread_ts: str = ""
    broadcast: bool = False
    metadata: dict[str, Any] | None = None
    history: list[dict[str, Any]] = field(default_factory=list)

    def as_read(self, *, with_metadata: bool) -> dict[str, Any]:
        """Return the message as history shows it."""
        read = {"type": "message", "ts": self.ts, "bot_id": "B00000001", **self.payload}
        read |= {"thread_ts": self.thread_ts} if self.thread_ts else {}
        return read | ({"metadata": self.metadata} if with_metadata and self.metadata else {})


class Conversations:
    """The channels that an app writes to: `channels` by their ids, those in `invited` with the app in them."""

    def __init__(
        self,
        channels: Mapping[str, str],
        token: str,
        now: Callable[[], float],
        *,
        scopes: frozenset[str] = frozenset({"chat:write", "channels:history", "commands", "users:read"}),
        rates: bool = True,
    ) -> None:
        self.channels, self.invited, self._token, self._now = dict(channels), set(channels), token, now
        self.scopes, self._rates = scopes, rates
        self.messages: list[AppMessage] = []
        self.deleted: set[str] = set()
        self.views = Views()
        self.people: dict[str, dict[str, Any]] = {}
        self.whispers: list[dict[str, Any]] = []
        self.whispers_shown: list[AppMessage] = []
        self.failures: list[Reply] = []
        self.refusals: list[tuple[str, str]] = []
        self._buckets: dict[str, Bucket] = {}
        self._lock = threading.Lock()

    def roots(self, channel: str = "") -> list[AppMessage]:
        """List the messages in a channel, or in all, that are in no thread."""
        return [each for each in self.messages if not each.thread_ts and channel in {"", each.channel}]

    def replies(self, ts: str) -> list[AppMessage]:
        """List what stands in a thread."""
        return [each for each in self.messages if each.thread_ts == ts]

    def whisper(self, arguments: Mapping[str, Any]) -> str:
        """Say something that one person sees, until they look elsewhere; returns its time stamp."""
        ts = f"{int(self._now())}.9{len(self.whispers):05d}"
        payload = {name: arguments[name] for name in ("text", "blocks") if name in arguments}
        self.whispers.append(dict(arguments))
        self.whispers_shown = [*self.whispers_shown, AppMessage(ts, str(arguments["channel"]), payload)][-WHISPERS:]
        return ts

    def call(self, method: str, token: str, arguments: Mapping[str, Any]) -> Reply:
        """Call a method."""
        with self._lock:
            reply = self._refused(method, token, arguments) or self._done(method, arguments)
            if reply.document.get("ok") is not True:
                self.refusals.append((method, str(reply.document.get("error", reply.status))))
            return reply

    def _refused(self, method: str, token: str, arguments: Mapping[str, Any]) -> Reply | None:
        if self.failures:
            return self.failures.pop(0)
        channel = str(arguments.get("channel", ""))
        has_channel = method.startswith(("chat.", "conversations."))
        refusals = (
            (method not in SCOPES, "unknown_method"),
            (not token, "not_authed"),
            (token != self._token, "invalid_auth"),
            (not {SCOPES.get(method, "")} <= {"", *self.scopes}, "missing_scope"),
            (has_channel and channel not in self.channels, "channel_not_found"),
            (has_channel and channel not in self.invited, "not_in_channel"),
        )
        word = next((word for holds, word in refusals if holds), "")
        return _error(word) if word else self._too_fast(method, channel)

    def _too_fast(self, method: str, channel: str) -> Reply | None:
        if not self._rates:
            return None
        key, rate = (channel, POSTING) if method == "chat.postMessage" else (method, TIER_3)
        wait = self._buckets.setdefault(key, Bucket(rate, self._now())).take(self._now())
        if not wait:
            return None
        return Reply({"ok": False, "error": "ratelimited"}, HTTPStatus.TOO_MANY_REQUESTS, int(wait) + 1)

    def _done(self, method: str, arguments: Mapping[str, Any]) -> Reply:
        match method:
            case "chat.postMessage":
                return self._post(arguments)
            case "chat.update":
                return self._update(arguments)
            case "conversations.history":
                return self._read(arguments, [each for each in self._there() if not each.thread_ts or each.broadcast])
            case "conversations.replies":
                thread = str(arguments.get("ts", ""))
                found = [each for each in self._there() if thread in {each.ts, each.thread_ts}]
                return self._read(arguments, found[::-1]) if found else _error("thread_not_found")
            case _:
                return self._with_people(method, arguments)

    def _with_people(self, method: str, arguments: Mapping[str, Any]) -> Reply:
        match method:
            case "chat.postEphemeral":
                return Reply({"ok": True, "message_ts": self.whisper(arguments)})
            case "users.info":
                user = self.people.get(str(arguments.get("user")))
                return Reply({"ok": True, "user": user}) if user else _error("user_not_found")
            case _:
                return self._view(method, arguments)

    def _there(self) -> list[AppMessage]:
        return [each for each in self.messages if each.ts not in self.deleted]

    def _post(self, arguments: Mapping[str, Any]) -> Reply:
        thread = str(arguments.get("thread_ts") or "")
        if thread and not any(each.ts == thread for each in self._there()):
            return _error("thread_not_found")
        metadata = arguments.get("metadata")
        if metadata is not None and not {"event_type", "event_payload"} <= metadata.keys():
            return _error("metadata_must_be_sent_as_object_with_event_type_and_event_payload")
        try:
            accept(arguments)
        except UnacceptablePayloadError as error:
            return _error(error.reason)
        ts = f"{int(self._now())}.{len(self.messages) + 1:06d}"
        payload = {name: arguments[name] for name in ("text", "blocks", "attachments") if name in arguments}
        broadcast = bool(thread and arguments.get("reply_broadcast"))
        self.messages.append(AppMessage(ts, str(arguments["channel"]), payload, thread, broadcast, metadata))
        return Reply({"ok": True, "channel": arguments["channel"], "ts": ts, "message": payload})

    def _update(self, arguments: Mapping[str, Any]) -> Reply:
        found = next((each for each in self._there() if each.ts == arguments.get("ts")), None)
        if found is None or found.channel != arguments["channel"]:
            return _error("message_not_found")
        try:
            accept(arguments)
        except UnacceptablePayloadError as error:
            return _error(error.reason)
        found.history.append(found.payload)
        found.payload = {name: arguments[name] for name in ("text", "blocks", "attachments") if name in arguments}
        return Reply({"ok": True, "channel": found.channel, "ts": found.ts, "text": found.payload.get("text", "")})

    def _read(self, arguments: Mapping[str, Any], messages: list[AppMessage]) -> Reply:
        oldest, limit = float(arguments.get("oldest") or 0), int(arguments.get("limit") or 100)
        start = int(str(arguments.get("cursor") or "0"))
        in_channel = [each for each in messages if each.channel == arguments["channel"] and float(each.ts) >= oldest]
        ordered = in_channel[::-1]
        page, rest = ordered[start : start + limit], ordered[start + limit :]
        with_metadata = str(arguments.get("include_all_metadata", "")).lower() in {"true", "1"}
        document = {
            "ok": True,
            "messages": [each.as_read(with_metadata=with_metadata) for each in page],
            "has_more": bool(rest),
            "response_metadata": {"next_cursor": str(start + limit) if rest else ""},
        }
        return Reply(document)

    def _view(self, method: str, arguments: Mapping[str, Any]) -> Reply:
        error, view = self.views.take(method, arguments)
        return _error(error) if error else Reply({"ok": True, "view": view})


def failing(status: HTTPStatus, retry_after: int | None = None) -> Reply:
    """Return a reply that is no Slack's word, as when something between fails."""
    return Reply({"ok": False, "error": "fatal_error"}, status, retry_after)


def _error(word: str) -> Reply:
    return Reply({"ok": False, "error": word})
