"""Joined accounts: in which accounts an episode of a logged error has fired, as far as an alert's item holds them."""

from bisect import bisect_left
from typing import NamedTuple

from chalicelib.domain.events.event import Event

# Every event writes them, nine bytes each; an account beyond them is found by recounting the events, and is no news.
MOST_JOINED = 20
# More lines than any account logs in an episode that somebody could still look into.
MOST_LINES = (1 << 32) - 1
# An error that reaches so many accounts is news each time.
JOIN_STEPS = (1, 2, 3, 5, 10, MOST_JOINED)
ACCOUNT_ID = 12


class JoinedAccount(NamedTuple):
    """An account where an episode has fired, and in how many log lines."""

    account: str
    lines: int


type JoinedAccounts = tuple[JoinedAccount, ...]
"""The accounts of an episode, in order of their ids."""


def joining(accounts: JoinedAccounts, event: Event) -> JoinedAccounts:
    """Return the accounts with the lines of one more event; one that is about no lines changes nothing."""
    account = event.account
    if not event.lines or not (len(account) == ACCOUNT_ID and account.isascii() and account.isdigit()):
        return accounts
    at = bisect_left(accounts, (account, 0))
    if at < len(accounts) and accounts[at].account == account:
        lines = accounts[at].lines + event.lines
        return (*accounts[:at], JoinedAccount(account, min(lines, MOST_LINES)), *accounts[at + 1 :])
    if len(accounts) == MOST_JOINED:
        return accounts
    return (*accounts[:at], JoinedAccount(account, min(event.lines, MOST_LINES)), *accounts[at:])


def leading(accounts: JoinedAccounts) -> str:
    """Return the account with most lines; empty where there is none."""
    return max(accounts, key=lambda each: each.lines).account if accounts else ""


def join_step_of(count: int) -> int:
    """Return the step that a number of accounts has reached: 1, 2, 3, 5, 10, 20; 0 for none."""
    return max((step for step in JOIN_STEPS if step <= count), default=0)
