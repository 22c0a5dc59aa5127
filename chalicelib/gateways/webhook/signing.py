"""Webhook signatures, by Standard Webhooks: over the id, the time and the body, with each secret.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence

from msgspec import DecodeError, Struct, json

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
# The current secret, and during a rotation the old or the next one.
MOST_SECRETS = 2
WHAT_IT_HOLDS = 'must hold {"url": "https://…", "secrets": ["whsec_…"]}, with one or two secrets of 24 to 64 bytes'


class WebhookEndpoint(Struct, frozen=True):
    """A webhook's URL and secrets: two of them during a rotation."""

    url: str
    secrets: tuple[str, ...]

    def keys(self) -> tuple[bytes, ...]:
        """Return the secrets as bytes; ValueError where one is malformed."""
        return tuple(map(_key, self.secrets))


def endpoint_in(text: str) -> WebhookEndpoint | None:
    """Read a receiver's parameter; None where it is malformed."""
    try:
        endpoint = json.decode(text, type=WebhookEndpoint)
        keys = endpoint.keys()
    except (DecodeError, ValueError):
        return None
    return endpoint if 1 <= len(keys) <= MOST_SECRETS else None


def headers_of(message_id: str, timestamp: int, body: bytes, keys: Sequence[bytes]) -> Mapping[str, str]:
    """Return the headers of one webhook."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    signatures = (base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in keys)
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{each}" for each in signatures),
    }


def _key(secret: str) -> bytes:
    if not secret.startswith(PREFIX):
        raise ValueError("a secret begins with whsec_")
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("a secret is base64") from None
    if not SHORTEST <= len(key) <= LONGEST:
        raise ValueError("a secret has 24 to 64 bytes")
    return key
