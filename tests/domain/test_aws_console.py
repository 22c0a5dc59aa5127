"""A link into the console opens in the account that it is about, where a portal can lead there."""

from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.aws_console import DIRECT, LONGEST, Console

ACCOUNT = "111122223333"
THROUGH = Console("https://example.awsapps.com/start", "Read+Only@team")
ADDRESS = "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:x$3Fy~'z*2f"


def test_without_a_portal_a_link_stays_as_it_is() -> None:
    assert DIRECT.link(ADDRESS, ACCOUNT) == ADDRESS


@given(st.text().map(lambda text: f"https://console.aws.amazon.com/#{text}".encode(errors="replace").decode()))
def test_a_portal_gets_account_role_and_all_of_the_address(address: str) -> None:
    link = THROUGH.link(address, ACCOUNT)
    if len(link) < LONGEST and link != address:
        start, _, query = link.partition("/#/console?")
        assert start == THROUGH.portal
        assert parse_qs(query) == {"account_id": [ACCOUNT], "role_name": [THROUGH.role], "destination": [address]}


@pytest.mark.parametrize("account", ["", "*", "11112222333", "¹" * 12])
def test_what_is_in_no_one_account_is_not_led_into_any(account: str) -> None:
    assert THROUGH.link(ADDRESS, account) == ADDRESS


@pytest.mark.parametrize("address", ["", "https://console.aws.amazon.com/#" + "x" * LONGEST])
def test_no_link_and_one_that_would_grow_too_long_stay_as_they_are(address: str) -> None:
    assert THROUGH.link(address, ACCOUNT) == address
