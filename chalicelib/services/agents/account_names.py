"""Account names: what people call an account, from the routes file and from what its agents report."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from chalicelib.domain.accounts import NAMELESS, Account
from chalicelib.domain.queries import SubjectQuery

if TYPE_CHECKING:
    from chalicelib.services.ports import AccountRegister, Clock

log = logging.getLogger(__name__)

# Seconds. An account is rarely renamed; a new one is named by its first agent within minutes.
REMEMBERED_FOR = 300
EVERY_ACCOUNT = "*"
WILDCARDS = frozenset("*?[")


class AccountDirectory(Struct, frozen=True):
    """Knows the names and tags of accounts; what the routes file says (`known`, by id) takes precedence."""

    known: Mapping[str, Account]
    register: AccountRegister
    clock: Clock
    _remembered: dict[str, tuple[int, str]] = field(default_factory=dict)

    def find(self, account: str) -> Account:
        """Return an account with its name and tags; without a name where none is known."""
        if account in {"", EVERY_ACCOUNT}:
            return NAMELESS
        known = self.known.get(account, NAMELESS)
        return known if known.name else replace(known, name=self._registered(account))

    def name(self, account: str) -> str:
        """Return the account's name, or an empty string."""
        return self.find(account).name

    def load(self) -> None:
        """Read all names at once, for pages that show many; they are cached as if each had been read by itself."""
        now = self.clock.now()
        if now - self._remembered.get(EVERY_ACCOUNT, (0, ""))[0] < REMEMBERED_FOR:
            return
        try:
            names = self.register.names()
        except Exception:
            log.exception("Account names not readable")
            return
        self._remembered.update({account: (now, name) for account, name in names.items()})
        self._remembered[EVERY_ACCOUNT] = now, ""

    def tagged(self, key: str, value: str) -> frozenset[str]:
        """Return the accounts that the routes file gives this tag."""
        return frozenset(account for account, each in self.known.items() if each.tags.get(key) == value)

    def called(self, text: str) -> frozenset[str]:
        """Return the accounts with this name, or else those whose name or id contains it or matches it as a pattern.

        Letter case does not matter.
        """
        self.load()
        names = {account: name for account, (_, name) in self._remembered.items() if account != EVERY_ACCOUNT}
        names |= {account: each.name or names.get(account, "") for account, each in self.known.items()}
        wanted = text.casefold()
        if exact := frozenset(account for account, name in names.items() if name.casefold() == wanted):
            return exact
        pattern = wanted if set(wanted) & WILDCARDS else f"*{wanted}*"
        return frozenset(
            account
            for account, name in names.items()
            if any(fnmatchcase(each, pattern) for each in (account, name.casefold()))
        )

    def resolve[Q: SubjectQuery](self, query: Q) -> Q:
        """Return the query with the ids of the accounts that its `account_name` matches, if it has one."""
        if not query.account_name:
            return query
        in_file = {account for account, each in self.known.items() if each.name == query.account_name}
        registered = self.register.named(query.account_name) - {each for each in self.known if self.known[each].name}
        return replace(query, account_ids=tuple(sorted(in_file | registered)))

    def _registered(self, account: str) -> str:
        """Return the registered name, or the last known one while the register cannot be read."""
        now = self.clock.now()
        requested_at, name = self._remembered.get(account) or self._remembered.get(EVERY_ACCOUNT, (0, ""))
        if now - requested_at >= REMEMBERED_FOR:
            try:
                name = self.register.name(account)
            except Exception:
                log.exception("Account name not readable", extra={"account": account})
            self._remembered[account] = now, name
        return name
