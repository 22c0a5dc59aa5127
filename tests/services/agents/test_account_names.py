"""Accounts are found by what people call them, or remember of that."""

import pytest

from chalicelib.domain.accounts import Account
from chalicelib.services.agents.account_names import AccountDirectory
from tests.fakes import FakeClock

IN_FILE = {"1" * 12: Account("shop"), "2" * 12: Account(), "3" * 12: Account("Shop-Dev")}


class Register:
    """What agents have said, which the routes file overrules; it counts how often it is read."""

    reads = 0

    def names(self) -> dict[str, str]:
        """Return all names."""
        self.reads += 1
        return {"1" * 12: "old shop", "2" * 12: "web", "4" * 12: "bookshop", "5" * 12: "[x]"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SHOP", "1"),
        ("hop", "134"),
        ("shop*", "13"),
        ("old", ""),
        ("we", "2"),
        ("4444", "4"),
        ("s?op", "1"),
        ("[x]", "5"),
        ("[", ""),
        ("*", "12345"),
    ],
)
def test_an_account_is_found_by_its_name_a_part_of_it_or_a_pattern(text: str, found: str) -> None:
    register = Register()
    directory = AccountDirectory(IN_FILE, register, FakeClock())  # type: ignore[arg-type]  # nothing else is asked

    for _ in range(2):
        assert directory.called(text) == {each * 12 for each in found}
    assert register.reads == 1
