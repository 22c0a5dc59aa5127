"""Lines that arrive after their window was scanned: a second pass finds them, and counts none twice."""

from msgspec.structs import replace

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.scanning.coverage import Coverage
from chalicelib.domain.scanning.gaps import Gap, GapReason
from chalicelib.domain.scanning.scan_state import ScanState
from chalicelib.domain.scanning.windows import Window
from chalicelib.services.scanning.plan import ScanPlan
from chalicelib.sources.registry import interpret
from tests.services.scanning.scan_rig import PARAMETER, PAY, START, Rig, coverage_of, error

PLAN = ScanPlan(late_delay=3_600)
HOUR = START // 3_600 * 3_600 + 3_600  # the first whole hour after START


def scan_until(rig: Rig, time: int) -> None:
    while rig.clock.time <= time:
        rig.run()
        rig.clock.time += 300


def test_a_line_that_comes_late_is_found_by_the_second_pass() -> None:
    rig = Rig(plan=PLAN, lines=[error(HOUR + 10, ingested_at=HOUR + 1_000)])

    scan_until(rig, HOUR + 7_400)

    (entry,) = rig.bus.events.values()
    assert entry.detail["window"] == {"start": HOUR, "end": HOUR + 300}
    assert (entry.detail["late"], entry.detail["late_at"], entry.time) == (True, HOUR + 7_200, HOUR + 7_200)


def test_what_is_found_late_is_news_when_it_is_found() -> None:
    """At its window's time it would be an old problem, over before anybody heard of it."""
    rig = Rig(plan=PLAN, lines=[error(HOUR + 10, ingested_at=HOUR + 1_000)])
    scan_until(rig, HOUR + 7_400)
    (entry,) = rig.bus.events.values()
    raw = {
        "id": "1",
        "source": entry.source,
        "detail-type": entry.detail_type,
        "account": "111122223333",
        "region": "eu-central-1",
        "time": "2025-10-09T08:55:00Z",
        "detail": entry.detail,
    }

    event = interpret(Envelope.parse(raw, HOUR + 7_300))

    assert (event.kind, event.published_at) == ("error_logs", HOUR + 7_200)


def test_punctual_and_late_lines_of_one_window_are_two_events_of_one_problem() -> None:
    rig = Rig(plan=PLAN, lines=[error(HOUR + 10, ingested_at=at) for at in (HOUR + 11, HOUR + 389, HOUR + 390)])

    scan_until(rig, HOUR + 7_400)

    counts = sorted((entry.detail.get("late", False), entry.detail["count"]) for entry in rig.bus.events.values())
    assert counts == [(False, 2), (True, 1)]
    assert len({entry.detail["fingerprint"] for entry in rig.bus.events.values()}) == 1


def test_a_whole_hour_is_requested_at_once() -> None:
    rig = Rig(plan=PLAN)

    scan_until(rig, HOUR + 7_400)

    late = [each for each in rig.logs.whole if each.delay]
    assert [(each.window.start, each.window.end) for each in late] == [(START - 300, HOUR), (HOUR, HOUR + 3_600)]


def test_a_second_pass_that_fails_is_a_gap_of_its_own_and_tried_again() -> None:
    rig = Rig(plan=PLAN, lines=[error(HOUR + 10, ingested_at=HOUR + 1_000)])
    scan_until(rig, HOUR + 7_100)
    rig.logs.fault = lambda names, window: GapReason.FAILED if window.seconds == 3_600 else None

    failed = rig.run()

    assert coverage_of(failed).gaps == ()
    assert coverage_of(failed).late_watermark == HOUR + 3_600
    assert coverage_of(failed).late_gaps == (Gap(Window(HOUR, HOUR + 3_600), (), GapReason.FAILED),)
    rig.logs.fault = lambda names, window: None
    assert coverage_of(rig.run()).late_gaps == ()
    assert len(rig.bus.events) == 1


def test_a_gap_from_before_there_was_a_second_pass_is_filled_with_all_lines() -> None:
    """Nobody would look for its late ones again."""
    rig = Rig(plan=PLAN, lines=[error(START - 10, ingested_at=START + 1_000)])
    gap = Gap(Window(START - 300, START), (), GapReason.FAILED)
    rig.parameters.values[PARAMETER] = ScanState(Coverage(START - 300, START, (gap,))).encode()
    rig.clock.time = START + 2_000

    rig.run()

    assert [entry.detail.get("late") for entry in rig.bus.events.values()] == [None]


def test_without_a_second_pass_the_first_one_takes_what_there_is() -> None:
    rig = Rig(plan=replace(PLAN, late_delay=0), lines=[error(START - 10, ingested_at=START + 110)])
    rig.parameters.values[PARAMETER] = ScanState(Coverage(0, START - 300), Coverage(0, START - 300)).encode()

    report = rig.run()

    assert (report.errors, coverage_of(report).late_watermark) == (1, 0)


def test_a_first_run_scans_nothing() -> None:
    rig = Rig(plan=PLAN)

    report = rig.run()

    assert (report.windows, coverage_of(report).late_watermark) == (1, START - 300)
    assert PAY in rig.logs.requested[0][0]
