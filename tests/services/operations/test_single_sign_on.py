"""Single sign-on: whom the provider vouches for gets in, once, as their groups say; nobody else does."""

import hashlib
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.errors import Misconfigured, ProviderFailed, SignInRefused, TooManyAttempts
from chalicelib.services.operations.auth import Authenticator, Scope
from chalicelib.services.operations.sign_in import SignIn
from chalicelib.services.operations.sign_in_throttle import FREE_ATTEMPTS, SignInThrottle
from chalicelib.services.operations.signed_tokens import TokenSigner
from chalicelib.services.operations.single_sign_on import LIFETIME, SingleSignOn
from tests.app.world import tokens
from tests.fakes import FakeClock
from tests.request_fakes import FakeSignIns
from tests.services.operations.openid import CLIENT, CODE, FakeOpenIdProvider

READ, BOTH_SCOPES = {Scope.READ}, {Scope.READ, Scope.WRITE}
HOME = "192.0.2.1"


class Desk:
    """A provider, the hub's side of it, and somebody's browser."""

    def __init__(self, **person: Any) -> None:
        self.provider, self.clock, self.store = FakeOpenIdProvider(**person), FakeClock(), FakeSignIns()
        self.sign_in = SignIn(
            Authenticator(tokens(), "dev"),
            TokenSigner(lambda _: "k" * 64, "dev"),
            self.store,
            SignInThrottle(self.store, self.clock),
            self.clock,
            CLIENT,
        )
        self.service = SingleSignOn(self.provider, self.sign_in, lambda: "https://hub.example.com/api/\n")

    def come_back(self, **answer: str) -> tuple[Any, str]:
        """Go to the provider and come back."""
        start = self.service.begin("alerts?tab=all")
        return self.service.finish(start.signed, self.provider.visited(start.address, **answer), HOME)


def test_somebody_is_led_to_the_provider_with_all_that_the_flow_demands() -> None:
    desk = Desk()
    start = desk.service.begin("")
    desk.provider.visited(start.address)
    verifier = desk.service.finish(start.signed, {"state": desk.provider.query["state"], "code": CODE}, HOME)
    (redeemed,) = desk.provider.redeemed
    query = desk.provider.query
    challenge = urlsafe_b64encode(hashlib.sha256(redeemed[1].encode()).digest()).decode().rstrip("=")

    assert verifier
    assert start.address.startswith("https://login.example.com/authorize?tenant=1&response_type=code&client_id=hub&")
    assert query["redirect_uri"] == redeemed[2] == "https://hub.example.com/api/ui/oidc/callback"
    assert (query["code_challenge"], query["code_challenge_method"]) == (challenge, "S256")
    assert 43 <= len(redeemed[1]) <= 128
    assert len({query["state"], query["nonce"], redeemed[1]}) == 3
    assert not [each for each in (query["state"], query["nonce"], redeemed[1]) if each in start.signed]
    assert query["scope"] == "openid email profile"


@pytest.mark.parametrize(
    ("groups", "scopes"),
    [(["on call", "x"], BOTH_SCOPES), (["staff"], READ), ("staff", READ), (["staff", 7, None, ["on call"]], READ)],
)
def test_groups_become_scopes(groups: Any, scopes: set[Scope]) -> None:
    session, onward = Desk(groups=groups).come_back()

    assert (session.name, session.scopes, onward) == ("ana@example.com", scopes, "alerts?tab=all")


@pytest.mark.parametrize("groups", [[], ["Staff"], "*", 7, None, {"staff": 1}])
def test_whoever_is_in_none_of_the_groups_stays_out(groups: Any) -> None:
    with pytest.raises(SignInRefused, match="none of your groups"):
        Desk(groups=groups).come_back()


def test_what_the_token_does_not_say_is_fetched_and_of_the_same_person() -> None:
    desk = Desk(groups=None)
    desk.provider.info = {"sub": "7", "groups": ["staff"], "email": "other@example.com", "iss": "x"}
    session, _ = desk.come_back()
    assert (session.name, set(session.scopes)) == ("ana@example.com", READ)

    desk.provider.info["sub"] = "8"
    with pytest.raises(SignInRefused, match="cannot accept"):
        desk.come_back()


@pytest.mark.parametrize(
    ("person", "name"),
    [
        ({"email": None}, "7"),
        ({"email": " "}, "7"),
        ({"email": "\0\u200b"}, "7"),
        ({"email": None, "sub": "\0" * 240 + "ana"}, "ana"),
        ({"email": ["a"]}, "7"),
        ({"email_verified": False}, "7"),
        ({"email_verified": "false"}, "7"),
        ({"email_verified": True}, "ana@example.com"),
        ({"email_verified": "true"}, "ana@example.com"),
        ({"email_verified": ["false"]}, "ana@example.com"),
        ({"email": "ana\n<b>\u202e" + "x" * 200}, "ana <b> " + "x" * 91 + "…"),
    ],
)
def test_a_name_goes_on_record_that_the_provider_vouches_for(person: dict[str, Any], name: str) -> None:
    assert Desk(**person).come_back()[0].name == name


