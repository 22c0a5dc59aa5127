"""Teams say how bad something is by a tag or in a name, in the few ways that are common."""

from typing import Any

import pytest

from chalicelib.domain.events.event import Severity
from chalicelib.domain.events.stated_severity import StatedSeverity, stated_in


@pytest.mark.parametrize(
    ("name", "severity", "by"),
    [
        ("checkout severity=critical", Severity.CRITICAL, "name severity=critical"),
        ("checkout-Severity:High", Severity.HIGH, "name Severity:High"),
        ("disk (priority = warning)", Severity.MEDIUM, "name priority = warning"),
        ("orders sev=3", Severity.MEDIUM, "name sev=3"),
        ("P1 checkout is down", Severity.CRITICAL, "name P1"),
        ("[P2] checkout is slow", Severity.HIGH, "name P2"),
        ("checkout-p3", Severity.MEDIUM, "name p3"),
        ("checkout/SEV-1", Severity.CRITICAL, "name SEV-1"),
        ("orders_sev2_5xx", Severity.HIGH, "name sev2"),
        ("orders: sev 4", Severity.LOW, "name sev 4"),
        ("p99 is severity=low", Severity.LOW, "name severity=low"),
        ("P1 severity=low", Severity.LOW, "name severity=low"),
        ("severity=none, P2", Severity.HIGH, "name P2"),
        ("checkout is down P1.", Severity.CRITICAL, "name P1"),
        ("cpu-high", None, ""),
        ("critical-section-lock", None, ""),
        ("p99-latency", None, ""),
        ("p3.2xlarge-gpu", None, ""),
        ("p4d-gpu", None, ""),
        ("http2p1", None, ""),
        ("v1.p1", None, ""),
        ("P6", None, ""),
        ("", None, ""),
    ],
)
def test_a_name_states_a_severity(name: str, severity: Severity | None, by: str) -> None:
    assert stated_in({}, name) == (severity and StatedSeverity(severity, by))


@pytest.mark.parametrize(
    ("tags", "severity", "by"),
    [
        ({"severity": "critical"}, Severity.CRITICAL, "tag severity=critical"),
        ({"Severity": "Sev-2"}, Severity.HIGH, "tag Severity=Sev-2"),
        ({"alarm-severity": "warn"}, Severity.MEDIUM, "tag alarm-severity=warn"),
        ({"priority": 1}, Severity.CRITICAL, "tag priority=1"),
        ({"priority": "P5"}, Severity.LOW, "tag priority=P5"),
        ({"team": "critical"}, None, ""),
        ({"severity": "unheard of"}, None, ""),
        ({"severity": ["critical"]}, None, ""),
        ({"severity": True}, None, ""),
        ({"severity": ""}, None, ""),
    ],
)
def test_a_tag_states_a_severity(tags: Any, severity: Severity | None, by: str) -> None:
    assert stated_in(tags, "") == (severity and StatedSeverity(severity, by))


def test_a_tag_counts_before_a_name_and_a_name_where_the_tag_says_nothing() -> None:
    assert stated_in({"severity": "low"}, "P1") == StatedSeverity(Severity.LOW, "tag severity=low")
    assert stated_in({"severity": "?"}, "P1") == StatedSeverity(Severity.CRITICAL, "name P1")
