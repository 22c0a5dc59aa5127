"""The search: many questions at once from one thread, and none of them at the cost of another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Never

import pytest

from chalicelib.domain.scanning.error_groups import LogGroup, LogLine
from chalicelib.domain.scanning.findings import Findings
from chalicelib.domain.scanning.gaps import Gap, GapReason
from chalicelib.domain.scanning.passes import Arrival, ScanPass
from chalicelib.domain.scanning.queries import QueryRefused
from chalicelib.domain.scanning.windows import Grid, Window
from chalicelib.domain.timestamps import DAY
from chalicelib.services.scanning.search import LINES_AT_ONCE, Search, SearchResult
from tests.fakes import FakeClock
from tests.scan_fakes import FakeLogs, SlowRules

START = 1_760_000_100  # a line of the grid
WINDOW = Window(START, START + 300)
NAMES = tuple(f"/aws/lambda/f-{number:04}" for number in range(1_000))
GRID = Grid()


@dataclass
class Rig:
    """A search among fakes."""

    names: Sequence[str] = NAMES
    lines: Sequence[LogLine] = ()
    at_once: int = 20
    query_time: int = 60
    reading: float = 0.0
    retention: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = FakeClock(START + 500)
        self.logs = FakeLogs(self.clock, self.lines)

    def search(self, stretch: Window = WINDOW, scan_pass: ScanPass | None = None, seconds: float = 240) -> SearchResult:
        """Search with so many seconds left."""
        until = self.clock.time + seconds
        rules = SlowRules(clock=self.clock, seconds=self.reading)
        search = Search(logs=self.logs, clock=self.clock, at_once=self.at_once, query_time=self.query_time, rules=rules)
        groups = [LogGroup(name, retention=self.retention.get(name, 0)) for name in self.names]
        return search(stretch, groups, scan_pass or ScanPass(GRID), lambda: int((until - self.clock.time) * 1_000))

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.clock.time - START - 500


def error(at: int, log_group: str = NAMES[0], message: str = "Error: card refused", ingested_at: int = 0) -> LogLine:
    return LogLine(at, log_group, "stream", message, ingested_at)


def counts(kinds: Findings) -> dict[str, int]:
    """Return how often each title was counted."""
    found: dict[str, int] = {}
    for _, groups in kinds.by_window():
        for group in groups:
            found[group.title] = found.get(group.title, 0) + group.count
    return found


def test_a_thousand_log_groups_are_twenty_queries_that_take_little_longer_than_one() -> None:
    rig = Rig()
    rig.logs.cost = 4

    rig.search()

    assert (len(rig.logs.requested), rig.logs.most_running) == (20, 20)
    assert rig.seconds < 1.5 * rig.logs.cost


def test_no_more_are_under_way_than_allowed() -> None:
    rig = Rig(at_once=3)
    rig.logs.cost = 4

    rig.search()

    assert (len(rig.logs.requested), rig.logs.most_running) == (20, 3)


def test_a_limit_that_others_have_used_up_is_found_and_kept_to() -> None:
    """Each refusal costs a call: where five are taken at once, five are asked at once, and a sixth now and then."""
    rig = Rig(lines=[error(START, name) for name in NAMES])
    rig.logs.cost, rig.logs.places = 10, 5

    findings = rig.search()

    assert (findings.missed, counts(findings.findings)) == ([], {"Error: card refused": 1_000})
    assert rig.logs.refused <= 20
    assert rig.seconds < 1.5 * 4 * rig.logs.cost


@pytest.mark.parametrize("reason", [GapReason.THROTTLED, GapReason.FAILED])
def test_whoever_has_no_time_for_us_until_the_end_is_the_reason_of_the_gap(reason: GapReason) -> None:
    rig = Rig(names=NAMES[:2])
    rig.logs.busy = reason

    findings = rig.search(seconds=60)

    assert findings.missed == [Gap(WINDOW, NAMES[:2], reason)]
    assert rig.logs.refused < 20
    assert 59 <= rig.seconds <= 61


def test_a_query_that_fails_costs_the_others_nothing() -> None:
    rig = Rig(lines=[error(START, name) for name in NAMES])
    rig.logs.fault = lambda names, window: GapReason.FAILED if NAMES[500] in names else None

    findings = rig.search()

    assert findings.missed == [Gap(WINDOW, NAMES[500:550], GapReason.FAILED)]
    assert counts(findings.findings) == {"Error: card refused": 950}


def test_when_time_is_up_queries_are_stopped_results_kept_and_the_rest_reported() -> None:
    rig = Rig(lines=[error(START, name) for name in NAMES], at_once=8, query_time=1_000)
    rig.logs.cost = 50

    findings = rig.search(seconds=60)

    assert counts(findings.findings) == {"Error: card refused": 400}
    assert findings.missed == [Gap(WINDOW, NAMES[400:], GapReason.UNFINISHED)]
    assert rig.logs.stopped == [(NAMES[at : at + 50], WINDOW) for at in range(400, 800, 50)]
    assert rig.seconds <= 61


def test_what_was_dropped_is_said_to_be_expired_also_where_time_is_up() -> None:
    rig = Rig(at_once=1, query_time=1_000, retention={NAMES[-1]: 1})
    rig.logs.cost = 500
    old = Window(START - 3 * DAY, START - 3 * DAY + 300)

    missed = rig.search(old, seconds=60).missed

    assert [gap.log_groups for gap in missed if gap.reason is GapReason.EXPIRED] == [NAMES[-1:]]


def test_what_takes_too_long_to_read_is_left_in_time_and_counts_as_not_read() -> None:
    rig = Rig(lines=[error(START, name) for name in NAMES for _ in range(50)], reading=0.1)

    findings = rig.search(seconds=600)

    assert rig.seconds <= 600 + LINES_AT_ONCE * rig.reading
    assert counts(findings.findings) == {"Error: card refused": 5_000}
    assert findings.missed == [Gap(WINDOW, NAMES[100:], GapReason.UNFINISHED)]
    assert findings.scanned == 3 * 50 * 100  # two that were read, and one that was billed


def test_a_query_that_takes_too_long_is_stopped_and_makes_room() -> None:
    rig = Rig(at_once=1, names=NAMES[:100], query_time=10)
    rig.logs.cost = 11

    findings = rig.search()

    assert findings.missed == [Gap(WINDOW, NAMES[:100], GapReason.TIMED_OUT)]
    assert len(rig.logs.stopped) == 2


def test_a_noisy_log_group_is_queried_again_after_all_the_others() -> None:
    """Failure 10: a limit over many log groups is used up by the loudest of them."""
    rig = Rig(at_once=1, names=NAMES[:200], lines=[error(START + at % 300) for at in range(1_000)])
    rig.logs.limit = 400

    findings = rig.search()

    assert rig.logs.requested[:4] == [(NAMES[at : at + 50], WINDOW) for at in range(0, 200, 50)]
    assert rig.logs.requested[4] == (NAMES[1:50], WINDOW)
    assert {names for names, _ in rig.logs.requested[5:]} == {NAMES[:1]}
    assert (findings.missed, counts(findings.findings)) == ([], {"Error: card refused": 1_000})


def test_what_was_cut_off_is_requested_in_as_many_parts_as_it_takes() -> None:
    """Every question reads all lines again, and every line read is paid for."""
    rig = Rig(names=NAMES[:1], lines=[error(START + at % 300) for at in range(3_000)])
    rig.logs.limit = 100

    findings = rig.search()

    assert len(rig.logs.requested) == 1 + 38
    assert counts(findings.findings) == {"Error: card refused": 3_000}


def test_an_answer_of_many_pages_is_read_page_by_page() -> None:
    rig = Rig(names=NAMES[:1], lines=[error(START + at % 300) for at in range(95)])
    rig.logs.page = 10

    findings = rig.search()

    assert (len(rig.logs.requested), counts(findings.findings)) == (1, {"Error: card refused": 95})
    assert findings.scanned == 100


def test_half_an_answer_counts_for_nothing() -> None:
    """The gap will be filled by the whole one; what counted now would count twice."""
    rig = Rig(names=NAMES[:1], lines=[error(START + at % 300) for at in range(95)])
    rig.logs.page = 10
    rig.logs.fault = lambda names, window: GapReason.CANCELLED if rig.logs.answered_pages > 5 else None

    findings = rig.search()

    assert findings.missed == [Gap(WINDOW, NAMES[:1], GapReason.CANCELLED)]
    assert counts(findings.findings) == {}


def test_a_stretch_of_many_windows_is_requested_at_once_and_reported_by_window() -> None:
    stretch = Window(START, START + 3_600)
    rig = Rig(names=NAMES[:50], lines=[error(START + at) for at in (0, 299, 300, 3_599)])

    findings = rig.search(stretch)

    assert len(rig.logs.requested) == 1
    assert [
        (window.start - START, [each.count for each in groups]) for window, groups in findings.findings.by_window()
    ] == [
        (0, [2]),
        (300, [1]),
        (3_300, [1]),
    ]


def test_two_passes_take_each_line_once() -> None:
    arrivals = [0, START + 301, START + 389, START + 390, START + 4_000]
    lines = [
        error(START + 100, message=f"Error: {word}", ingested_at=at) for word, at in zip("abcde", arrivals, strict=True)
    ]
    rig = Rig(names=NAMES[:50], lines=lines)
    rig.clock.time = START + 5_000

    on_time = rig.search(scan_pass=ScanPass(GRID, Arrival.ON_TIME))
    late = rig.search(scan_pass=ScanPass(GRID, Arrival.LATE))

    assert counts(on_time.findings) == {"Error: a": 1, "Error: b": 1, "Error: c": 1}
    assert counts(late.findings) == {"Error: d": 1, "Error: e": 1}


def test_before_there_were_two_passes_the_first_one_takes_all() -> None:
    rig = Rig(names=NAMES[:50], lines=[error(START + 100, ingested_at=START + 4_000)])
    rig.clock.time = START + 5_000

    on_time = rig.search(scan_pass=ScanPass(GRID, Arrival.ON_TIME, since=START + 300))
    late = rig.search(scan_pass=ScanPass(GRID, Arrival.LATE, since=START + 300))

    assert (counts(on_time.findings), counts(late.findings)) == ({"Error: card refused": 1}, {})


def test_a_query_of_which_nobody_knows_what_it_does_is_stopped() -> None:
    rig = Rig(names=NAMES[:1])
    rig.logs.fault = lambda names, window: GapReason.UNKNOWN

    findings = rig.search()

    assert findings.missed == [Gap(WINDOW, NAMES[:1], GapReason.UNKNOWN)]
    assert rig.logs.stopped == [(NAMES[:1], WINDOW)]


def test_a_loud_log_group_is_queried_apart_from_the_others() -> None:
    """Cut by time alone, the others would wait until the last part of it is through."""
    noise = [error(START + at % 300) for at in range(1_000)]
    rig = Rig(names=NAMES[:50], at_once=1, lines=[*noise, error(START + 299, NAMES[1], "Error: out of stock")])
    rig.logs.limit, rig.logs.cost = 100, 10

    findings = rig.search(seconds=25)

    assert counts(findings.findings)["Error: out of stock"] == 1
    assert {name for gap in findings.missed for name in gap.log_groups} == {NAMES[0]}


def test_log_groups_found_missing_on_the_way_to_a_refusal_are_not_queried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rig = Rig(names=NAMES[:2])
    honest, refusals = rig.logs.start, [QueryRefused(GapReason.THROTTLED, is_passing=True, missing=NAMES[:1])]
    monkeypatch.setattr(rig.logs, "start", lambda requested: raised(refusals.pop()) if refusals else honest(requested))

    findings = rig.search()

    assert (findings.missing, findings.missed) == ({NAMES[0]}, [])
    assert rig.logs.requested == [(NAMES[1:2], WINDOW)]


def raised(error: Exception) -> Never:
    raise error
