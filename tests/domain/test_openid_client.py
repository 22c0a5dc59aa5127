"""The OpenID client: where its provider is found, and what people of which groups may do."""

import pytest

from chalicelib.domain.openid_client import NO_CLIENT, OpenIdClient

OURS = OpenIdClient(issuer="https://a.example/", read_groups=("staff", "guests"), write_groups=("on call",))


@pytest.mark.parametrize("issuer", ["https://a.example/v2.0", "https://a.example/v2.0/"])
def test_the_discovery_document_lies_below_the_issuer(issuer: str) -> None:
    url = OpenIdClient(issuer=issuer).discovery_url

    assert url == "https://a.example/v2.0/.well-known/openid-configuration"


@pytest.mark.parametrize(
    ("groups", "reads", "writes"),
    [
        ((), False, False),
        (("Staff", "sta"), False, False),
        (("guests",), True, False),
        (("on call",), True, True),
        (("*",), False, False),
    ],
)
def test_who_acts_also_sees_and_groups_are_compared_as_they_are(
    groups: tuple[str, ...], *, reads: bool, writes: bool
) -> None:
    assert (OURS.may_read(groups), OURS.may_write(groups)) == (reads, writes)


def test_everybody_is_whomever_the_provider_lets_in_and_nobody_without_a_setting() -> None:
    everybody = OpenIdClient(read_groups=("*",))

    assert (everybody.may_read(()), everybody.may_write(("admins",))) == (True, False)
    assert not NO_CLIENT.may_read(("admins",))
