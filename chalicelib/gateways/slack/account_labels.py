"""Account labels: how messages name accounts: by name, with the id beside it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from chalicelib.gateways.slack.mrkdwn import NOTHING, Mrkdwn, bold, code, line

if TYPE_CHECKING:
    from chalicelib.services.ports import AccountNames

log = logging.getLogger(__name__)

NAME = 40
ACCOUNT = 24
EVERY_ACCOUNT = "*"


class AccountLabels:
    """Labels accounts; names are cached, missing ones until the next message."""

    def __init__(self, names: AccountNames) -> None:
        self._names = names
        self._known: dict[str, str] = {}

    def forget_nameless(self) -> None:
        """Look up missing names again: an agent's first heartbeat may have added them."""
        self._known = {account: name for account, name in self._known.items() if name}

    def label(self, account: str, region: str = "") -> Mrkdwn:
        """Return the account's name in bold, its id, and the region."""
        name = self.name(account)
        if account == EVERY_ACCOUNT:
            label = bold("every account")
        elif name:
            label = Mrkdwn(f"{bold(line(name, NAME))} {code(account, ACCOUNT)}")
        else:
            label = Mrkdwn(f"account {code(account, ACCOUNT)}") if account else NOTHING
        return Mrkdwn(" · ").join(filter(None, (label, line(region, ACCOUNT))))

    def short(self, account: str) -> str:
        """Return the account's name, or its id where it has none."""
        return "every account" if account == EVERY_ACCOUNT else self.name(account) or account

    def short_line(self, account: str) -> Mrkdwn:
        """Return the same as one safe line."""
        return line(self.short(account), NAME)

    def plain(self, account: str, region: str) -> str:
        """Return name, id and region as plain text."""
        beside = f"({account})" if self.name(account) else ""
        return " ".join(filter(None, (self.short(account), beside, region)))

    def name(self, account: str) -> str:
        """Return the account's name, or an empty string."""
        if account not in self._known and account not in {"", EVERY_ACCOUNT}:
            try:
                self._known[account] = self._names.name(account)
            except Exception:  # the next message asks again
                log.exception("Account name not readable", extra={"account": account})
        return self._known.get(account, "")
