"""Backfills: one event that says how much was found."""

from typing import Any

import pytest

from chalicelib.domain.events.event import Severity, Signal
from tests.sources.samples import altered, read

NAME = "backfill-found"


def test_it_is_news_and_as_bad_as_the_worst_that_is_new() -> None:
    event = read(NAME)

    assert (event.signal, event.severity) == (Signal.INFORMATIONAL, Severity.HIGH)
    assert event.title == "Backfill: 12,043 errors in 17 groups, 2 of them new"


@pytest.mark.parametrize(
    ("found", "title", "severity"),
    [
        ({}, "Backfill: no new errors in the logs", Severity.LOW),
        ({"errors": 1, "error_groups": 1, "new": 0}, "Backfill: 1 error in 1 group, none of them new", Severity.LOW),
    ],
)
def test_where_nothing_is_new_it_is_mild(found: dict[str, Any], title: str, severity: Severity) -> None:
    event = read(altered(NAME, "found", to=found))

    assert (event.title, event.severity) == (title, severity)


def test_the_next_backfill_of_the_same_time_is_another_event() -> None:
    assert read(NAME).id != read(altered(NAME, "finished_at", to=1_772_453_200)).id
