"""Slack's incoming webhooks: posting a message, and what Slack's responses mean.

A webhook's URL is a secret: no error, log line or traceback of ours holds it.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks,
https://docs.slack.dev/apis/web-api/rate-limits
"""

import re
from collections.abc import Callable

from msgspec import Struct

from chalicelib.gateways.delivery_results import GONE, TOO_MANY_REQUESTS, is_passing, may_have_arrived, seconds_of
from chalicelib.gateways.http import HttpClient, Response
from chalicelib.gateways.receiver_secrets import ReceiverSecrets
from chalicelib.gateways.slack.blocks import SlackMessage
from chalicelib.services.notifying.ports import Delivered, Rejected, Retry

OK, BAD_REQUEST, PAYLOAD_TOO_LARGE = 200, 400, 413
# Slack's own words look so; anything else was written by somebody between us and Slack, and may repeat the URL.
WORD = re.compile(r"[a-z_]{1,60}")


class Unreadable(Struct, frozen=True):
    """Slack cannot read this message; it may read a plainer one."""

    why: str


class SlackWebhooks:
    """The webhooks, whose URLs are secrets of their receivers; `secret` returns None where there is none."""

    def __init__(self, secret: Callable[[str], str | None], stage: str, http: HttpClient) -> None:
        self._secrets, self._http = ReceiverSecrets(secret, stage), http

    def find(self, receiver: str) -> "Webhook | Retry":
        """Return a receiver's webhook.

        A missing or invalid URL is a reason to retry: an operator can set it, and nothing is lost until then.
        """
        url = self._secrets.read_url(receiver, f"slack/{receiver}")
        return url if isinstance(url, Retry) else Webhook(receiver, url, self._http)


class Webhook:
    """The webhook of one receiver."""

    def __init__(self, receiver: str, url: str, http: HttpClient) -> None:
        self._receiver, self._url, self._http = receiver, url, http

    def post(self, message: SlackMessage) -> Delivered | Retry | Rejected | Unreadable:
        """Post one message."""
        receiver, response = self._receiver, self._http.post(self._url, message)
        match response.status:
            case status if status == OK and response.text == "ok":
                return Delivered()
            case status if status in {BAD_REQUEST, PAYLOAD_TOO_LARGE}:
                return Unreadable(f"Slack cannot read the message: {_words(response)}")
            case status if status in GONE:
                return Rejected(f"Slack refuses messages to {receiver}: {_words(response)}", receiver_gone=True)
            case status if status == TOO_MANY_REQUESTS:
                return Retry(seconds_of(response.retry_after), "rate limited: 429")
            case _:
                why = f"no delivery to {receiver}: {_words(response)}"
                return Retry(seconds_of(response.retry_after), why, may_have_arrived(response), is_passing(response))


def _words(response: Response) -> str:
    """Return the response in Slack's words and ours only."""
    if not response.status:
        return response.text
    return f"{response.status} {response.text if WORD.fullmatch(response.text) else ''}".strip()
