"""What the hub says about its agents."""

import pytest

from chalicelib.domain.events.event import Severity, Signal
from tests.sources.samples import alike, altered, load, read, without

STALE = "agent_state-stale"


def test_a_silent_agent_fires_and_says_since_when() -> None:
    event = read(STALE)
    assert event.title == "Agent silent since 14:05 UTC: payments (444455556666) eu-central-1"
    assert (event.severity, event.signal) == (Severity.HIGH, Signal.FIRING)
    assert (event.account, event.region, event.resource) == (
        "444455556666",
        "eu-central-1",
        "444455556666-eu-central-1",
    )


def test_an_agent_without_a_name_is_called_by_its_account() -> None:
    assert read(altered(STALE, "name", to="")).title == "Agent silent since 14:05 UTC: 444455556666 eu-central-1"


def test_an_agent_that_reports_again_resolves_it() -> None:
    event = read("agent_state-active")
    assert event.title == "Agent reports again: payments (444455556666) eu-central-1"
    assert (event.severity, event.signal) == (Severity.LOW, Signal.RESOLVED)
    assert event.fingerprint == read(STALE).fingerprint
    assert event.id > read(STALE).id


def test_a_silent_agent_that_is_removed_resolves_it_too() -> None:
    event = read("agent_state-removed")
    assert event.title == "Silent agent removed: payments (444455556666) eu-central-1"
    assert (event.severity, event.signal) == (Severity.LOW, Signal.RESOLVED)
    assert event.fingerprint == read(STALE).fingerprint


def test_a_scan_that_does_not_keep_up_is_a_problem_of_its_own_until_it_does() -> None:
    behind, over = read("agent_state-behind"), read("agent_state-caught-up")
    assert behind.title == "Logs not scanned since 14:15 UTC: payments (444455556666) eu-central-1"
    assert (behind.severity, behind.signal) == (Severity.HIGH, Signal.FIRING)
    assert over.title == "Scan no longer behind: payments (444455556666) eu-central-1"
    assert (over.severity, over.signal) == (Severity.LOW, Signal.RESOLVED)
    assert over.fingerprint == behind.fingerprint != read(STALE).fingerprint
    assert over.id > behind.id


def test_telling_again_is_the_same_event() -> None:
    assert alike(read(STALE), read(load(STALE) | {"id": "another", "time": "2026-03-02T14:25:00Z"}))


def test_the_next_silence_is_another_event() -> None:
    assert read(altered(STALE, "heartbeat_at", to=1_772_460_301)).id != read(STALE).id


@pytest.mark.parametrize("field", ["agent_id", "account", "region", "state", "heartbeat_at", "at"])
def test_what_lacks_a_field_is_unknown(field: str) -> None:
    assert read(without(STALE, field)).kind == "unknown"


def test_a_state_that_is_no_news_is_unknown() -> None:
    assert read(altered(STALE, "state", to="expected")).kind == "unknown"
