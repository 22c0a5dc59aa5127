"""Slack's incoming webhooks: posting a message, and what Slack's responses mean.

A webhook's URL is a secret: no error, log line or traceback of ours holds it.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks,
https://docs.slack.dev/apis/web-api/rate-limits
"""

import re
from collections.abc import Callable

from msgspec import Struct

from chalicelib.domain.errors import MonitoringError
from chalicelib.gateways.http import HttpClient, Response, is_safe
from chalicelib.gateways.slack.blocks import SlackMessage
from chalicelib.services.notifying.ports import Delivered, Rejected, Retry

# Where Slack does not say when to come back; it asks for 30 as a rule.
RETRY_AFTER = 30
LONGEST_RETRY_AFTER = 3_600

OK, BAD_REQUEST, PAYLOAD_TOO_LARGE, TOO_MANY_REQUESTS = 200, 400, 413, 429
GONE = {403, 404, 410}
# Slack's own words look so; anything else was written by somebody between us and Slack, and may repeat the URL.
WORD = re.compile(r"[a-z_]{1,60}")


class Unreadable(Struct, frozen=True):
    """Slack cannot read this message; a plainer one it may."""

    why: str


class SlackWebhooks:
    """Posts to the webhook whose URL is the receiver's secret; `secret` returns None where there is none."""

    def __init__(self, secret: Callable[[str], str | None], stage: str, http: HttpClient) -> None:
        self._secret, self._stage, self._http = secret, stage, http

    def post(self, receiver: str, message: SlackMessage) -> Delivered | Retry | Rejected | Unreadable:
        """Post one message.

        A URL that is missing or wrong is a reason to try again: an operator can set it, and nothing is lost until then.
        """
        response = self._response(receiver, message)
        match response.status:
            case status if status == OK and response.text == "ok":
                return Delivered()
            case status if status in {BAD_REQUEST, PAYLOAD_TOO_LARGE}:
                return Unreadable(f"Slack cannot read the message: {_words(response)}")
            case status if status in GONE:
                return Rejected(f"Slack refuses messages to {receiver}: {_words(response)}", receiver_gone=True)
            case status if status == TOO_MANY_REQUESTS:
                return Retry(_seconds(response.retry_after), "rate limited: 429")
            case _:
                return Retry(RETRY_AFTER, f"no delivery to {receiver}: {_words(response)}")

    def _response(self, receiver: str, message: SlackMessage) -> Response:
        parameter = f"/monitoring/{self._stage}/slack/{receiver}"
        try:
            url = self._secret(parameter)
        except MonitoringError as error:
            return Response(0, str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, its text may hold the URL
            return Response(0, f"SSM parameter {parameter} cannot be read ({type(error).__name__})")
        if not url:
            return Response(0, f"SSM parameter {parameter} is missing")
        if not is_safe(url):
            return Response(0, f"SSM parameter {parameter} holds no https URL")
        return self._http.post(url, message)


def _words(response: Response) -> str:
    """Say what came back, in nobody's words but Slack's and ours."""
    if not response.status:
        return response.text
    return f"{response.status} {response.text if WORD.fullmatch(response.text) else ''}".strip()


def _seconds(retry_after: str) -> int:
    plausible = re.fullmatch(r"[0-9]{1,9}", retry_after)
    return min(max(int(retry_after), 1), LONGEST_RETRY_AFTER) if plausible else RETRY_AFTER
