"""Checks of single sign-on: the provider that is set is the one that answers, and its secret is there."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import boto3
import pytest
from moto import mock_aws
from msgspec.structs import replace

from chalicelib.domain.openid_client import NO_CLIENT, OpenIdClient
from infra.checks.check import CheckStatus
from infra.checks.sign_on import SignOn, in_words, parameter_of
from tests.services.operations.openid import CLIENT


class Discovery(BaseHTTPRequestHandler):
    """A provider whose issuer is its own address, and below `/other` another one."""

    def do_GET(self) -> None:
        """Answer."""
        if "/gone" in self.path:
            return
        if "/half" in self.path:
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"{")
            return
        issuer = f"http://127.0.0.1:{self.server.server_port}"  # type: ignore[attr-defined]  # an HTTPServer's
        self.send_response(404 if "/nothing" in self.path else 200)
        self.end_headers()
        self.wfile.write(b"<html>" if "/page" in self.path else json.dumps({"issuer": issuer}).encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Discovery) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def statuses(client: OpenIdClient, kind: str = "SecureString") -> list[CheckStatus]:
    with mock_aws():
        if kind:
            boto3.client("ssm").put_parameter(Name=parameter_of("prod"), Value="secret", Type=kind)
        return [each.status for check in SignOn(boto3.Session(), "prod", client).checks() for each in check.findings()]


def test_a_provider_that_is_not_set_is_not_checked() -> None:
    assert statuses(NO_CLIENT) == []


def test_a_provider_that_is_its_issuer_holds(issuer: str) -> None:
    assert statuses(replace(CLIENT, issuer=issuer)) == [CheckStatus.HOLDS, CheckStatus.HOLDS]


@pytest.mark.parametrize(
    ("path", "kind", "expected"),
    [
        ("", "", [CheckStatus.FAILS, CheckStatus.HOLDS]),
        ("", "String", [CheckStatus.FAILS, CheckStatus.HOLDS]),
        ("/other", "SecureString", [CheckStatus.HOLDS, CheckStatus.FAILS]),
        ("/nothing", "SecureString", [CheckStatus.HOLDS, CheckStatus.FAILS]),
        ("/page", "SecureString", [CheckStatus.HOLDS, CheckStatus.FAILS]),
    ],
)
def test_what_is_missing_or_another_fails(issuer: str, path: str, kind: str, expected: list[CheckStatus]) -> None:
    assert statuses(replace(CLIENT, issuer=f"{issuer}{path}"), kind) == expected


def test_a_provider_that_cannot_be_reached_from_here_is_unknown() -> None:
    assert statuses(replace(CLIENT, issuer="http://127.0.0.1:9")) == [CheckStatus.HOLDS, CheckStatus.UNKNOWN]


@pytest.mark.parametrize("path", ["/gone", "/half"])
def test_a_provider_that_breaks_off_is_unknown_and_the_other_checks_go_on(issuer: str, path: str) -> None:
    assert statuses(replace(CLIENT, issuer=f"{issuer}{path}")) == [CheckStatus.HOLDS, CheckStatus.UNKNOWN]


def test_who_may_sign_in_is_said_in_words() -> None:
    assert in_words(CLIENT) == (
        "People sign in to the pages at https://login.example.com: staff may see, on call may also act."
    )
    assert "no OIDC_ISSUER" in in_words(NO_CLIENT)
