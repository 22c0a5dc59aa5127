"""The OpenID provider over HTTP: found by its issuer, asked as it wishes, and distrusted where it is another."""

import json
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl

import pytest
from msgspec.structs import replace

from chalicelib.domain.errors import Misconfigured, ProviderFailed
from chalicelib.gateways.http import WHOLE, Response
from chalicelib.gateways.openid_provider import FAILURE_REMEMBERED_FOR, REMEMBERED_FOR, HttpOpenIdProvider
from chalicelib.services.operations.ports import ProviderTokens
from tests.fakes import FakeClock
from tests.services.operations.openid import CLIENT, METADATA

ISSUER = CLIENT.issuer


class FakeHttp:
    """What a provider answers by address, and what it was sent."""

    timeout: float

    def __init__(self, **metadata: Any) -> None:
        self.responses = {
            CLIENT.discovery_url: Response(200, json.dumps(METADATA | metadata)),
            f"{ISSUER}/token": Response(200, '{"id_token": "a.b.c", "access_token": "at", "token_type": "Bearer"}'),
            f"{ISSUER}/me": Response(200, '{"sub": "7", "groups": ["staff"]}'),
        }
        self.sent: list[tuple[str, Mapping[str, str], str]] = []

    def within(self, timeout: float) -> Self:
        """Return this, and keep how long it would wait."""
        self.timeout = timeout
        return self

    def get(self, url: str, headers: Mapping[str, str] | None = None, longest: int = 0) -> Response:
        """Answer a GET."""
        return self._respond(url, headers or {}, "")

    def post(self, url: str, document: bytes, headers: Mapping[str, str], longest: int) -> Response:
        """Answer a POST."""
        return self._respond(url, headers, document.decode())

    def _respond(self, url: str, headers: Mapping[str, str], body: str) -> Response:
        self.sent.append((url, headers, body))
        return self.responses[url]


def test_all_that_a_sign_in_takes_is_over_before_its_function_is() -> None:
    http = FakeHttp()
    provider(http)
    config = json.loads(Path(".chalice/config.json").read_text())

    assert 3 * WHOLE * http.timeout < config["lambda_functions"]["api_handler"]["lambda_timeout"]


def provider(http: Any, secret: str | None = "s:é", clock: FakeClock | None = None) -> HttpOpenIdProvider:
    parameters = {"/monitoring/dev/oidc-client-secret": secret}
    return HttpOpenIdProvider(replace(CLIENT, client_id="hub 1"), "dev", parameters.get, http, clock or FakeClock())


def test_a_code_is_redeemed_with_the_secret_in_a_header() -> None:
    http = FakeHttp()
    tokens = provider(http).redeem("c&1", "v", "https://hub.example.com/cb")
    url, headers, body = http.sent[-1]

    assert tokens == ProviderTokens("a.b.c", "at")
    assert url == f"{ISSUER}/token"
    assert b64decode(headers["Authorization"].removeprefix("Basic ")).decode() == "hub%201:s%3A%C3%A9"
    assert dict(parse_qsl(body)) == {
        "grant_type": "authorization_code",
        "code": "c&1",
        "redirect_uri": "https://hub.example.com/cb",
        "code_verifier": "v",
    }


def test_the_secret_goes_into_the_form_where_the_provider_knows_no_other_way() -> None:
    http = FakeHttp(token_endpoint_auth_methods_supported=["client_secret_post", "private_key_jwt"])
    provider(http).redeem("c", "v", "https://hub.example.com/cb")
    _, headers, body = http.sent[-1]

    assert "Authorization" not in headers
    assert {"client_id": "hub 1", "client_secret": "s:é"}.items() <= dict(parse_qsl(body)).items()


def test_more_is_said_of_a_person_to_whom_the_access_token_belongs() -> None:
    http = FakeHttp()
    assert provider(http).user_info("at") == {"sub": "7", "groups": ["staff"]}
    assert http.sent[-1][1]["Authorization"] == "Bearer at"

    assert provider(http).user_info("") == {}
    assert provider(FakeHttp(userinfo_endpoint="")).user_info("at") == {}


def test_what_a_provider_says_of_itself_is_remembered_for_an_hour() -> None:
    http, clock = FakeHttp(), FakeClock()
    ours = provider(http, clock=clock)
    for _ in range(3):
        assert ours.authorization_endpoint() == f"{ISSUER}/authorize"
    assert len(http.sent) == 1

    clock.sleep(REMEMBERED_FOR)
    ours.authorization_endpoint()
    assert len(http.sent) == 2


@pytest.mark.parametrize("answer", [Response(0, "ConnectTimeout"), Response(503, "<html>"), Response(429, "{}")])
def test_a_provider_that_does_not_answer_is_left_alone_for_a_while(answer: Response) -> None:
    http, clock = FakeHttp(), FakeClock()
    http.responses[CLIENT.discovery_url] = answer
    ours = provider(http, clock=clock)
    for _ in range(2):
        with pytest.raises(ProviderFailed, match="cannot be reached"):
            ours.authorization_endpoint()
    assert len(http.sent) == 1

    clock.sleep(FAILURE_REMEMBERED_FOR)
    http.responses[CLIENT.discovery_url] = Response(200, json.dumps(METADATA))
    assert ours.authorization_endpoint()


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"issuer": f"{ISSUER}/"},
        {"issuer": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "http://login.example.com/token"},
        {"userinfo_endpoint": "http://169.254.169.254/"},
        {"token_endpoint": None},
    ],
)
def test_a_provider_that_is_another_or_unsafe_is_refused(metadata: dict[str, Any]) -> None:
    with pytest.raises(ProviderFailed, match="did not accept"):
        provider(FakeHttp(**metadata)).authorization_endpoint()


@pytest.mark.parametrize(
    ("answer", "logged"),
    [
        (Response(400, '{"error": "invalid_grant", "error_description": "code c-secret"}'), "invalid_grant"),
        (Response(401, "c-secret"), ""),
        (Response(400, '{"error": ["c-secret"]}'), ""),
        (Response(200, "c-secret"), "JSON is malformed"),
        (Response(200, '{"access_token": "c-secret"}'), "id_token"),
        (Response(200, "[" * 100_000), ""),
    ],
)
def test_a_code_that_is_refused_is_logged_by_a_word_and_without_its_secret(
    caplog: pytest.LogCaptureFixture, answer: Response, logged: str
) -> None:
    http = FakeHttp()
    http.responses[f"{ISSUER}/token"] = answer
    with pytest.raises(ProviderFailed, match="did not accept"):
        provider(http).redeem("c-secret", "v", "r")

    (record,) = caplog.records
    assert logged in str(vars(record))
    assert "c-secret" not in str(vars(record))


def test_without_a_secret_the_error_names_the_parameter() -> None:
    with pytest.raises(Misconfigured, match="/monitoring/dev/oidc-client-secret"):
        provider(FakeHttp(), secret=None).redeem("c", "v", "r")
