"""Parameters: secrets are read seldom and shown never."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib.domain.errors import Misconfigured
from chalicelib.gateways.ssm import Parameters
from tests.fakes import FakeClock
from tests.gateways.aws import aws

WEBHOOK = "/monitoring/test/slack/monitoring"
KEY, BASE = "/monitoring/test/link-key", "/monitoring/test/base-url"
TOKENS = "/monitoring/test/api-tokens"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def ssm() -> Iterator[Any]:
    with mock_aws():
        yield aws("ssm")


@pytest.fixture
def parameters(ssm: Any, clock: FakeClock) -> Parameters:
    return Parameters(lambda: ssm, clock, ttl=300)


def keep_secret(ssm: Any, name: str, value: str) -> None:
    ssm.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)


def test_what_is_not_there_is_none(parameters: Parameters) -> None:
    assert parameters.get("/nowhere") is None
    assert parameters.get_secret("/nowhere") is None
    assert parameters.list_secrets("/nowhere") == {}


def test_a_plain_parameter_is_read_as_it_is_now(parameters: Parameters) -> None:
    parameters.put("/state", "one")
    assert parameters.get("/state") == "one"

    parameters.put("/state", "two")

    assert parameters.get("/state") == "two"


def test_a_secret_is_decrypted_and_remembered_for_a_while(parameters: Parameters, ssm: Any, clock: FakeClock) -> None:
    keep_secret(ssm, WEBHOOK, "first")
    assert parameters.get_secret(WEBHOOK) == "first"
    keep_secret(ssm, WEBHOOK, "second")

    clock.time += 299
    assert parameters.get_secret(WEBHOOK) == "first"
    clock.time += 1
    assert parameters.get_secret(WEBHOOK) == "second"


def test_without_a_ttl_nothing_is_remembered(ssm: Any, clock: FakeClock) -> None:
    parameters = Parameters(lambda: ssm, clock, ttl=0)
    keep_secret(ssm, WEBHOOK, "first")
    assert parameters.get_secret(WEBHOOK) == "first"
    keep_secret(ssm, WEBHOOK, "second")

    assert parameters.get_secret(WEBHOOK) == "second"


@pytest.mark.parametrize("path", [TOKENS, TOKENS + "/"])
def test_secrets_below_a_path_are_listed_by_the_last_part_of_their_names(
    path: str, parameters: Parameters, ssm: Any
) -> None:
    for number in range(25):
        keep_secret(ssm, f"{TOKENS}/token-{number}", f"digest-{number}")
    keep_secret(ssm, f"{TOKENS}/deeper/token", "not asked for")
    keep_secret(ssm, f"{TOKENS}-of-others/token", "not asked for")

    assert parameters.list_secrets(path) == {f"token-{number}": f"digest-{number}" for number in range(25)}


def test_a_new_token_is_seen_after_the_ttl(parameters: Parameters, ssm: Any, clock: FakeClock) -> None:
    parameters.list_secrets(TOKENS)
    keep_secret(ssm, f"{TOKENS}/ci", "digest")
    assert parameters.list_secrets(TOKENS) == {}

    clock.time += 300

    assert parameters.list_secrets(TOKENS) == {"ci": "digest"}


def test_a_caller_cannot_change_what_is_remembered(parameters: Parameters) -> None:
    parameters.list_secrets(TOKENS)["stranger"] = "digest"

    assert parameters.list_secrets(TOKENS) == {}


def test_secrets_that_belong_together_are_read_with_whichever_other_is_read(ssm: Any, clock: FakeClock) -> None:
    parameters = Parameters(lambda: ssm, clock, together=[KEY, BASE])
    keep_secret(ssm, WEBHOOK, "address")
    keep_secret(ssm, KEY, "key")
    read = [parameters.get_secret(WEBHOOK)]

    with Stubber(ssm):  # which lets nobody call
        read += [parameters.get_secret(each) for each in (KEY, BASE)]

    assert read == ["address", "key", None]


def test_one_that_may_not_be_read_keeps_nobody_from_another(ssm: Any, clock: FakeClock) -> None:
    found = {"Parameters": [{"Name": WEBHOOK, "Value": "address"}]}
    with Stubber(ssm) as stub:
        stub.add_client_error("get_parameters", "AccessDeniedException")
        stub.add_response("get_parameters", found, {"Names": [WEBHOOK], "WithDecryption": True})

        assert Parameters(lambda: ssm, clock, together=[KEY]).get_secret(WEBHOOK) == "address"


def test_a_refusal_names_the_parameter_and_the_reason(ssm: Any, clock: FakeClock) -> None:
    with Stubber(ssm) as stub:
        stub.add_client_error("get_parameters", "AccessDeniedException")

        with pytest.raises(Misconfigured, match=f"Parameter {WEBHOOK} cannot be read: AccessDeniedException"):
            Parameters(lambda: ssm, clock).get_secret(WEBHOOK)


def test_no_value_enters_an_error_or_the_log(ssm: Any, clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    """AWS's own text quotes the value that it refuses."""
    caplog.set_level(logging.DEBUG, logger="chalicelib")
    with Stubber(ssm) as stub:
        stub.add_client_error("put_parameter", "ValidationException", "Value 'swordfish' at 'value' is bad")

        with pytest.raises(Misconfigured, match="Parameter /state cannot be written: ValidationException") as failure:
            Parameters(lambda: ssm, clock).put("/state", "swordfish")

    assert failure.value.__cause__ is None
    assert failure.value.__suppress_context__
    assert "swordfish" not in f"{failure.value!r} {caplog.text}"


def test_an_unreachable_ssm_is_said(clock: FakeClock) -> None:
    class Unreachable:
        class exceptions:  # noqa: N801 - boto3's name
            class ParameterNotFound(Exception):  # noqa: N818 - the same
                pass

        def get_parameter(self, **_: Any) -> None:
            raise EndpointConnectionError(endpoint_url="https://ssm.example.com")

    with pytest.raises(Misconfigured, match="Parameter /state cannot be read: EndpointConnectionError"):
        Parameters(Unreachable, clock).get("/state")
