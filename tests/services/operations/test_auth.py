"""Access: tokens, scopes, and what nobody may ever read in a log."""

import hashlib
import hmac
import json
import logging
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.services.operations.auth import Authenticator, Grant, Scope, version_of

TOKEN = "correct horse battery staple"
DIGEST = hashlib.sha256(TOKEN.encode()).hexdigest()
PATH = "/monitoring/dev/api-tokens"


class Secrets:
    """Parameters below the path of the tokens."""

    def __init__(self, **values: str) -> None:
        self.values = values

    def list_secrets(self, path: str) -> Mapping[str, str]:
        """Return those, and none below another path."""
        return self.values if path == PATH else {}


def parameter(digest: object = DIGEST, scopes: object = ("read",)) -> str:
    return json.dumps({"sha256": digest, "scopes": scopes})


def test_a_known_token_has_its_name_and_scopes() -> None:
    access = Authenticator(Secrets(reports=parameter(scopes=["read", "write"])), "dev")

    assert access.identify(TOKEN) == Grant("reports", frozenset({Scope.READ, Scope.WRITE}), version_of(DIGEST))


@pytest.mark.parametrize("token", ["", " ", TOKEN.upper(), DIGEST, TOKEN + " ", "\ud800", "🔑"])
def test_another_token_is_unknown(token: str) -> None:
    assert Authenticator(Secrets(reports=parameter()), "dev").identify(token) is None


def test_no_configured_token_means_no_access() -> None:
    assert Authenticator(Secrets(), "dev").identify(TOKEN) is None


def test_a_token_of_another_stage_is_unknown() -> None:
    assert Authenticator(Secrets(reports=parameter()), "prod").identify(TOKEN) is None


def test_a_digest_may_be_written_in_upper_case() -> None:
    assert Authenticator(Secrets(reports=parameter(DIGEST.upper())), "dev").identify(TOKEN) is not None


def test_a_name_may_be_given_with_its_path() -> None:
    access = Authenticator(Secrets(**{f"{PATH}/reports": parameter()}), "dev")

    assert access.identify(TOKEN) == Grant("reports", frozenset({Scope.READ}), version_of(DIGEST))


def test_every_digest_is_compared_in_constant_time_even_after_one_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    compare = hmac.compare_digest

    def noting(one: str, other: str) -> bool:
        compared.append(one)
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", noting)
    others = {f"other{number}": parameter(f"{number:064x}") for number in range(3)}

    assert Authenticator(Secrets(first=parameter(), **others), "dev").identify(TOKEN) is not None
    assert len(compared) == 4


MALFORMED = [
    "",
    "secret-value",
    "[]",
    "7",
    "null",
    "{}",
    "[" * 4_000,
    json.dumps({"sha256": DIGEST}),
    json.dumps({"scopes": ["read"]}),
    parameter(DIGEST[:-1]),
    parameter(hashlib.sha256(b"").hexdigest()),
    parameter(7),
    parameter(None),
    parameter(scopes=[]),
    parameter(scopes="read"),
    parameter(scopes=None),
    parameter(scopes=["admin"]),
    parameter(scopes=[["read"]]),
    parameter(scopes=[{}]),
]


@pytest.mark.parametrize("value", MALFORMED)
def test_a_malformed_parameter_is_skipped_and_named_without_its_value(
    value: str, caplog: pytest.LogCaptureFixture
) -> None:
    access = Authenticator(Secrets(broken=value, good=parameter()), "dev")

    assert access.identify(TOKEN) == Grant("good", frozenset({Scope.READ}), version_of(DIGEST))
    (line,) = caplog.records
    assert vars(line)["parameter"] == f"{PATH}/broken"
    assert line.levelno == logging.ERROR
    assert line.exc_info is None


@pytest.mark.parametrize("digest", [DIGEST, hashlib.sha256(b"").hexdigest()])
def test_an_empty_token_lets_nobody_in(digest: str) -> None:
    assert Authenticator(Secrets(any=parameter(digest)), "dev").identify("") is None


@pytest.mark.parametrize("value", MALFORMED)
def test_a_malformed_parameter_lets_nobody_in(value: str) -> None:
    assert Authenticator(Secrets(broken=value), "dev").identify(TOKEN) is None


@given(st.text(), st.text())
def test_neither_a_token_nor_a_digest_is_ever_logged(token: str, value: str) -> None:
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(str(vars(record)))  # type: ignore[method-assign]
    logger = logging.getLogger("chalicelib")
    logger.addHandler(handler)
    try:
        Authenticator(Secrets(good=parameter(), broken=f"c0nf1gur3d{value}"), "dev").identify(f"pr3s3nt3d{token}")
    finally:
        logger.removeHandler(handler)

    assert lines
    assert not any("c0nf1gur3d" in line or "pr3s3nt3d" in line or DIGEST in line for line in lines)
