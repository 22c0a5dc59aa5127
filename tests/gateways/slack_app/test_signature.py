"""Only what Slack has signed with the app's secret, within five minutes, is genuine."""

import pytest
from slack_sdk.signature import Clock, SignatureVerifier

from chalicelib.gateways.slack_app.signature import TOLERANCE, SlackSignatures, signature_of
from tests.domain.given import NOON
from tests.fakes import FakeClock

KEY, BODY = "8f742231b10e8888abcd99yyyzzz85a5", b"payload=%7B%22type%22%3A%22block_actions%22%7D"


class At(Clock):
    """The clock of slack_sdk's verifier."""

    def now(self) -> float:
        """Return the epoch seconds."""
        return NOON


def headers(body: bytes = BODY, at: int = NOON, key: str = KEY) -> dict[str, str]:
    """Return the headers of a request."""
    signature = signature_of(key.encode(), str(at), body)
    return {"x-slack-request-timestamp": str(at), "x-slack-signature": signature}


def is_genuine(given: dict[str, str], body: bytes = BODY, key: str | None = KEY) -> bool:
    """Return whether the hub takes a request for Slack's."""
    secret = {"/monitoring/test/slack-app/signing-secret": key}.get
    return SlackSignatures(secret, "test", FakeClock(NOON)).is_genuine(body, given)


def test_what_slacks_own_library_signs_and_verifies_is_genuine() -> None:
    verifier = SignatureVerifier(KEY, At())
    signed = verifier.generate_signature(timestamp=str(NOON), body=BODY)

    assert signed == headers()["x-slack-signature"]
    assert is_genuine(headers())


@pytest.mark.parametrize("at", [NOON - TOLERANCE - 1, NOON + TOLERANCE + 1])
def test_a_request_of_long_ago_is_a_replay(at: int) -> None:
    assert not is_genuine(headers(at=at))
    assert is_genuine(headers(at=NOON - TOLERANCE))


@pytest.mark.parametrize(
    "given",
    [
        {},
        headers(key="another"),
        headers(b"payload=another"),
        headers() | {"x-slack-request-timestamp": str(NOON + 1)},
        headers() | {"x-slack-request-timestamp": "-1"},
        headers() | {"x-slack-request-timestamp": "9" * 5_000},
        headers() | {"x-slack-signature": ""},
        headers() | {"x-slack-signature": "v0=\N{SNOWMAN}"},
        headers() | {"x-slack-signature": headers()["x-slack-signature"].removeprefix("v0=")},
    ],
)
def test_what_is_forged_is_refused(given: dict[str, str]) -> None:
    assert not is_genuine(given)


@pytest.mark.parametrize("key", [None, "", "  "])
def test_without_a_secret_nothing_is_genuine(key: str | None) -> None:
    assert not is_genuine(headers(key=""), key=key)
