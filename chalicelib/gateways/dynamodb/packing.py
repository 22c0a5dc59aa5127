"""Packing: what lies in an alert's item as bytes, as every event writes it."""

from collections.abc import Iterable

from chalicelib.domain.alerts.joined import JoinedAccount, JoinedAccounts
from chalicelib.domain.alerts.timeline import DIGEST, Transition, TransitionKind
from chalicelib.domain.events.event import CHILD, Severity

# An alert's transition: its time, a digest, and one character each for what it was and how bad.
PACKED_TIME = 5
PACKED = PACKED_TIME + DIGEST + 2
# An account where it fired: its number, and its lines.
PACKED_ACCOUNT, PACKED_LINES = 5, 4
PACKED_JOINED = PACKED_ACCOUNT + PACKED_LINES


def pack_transitions(transitions: Iterable[Transition]) -> bytes:
    """Return an alert's transitions as bytes, each as long as the others."""
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


def pack_accounts(accounts: JoinedAccounts) -> bytes:
    """Return an alert's accounts as bytes, each as long as the others."""
    return b"".join(
        [int(each.account).to_bytes(PACKED_ACCOUNT) + each.lines.to_bytes(PACKED_LINES) for each in accounts]
    )


def unpack_accounts(packed: bytes) -> JoinedAccounts:
    """Return what `pack_accounts` packed."""
    parts = [packed[start : start + PACKED_JOINED] for start in range(0, len(packed), PACKED_JOINED)]
    return tuple([_account_of(each[:PACKED_ACCOUNT], each[PACKED_ACCOUNT:]) for each in parts])


def _account_of(account: bytes, lines: bytes) -> JoinedAccount:
    return JoinedAccount(f"{int.from_bytes(account):012d}", int.from_bytes(lines))


def pack_children(children: Iterable[str]) -> bytes:
    """Return the beginnings of the fingerprints of an alert's children as bytes."""
    return bytes.fromhex("".join(children))


def unpack_children(packed: bytes) -> tuple[str, ...]:
    """Return what `pack_children` packed."""
    size = CHILD // 2
    return tuple([packed[start : start + size].hex() for start in range(0, len(packed), size)])
