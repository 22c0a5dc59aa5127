"""Outcomes of mails: what each error of AWS's means, and that none is lost."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    ParamValidationError,
    ReadTimeoutError,
)

from chalicelib.gateways.email.outcomes import PATIENCE, outcome_of
from chalicelib.services.notifying.ports import Delivered, Rejected, Retry


def failing(code: str, status: int = 400, **headers: str) -> Callable[[], Mapping[str, Any]]:
    """Return a call that AWS refuses."""
    metadata: Any = {"HTTPStatusCode": status, "HTTPHeaders": headers}
    response: Any = {"Error": {"Code": code, "Message": "ops@example.com"}, "ResponseMetadata": metadata}
    return raising(ClientError(response, "SendEmail"))


def raising(error: Exception) -> Callable[[], Mapping[str, Any]]:
    """Return a call that ends with an error."""

    def send() -> Mapping[str, Any]:
        raise error

    return send


def test_what_is_taken_is_delivered_under_its_id() -> None:
    assert outcome_of(lambda: {"MessageId": "0100"}, "ops") == Delivered("0100")


@pytest.mark.parametrize(
    ("code", "status"),
    [("TooManyRequestsException", 429), ("Throttling", 400), ("ThrottlingException", 400), ("KMSThrottling", 400)],
)
def test_who_wants_patience_has_it(code: str, status: int) -> None:
    assert outcome_of(failing(code, status), "ops") == Retry(30, "rate limited: 429")


@pytest.mark.parametrize("code", ["MessageRejected", "MailFromDomainNotVerifiedException", "BadRequestException"])
def test_what_is_refused_has_failed_and_the_receiver_stays(code: str) -> None:
    assert outcome_of(failing(code), "ops") == Rejected(f"ops cannot read the message: 400 {code}")


def test_an_account_that_is_suspended_sends_nothing_more() -> None:
    result = outcome_of(failing("AccountSuspendedException"), "ops")

    assert result == Rejected("messages to ops are refused: AccountSuspendedException", receiver_gone=True)


@pytest.mark.parametrize(
    ("code", "status"),
    [("AccessDenied", 403), ("ExpiredToken", 403), ("LimitExceededException", 400), ("SendingPausedException", 400)],
)
def test_what_an_operator_can_mend_loses_nothing(code: str, status: int) -> None:
    assert outcome_of(failing(code, status), "ops") == Retry(PATIENCE, f"no delivery to ops: {code}")


@pytest.mark.parametrize(
    "error",
    [
        ReadTimeoutError(endpoint_url="https://email.example.com/ops@example.com"),
        ConnectionClosedError(endpoint_url="https://email.example.com/ops@example.com"),
    ],
)
def test_a_mail_without_a_response_may_have_arrived(error: Exception) -> None:
    result = outcome_of(raising(error), "ops")

    assert result == Retry(30, f"no delivery to ops: {type(error).__name__}", may_have_arrived=True)


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="https://email.example.com/ops@example.com"),
        RuntimeError("ops@example.com"),
    ],
)
def test_a_mail_that_never_left_is_tried_again(error: Exception) -> None:
    result = outcome_of(raising(error), "ops")

    assert result == Retry(30, f"no delivery to ops: {type(error).__name__}")


def test_what_no_api_would_take_is_not_tried_again() -> None:
    result = outcome_of(raising(ParamValidationError(report="ops@example.com")), "ops")

    assert result == Rejected("ops cannot read the message: ParamValidationError")
