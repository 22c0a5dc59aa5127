"""Signed tokens: short texts that only the hub can have made, each for one purpose, signed with the key of links."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from typing import Any

from msgspec import DecodeError, Struct, ValidationError, json

from chalicelib.domain.errors import Damaged, Expired, Misconfigured
from chalicelib.domain.notifications.action_links import SHORTEST_KEY

KEY = "link-key"
# A browser keeps 4 kB of a cookie; ours are far shorter.
LONGEST = 2_048


class SignedClaim(Struct, frozen=True, kw_only=True):
    """What every signed token says: a unique id, and when it expires (epoch seconds)."""

    id: str
    expires_at: int


class TokenSigner(Struct, frozen=True):
    """Signs and reads the tokens of one stage; `parameter` returns the value of an SSM parameter, or None."""

    parameter: Callable[[str], str | None]
    stage: str

    def sign(self, purpose: str, claim: SignedClaim) -> str:
        """Return a claim as a signed, URL-safe token; Misconfigured where the stage has no key."""
        content = base64.urlsafe_b64encode(json.encode(claim)).decode().rstrip("=")
        return f"{content}.{self.signature(purpose, content)}"

    def read[C: SignedClaim](self, purpose: str, text: str, kind: type[C], now: int) -> C:
        """Return the claim of a token signed for this purpose; Damaged where it is none, Expired where it was one."""
        content, _, signature = text.partition(".")
        if len(text) > LONGEST or not hmac.compare_digest(
            signature.encode(), self.signature(purpose, content).encode()
        ):
            raise Damaged("It was not made by this hub, or the hub's key has changed.")
        try:
            decoded: Any = base64.b64decode(content + "=" * (-len(content) % 4), b"-_", validate=True)
            found = json.decode(decoded, type=kind)
        except (binascii.Error, ValueError, DecodeError, ValidationError):
            raise Damaged("It was made by another version of the hub.") from None
        if now >= found.expires_at:
            raise Expired("It has expired.")
        return found

    def signature(self, purpose: str, content: str) -> str:
        """Return the HMAC-SHA256 of some content for one purpose, as URL-safe base64."""
        message = f"monitoring {purpose}\0{content}".encode(errors="replace")
        return base64.urlsafe_b64encode(hmac.digest(self._key(), message, hashlib.sha256)).decode().rstrip("=")

    def _key(self) -> bytes:
        name = f"/monitoring/{self.stage}/{KEY}"
        key = (self.parameter(name) or "").strip()
        if len(key) < SHORTEST_KEY:
            raise Misconfigured(f"The parameter {name} is needed, with a key of {SHORTEST_KEY} characters or more.")
        return key.encode()
