"""Findings: what a search holds of its errors has an end, and what it counts has none."""

import pytest

from chalicelib.domain.scanning import findings as module
from chalicelib.domain.scanning.error_groups import ErrorGroup, LogGroup, LogLine
from chalicelib.domain.scanning.findings import FURTHER, Findings
from chalicelib.domain.scanning.windows import Window

PAY, SHIP = LogGroup("/aws/lambda/pay", "lambda", "pay"), LogGroup("/aws/lambda/ship", "lambda", "ship")
FIRST, SECOND = Window(0, 300), Window(300, 600)
WORDS = ("apple", "birch", "cedar", "daisy", "elder")


def group(word: str, log_group: LogGroup = PAY) -> ErrorGroup:
    found = ErrorGroup.of(LogLine(7, log_group.name, "s", f"Error: {word} broke"), log_group)
    assert found
    return found


def listed(findings: Findings) -> list[tuple[Window, str, str, int]]:
    return [
        (window, each.log_group.resource, each.title, each.count)
        for window, groups in findings.by_window()
        for each in groups
    ]


def test_windows_come_in_order_each_with_its_own_groups() -> None:
    findings = Findings()
    findings.add(SECOND, [group("apple")])
    findings.add(FIRST, [group("apple"), group("apple"), group("apple", SHIP)])

    assert listed(findings) == [
        (FIRST, "pay", "Error: apple broke", 2),
        (FIRST, "ship", "Error: apple broke", 1),
        (SECOND, "pay", "Error: apple broke", 1),
    ]


def test_errors_too_many_to_distinguish_are_counted_by_window_and_log_group() -> None:
    findings = Findings(most=2)
    findings.add(FIRST, [group(word) for word in WORDS])
    findings.add(FIRST, [group("elder"), group("apple"), group("apple", SHIP)])

    assert listed(findings) == [
        (FIRST, "pay", "Error: apple broke", 2),
        (FIRST, "pay", "Error: birch broke", 1),
        (FIRST, "pay", "and 3 more error groups", 4),
        (FIRST, "ship", "and 1 more error group", 1),
    ]


def test_further_kinds_are_one_problem_wherever_they_are_counted() -> None:
    findings = Findings(most=0)
    findings.add(FIRST, [group("apple")])
    findings.add(SECOND, [group("birch")])

    assert {each.fingerprint for _, groups in findings.by_window() for each in groups} == {FURTHER}


def test_what_is_absorbed_is_neither_lost_nor_counted_twice() -> None:
    one, other = Findings(most=2), Findings(most=2)
    one.add(FIRST, [group(word) for word in WORDS[:3]])
    other.add(FIRST, [group(word) for word in WORDS[1:]])

    one.absorb(other)

    assert listed(one) == [
        (FIRST, "pay", "Error: apple broke", 1),
        (FIRST, "pay", "Error: birch broke", 2),
        (FIRST, "pay", "and 3 more error groups", 4),
    ]


def test_the_count_of_kinds_has_an_end_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_COUNTED", 2)
    findings = Findings(most=0)
    findings.add(FIRST, [group(word) for word in WORDS])

    assert listed(findings) == [(FIRST, "pay", "and at least 2 more error groups", 5)]
