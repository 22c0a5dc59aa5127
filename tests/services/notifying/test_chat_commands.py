"""Commands in a chat: what they say where more alerts are open than are read."""

from collections.abc import Sequence
from unittest.mock import Mock

import pytest
from msgspec import Struct

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.pagination import LARGEST_LIMIT, Page
from chalicelib.domain.queries import AlertQuery
from chalicelib.services.notifying.chat_commands import ChatCommands
from tests.domain.given import NOON, an_alert, an_event


class OpenAlerts(Struct, frozen=True):
    """Open alerts, of which one page is read."""

    alerts: Sequence[Alert]

    def page(self, query: AlertQuery) -> Page[Alert]:
        """Return the first of them."""
        return Page(tuple(self.alerts[: query.limit]))


@pytest.mark.parametrize(
    ("count", "text", "expected"),
    [
        (1, "silence ffffffff 1h", "No open alert has this id; `alerts` lists them."),
        (1, "alerts 444455556666", "No alert is open there."),
        (
            LARGEST_LIMIT,
            "silence ffffffff 1h",
            "None of the newest 100 open alerts has this id; `alerts` lists them.",
        ),
        (LARGEST_LIMIT, "alerts 444455556666", "None of the newest 100 open alerts is there."),
        (12, "alerts", "and 2 more"),
        (LARGEST_LIMIT, "alerts", "and 90 more, or even more"),
    ],
)
def test_nothing_is_denied_of_alerts_that_were_not_read(count: int, text: str, expected: str) -> None:
    alerts = OpenAlerts([an_alert(an_event(NOON))] * count)

    *_, said = ChatCommands(alerts, Mock(), str, Mock())(text, "ana")

    assert said == expected
