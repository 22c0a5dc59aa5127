"""The command that prints a link to sign in with: it needs a token's name, and reads what the hub reads."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.container import SystemClock
from chalicelib.domain.errors import Misconfigured
from chalicelib.gateways.ssm import Parameters
from chalicelib.services.operations.sign_in import LINK, SessionClaim
from chalicelib.services.operations.signed_tokens import TokenSigner
from infra import sign_in

NAMES = {
    "api-tokens/ana": json.dumps({"sha256": "a" * 64, "scopes": ["read"]}),
    "link-key": "k" * 64,
    "base-url": "https://hub.example.com/api\n",
}


@pytest.fixture
def ssm() -> Iterator[Any]:
    """Return a client of a Parameter Store with what a stage has."""
    with mock_aws():
        client = boto3.client("ssm")
        for name, value in NAMES.items():
            client.put_parameter(Name=f"/monitoring/prod/{name}", Value=value, Type="SecureString")
        yield client


def test_the_link_is_one_that_the_hub_reads(ssm: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert sign_in.main(["--stage", "prod", "--name", "ana"]) == 0

    base, _, text = capsys.readouterr().out.strip().rpartition("/")
    assert base == "https://hub.example.com/api/ui/sign-in"
    clock = SystemClock()
    signer = TokenSigner(Parameters(lambda: ssm, clock).get_secret, "prod")
    assert signer.read(LINK, text, SessionClaim, clock.now()).name == "ana"


def test_a_store_that_cannot_be_reached_is_reported_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def get_secret(_: Parameters, name: str) -> str:
        raise Misconfigured(f"Parameter {name} cannot be read: EndpointConnectionError")

    monkeypatch.setattr(Parameters, "get_secret", get_secret)

    assert sign_in.main(["--stage", "prod", "--name", "ana"]) == 1
    assert capsys.readouterr().err == "Parameter /monitoring/prod/base-url cannot be read: EndpointConnectionError\n"


@pytest.mark.parametrize(
    ("missing", "complaint"),
    [
        ("api-tokens/ana", "There is no API token called ana."),
        ("link-key", "The parameter /monitoring/prod/link-key is needed"),
        ("base-url", "The parameter /monitoring/prod/base-url is missing"),
    ],
)
def test_what_is_missing_is_said_in_one_line(
    ssm: Any, capsys: pytest.CaptureFixture[str], missing: str, complaint: str
) -> None:
    ssm.delete_parameter(Name=f"/monitoring/prod/{missing}")

    assert sign_in.main(["--stage", "prod", "--name", "ana"]) == 1
    assert capsys.readouterr().err.startswith(complaint)


@pytest.mark.parametrize("minutes", ["0", "1441", "x"])
def test_a_link_works_for_a_day_at_most(minutes: str) -> None:
    with pytest.raises(SystemExit):
        sign_in.main(["--stage", "prod", "--name", "ana", "--minutes", minutes])
