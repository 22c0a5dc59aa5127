"""A look-alike of a program that takes webhooks: it checks signature, time and id as Standard Webhooks asks."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from local.receivers.answer import Answer

SCHEMA = Path(__file__).parents[2] / "docs" / "webhook.schema.json"
# Seconds that a webhook's time may be off.
TOLERANCE = 300
PREFIX = "whsec_"


@dataclass(frozen=True, slots=True)
class TakenWebhook:
    """A webhook that was taken, once however often it came."""

    id: str
    body: Mapping[str, Any]


class WebhookProgram:
    """A program with one secret; safe to use from many threads."""

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._key, self._clock = base64.b64decode(secret.removeprefix(PREFIX)), clock
        self._taken: dict[str, TakenWebhook] = {}
        self._validator = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
        self._lock = threading.Lock()

    @property
    def taken(self) -> tuple[TakenWebhook, ...]:
        """All that was taken, the oldest first."""
        with self._lock:
            return tuple(self._taken.values())

    def receive(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Take a webhook, or refuse it."""
        known = {name.lower(): value for name, value in headers.items()}
        message_id, timestamp = known.get("webhook-id", ""), known.get("webhook-timestamp", "")
        if not message_id or not timestamp.isdecimal() or abs(self._clock() - int(timestamp)) > TOLERANCE:
            return Answer(HTTPStatus.BAD_REQUEST, "id or timestamp")
        expected = base64.b64encode(
            hmac.digest(self._key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
        ).decode()
        signatures = known.get("webhook-signature", "").split(" ")
        if not any(hmac.compare_digest(f"v1,{expected}", each) for each in signatures):
            return Answer(HTTPStatus.UNAUTHORIZED, "signature")
        document = json.loads(body)
        if not self._validator.is_valid(document):
            return Answer(HTTPStatus.UNPROCESSABLE_ENTITY, "schema")
        with self._lock:
            self._taken.setdefault(message_id, TakenWebhook(message_id, document))
        return Answer(HTTPStatus.NO_CONTENT)
