"""What notifiers are made with, for tests: nothing outside, unless a test says otherwise."""

from typing import Any

from chalicelib.domain.routing.receivers import Receiver
from chalicelib.gateways.http import HttpClient
from chalicelib.gateways.notifiers import NotifierContext
from tests.domain.given import NOON
from tests.fakes import FakeCallBudgets, FakeClock, FakeReferences
from tests.gateways.slack.messages import Names

NOWHERE = "http://127.0.0.1:9"


def no_client(_service: str, _region: str) -> Any:
    """Have no credentials."""
    raise RuntimeError("no credentials")


def a_context(**given: Any) -> NotifierContext:
    """Return a context in which every receiver is a webhook of Slack, without a secret."""
    values: dict[str, Any] = {
        "receiver": lambda _name: Receiver(),
        "secret": lambda _parameter: None,
        "stage": "test",
        "http": HttpClient(),
        "clock": FakeClock(NOON + 60),
        "names": Names(),
        "references": FakeReferences(),
        "budgets": FakeCallBudgets(),
        "alert": lambda _fingerprint: None,
        "pagerduty_url": NOWHERE,
        "slack_url": NOWHERE,
        "client": no_client,
    }
    return NotifierContext(**values | given)
