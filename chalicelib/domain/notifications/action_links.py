"""Links: a button's claim to one action on one alert, signed so that nobody can forge, change or keep it.

A token is a version, the claim's fields in a fixed layout, and an HMAC-SHA256 over both, as URL-safe base64. Its length
is a multiple of three bytes, so that every bit of its 80 characters counts: whichever is changed, the signature fails.
"""

import base64
import hashlib
import hmac
import re
import struct
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from chalicelib.domain.errors import Damaged, Expired
from chalicelib.domain.notifications.notification import Notification, Reason
from chalicelib.domain.text import digest
from chalicelib.domain.timestamps import DAY

HOUR, MINUTE = 3_600, 60
# Seconds: from Friday evening to Monday morning; what still fires then was announced again, with new links.
LIFETIME = 3 * DAY
# A key of fewer characters could be guessed; `openssl rand -hex 32` makes 64.
SHORTEST_KEY = 32
# Links of flapping alerts fit any episode, as the next one begins before anybody has read the message.
ANY_EPISODE = 0
ID = 16

# Reasons of notifications that an alert fires.
STILL_THERE = frozenset(
    {
        Reason.FIRST,
        Reason.REGRESSION,
        Reason.WORSENED,
        Reason.UPDATE,
        Reason.RELEASED,
        Reason.ESCALATED,
        Reason.ACK_EXPIRED,
        Reason.JOINED,
        Reason.STEP,
        Reason.REMINDER,
        Reason.STABLE,
    }
)

VERSION = 1
# Version, action, minutes, fingerprint, episode, end of validity, id.
LAYOUT = struct.Struct(">BBH16sII8s")
# 192 of 256 bits: RFC 2104 asks for half at least. With the claim they make a multiple of three bytes.
SEAL = 24
TOKEN = re.compile(r"[A-Za-z0-9_-]{80}")
# So that no other use of the same key can produce a valid signature of a link.
PURPOSE = b"monitoring link\0"


class Action(StrEnum):
    """What a link does."""

    ACKNOWLEDGE = "acknowledge"
    SILENCE = "silence"
    RESOLVE = "resolve"


CODES = {Action.ACKNOWLEDGE: 1, Action.SILENCE: 2, Action.RESOLVE: 3}
ACTIONS = {code: action for action, code in CODES.items()}


class Claim(Struct, frozen=True, kw_only=True):
    """The right to do one thing to one alert in one episode (0: in any) before `expires_at`.

    `duration` is the length of a silence in seconds, in full minutes. `id` has 16 hexadecimal digits: links with the
    same id work once, all together.
    """

    action: Action
    fingerprint: str
    episode: int
    expires_at: int
    id: str
    duration: int = 0

    @property
    def issued_at(self) -> int:
        """When the link was created."""
        return self.expires_at - LIFETIME


class AlertLinks(NamedTuple):
    """The address of an alert's page, and one address for each claim; empty where a stage has no links."""

    page: str = ""
    addresses: tuple[str, ...] = ()


def claims_of(notification: Notification, now: int) -> tuple[Claim, ...]:
    """Return the claims that a message offers: none if the problem is over, or was never an alert."""
    if not (notification.fingerprint and notification.episode):
        return ()
    if notification.reason is Reason.FLAPPING:
        return _claims(notification, {Action.SILENCE: HOUR}, ANY_EPISODE, now)
    if notification.reason not in STILL_THERE:
        return ()
    return _claims(notification, {Action.ACKNOWLEDGE: 0, Action.SILENCE: HOUR}, notification.episode, now)


def sign(claim: Claim, key: bytes) -> str:
    """Return the claim as a token that `read` accepts with the same key."""
    fields = LAYOUT.pack(
        VERSION,
        CODES[claim.action],
        claim.duration // MINUTE,
        bytes.fromhex(claim.fingerprint),
        claim.episode,
        claim.expires_at,
        bytes.fromhex(claim.id),
    )
    return base64.urlsafe_b64encode(fields + _signature(fields, key)).decode()


def read(token: str, key: bytes, now: int) -> Claim:
    """Return the claim of a token; Damaged where it was not signed with this key, Expired where it was."""
    if not TOKEN.fullmatch(token):
        raise Damaged("It is not a link that the hub has made.")
    decoded = base64.urlsafe_b64decode(token)
    fields, signature = decoded[: LAYOUT.size], decoded[LAYOUT.size :]
    if not hmac.compare_digest(signature, _signature(fields, key)):
        raise Damaged("It was altered, or the hub's key has changed.")
    claim = _unpack(fields)
    if now >= claim.expires_at:
        raise Expired(f"It is more than {LIFETIME // DAY} days old.")
    return claim


def _claims(notification: Notification, durations: Mapping[Action, int], episode: int, now: int) -> tuple[Claim, ...]:
    """Create a claim for each action; after a crash the same message gets links with the same ids."""
    ids = [digest("link", notification.id, action, str(duration))[:ID] for action, duration in durations.items()]
    claims = [
        Claim(
            action=action,
            fingerprint=notification.fingerprint,
            episode=episode,
            expires_at=now + LIFETIME,
            id=identity,
            duration=duration,
        )
        for identity, (action, duration) in zip(ids, durations.items(), strict=True)
    ]
    return tuple(claims)


def _signature(fields: bytes, key: bytes) -> bytes:
    return hmac.digest(key, PURPOSE + fields, hashlib.sha256)[:SEAL]


def _unpack(fields: bytes) -> Claim:
    version, code, minutes, fingerprint, episode, expires_at, link_id = LAYOUT.unpack(fields)
    if version != VERSION or code not in ACTIONS:
        raise Damaged("It was made by another version of the hub.")
    return Claim(
        action=ACTIONS[code],
        fingerprint=fingerprint.hex(),
        episode=episode,
        expires_at=expires_at,
        id=link_id.hex(),
        duration=minutes * MINUTE,
    )
