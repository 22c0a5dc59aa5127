"""Links are signed with the stage's key, lead to its address, and are not there where either is missing."""

import logging

import pytest

from chalicelib.domain.errors import Damaged
from chalicelib.domain.notifications.action_links import LIFETIME, Action, Claim
from chalicelib.gateways.link_signer import SignedLinks
from tests.domain.given import NOON
from tests.gateways.slack.messages import the_links

CLAIM = Claim(
    action=Action.ACKNOWLEDGE, fingerprint="0f" * 16, episode=1, expires_at=NOON + LIFETIME, id="0123456789abcdef"
)


def token_of(address: str) -> str:
    return address.rpartition("/")[2]


@pytest.mark.parametrize("base", ["https://hub.example.com/api", "https://hub.example.com/api/"])
def test_an_address_leads_to_the_hub_and_back_to_the_claim(base: str) -> None:
    links = the_links(base_url=base)
    address = links.of_alert(CLAIM.fingerprint, [CLAIM]).addresses[0]
    assert address.startswith("https://hub.example.com/api/links/")
    assert links.read(token_of(address), NOON) == CLAIM


def test_a_line_end_behind_a_key_is_none_of_it() -> None:
    address = the_links(link_key="k" * 64 + "\n").of_alert(CLAIM.fingerprint, [CLAIM]).addresses[0]
    assert the_links().read(token_of(address), NOON) == CLAIM


@pytest.mark.parametrize("parameters", [{"link_key": ""}, {"base_url": ""}])
def test_without_a_key_or_an_address_there_is_no_link(
    parameters: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    assert the_links(**parameters).of_alert(CLAIM.fingerprint, [CLAIM]).addresses == ()
    assert caplog.records == []


@pytest.mark.parametrize("parameters", [{"link_key": "k" * 31}, {"base_url": "hub.example.com"}, {"base_url": "x y"}])
def test_a_value_of_no_use_is_none_and_is_named_without_being_shown(
    parameters: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    assert the_links(**parameters).of_alert(CLAIM.fingerprint, [CLAIM]).addresses == ()
    (line,) = caplog.records
    (value,) = parameters.values()
    assert line.levelno == logging.ERROR
    assert vars(line)["parameter"] in {"/monitoring/dev/link-key", "/monitoring/dev/base-url"}
    assert value not in str(vars(line))


def test_a_hub_without_a_key_takes_no_link() -> None:
    token = token_of(the_links().of_alert(CLAIM.fingerprint, [CLAIM]).addresses[0])
    with pytest.raises(Damaged):
        the_links(link_key="").read(token, NOON)


def test_a_link_of_one_stage_is_none_of_another() -> None:
    token = token_of(the_links(link_key="p" * 64).of_alert(CLAIM.fingerprint, [CLAIM]).addresses[0])
    with pytest.raises(Damaged):
        the_links().read(token, NOON)


def test_nothing_is_requested_before_a_link_is_due() -> None:
    requested: list[str] = []

    def parameter(name: str) -> None:
        requested.append(name)

    links = SignedLinks(parameter, "prod")
    assert requested == []
    assert links.of_alert(CLAIM.fingerprint, [CLAIM]).addresses == ()
    assert set(requested) == {"/monitoring/prod/link-key", "/monitoring/prod/base-url"}
