"""ECR image scans: vulnerabilities that are critical or high, and their end."""

from typing import Any

import pytest

from chalicelib.domain.events.event import Severity, Signal
from tests.sources.samples import altered, load, read

SCAN = "image_scan-critical"


@pytest.mark.parametrize(
    ("counts", "severity", "signal"),
    [
        ({"CRITICAL": 1}, Severity.HIGH, Signal.FIRING),
        ({"HIGH": 3}, Severity.MEDIUM, Signal.FIRING),
        ({"MEDIUM": 9}, Severity.LOW, Signal.RESOLVED),
        ({"CRITICAL": 0, "HIGH": None}, Severity.LOW, Signal.RESOLVED),
        ({}, Severity.LOW, Signal.RESOLVED),
    ],
)
def test_what_was_found_decides(counts: Any, severity: Severity, signal: Signal) -> None:
    event = read(altered(SCAN, "finding-severity-counts", to=counts))

    assert (event.severity, event.signal) == (severity, signal)
    assert event.fingerprint == read(SCAN).fingerprint


def test_the_next_image_without_findings_ends_the_problem() -> None:
    over = read("image_scan-clean")

    assert (over.signal, over.fingerprint) == (Signal.RESOLVED, read(SCAN).fingerprint)


def test_a_scan_names_repository_and_tag() -> None:
    event = read(SCAN)

    assert event.title == "Image shop/checkout:2026.03.02: 2 critical and 7 high vulnerabilities"
    assert event.link.endswith("/ecr/repositories/private/111122223333/shop%2Fcheckout")
    assert read(altered(SCAN, "image-tags", to=[])).title.startswith("Image shop/checkout: 2")
    assert read(load(SCAN) | {"region": ""}).link == ""


def test_a_scan_that_failed_says_nothing_of_the_image() -> None:
    event = read(altered("image_scan-clean", "scan-status", to="FAILED"))

    assert event.signal is Signal.NOTICE
    assert event.title.endswith(": scan is FAILED")


@pytest.mark.parametrize("counts", [{"HIGH": "many"}, {"CRITICAL": -1}, {"HIGH": True}, ["HIGH"], "none", 0])
def test_numbers_that_cannot_be_read_do_not_call_an_image_clean(counts: Any) -> None:
    event = read(altered(SCAN, "finding-severity-counts", to=counts))

    assert (event.kind, event.signal) == ("unknown", Signal.FIRING)
