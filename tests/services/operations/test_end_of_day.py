"""The end of a day: which reports are due, and when."""

from typing import Any

import pytest

from chalicelib.domain.timestamps import DAY, HOUR, WEEK, iso, week_of
from chalicelib.services.operations.end_of_day import EndOfDay
from tests.fakes import NOW, FakeClock
from tests.services.world import envelope

MONDAY = week_of(NOW)
DAILY = ("reconciled", "daily", "kept")


class Part:
    """Notes what it is asked to do."""

    def __init__(self, done: list[Any]) -> None:
        self.done = done

    def run(self, *_: object, **__: object) -> None:
        """Reconcile."""
        self.done.append("reconciled")

    def __call__(self, *_: object) -> None:
        """Keep."""
        self.done.append("kept")


class Daily(Part):
    """The daily reports."""

    def send(self, **_: object) -> None:
        """Report at once."""
        self.done.append("daily")

    def enqueue_due(self, *_: object) -> None:
        """Report later."""
        self.done.append("daily")


class Weekly(Part):
    """The weekly reports."""

    def send(self, week: int) -> None:
        """Report at once."""
        self.done.append(("sent", week))

    def enqueue(self, week: int) -> None:
        """Report later."""
        self.done.append(("enqueued", week))


@pytest.fixture
def done() -> list[Any]:
    return []


@pytest.fixture
def end_of_day(done: list[Any]) -> EndOfDay:
    part: Any = Part(done)
    daily: Any = Daily(done)
    weekly: Any = Weekly(done)
    return EndOfDay(part, daily, lambda: weekly, part, FakeClock())


@pytest.mark.parametrize(
    ("after", "is_due"), [(0, True), (2 * HOUR, True), (DAY - 1, True), (DAY, False), (6 * DAY, False)]
)
def test_a_week_is_reported_on_mondays_alone(end_of_day: EndOfDay, done: list[Any], after: int, is_due: bool) -> None:
    tick = envelope("aws.events", "Scheduled Event", time=iso(MONDAY + after))
    end_of_day(tick)
    end_of_day.catch_up(tick)

    week = MONDAY + after - WEEK
    weekly = [("sent", week), ("enqueued", week)] if is_due else []
    assert [each for each in done if each not in DAILY] == weekly
    assert [each for each in done if each in DAILY] == [*DAILY, *DAILY]
