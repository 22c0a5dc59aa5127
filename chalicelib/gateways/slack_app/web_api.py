"""Slack's Web API: calling a method with the app's token, and what its responses mean.

https://docs.slack.dev/apis/web-api, https://docs.slack.dev/apis/web-api/rate-limits
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from msgspec import Struct

from chalicelib.gateways.delivery_results import RETRY_AFTER, TOO_MANY_REQUESTS, delivery_result, seconds_of
from chalicelib.gateways.http import Response
from chalicelib.gateways.slack_app.rates import MethodRates
from chalicelib.services.notifying.ports import Delivered, Rejected, Retry

if TYPE_CHECKING:
    from chalicelib.gateways.http import HttpClient

OK = 200
# A page of a channel's history holds whole messages.
LONGEST_RESPONSE = 4_000_000
WORD = re.compile(r"[a-z_]{1,60}")

# Errors after which the channel is gone for good.
GONE = frozenset(
    {"channel_not_found", "is_archived", "account_inactive", "token_revoked", "team_access_not_granted", "user_is_bot"}
)
# Errors that an administrator can fix: another token, an invitation, a scope.
MENDABLE = frozenset(
    {"invalid_auth", "not_authed", "token_expired", "missing_scope", "not_in_channel", "no_permission"}
    | {"restricted_action", "ekm_access_denied", "access_denied", "org_login_required", "accesslimited"}
)
# Errors of Slack itself, and rate limits.
PASSING = frozenset({"ratelimited", "rate_limited", "service_unavailable", "team_added_to_org"})
# Errors after which the call may have had its effect.
UNKNOWN = frozenset({"internal_error", "fatal_error", "request_timeout"})
# Errors of updates of a message that is gone, or too old.
LOST = frozenset(
    {"message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found", "cannot_reply_to_message"}
)


class Called(Struct, frozen=True):
    """The call succeeded; `document` is the response."""

    document: Mapping[str, Any]


class UnknownOutcome(Struct, frozen=True):
    """It is unknown whether the call succeeded."""

    why: str


class Lost(Struct, frozen=True):
    """The message no longer exists, or can no longer be changed."""

    why: str


class Unacceptable(Struct, frozen=True):
    """Slack cannot read it; it may read a plainer one."""

    why: str


type CallResult = Called | UnknownOutcome | Lost | Unacceptable | Retry | Rejected


class SlackWebApi:
    """Calls methods at `url`, within their rates; reading methods take a form, the others JSON.

    A part of each rate is reserved for what `is_grave`.
    """

    def __init__(self, url: str, http: "HttpClient", receiver: str, rates: MethodRates) -> None:
        self._url, self._http, self._receiver, self._rates = url, http, receiver, rates

    def write(self, method: str, arguments: Mapping[str, Any], *, is_grave: bool = True) -> CallResult:
        """Call a method that changes something."""
        body = json.dumps(arguments).encode()
        return self._call(method, body, "application/json; charset=utf-8", is_grave=is_grave)

    def read(self, method: str, arguments: Mapping[str, Any], *, is_grave: bool = True) -> CallResult:
        """Call a method that changes nothing; any error is a reason to retry."""
        body = urlencode(arguments).encode()
        result = self._call(method, body, "application/x-www-form-urlencoded", is_grave=is_grave)
        return Retry(RETRY_AFTER, result.why) if isinstance(result, UnknownOutcome) else result

    def _call(self, method: str, body: bytes, kind: str, *, is_grave: bool) -> CallResult:
        if wait := self._rates.take(method, is_grave=is_grave):
            return wait
        headers = {"Authorization": f"Bearer {self._rates.token}", "Content-Type": kind}
        response = self._http.post(f"{self._url}/{method}", body, headers, LONGEST_RESPONSE)
        if response.status == TOO_MANY_REQUESTS:
            self._rates.pause(method, seconds_of(response.retry_after))
        return result_of(response, method, self._receiver)


def result_of(response: Response, method: str, receiver: str) -> CallResult:
    """Return the result of a call."""
    if not response.status or response.status in range(500, 600):
        return UnknownOutcome(f"{method}: {response.status or response.text}")
    if response.status == TOO_MANY_REQUESTS:
        return Retry(seconds_of(response.retry_after), f"rate limited: {method}")
    if response.status != OK:
        found = delivery_result(response, receiver)
        return Unacceptable(f"{method}: {response.status}") if isinstance(found, Delivered) else found
    return _result_in(_document(response.text), method, receiver)


def _result_in(document: Mapping[str, Any] | None, method: str, receiver: str) -> CallResult:
    if document is None:
        return UnknownOutcome(f"{method}: no JSON")
    if document.get("ok") is True:
        return Called(document)
    error = str(document.get("error", ""))
    why = f"{method}: {error if WORD.fullmatch(error) else 'refused'}"
    meanings: tuple[tuple[frozenset[str], Callable[[], CallResult]], ...] = (
        (GONE, lambda: Rejected(f"messages to {receiver} are refused: {why}", receiver_gone=True)),
        (MENDABLE | PASSING, lambda: Retry(RETRY_AFTER, f"no delivery to {receiver}: {why}")),
        (UNKNOWN, lambda: UnknownOutcome(why)),
        (LOST, lambda: Lost(why)),
    )
    return next((meaning() for words, meaning in meanings if error in words), Unacceptable(why))


def _document(text: str) -> Mapping[str, Any] | None:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
