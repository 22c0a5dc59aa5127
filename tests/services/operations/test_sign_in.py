"""Sign-ins: what is signed is read for its own purpose alone, and who is slowed is a network, not the world."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Damaged, Expired, Misconfigured, SignInRefused, TooManyAttempts
from chalicelib.services.operations.auth import Authenticator
from chalicelib.services.operations.sign_in import LINK, SESSION, LinkIssuer, SessionClaim, SignIn
from chalicelib.services.operations.sign_in_throttle import FREE_ATTEMPTS, SignInThrottle
from chalicelib.services.operations.signed_tokens import SignedClaim, TokenSigner
from tests.app.world import BOTH, tokens
from tests.fakes import NOW, FakeClock
from tests.request_fakes import FakeSignIns

CLAIM = SessionClaim(id="1", expires_at=NOW + 60, name="both", version="x")


def signer(key: str = "k" * 64) -> TokenSigner:
    return TokenSigner(lambda _: key, "dev")


def sign_in() -> SignIn:
    store, clock = FakeSignIns(), FakeClock()
    return SignIn(Authenticator(tokens(), "dev"), signer(), store, SignInThrottle(store, clock), clock)


def test_a_token_is_read_for_its_own_purpose_and_with_its_own_key_alone() -> None:
    text = signer().sign(SESSION, CLAIM)

    assert signer().read(SESSION, text, SessionClaim, NOW) == CLAIM
    with pytest.raises(Damaged):
        signer().read(LINK, text, SessionClaim, NOW)
    with pytest.raises(Damaged):
        signer("j" * 64).read(SESSION, text, SessionClaim, NOW)
    with pytest.raises(Expired):
        signer().read(SESSION, text, SessionClaim, NOW + 60)


@given(st.text(max_size=300))
def test_a_text_that_the_hub_did_not_sign_is_refused(text: str) -> None:
    with pytest.raises(Damaged):
        signer().read(SESSION, text, SessionClaim, NOW)


def test_a_token_of_another_version_is_refused() -> None:
    with pytest.raises(Damaged, match="another version"):
        signer().read(SESSION, signer().sign(SESSION, SignedClaim(id="1", expires_at=NOW + 1)), SessionClaim, NOW)


@pytest.mark.parametrize("key", ["", " ", "k" * 31])
def test_without_a_key_nothing_is_signed_or_read(key: str) -> None:
    with pytest.raises(Misconfigured, match="/monitoring/dev/link-key"):
        signer(key).sign(SESSION, CLAIM)


@pytest.mark.parametrize(
    ("first", "second", "is_slowed"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("", "no address", True),
    ],
)
def test_whoever_is_slowed_is_of_the_same_network(first: str, second: str, is_slowed: bool) -> None:
    service = sign_in()
    for _ in range(FREE_ATTEMPTS):
        with pytest.raises(SignInRefused):
            service.by_token("guessed", first)

    if is_slowed:
        with pytest.raises(TooManyAttempts):
            service.by_token(BOTH, second)
    else:
        assert service.by_token(BOTH, second).name == "both"


def test_of_two_who_use_a_link_at_once_one_gets_in() -> None:
    service = sign_in()
    text = LinkIssuer(service.authenticator, service.signer, service.clock).link("both")
    inspected = service.inspect(text)
    service.store.use_up(f"link-{inspected.id}", NOW + 60)

    with pytest.raises(SignInRefused, match="has been used"):
        service.by_link(text)
