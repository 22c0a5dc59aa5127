"""Canaries: when one is sent, which are believed, and when the next one is late."""

from typing import Any

import pytest
from hypothesis import given

from chalicelib.domain.agents.canary import INTERVAL, LONGEST_WAY, Canary, CanaryArrival, canary_of
from chalicelib.domain.events.envelope import Envelope
from tests.domain.given import NOON
from tests.domain.test_text import JSON

RAW = {"source": "monitoring.agent.canary", "account": "111122223333", "region": "eu-west-1"}


def read(detail: Any, **changes: Any) -> Canary | None:
    """Read a canary of the stage prod that arrives at noon."""
    return canary_of(Envelope.parse(RAW | changes | {"detail": detail}, NOON), "prod")


def test_a_canary_says_from_where_and_when_it_was_sent() -> None:
    assert read({"stage": "prod", "sent_at": NOON - 30}) == Canary("eu-west-1", NOON - 30)


@pytest.mark.parametrize(
    ("detail", "changes"),
    [
        ({"stage": "dev", "sent_at": NOON}, {}),
        ({"sent_at": NOON}, {}),
        ({"stage": "prod"}, {}),
        ({"stage": "prod", "sent_at": str(NOON)}, {}),
        ({"stage": "prod", "sent_at": NOON - 3_601}, {}),
        ({"stage": "prod", "sent_at": NOON + 301}, {}),
        ({"stage": "prod", "sent_at": NOON}, {"region": ""}),
    ],
)
def test_what_another_stage_sent_or_nobody_could_have_sent_is_none(detail: Any, changes: dict[str, Any]) -> None:
    assert read(detail, **changes) is None


@given(JSON)
def test_any_detail_is_a_canary_or_none(detail: Any) -> None:
    found = read(detail)
    assert found is None or NOON - 3_600 <= found.sent_at <= NOON + 300


def test_the_next_one_is_late_once_it_should_have_gone_the_whole_way() -> None:
    last = CanaryArrival(NOON, 40)
    assert not last.is_late(NOON + INTERVAL + LONGEST_WAY)
    assert last.is_late(NOON + INTERVAL + LONGEST_WAY + 1)
