"""Signed links: a claim as an address that leads to the hub's own pages, with the key and the address kept in SSM.

Neither is asked for before a link is due. Without the one nothing can be signed, without the other there is nowhere to
lead: then messages have no buttons, and are complete without them. The key never enters a log or an error.
"""

import logging
from collections.abc import Callable, Sequence

from msgspec import Struct

from chalicelib.domain.errors import Damaged
from chalicelib.domain.notifications.action_links import SHORTEST_KEY, Claim, read, sign
from chalicelib.gateways.slack.mrkdwn import safe_url

log = logging.getLogger(__name__)


class SignedLinks(Struct, frozen=True):
    """The links of one stage; `parameter` returns the value of an SSM parameter, None where there is none."""

    parameter: Callable[[str], str | None]
    stage: str

    def addresses(self, claims: Sequence[Claim]) -> list[str]:
        """Return where each claim can be redeemed; none of them where the key or the hub's address is missing."""
        if not claims:
            return []
        key, base = self._key(), self._base()
        return [f"{base}/links/{sign(claim, key)}" for claim in claims] if key and base else []

    def read(self, token: str, now: int) -> Claim:
        """Return the claim of a token; Damaged or Expired where it is none, or no longer one."""
        key = self._key()
        if not key:
            raise Damaged("The hub has no key for links at present.")
        return read(token, key, now)

    def _key(self) -> bytes:
        return self._usable("link-key", lambda value: len(value) >= SHORTEST_KEY).encode()

    def _base(self) -> str:
        return self._usable("base-url", lambda value: safe_url(value) == value).rstrip("/")

    def _usable(self, name: str, is_usable: Callable[[str], bool]) -> str:
        path = f"/monitoring/{self.stage}/{name}"
        value = (self.parameter(path) or "").strip()
        if value and not is_usable(value):
            log.error("Parameter is not usable, and messages have no buttons", extra={"parameter": path})
            return ""
        return value
