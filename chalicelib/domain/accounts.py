"""Accounts: what people call them, and what they tell them apart by."""

from collections.abc import Callable, Mapping

from msgspec import Struct, field


class Account(Struct, frozen=True):
    """An account as people know it; both may be empty."""

    name: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


NAMELESS = Account()

type Accounts = Callable[[str], Account]
"""Knows an account by its id; one that nobody knows is nameless."""


def nameless(_account: str) -> Account:
    """Know nothing about any account."""
    return NAMELESS
