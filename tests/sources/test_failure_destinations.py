"""What the hub says about its own nets."""

import pytest

from chalicelib.domain.events.event import Severity, Signal
from tests.sources.samples import alike, altered, load, read, without

MISSING = "failure_destinations-missing"


def test_missing_destinations_fire_and_are_counted() -> None:
    event = read(MISSING)
    assert event.title == "The hub monitoring-prod can lose events: 3 without a failure destination"
    assert (event.severity, event.signal) == (Severity.HIGH, Signal.FIRING)
    assert (event.account, event.region, event.resource) == ("123456789012", "eu-west-1", "monitoring-prod")


def test_failure_destinations_that_are_back_resolve_it() -> None:
    event = read("failure_destinations-whole")
    assert event.title == "The hub monitoring-prod no longer loses events"
    assert (event.severity, event.signal) == (Severity.LOW, Signal.RESOLVED)
    assert event.fingerprint == read(MISSING).fingerprint


def test_a_first_suspicion_is_no_news() -> None:
    assert read(altered(MISSING, "state", to="suspected")).signal is Signal.NOTICE


def test_another_stage_is_another_problem() -> None:
    assert read(altered(MISSING, "stage", to="dev")).fingerprint != read(MISSING).fingerprint


def test_telling_again_is_the_same_event() -> None:
    assert alike(read(MISSING), read(load(MISSING) | {"id": "another", "time": "2026-03-02T15:06:00Z"}))


@pytest.mark.parametrize("field", ["stage", "state", "at"])
def test_what_lacks_a_field_is_unknown(field: str) -> None:
    assert read(without(MISSING, field)).kind == "unknown"
