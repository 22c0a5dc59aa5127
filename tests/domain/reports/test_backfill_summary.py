"""What a backfill brought: kinds of errors, the worst and newest first."""

import pytest
from msgspec.structs import replace

from chalicelib.domain.events.event import Severity, Signal
from chalicelib.domain.notifications.notification import Outcome, Reason, Record
from chalicelib.domain.reports import backfill_summary
from chalicelib.domain.reports.backfill_summary import BackfillSummary, is_new
from tests.domain.given import NOON, an_alert, an_event

PAY, SHIP = "a" * 32, "b" * 32


def a_record(at: int = NOON, reason: Reason = Reason.BACKFILLED, fingerprint: str = PAY, lines: int = 1) -> Record:
    event = an_event(at, fingerprint=fingerprint, lines=lines, signal=Signal.HISTORICAL, title=fingerprint[:3])
    return Record(event=event, outcome=Outcome(reason=reason), change=None, updated_at=at, expired_at=at + 1)


def announced(*records: Record, published: int = 0, most: int = 100) -> dict[str, object]:
    return BackfillSummary.of(records, most).to_json(NOON - 100, published, lambda _: None)


def test_windows_and_lines_of_a_kind_add_up() -> None:
    found = announced(a_record(NOON + 300, lines=2), a_record(NOON, lines=40))

    assert (found["errors"], found["error_groups"], found["new"]) == (42, 1, 1)
    assert found["worst"] == [
        {
            "title": "aaa",
            "severity": "HIGH",
            "resource": "checkout-5xx",
            "fingerprint": PAY,
            "lines": 42,
            "windows": 2,
            "first_at": NOON,
            "is_new": True,
        }
    ]


def test_what_was_known_before_is_not_counted_twice_but_it_was_heard() -> None:
    found = announced(a_record(reason=Reason.FIRST), a_record(NOON + 300), published=2)

    assert (found["errors"], found["in_transit"]) == (1, 0)


def test_events_that_have_not_arrived_yet_are_said() -> None:
    assert announced(a_record(), published=3)["in_transit"] == 2


def test_more_than_anybody_counts_is_said() -> None:
    found = announced(*(a_record(NOON + each) for each in range(4)), published=9, most=3)

    assert (found["errors"], found["is_complete"], found["in_transit"]) == (3, False, 0)


def test_so_are_more_error_groups_than_anybody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill_summary, "MOST_GROUPS", 1)
    found = announced(a_record(), a_record(fingerprint=SHIP))

    assert (found["error_groups"], found["new"], found["is_complete"]) == (2, 1, False)


def test_the_new_come_first_and_then_the_worst() -> None:
    grave = a_record(fingerprint=SHIP)
    grave = replace(grave, event=replace(grave.event, severity=Severity.CRITICAL))
    known = an_alert(an_event())

    def find(fingerprint: str) -> object:
        return known if fingerprint == SHIP else None

    def titles(*, all_new: bool) -> list[object]:
        found = BackfillSummary.of([a_record(), grave], 9).to_json(NOON, 0, (lambda _: None) if all_new else find)  # type: ignore[arg-type]  # an alert or None
        return [each["title"] for each in found["worst"]]

    assert titles(all_new=True) == ["bbb", "aaa"]
    assert titles(all_new=False) == ["aaa", "bbb"]


def test_new_is_what_was_never_announced_and_never_happened_before() -> None:
    history = an_event(NOON, signal=Signal.HISTORICAL)

    assert is_new(None, NOON)
    assert is_new(an_alert(history), NOON)
    assert not is_new(an_alert(history), NOON + 1)
    assert not is_new(an_alert(an_event(NOON)), NOON)
