"""Joined accounts: the accounts and regions in which an episode has fired, as far as an alert's item holds them."""

import zlib
from bisect import bisect_left
from typing import NamedTuple

from chalicelib.domain.events.event import Event

# Every event writes them, a dozen bytes each. Further accounts and regions are found by reading the events, and are not
# announced.
MOST_JOINED = 20
# More log lines than any account has in an episode that somebody could still investigate.
MOST_LINES = (1 << 32) - 1
# Numbers of locations at which a problem's spread is announced.
JOIN_STEPS = (1, 2, 3, 5, 10, MOST_JOINED)
ACCOUNT_ID = 12
# A hash of a region's name in two bytes; none of AWS's regions share one.
REGION_CODE = 0xFFFF


class JoinedAccount(NamedTuple):
    """An account where an episode has fired, in how many log lines, and the codes of its regions."""

    account: str
    lines: int = 0
    regions: tuple[int, ...] = ()


type JoinedAccounts = tuple[JoinedAccount, ...]
"""The accounts of an episode, in order of their ids."""


def joining(accounts: JoinedAccounts, event: Event) -> JoinedAccounts:
    """Return the accounts with one more event; one about no account changes nothing.

    A problem that is in every region at once joins none.
    """
    if not is_account(event.account):
        return accounts
    at = bisect_left(accounts, (event.account,))
    found = accounts[at : at + 1]
    known = found[0] if found and found[0].account == event.account else None
    if known is None and len(accounts) == MOST_JOINED:
        return accounts
    before = known or JoinedAccount(event.account)
    has_room = count_places(accounts) + (known is None or bool(before.regions)) <= MOST_JOINED
    joined = JoinedAccount(
        event.account,
        min(before.lines + event.lines, MOST_LINES),
        _with_region(before.regions, event) if has_room else before.regions,
    )
    return (*accounts[:at], joined, *accounts[at + (known is not None) :])


def _with_region(regions: tuple[int, ...], event: Event) -> tuple[int, ...]:
    if event.everywhere or not event.region:
        return regions
    return tuple(sorted({*regions, code_of(event.region)}))


def joined_by(account: str, region: str) -> JoinedAccounts:
    """Return the accounts of an episode that fired in one account and region, without log lines."""
    return (JoinedAccount(account, regions=(code_of(region),) if region else ()),) if is_account(account) else ()


def is_account(account: str) -> bool:
    """Return whether this is an account's id."""
    return len(account) == ACCOUNT_ID and account.isascii() and account.isdigit()


def code_of(region: str) -> int:
    """Return the two-byte code of a region."""
    return zlib.crc32(region.encode()) & REGION_CODE


def count_places(accounts: JoinedAccounts) -> int:
    """Return in how many regions of accounts an episode has fired; an account without any counts as one."""
    return sum(max(1, len(each.regions)) for each in accounts)


def leading(accounts: JoinedAccounts) -> str:
    """Return the account with most lines; empty where there is none."""
    most = max(accounts, key=lambda each: each.lines, default=None)
    return most.account if most and most.lines else ""


def join_step_of(count: int) -> int:
    """Return the step that a number of locations has reached: 1, 2, 3, 5, 10, 20; 0 for none."""
    return max((step for step in JOIN_STEPS if step <= count), default=0)
