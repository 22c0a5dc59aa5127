"""What an agent says about the budget of its scans."""

import pytest

from chalicelib.domain.events.event import Severity, Signal
from tests.sources.samples import alike, altered, load, read, without

OVER, WITHIN = "scan_budget-over", "scan_budget-within"


def test_a_budget_that_is_too_small_fires_and_says_what_becomes_of_the_day() -> None:
    event = read(OVER)
    assert event.title == "Log scan: samples only, to keep the day within 50 GB"
    assert (event.severity, event.signal) == (Severity.MEDIUM, Signal.FIRING)
    assert (event.account, event.region) == ("111122223333", "eu-west-1")


def test_a_scan_that_stops_says_so() -> None:
    assert read(altered(OVER, "allowance", to="nothing")).title.startswith("Log scan: stopped until midnight UTC")


def test_the_next_day_resolves_it() -> None:
    event = read(WITHIN)
    assert (event.severity, event.signal) == (Severity.LOW, Signal.RESOLVED)
    assert event.fingerprint == read(OVER).fingerprint


def test_a_day_is_reported_once() -> None:
    again = load(OVER) | {"id": "another", "time": "2026-03-02T15:05:00Z"}
    assert alike(read(OVER), read(again))
    assert read(altered(OVER, "day", to="2026-03-03")).id != read(OVER).id


@pytest.mark.parametrize("field", ["state", "day", "at"])
def test_what_lacks_a_field_is_unknown(field: str) -> None:
    assert read(without(OVER, field)).kind == "unknown"
