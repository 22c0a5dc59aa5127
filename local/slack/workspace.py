"""A workspace behind the webhooks, without HTTP: what came in, what was refused, what goes wrong on purpose."""

import json
import math
import re
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from local.slack.blockkit import UnacceptablePayloadError, accept
from local.slack.pace import Bucket, RateLimit

CHANNEL = re.compile(r"[a-z0-9_-]{1,80}")  # https://docs.slack.dev/reference/methods/conversations.create

# What a webhook answers when it fails, https://docs.slack.dev/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks
FAILURES: Mapping[str, tuple[HTTPStatus | None, str]] = {
    "403": (HTTPStatus.FORBIDDEN, "action_prohibited"),
    "404": (HTTPStatus.NOT_FOUND, "no_service"),
    "410": (HTTPStatus.GONE, "channel_is_archived"),
    "429": (HTTPStatus.TOO_MANY_REQUESTS, "rate_limited"),
    "500": (HTTPStatus.INTERNAL_SERVER_ERROR, "rollup_error"),
    "timeout": (None, "timeout"),
}
RETRY_AFTER = 1  # seconds, what a simulated 429 asks for


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was taken; `number` counts from 1 and `received_at` is aware."""

    number: int
    channel: str
    received_at: datetime
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Response:
    """What the sender receives: Slack's status and word, after 429 the seconds to wait; without a status, nothing."""

    status: HTTPStatus | None
    reason: str
    detail: str = ""
    retry_after: int | None = None


OK = Response(HTTPStatus.OK, "ok")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that was answered with an error, or by a simulated timeout not at all."""

    channel: str
    received_at: datetime
    status: HTTPStatus | None
    reason: str
    detail: str


@dataclass(slots=True)
class Outage:
    """A failure that lasts for some messages, until a time, or until it is lifted; in one channel or in all."""

    failure: str
    channel: str | None = None
    messages: int | None = None
    until: float | None = None

    def over(self, at: float) -> bool:
        """Return whether it has passed at a time in seconds."""
        return self.messages == 0 or (self.until is not None and at >= self.until)

    def strikes(self, channel: str) -> bool:
        """Return whether it befalls a channel."""
        return self.channel in {None, channel}

    def response(self) -> Response:
        """Respond to one message with the failure, and count it."""
        if self.messages is not None:
            self.messages -= 1
        status, reason = FAILURES[self.failure]
        return Response(status, reason, "simulated outage", RETRY_AFTER if self.failure == "429" else None)


def utc_now() -> datetime:
    """Read the wall clock."""
    return datetime.now(UTC)


class Workspace:
    """The channels' messages and the refusals, safe to use from many threads."""

    def __init__(
        self,
        channels: Collection[str] | None = None,
        rate_limit: RateLimit | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._known = tuple(channels) if channels is not None else None
        self._rate_limit = rate_limit
        self._monotonic = monotonic
        self._now = now
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._epoch = uuid4().hex
        self._messages: list[Message] = []
        self._refusals: list[Refusal] = []
        self._buckets: dict[str, Bucket] = {}
        self._outage: Outage | None = None

    def clear(self) -> None:
        """Forget messages, refusals, paces and the outage."""
        with self._lock:
            self._forget()

    @property
    def epoch(self) -> str:
        """Name the time since the last clearing; message numbers begin again with a new one."""
        return self._epoch

    @property
    def messages(self) -> tuple[Message, ...]:
        """List what was taken, oldest first."""
        with self._lock:
            return tuple(self._messages)

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """List what was refused, oldest first."""
        with self._lock:
            return tuple(self._refusals)

    @property
    def channels(self) -> tuple[str, ...]:
        """List the channels: those given, else those written to, in order of first use."""
        return self._known if self._known is not None else tuple(dict.fromkeys(one.channel for one in self.messages))

    @property
    def outage(self) -> str | None:
        """Name the failure that would befall the next message of some channel, if any."""
        with self._lock:
            return self._outage.failure if self._outage and not self._outage.over(self._monotonic()) else None

    def strike(
        self,
        failure: str | None,
        *,
        messages: int | None = None,
        seconds: float | None = None,
        channel: str | None = None,
    ) -> None:
        """Begin an outage (a key of FAILURES) for some messages or seconds or until further notice; None ends it.

        Raises ValueError for a failure it does not know.
        """
        if failure is not None and failure not in FAILURES:
            raise ValueError(f"an outage is one of {', '.join(FAILURES)} or null, not {failure!r}")
        with self._lock:
            until = None if seconds is None else self._monotonic() + seconds
            self._outage = None if failure is None else Outage(failure, channel, messages, until)

    def receive(self, channel: str, body: bytes) -> Response:
        """Take a message or refuse it; both are remembered."""
        with self._lock:
            response = self._judge(channel) or self._take(channel, body)
            if response is not OK:
                self._refusals.append(Refusal(channel, self._now(), response.status, response.reason, response.detail))
            return response

    def _judge(self, channel: str) -> Response | None:
        """Look at everything but the message itself, in the order in which Slack would notice."""
        if not CHANNEL.fullmatch(channel) or (self._known is not None and channel not in self._known):
            return Response(HTTPStatus.NOT_FOUND, "no_service", "no such channel")
        at = self._monotonic()
        if self._outage and not self._outage.over(at) and self._outage.strikes(channel):
            return self._outage.response()
        if self._rate_limit is None:
            return None
        wait = self._buckets.setdefault(channel, Bucket(self._rate_limit, at)).take(at)
        return Response(HTTPStatus.TOO_MANY_REQUESTS, "rate_limited", "too fast", math.ceil(wait)) if wait else None

    def _take(self, channel: str, body: bytes) -> Response:
        try:
            payload = _parsed(body)
            accept(payload)
        except UnacceptablePayloadError as error:
            return Response(HTTPStatus.BAD_REQUEST, error.reason, error.detail)
        self._messages.append(Message(len(self._messages) + 1, channel, self._now(), payload))
        return OK


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnacceptablePayloadError("invalid_payload", f"not JSON: {type(error).__name__}") from error
    if not isinstance(payload, dict):
        raise UnacceptablePayloadError("invalid_payload", "not a JSON object")
    return payload
