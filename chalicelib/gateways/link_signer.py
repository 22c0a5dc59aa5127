"""Signed links: a claim as an address that leads to the hub's own pages, with the key and the address kept in SSM.

Neither is asked for before a link is due. Without the one nothing can be signed, without the other there is nowhere to
lead: then messages have no buttons, and are complete without them. The key never enters a log or an error.
"""

import logging
from collections.abc import Callable, Sequence

from msgspec import Struct

from chalicelib.domain.errors import Damaged
from chalicelib.domain.notifications.action_links import SHORTEST_KEY, Claim, read, sign

log = logging.getLogger(__name__)

KEY, BASE = "link-key", "base-url"


class SignedLinks(Struct, frozen=True):
    """The links of one stage; `parameter` returns the value of an SSM parameter, None where there is none."""

    parameter: Callable[[str], str | None]
    stage: str

    def addresses(self, claims: Sequence[Claim]) -> list[str]:
        """Return where each claim can be redeemed; none of them where the key or the hub's address is missing."""
        if not claims:
            return []
        values = [self.parameter(path) for path in (self._path(KEY), self._path(BASE))]
        key, base = self._key(values[0]), self._base(values[1])
        return [f"{base}/links/{sign(claim, key)}" for claim in claims] if key and base else []

    def page(self, fingerprint: str) -> str:
        """Return where the hub shows an alert; nothing where there is none, or its key or address is missing."""
        if not fingerprint:
            return ""
        page = self.alerts_page()
        return f"{page}/{fingerprint}" if page else ""

    def alerts_page(self) -> str:
        """Return where the hub lists what fires; nothing where its key or address is missing."""
        key, base = self._key(self.parameter(self._path(KEY))), self._base(self.parameter(self._path(BASE)))
        return f"{base}/ui/alerts" if key and base else ""

    def read(self, token: str, now: int) -> Claim:
        """Return the claim of a token; Damaged or Expired where it is none, or no longer one."""
        key = self._key(self.parameter(self._path(KEY)))
        if not key:
            raise Damaged("The hub has no key for links at present.")
        return read(token, key, now)

    def _key(self, written: str | None) -> bytes:
        key = (written or "").strip()
        return self._usable(KEY, key, is_usable=len(key) >= SHORTEST_KEY).encode()

    def _base(self, written: str | None) -> str:
        from chalicelib.gateways.slack.mrkdwn import safe_url  # noqa: PLC0415 - most functions make no links

        base = (written or "").strip()
        return self._usable(BASE, base, is_usable=safe_url(base) == base).rstrip("/")

    def _usable(self, name: str, value: str, *, is_usable: bool) -> str:
        if value and not is_usable:
            log.error("Parameter is not usable, and messages have no buttons", extra={"parameter": self._path(name)})
            return ""
        return value

    def _path(self, name: str) -> str:
        return f"/monitoring/{self.stage}/{name}"
