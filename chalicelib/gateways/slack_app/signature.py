"""Slack's request signatures: over the raw body, with a shared secret.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock

TOLERANCE = 300
VERSION = "v0"
SECRET = "slack-app/signing-secret"  # noqa: S105 - where it lies


class SlackSignatures:
    """Verifies requests; `secret` returns a parameter's value, None where there is none."""

    def __init__(self, secret: Callable[[str], str | None], stage: str, clock: "Clock") -> None:
        self._secret, self._name, self._clock = secret, f"/monitoring/{stage}/{SECRET}", clock

    def is_genuine(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Return whether Slack sent this within the last five minutes; compares in constant time."""
        timestamp = headers.get("x-slack-request-timestamp", "")
        is_plausible = timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= len(str(2**63))
        if not is_plausible or abs(self._clock.now() - int(timestamp)) > TOLERANCE:
            return False
        key = (self._secret(self._name) or "").strip().encode()
        expected = signature_of(key, timestamp, body)
        given = headers.get("x-slack-signature", "")
        return bool(key) and hmac.compare_digest(expected.encode(), given.encode(errors="replace"))


def signature_of(key: bytes, timestamp: str, body: bytes) -> str:
    """Return the signature that a request has."""
    signed = f"{VERSION}:{timestamp}:".encode() + body
    return f"{VERSION}={hmac.new(key, signed, hashlib.sha256).hexdigest()}"
