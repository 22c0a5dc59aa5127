"""ID tokens: one that was made for us and this sign-in is taken; any other, and any text, is refused in one way."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.services.operations.id_tokens import LEEWAY, WrongIdTokenError, claims_of
from tests.fakes import NOW
from tests.services.operations.openid import CLIENT, id_token

GOOD: dict[str, Any] = {
    "iss": CLIENT.issuer,
    "aud": "hub",
    "sub": "7",
    "exp": NOW + 300,
    "iat": NOW,
    "nonce": "n",
}
ABSENT = object()


def token(**changes: Any) -> str:
    return id_token({name: value for name, value in (GOOD | changes).items() if value is not ABSENT})


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"aud": ["hub"]},
        {"aud": ["hub", "other"], "azp": "hub"},
        {"exp": NOW - LEEWAY + 1},
        {"exp": NOW + 0.5, "iat": NOW + LEEWAY, "nbf": NOW + LEEWAY},
    ],
)
def test_a_token_for_us_is_taken(changes: dict[str, Any]) -> None:
    assert claims_of(token(**changes), CLIENT, "n", NOW)["sub"] == "7"


@pytest.mark.parametrize(
    ("wrong", "values"),
    [
        ("iss", [ABSENT, None, "https://login.example.com/", "https://evil.example", ["https://login.example.com"]]),
        ("aud", [ABSENT, None, "hub2", "HUB", [], ["other"], {"hub": 1}]),
        ("azp", ["other", "", 1]),
        ("sub", [ABSENT, "", 7, None, "x" * 256, "\0\u200b", " \u2028"]),
        ("exp", [ABSENT, None, NOW - LEEWAY, "9999999999", True, -1]),
        ("iat", [ABSENT, None, NOW + LEEWAY + 1, "0", False]),
        ("nbf", [None, NOW + LEEWAY + 1, "0"]),
        ("nonce", [ABSENT, None, "", "m", "n ", 1, ["n"]]),
    ],
)
def test_a_token_that_is_wrong_in_one_claim_is_refused_by_its_name(wrong: str, values: list[Any]) -> None:
    for value in values:
        with pytest.raises(WrongIdTokenError) as refused:
            claims_of(token(**{wrong: value}), CLIENT, "n", NOW)
        assert wrong in str(refused.value), value


def test_of_several_audiences_the_token_must_name_us_as_the_party() -> None:
    with pytest.raises(WrongIdTokenError, match="azp"):
        claims_of(token(aud=["hub", "other"]), CLIENT, "n", NOW)


@pytest.mark.parametrize("text", ["", "..", "a.b", "a.b.c.d.e", "a.!.c", "a.W10.c", f"a.{'W1td' * 30_000}.c", "é.é.é"])
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(WrongIdTokenError, match="its form"):
        claims_of(text, CLIENT, "n", NOW)


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), st.none() | st.booleans() | st.text() | st.integers()))
def test_no_claims_break_the_checks(changes: dict[str, Any]) -> None:
    with suppress(WrongIdTokenError):
        assert claims_of(token(**changes), CLIENT, "n", NOW)["iss"] == CLIENT.issuer
