"""Packing: parts of an alert's item as bytes, to keep it small, as every event writes it."""

import struct
from collections.abc import Iterable

from chalicelib.domain.alerts.joined_accounts import JoinedAccount, JoinedAccounts, joined_by
from chalicelib.domain.alerts.timeline import DIGEST, Transition, TransitionKind
from chalicelib.domain.events.event import CHILD, Severity

# A transition: its time, a digest, and one character each for its kind and its severity.
PACKED_TIME = 5
PACKED = PACKED_TIME + DIGEST + 2
# An account where it fired: its number, its log lines, how many regions follow, and their codes.
PACKED_ACCOUNT, PACKED_LINES, PACKED_REGION = 5, 4, 2
PACKED_JOINED = PACKED_ACCOUNT + PACKED_LINES + 1
# An alert that has fired nowhere, though it has an account and a region.
NOWHERE = b"\0"


def pack_transitions(transitions: Iterable[Transition]) -> bytes:
    """Return an alert's transitions as bytes, all of the same length."""
    packed = [
        each.at.to_bytes(PACKED_TIME) + f"{each.cause:>{DIGEST}}{each.kind}{each.severity:d}".encode()
        for each in transitions
    ]
    return b"".join(packed)


def unpack_transitions(packed: bytes) -> tuple[Transition, ...]:
    """Return what `pack_transitions` packed."""
    return tuple([_transition_of(packed[start : start + PACKED]) for start in range(0, len(packed), PACKED)])


def _transition_of(packed: bytes) -> Transition:
    cause, kind, severity = packed[PACKED_TIME:-2].decode(), chr(packed[-2]), chr(packed[-1])
    at = int.from_bytes(packed[:PACKED_TIME])
    return Transition(at, cause.strip(), TransitionKind(kind), Severity(int(severity)))


def pack_accounts(accounts: JoinedAccounts, account: str, region: str) -> bytes:
    """Return an alert's accounts as bytes; empty where there is only its own, as for most alerts."""
    if accounts == joined_by(account, region):
        return b""
    return b"".join(map(_packed_account, accounts)) or NOWHERE


def unpack_accounts(packed: bytes, account: str, region: str) -> JoinedAccounts:
    """Return what `pack_accounts` packed of an alert with this account and region."""
    if not packed:
        return joined_by(account, region)
    accounts: list[JoinedAccount] = []
    start = 0
    while packed != NOWHERE and start < len(packed):
        end = start + PACKED_JOINED + packed[start + PACKED_JOINED - 1] * PACKED_REGION
        accounts.append(_account_of(packed[start:end]))
        start = end
    return tuple(accounts)


def _packed_account(joined: JoinedAccount) -> bytes:
    number, lines = int(joined.account).to_bytes(PACKED_ACCOUNT), joined.lines.to_bytes(PACKED_LINES)
    codes = b"".join([code.to_bytes(PACKED_REGION) for code in joined.regions])
    return number + lines + len(joined.regions).to_bytes() + codes


def _account_of(packed: bytes) -> JoinedAccount:
    account, rest = int.from_bytes(packed[:PACKED_ACCOUNT]), packed[PACKED_ACCOUNT:]
    regions = struct.unpack(f">{rest[PACKED_LINES]}H", rest[PACKED_LINES + 1 :])
    return JoinedAccount(f"{account:012d}", int.from_bytes(rest[:PACKED_LINES]), regions)


def pack_children(children: Iterable[str]) -> bytes:
    """Return the beginnings of the fingerprints of an alert's children as bytes."""
    return bytes.fromhex("".join(children))


def unpack_children(packed: bytes) -> tuple[str, ...]:
    """Return what `pack_children` packed."""
    size = CHILD // 2
    return tuple([packed[start : start + size].hex() for start in range(0, len(packed), size)])
