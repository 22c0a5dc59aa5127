"""The account's id and name."""

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib.gateways import account_info


def test_an_account_has_the_id_of_whom_the_credentials_belong_to() -> None:
    with mock_aws():
        assert account_info.id_of(boto3.client("sts")) == "123456789012"


def test_an_account_has_the_name_that_its_owners_gave_it() -> None:
    client = boto3.client("account")
    with Stubber(client) as stub:
        stub.add_response("get_account_information", {"AccountId": "123456789012", "AccountName": "payments-prod"})

        assert account_info.name_of(client) == "payments-prod"


def test_a_name_that_may_not_be_read_is_none(caplog: pytest.LogCaptureFixture) -> None:
    client = boto3.client("account")
    with Stubber(client) as stub:
        stub.add_client_error("get_account_information", "AccessDeniedException")

        assert account_info.name_of(client) == ""

    assert [vars(line)["error"] for line in caplog.records] == ["AccessDeniedException"]


def test_a_client_that_is_too_old_for_names_stops_no_scan() -> None:
    assert account_info.name_of(object()) == ""
