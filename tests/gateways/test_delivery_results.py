"""What a response that is no success means: the message did not arrive, or nobody knows."""

import pytest

from chalicelib.gateways.delivery_results import may_have_arrived
from chalicelib.gateways.http import Response


@pytest.mark.parametrize(
    ("status", "text", "unknown"),
    [
        (0, "ReadTimeout", True),
        (0, "ConnectionError", True),
        (0, "ConnectTimeout", False),
        (0, "NewConnectionError", False),
        (0, "NameResolutionError", False),
        (500, "", True),
        (502, "", True),
        (504, "", True),
        (503, "", False),
        (429, "", False),
    ],
)
def test_a_message_may_have_arrived_where_the_connection_was_there(status: int, text: str, unknown: bool) -> None:
    assert may_have_arrived(Response(status, text)) is unknown
