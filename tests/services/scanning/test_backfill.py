"""Backfill: all of the past that was asked for is scanned once or is a gap that is told, whatever happens meanwhile."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.errors import Invalid, PublishFailed
from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Signal
from chalicelib.domain.scanning.backfill import BackfillState
from chalicelib.domain.scanning.budget import Budget, Spend
from chalicelib.domain.scanning.coverage import Coverage
from chalicelib.domain.scanning.error_groups import LogGroup, LogLine
from chalicelib.domain.scanning.gaps import MOST_TRIES, GapReason
from chalicelib.domain.scanning.scan_state import ScanState
from chalicelib.domain.scanning.windows import Window
from chalicelib.domain.timestamps import DAY, iso
from chalicelib.services.scanning.backfill import Backfill, Progress
from chalicelib.services.scanning.checkpoint import Checkpoint
from chalicelib.services.scanning.plan import ScanPlan
from chalicelib.sources.registry import interpret
from tests.examples import examples
from tests.fakes import FakeClock
from tests.scan_fakes import Crash, FakeBus, FakeInventory, FakeLogs, FakeParameters, Fuse
from tests.services.scanning.scan_rig import a_scanner

PARAMETER, LIVE = "/monitoring/test/backfill", "/monitoring/test/scan"
UNTIL = 1_760_000_400  # a line of the grid
HOUR = 3_600
SINCE = UNTIL - 3 * HOUR
PAY, SHIP = "/aws/lambda/pay", "/aws/lambda/ship"


def error(at: int, log_group: str = PAY, message: str = "Error: card refused") -> LogLine:
    return LogLine(at, log_group, "stream", message)


@dataclass
class Rig:
    """A backfill among fakes, of an account that the scan has covered up to UNTIL."""

    lines: Sequence[LogLine] = ()
    fuse: Fuse = field(default_factory=Fuse)

    def __post_init__(self) -> None:
        self.clock = FakeClock(UNTIL + 120)
        self.inventory = FakeInventory([PAY, SHIP])
        self.logs = FakeLogs(self.clock, self.lines, fuse=self.fuse)
        self.bus = FakeBus(fuse=self.fuse)
        self.parameters = FakeParameters(fuse=self.fuse)
        self.parameters.values[LIVE] = ScanState(Coverage(SINCE, UNTIL)).encode()
        self.plan_with(ScanPlan())

    def plan_with(self, plan: ScanPlan) -> None:
        """Let scan and backfill go by a plan."""
        self.scanner = a_scanner(self, LIVE, plan)
        self.backfill = Backfill(
            inventory=self.inventory,
            search=self.scanner.search,
            publisher=self.scanner.publisher,
            checkpoint=Checkpoint(self.parameters, PARAMETER, BackfillState),
            live=self.scanner.checkpoint,
            clock=self.clock,
            plan=plan,
        )

    def run(self, seconds: float = 900, **changes: Any) -> Progress:
        """Run with so many seconds left."""
        until = self.clock.time + seconds
        order = {"since": SINCE, "until": UNTIL} | changes
        return self.backfill.run(order, lambda: int((until - self.clock.time) * 1_000))

    @property
    def state(self) -> BackfillState:
        """The state as written."""
        return BackfillState.decode(self.parameters.values[PARAMETER], PARAMETER)

    @property
    def ends(self) -> list[Any]:
        """What the hub heard of the end, each once."""
        found = [entry for entry in self.bus.entries if entry.detail_type == "Backfill Finished"]
        return list({entry.time: entry.detail for entry in found}.values())

    @property
    def found(self) -> dict[str, Any]:
        """The errors that the hub heard of, by idempotency key."""
        found = (entry for entry in self.bus.entries if entry.detail_type == "Error Logs")
        return {entry.detail["idempotency_key"]: entry for entry in found}


def test_all_errors_of_the_time_are_found_and_marked_and_the_end_is_reported() -> None:
    rig = Rig([error(SINCE - 1), *(error(at) for at in range(SINCE, UNTIL, 600)), error(UNTIL)])

    progress = rig.run()

    assert (progress.errors, progress.events, progress.left, progress.done) == (18, 18, 0, True)
    assert all(entry.detail["backfill"] for entry in rig.found.values())
    assert {entry.time for entry in rig.found.values()} == set(range(SINCE + 300, UNTIL, 600))
    assert rig.ends == [
        {
            "since": SINCE,
            "until": UNTIL,
            "finished_at": rig.clock.now(),
            "errors": 18,
            "events": 18,
            "log_groups": 2,
            "scanned": progress.scanned,
            "gaps": [],
        }
    ]


def test_the_hub_takes_it_for_history() -> None:
    rig = Rig([error(SINCE)])
    rig.run()
    (entry,) = rig.found.values()
    raw = {"source": entry.source, "detail-type": entry.detail_type, "detail": dict(entry.detail), "account": "1"}

    assert interpret(Envelope.parse(raw, rig.clock.now())).signal is Signal.HISTORICAL


def test_a_window_has_the_key_that_the_scan_gave_it() -> None:
    """So what was found when it happened is not found again."""
    rig = Rig([error(UNTIL + 5)])
    rig.clock.time += 300
    rig.scanner.run()
    (live,) = rig.found
    rig.clock.time += 300
    rig.run(since=UNTIL, until=UNTIL + 300)

    assert list(rig.found) == [live]


def test_the_scan_s_own_state_is_left_alone() -> None:
    rig = Rig([error(SINCE)])
    before = rig.parameters.values[LIVE]
    rig.run()

    assert rig.parameters.values[LIVE] == before


def test_an_hour_is_one_question_for_fifty_log_groups() -> None:
    rig = Rig()
    rig.run()

    assert [window.seconds for _, window in rig.logs.requested] == [HOUR, HOUR, HOUR]


def test_without_an_end_it_goes_as_far_as_the_scan_has_come() -> None:
    assert Rig().run(until=0).until == iso(UNTIL)


def test_where_the_scan_never_ran_it_goes_up_to_where_that_will_begin() -> None:
    rig = Rig()
    del rig.parameters.values[LIVE]

    assert rig.run(until=0).until == iso(UNTIL - 300)


def test_twice_changes_nothing() -> None:
    rig = Rig([error(SINCE)])
    rig.run()
    heard, requested = len(rig.bus.entries), len(rig.logs.requested)

    assert rig.run().done
    assert (len(rig.bus.entries), len(rig.logs.requested)) == (heard, requested)


def test_a_forced_one_scans_again_and_the_hub_hears_the_same_events() -> None:
    rig = Rig([error(SINCE)])
    rig.run()
    keys = set(rig.found)
    rig.clock.time += 60

    rig.run(force=True)

    assert set(rig.found) == keys
    assert len(rig.ends) == 2


def test_it_stops_in_time_says_what_is_left_and_goes_on_there() -> None:
    rig = Rig([error(at) for at in range(SINCE, UNTIL, 900)])
    rig.logs.cost = 30

    first = rig.run(seconds=100)

    assert 0 < first.left < 3 * HOUR
    assert not first.done
    assert first.position == iso(UNTIL - first.left)
    requested = len(rig.logs.requested)
    progress = rig.run()
    assert (progress.done, progress.errors) == (True, 12)
    assert rig.logs.requested[requested][1].start == UNTIL - first.left
    assert len(rig.ends) == 1


def test_what_could_not_be_scanned_is_tried_in_smaller_pieces_and_then_reported() -> None:
    rig = Rig([error(SINCE), error(UNTIL - 1)])
    rig.logs.fault = lambda _, window: GapReason.TIMED_OUT if window.start <= SINCE < window.end else None

    progress = rig.run()

    assert progress.done
    assert progress.errors == 1
    (gap,) = rig.ends[0]["gaps"]
    assert (gap["start"], gap["end"], gap["reason"], gap["tries"]) == (SINCE, SINCE + 900, "timed_out", MOST_TRIES)


def test_a_gap_that_is_filled_is_not_reported() -> None:
    rig = Rig([error(SINCE)])
    faults = iter([GapReason.FAILED])
    rig.logs.fault = lambda *_: next(faults, None)

    assert (rig.run().errors, rig.ends[0]["gaps"]) == (1, [])


def test_log_groups_that_have_dropped_those_lines_or_were_not_there_are_not_queried() -> None:
    rig = Rig()
    rig.clock.time = UNTIL + DAY - HOUR
    rig.inventory.log_groups = [
        LogGroup(PAY, created_at=UNTIL - HOUR),
        LogGroup(SHIP, retention=1),
        LogGroup("/old", retention=0),
    ]
    rig.run()

    assert rig.logs.requested[0][0] == ("/old",)
    assert rig.logs.requested[-1][0] == (PAY, "/old", SHIP)


def test_a_time_that_nobody_has_lines_of_is_not_requested() -> None:
    rig = Rig()
    rig.inventory.log_groups = [LogGroup(PAY, created_at=UNTIL - 600)]

    rig.run(since=1_756_684_800)

    assert [window.start for _, window in rig.logs.requested] == [UNTIL - HOUR]


def test_it_leaves_most_of_the_queries_to_the_scan() -> None:
    rig = Rig()
    rig.inventory.log_groups = [LogGroup(f"/g/{number:04}") for number in range(1_000)]
    rig.logs.cost = 5
    rig.run()

    assert rig.logs.most_running == 5


def test_another_backfill_is_not_given_up_unasked() -> None:
    rig = Rig()
    rig.logs.cost = 30
    rig.run(seconds=100)

    with pytest.raises(Invalid, match="is not finished"):
        rig.run(since=SINCE + HOUR)
    assert rig.run(since=SINCE + HOUR, force=True).since == iso(SINCE + HOUR)


def test_an_order_that_cannot_be_carried_out_says_all_that_is_wrong_in_one_line() -> None:
    with pytest.raises(Invalid, match=r"Invalid backfill order\. backfill Expected `int`, got `str`"):
        Rig().run(since="yesterday")


def test_what_the_bus_did_not_take_is_published_by_the_next_run() -> None:
    rig = Rig([error(SINCE)])
    rig.bus.down = True
    with pytest.raises(PublishFailed):
        rig.run()
    assert rig.state.left == 3 * HOUR
    rig.bus.down = False

    assert rig.run().errors == 1


@examples(0.4)
@given(
    calls=st.integers(0, 40), faults=st.sets(st.integers(0, 12), max_size=4), seconds=st.sampled_from([60, 100, 900])
)
def test_every_second_is_scanned_or_reported_as_a_gap_wherever_it_crashes(
    calls: int, faults: set[int], seconds: int
) -> None:
    """The union of what was answered and what was told is all that was asked for, and no error counts twice."""
    rig = Rig([error(at) for at in range(SINCE, UNTIL, 300)], Fuse(calls))
    rig.logs.cost = 7
    rig.logs.fault = lambda *_: GapReason.FAILED if len(rig.logs.requested) in faults else None
    for _ in range(60):
        with suppress(Crash):
            if rig.run(seconds).done:
                break
    else:
        pytest.fail("It never came to an end")

    (end,) = rig.ends
    answered = [window for names, window in rig.logs.answered if names == (PAY, SHIP)]
    gaps = [Window(gap["start"], gap["end"]) for gap in end["gaps"]]
    assert all(any(each.start <= at < each.end for each in (*answered, *gaps)) for at in range(SINCE, UNTIL, 60))
    missed = sum(gap.start <= at < gap.end for at in range(SINCE, UNTIL, 300) for gap in gaps)
    assert len(rig.found) >= 36 - missed
    assert {entry.detail["count"] for entry in rig.found.values()} <= {1}


def test_a_crash_before_the_hub_was_notified_notifies_it_again() -> None:
    rig = Rig([error(SINCE)])
    rig.run()
    rig.parameters.values[PARAMETER] = replace(rig.state, is_reported=False).encode()
    rig.clock.time += 500
    rig.run()

    assert len([each for each in rig.bus.entries if each.detail_type == "Backfill Finished"]) == 2
    assert len(rig.ends) == 1


def test_what_came_late_is_left_to_the_scan_s_late_pass_where_that_is_to_come() -> None:
    """Were it found here first, it would be history, and found a second time as news."""
    late = LogLine(UNTIL - 600, PAY, "stream", "Error: card refused", UNTIL)
    old = LogLine(SINCE, PAY, "stream", "Error: card refused", UNTIL)
    rig = Rig([late, old])
    examined = Coverage(SINCE + HOUR, SINCE + HOUR)
    rig.parameters.values[LIVE] = ScanState(Coverage(SINCE, UNTIL), examined).encode()

    assert rig.run().errors == 1
    assert [entry.time for entry in rig.found.values()] == [SINCE + 300]


def test_it_takes_what_the_day_s_scans_have_to_spare_and_goes_on_the_next_day() -> None:
    rig = Rig([error(SINCE), error(UNTIL - 1)])
    rig.plan_with(ScanPlan(budget=Budget(limit=1_000)))
    today = Spend(midnight=UNTIL // DAY * DAY, bytes=650, seconds=0)
    rig.parameters.values[LIVE] = ScanState(Coverage(SINCE, UNTIL), spend=today).encode()

    first = rig.run()

    assert (first.scanned, first.left, first.done, first.over_budget) == (400, HOUR, False, True)
    rig.clock.time += DAY
    assert (rig.run().done, rig.ends[0]["errors"]) == (True, 2)
