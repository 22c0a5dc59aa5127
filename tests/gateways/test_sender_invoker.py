"""Waking the sender: asynchronously, and of no consequence where it fails."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from chalicelib.gateways.sender_invoker import WAKE_UP, SenderInvoker


class Lambda:
    """Keeps what is invoked, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.invoked = error, list[dict[str, Any]]()

    def invoke(self, **arguments: object) -> None:
        """Invoke a function."""
        if self.error:
            raise self.error
        self.invoked.append(arguments)


def test_the_stages_sender_is_invoked_without_waiting() -> None:
    client = Lambda()
    SenderInvoker(client, "prod")()

    (invoked,) = client.invoked
    assert (invoked["FunctionName"], invoked["InvocationType"]) == ("monitoring-prod-deliver_notifications", "Event")
    assert json.loads(invoked["Payload"]) == WAKE_UP


@pytest.mark.parametrize(
    "error", [ClientError({"Error": {"Code": "TooManyRequests"}}, "Invoke"), EndpointConnectionError(endpoint_url="x")]
)
def test_a_sender_that_cannot_be_woken_is_no_reason_to_fail(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    SenderInvoker(Lambda(error), "prod")()

    assert "Sender not invoked; the next sweep sends" in caplog.messages
