"""docs/sources.md says what the code does."""

import re
from pathlib import Path

import pytest

from chalicelib.domain.events.event import Severity
from chalicelib.sources import error_logs, guardduty, health, stack
from chalicelib.sources.registry import KINDS
from tests.sources.samples import altered, read

PAGE = (Path(__file__).parent.parent.parent / "docs" / "sources.md").read_text()


def table(heading: str, at: int = 0) -> list[tuple[str, ...]]:
    """Return the rows of the table `at` that place under a heading, without its head."""
    (section,) = re.findall(rf"^#+ {heading}$(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    tables = re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE)
    _, _, *rows = tables[at].splitlines()
    return [tuple(cell.strip().strip("`") for cell in row.strip("|").split("|")) for row in rows]


def test_a_section_is_about_a_kind() -> None:
    assert set(re.findall(r"^## (\w+)$", PAGE, re.MULTILINE)) <= set(KINDS)


def test_every_kind_says_what_its_identity_and_its_occurrence_are() -> None:
    rows = table("Rules for all")

    assert {kind for kind, *_ in rows} == set(KINDS)
    assert all(all(row) for row in rows)


@pytest.mark.parametrize(("state", "severity", "signal"), table("alarm"))
def test_alarms(state: str, severity: str, signal: str) -> None:
    event = read(altered("alarm-metric-insufficient-data", "state", "value", to=state))
    assert (event.severity.name, event.signal) == (severity, signal)


def test_health() -> None:
    severities = [(key, severity.name) for key, severity in (health.SERVICES | health.CATEGORIES).items()]
    assert table("health") == severities


def test_guardduty() -> None:
    assert table("guardduty") == [(f"{floor:g}", severity.name) for floor, severity in guardduty.BANDS]


def test_stacks() -> None:
    statuses = [(status, severity.name, str(signal)) for status, (severity, signal) in stack.STATUSES.items()]
    assert table("stack") == statuses


def test_error_logs() -> None:
    assert {level: Severity[name] for level, name in table("error_logs")} == error_logs.SEVERITIES


@pytest.mark.parametrize(("state", "severity", "signal"), table("agent_state"))
def test_agent_states(state: str, severity: str, signal: str) -> None:
    event = read(altered("agent_state-stale", "state", to=state))
    assert (event.severity.name, event.signal) == (severity, signal)


@pytest.mark.parametrize(("state", "severity", "signal"), table("failure_destinations"))
def test_failure_destinations(state: str, severity: str, signal: str) -> None:
    event = read(altered("failure_destinations-missing", "state", to=state))
    assert (event.severity.name, event.signal) == (severity, signal)
