"""Accounts: their names and tags."""

from collections.abc import Callable, Mapping

from msgspec import Struct, field


class Account(Struct, frozen=True):
    """An account's name and tags; both may be empty."""

    name: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


NAMELESS = Account()

type Accounts = Callable[[str], Account]
"""Knows an account by its id; one that nobody knows is nameless."""


def nameless(_account: str) -> Account:
    """Return an account without a name and tags."""
    return NAMELESS
