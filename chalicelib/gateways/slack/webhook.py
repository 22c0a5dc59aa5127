"""Slack's incoming webhooks: posting a message, and what Slack's answers mean.

A webhook's URL is a secret: no error, log line or traceback of ours holds it.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks,
https://docs.slack.dev/apis/web-api/rate-limits
"""

import json
import logging
import re
from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from msgspec import Struct

from chalicelib.domain.errors import MonitoringError, Refused, Unacceptable, Unavailable
from chalicelib.services.ports import Message

# Seconds; a whole turn of posts must end within the lease of a receiver.
TIMEOUT = 5.0
# Where Slack does not say when to come back; it asks for 30 as a rule.
RETRY_AFTER = 30
LONGEST_RETRY_AFTER = 3_600

OK, BAD_REQUEST, PAYLOAD_TOO_LARGE, TOO_MANY_REQUESTS = 200, 400, 413, 429
GONE = {403, 404, 410}
JSON = {"Content-Type": "application/json"}
# Slack's own words look so; anything else was written by somebody between us and Slack, and may repeat the URL.
WORD = re.compile(r"[a-z_]{1,60}")


class _Answer(Struct, frozen=True):
    """What came back; status 0 is nothing at all."""

    status: int
    word: str
    retry_after: str = ""

    def __str__(self) -> str:
        return f"{self.status} {self.word}".strip() if self.status else self.word


class SlackWebhooks:
    """Posts to the webhook whose URL `webhook` returns for a receiver; None where there is none."""

    def __init__(self, webhook: Callable[[str], str | None], stage: str, timeout: float = TIMEOUT) -> None:
        self._webhook, self._stage, self._timeout = webhook, stage, timeout

    def post(self, receiver: str, message: Message) -> None:
        """Deliver one message; raises Refused, Unacceptable or Unavailable.

        A URL that is missing or none is Unavailable: an operator can mend it, and nothing is lost until then.
        """
        answer = self._ask(receiver, message)
        if answer.status == OK and answer.word == "ok":
            return
        if answer.status in {BAD_REQUEST, PAYLOAD_TOO_LARGE}:
            raise Unacceptable(f"Slack cannot read the message: {answer}")
        if answer.status in GONE:
            raise Refused(f"Slack refuses messages to {receiver}: {answer}")
        if answer.status == TOO_MANY_REQUESTS:
            raise Unavailable("Slack asks for patience: 429", _seconds(answer.retry_after))
        raise Unavailable(f"No delivery to {receiver}: {answer}", RETRY_AFTER)

    def _ask(self, receiver: str, message: Message) -> _Answer:
        parameter = f"/monitoring/{self._stage}/slack/{receiver}"
        try:
            url = self._webhook(receiver)
        except MonitoringError as error:
            return _Answer(0, str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, its text may hold the URL
            return _Answer(0, f"SSM parameter {parameter} cannot be read ({type(error).__name__})")
        if not url:
            return _Answer(0, f"SSM parameter {parameter} is missing")
        if not is_safe(url):
            return _Answer(0, f"SSM parameter {parameter} holds no https URL")
        return _exchange(url, message, self._timeout)


def is_safe(url: str) -> bool:
    """Tell whether a URL is https, or http that does not leave this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host)))
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    return host == "localhost" or ip_address(host).is_loopback


def _exchange(url: str, message: Message, timeout: float) -> _Answer:
    """Post, and return what came back: an error leaves this function only by the name of its type."""
    import certifi  # noqa: PLC0415 - not needed before something is sent
    import urllib3  # noqa: PLC0415 - the same

    # Below a warning, urllib3 logs the path of each request.
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    try:
        # A connection kept open would be found dead after each pause in which Lambda freezes the function.
        with urllib3.PoolManager(ca_certs=certifi.where(), timeout=timeout, retries=False) as http:
            answer = http.request("POST", url, body=json.dumps(message), headers=JSON)
        word = answer.data.decode(errors="replace").strip()
    except Exception as error:  # noqa: BLE001 - whatever it is, its text may hold the URL
        return _Answer(0, type(error).__name__)
    return _Answer(answer.status, word if WORD.fullmatch(word) else "", answer.headers.get("Retry-After", ""))


def _seconds(retry_after: str) -> int:
    plausible = re.fullmatch(r"[0-9]{1,9}", retry_after)
    return min(max(int(retry_after), 1), LONGEST_RETRY_AFTER) if plausible else RETRY_AFTER