def test_a_session_goes_on_until_its_time_is_over_or_the_settings_change() -> None:
    desk = Desk()
    session, _ = desk.come_back()
    kept = desk.sign_in.session(session.text)
    assert kept
    assert (kept.name, set(kept.scopes)) == (session.name, BOTH_SCOPES)

    for changes in (
        {"write_groups": ()},
        {"issuer": "https://b.example"},
        {"issuer": ""},
        {"read_groups": ("on call",)},
        {"read_groups": ("staff", "may write", "on call"), "write_groups": ()},
        {"groups_claim": "roles"},
        {"name_claim": "sub"},
    ):
        assert replace(desk.sign_in, client=replace(CLIENT, **changes)).session(session.text) is None
    desk.sign_in.end(session)
    assert desk.sign_in.session(session.text) is None


def test_an_answer_is_taken_once() -> None:
    desk = Desk()
    start = desk.service.begin("")
    answer = desk.provider.visited(start.address)
    desk.service.finish(start.signed, answer, HOME)

    with pytest.raises(SignInRefused, match="begin again"):
        desk.service.finish(start.signed, answer, HOME)
    assert len(desk.provider.redeemed) == 1


def test_a_response_to_another_sign_in_is_refused_before_it_is_redeemed() -> None:
    desk = Desk()
    ours, theirs = desk.service.begin(""), desk.service.begin("")
    answer = desk.provider.visited(theirs.address)

    for signed, given in ((ours.signed, answer), ("", answer), ("x.y", answer), (theirs.signed, {"code": CODE})):
        with pytest.raises(SignInRefused, match="begin again"):
            desk.service.finish(signed, given, HOME)
    assert desk.provider.redeemed == []


def test_whoever_takes_too_long_begins_again() -> None:
    desk = Desk()
    start = desk.service.begin("")
    desk.clock.sleep(LIFETIME)

    with pytest.raises(SignInRefused, match="begin again"):
        desk.service.finish(start.signed, desk.provider.visited(start.address), HOME)


def test_a_session_or_a_link_is_no_sign_in_that_was_begun() -> None:
    desk = Desk()
    session, _ = desk.come_back()

    with pytest.raises(SignInRefused, match="begin again"):
        desk.service.finish(session.text, {"code": CODE, "state": "x"}, HOME)


@pytest.mark.parametrize(
    ("answer", "words"), [({"error": "access_denied"}, "you cancelled"), ({"code": ""}, "cannot accept")]
)
def test_what_the_provider_refuses_is_said_in_plain_words(answer: dict[str, str], words: str) -> None:
    with pytest.raises(SignInRefused, match=words):
        Desk().come_back(**answer)


@pytest.mark.parametrize(
    "claims", [{"nonce": "another"}, {"aud": "another"}, {"exp": 1}, {"iss": "https://evil.example"}]
)
def test_an_id_token_of_another_sign_in_or_client_lets_nobody_in(claims: dict[str, Any]) -> None:
    with pytest.raises(SignInRefused, match="cannot accept"):
        Desk(**claims).come_back()


def test_wrong_attempts_are_slowed() -> None:
    desk = Desk()
    for _ in range(FREE_ATTEMPTS):
        with pytest.raises(ProviderFailed):
            desk.come_back(code="guessed")
    with pytest.raises(TooManyAttempts):
        desk.come_back()

    desk.clock.sleep(1)
    assert desk.come_back()


def test_a_page_elsewhere_that_opens_the_way_back_slows_nobody() -> None:
    desk = Desk()
    for _ in range(FREE_ATTEMPTS):
        with pytest.raises(SignInRefused):
            desk.service.finish("", {"state": "x", "code": "x"}, HOME)

    assert desk.come_back()


def test_a_cookie_that_is_none_of_ours_is_a_wrong_attempt() -> None:
    desk = Desk()
    for _ in range(FREE_ATTEMPTS):
        with pytest.raises(SignInRefused):
            desk.service.finish("x.y", {"state": "x"}, HOME)
    with pytest.raises(TooManyAttempts):
        desk.come_back()


def test_without_an_address_nobody_is_led_anywhere() -> None:
    desk = Desk()
    with pytest.raises(Misconfigured, match="base-url"):
        SingleSignOn(desk.provider, desk.sign_in, lambda: None).begin("")
