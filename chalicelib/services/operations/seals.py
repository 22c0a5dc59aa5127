"""Seals: short texts that only the hub can have made, each for one purpose, with the key that links have too."""

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


class Sealed(Struct, frozen=True, kw_only=True):
    """What every seal has: a unique id, and until when it is worth anything (epoch seconds)."""

    id: str
    expires_at: int


class Seals(Struct, frozen=True):
    """Makes and reads the seals of one stage; `parameter` returns the value of an SSM parameter, None without one."""

    parameter: Callable[[str], str | None]
    stage: str

    def seal(self, purpose: str, what: Sealed) -> str:
        """Return what is sealed as URL-safe text; Misconfigured where the stage has no key."""
        content = base64.urlsafe_b64encode(json.encode(what)).decode().rstrip("=")
        return f"{content}.{self.mark(purpose, content)}"

    def read[S: Sealed](self, purpose: str, text: str, kind: type[S], now: int) -> S:
        """Return what was sealed for this purpose; Damaged where nothing was, Expired where its time is over."""
        content, _, mark = text.partition(".")
        if len(text) > LONGEST or not hmac.compare_digest(mark.encode(), self.mark(purpose, content).encode()):
            raise Damaged("It was not made by this hub, or the hub's key has changed.")
        try:
            decoded: Any = base64.b64decode(content + "=" * (-len(content) % 4), b"-_", validate=True)
            found = json.decode(decoded, type=kind)
        except (binascii.Error, ValueError, DecodeError, ValidationError):
            raise Damaged("It was made by another version of the hub.") from None
        if now >= found.expires_at:
            raise Expired("It has expired.")
        return found

    def mark(self, purpose: str, content: str) -> str:
        """Return what proves that the hub has made something for a purpose."""
        message = f"monitoring {purpose}\0{content}".encode(errors="replace")
        return base64.urlsafe_b64encode(hmac.digest(self._key(), message, hashlib.sha256)).decode().rstrip("=")

    def _key(self) -> bytes:
        name = f"/monitoring/{self.stage}/{KEY}"
        key = (self.parameter(name) or "").strip()
        if len(key) < SHORTEST_KEY:
            raise Misconfigured(f"The parameter {name} is needed, with a key of {SHORTEST_KEY} characters or more.")
        return key.encode()
