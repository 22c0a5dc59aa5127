"""Signed links: addresses of the hub's own pages that carry a signed claim; key and address are SSM parameters.

Both are read when a link is first needed. If either is missing, messages have no buttons, and are complete without
them. The key never appears in a log or an error.
"""

import logging
from collections.abc import Callable, Sequence

from msgspec import Struct

from chalicelib.domain.errors import Damaged
from chalicelib.domain.notifications.action_links import SHORTEST_KEY, AlertLinks, Claim, read, sign
from chalicelib.gateways.ssm import BASE_URL, LINK_KEY

log = logging.getLogger(__name__)

ALERTS = "/ui/alerts"


class SignedLinks(Struct, frozen=True):
    """The links of one stage; `parameter` returns the value of an SSM parameter, None where there is none."""

    parameter: Callable[[str], str | None]
    stage: str

    def of_alert(self, fingerprint: str, claims: Sequence[Claim] = ()) -> AlertLinks:
        """Return the address of an alert's page, and one address for each claim."""
        if not fingerprint:
            return AlertLinks()
        base, key = self._base_and_key()
        if not base:
            return AlertLinks()
        addresses = [f"{base}/links/{sign(claim, key)}" for claim in claims]
        return AlertLinks(f"{base}{ALERTS}/{fingerprint}", tuple(addresses))

    def alerts_page(self) -> str:
        """Return the address of the list of alerts; empty where the key or the hub's address is missing."""
        base, _ = self._base_and_key()
        return f"{base}{ALERTS}" if base else ""

    def read(self, token: str, now: int) -> Claim:
        """Return the claim of a token; Damaged where it is none, Expired where it was one."""
        key = self._key()
        if not key:
            raise Damaged("The hub has no key for links at present.")
        return read(token, key, now)

    def _base_and_key(self) -> tuple[str, bytes]:
        """Return the hub's address and its key; both empty where one is missing or invalid."""
        from chalicelib.gateways.slack.mrkdwn import safe_url  # noqa: PLC0415 - most functions make no links

        base, key = self._read(BASE_URL, LINK_KEY)
        if base and safe_url(base) != base:
            base = self._unusable(BASE_URL)
        if key and len(key) < SHORTEST_KEY:
            key = self._unusable(LINK_KEY)
        return (base.rstrip("/"), key.encode()) if base and key else ("", b"")

    def _key(self) -> bytes:
        (key,) = self._read(LINK_KEY)
        return self._unusable(LINK_KEY).encode() if key and len(key) < SHORTEST_KEY else key.encode()

    def _read(self, *names: str) -> list[str]:
        paths = [self._path(name) for name in names]
        return [(self.parameter(path) or "").strip() for path in paths]

    def _unusable(self, name: str) -> str:
        log.error("Parameter invalid; messages have no buttons", extra={"parameter": self._path(name)})
        return ""

    def _path(self, name: str) -> str:
        return f"/monitoring/{self.stage}/{name}"
