"""A resource has one name in all accounts: what only tells its copies apart is left out."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.grouping.resource_names import generic

ACCOUNT, REGION = "111122223333", "eu-west-1"
ALNUM = string.ascii_letters + string.digits


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("checkout", "checkout"),
        ("sync-111122223333-eu-west-1", "sync-*-*"),
        ("sync_111122223333", "sync_*"),
        ("shop-Handler-1A2B3C4D5E6F7", "shop-Handler-*"),
        ("shop-Handler-aB3dE5fG7hI9", "shop-Handler-*"),
        ("shop-Handler-aBcDeFgHiJkL", "shop-Handler-*"),
        ("/aws/lambda/shop-Handler-aB3dE5fG7hI9", "/aws/lambda/shop-Handler-*"),
        ("StackSet-audit-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0-Scan-AB12CD34EF56", "StackSet-audit-*-Scan-*"),
    ],
)
def test_what_distinguishes_copies_is_left_out(name: str, expected: str) -> None:
    assert generic(name, ACCOUNT, REGION) == expected


@pytest.mark.parametrize(
    "name",
    [
        "",
        "sync-444455556666",
        "x111122223333",
        "orders-eu-west-12",
        "api-Version2Beta",
        "shop-api-transactions",
        "shop-api-123456789012",
        "shop-api-ProcessOrder",
        "shop-Api-ORDERHANDLER",
    ],
)
def test_what_a_person_wrote_stays(name: str) -> None:
    assert generic(name, ACCOUNT, REGION) == name


@given(st.text())
def test_without_an_account_and_a_region_nothing_of_theirs_is_searched_for(name: str) -> None:
    assert generic(name, "", "").count("*") <= name.count("*") + name.count("-")


@given(st.lists(st.text(ALNUM, min_size=12, max_size=12), min_size=2, max_size=2))
def test_a_suffix_with_a_digit_and_a_capital_never_distinguishes_two_copies(suffixes: list[str]) -> None:
    one, other = (generic(f"shop-Handler-{each[:10]}A1", ACCOUNT, REGION) for each in suffixes)
    assert one == other == "shop-Handler-*"


@given(st.sampled_from(["111122223333", "444455556666"]), st.sampled_from(["eu-west-1", "us-gov-east-1"]))
def test_a_name_made_of_account_and_region_is_the_same_everywhere(account: str, region: str) -> None:
    assert generic(f"log-{region}-{account}-writer", account, region) == "log-*-*-writer"
