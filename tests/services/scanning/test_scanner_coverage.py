"""What the scan claims to have covered, whatever happens: every second is scanned, or a gap that is known."""

import string
from contextlib import suppress
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import PublishFailed
from chalicelib.domain.scanning.coverage import Coverage
from chalicelib.domain.scanning.gaps import GapReason
from chalicelib.domain.scanning.scan_state import ScanState
from chalicelib.services.scanning.plan import ScanPlan
from tests.examples import examples
from tests.scan_fakes import Crash
from tests.services.scanning.scan_rig import PARAMETER, PAY, SHIP, START, Rig, error

PLAN = ScanPlan(late_delay=3_600)


@dataclass(frozen=True)
class Step:
    """One run: how far the clock goes before it, and what goes wrong in it."""

    pause: int
    calls: int | None
    reasons: tuple[GapReason | None, ...]
    seconds: int
    bus_down: bool


PASSING = (None, None, None, GapReason.FAILED, GapReason.TIMED_OUT, GapReason.CANCELLED, GapReason.UNKNOWN)
PAUSES = st.sampled_from([0, 60, 300, 301, 900, 7_200, -1_000, -90_000])
CALLS = st.none() | st.integers(0, 40)
DOWN = st.sampled_from([False, False, False, True])
SOME_REASONS = st.lists(st.sampled_from(PASSING), min_size=1, max_size=5).map(tuple)
# What AWS rejects three times is left as it is, for good.
ANY_REASONS = st.lists(st.sampled_from((*PASSING, GapReason.REJECTED)), min_size=1, max_size=5).map(tuple)
SECONDS = st.integers(30, 300)
STEPS = st.builds(Step, PAUSES, CALLS, SOME_REASONS, SECONDS, DOWN)
ANY_STEPS = st.builds(Step, PAUSES, CALLS, ANY_REASONS, SECONDS, DOWN)
# A run that may die, but has time for all, and to which nothing is refused; and one that comes to its end.
MORTAL = st.builds(Step, PAUSES, CALLS, st.just((None,)), st.just(100_000), DOWN)
HINDERED = st.builds(Step, PAUSES, st.none(), SOME_REASONS, SECONDS, st.just(value=False))


def rig_with_lines() -> Rig:
    """Return a scan of lines of which each is a problem of its own, and some take up to an hour to arrive."""
    delays = (0, 1, 90, 400, 3_000)
    lines = [
        error(at, log_group, f"Error: {letters(number)} broke", at + delays[number % len(delays)])
        for number, at in enumerate(range(START - 600, START + 15_000, 197))
        for log_group in (PAY, SHIP)
    ]
    rig = Rig(plan=PLAN, lines=lines)
    rig.logs.limit, rig.logs.page, rig.logs.cost, rig.logs.places = 3, 2, 2, 4
    return rig


@given(steps=st.lists(ANY_STEPS, max_size=8))
@examples(0.25)
def test_the_time_since_the_first_watermark_is_scanned_or_a_gap_whatever_happens(steps: list[Step]) -> None:
    rig = rig_with_lines()
    for step in steps:
        play(rig, step)
        if PARAMETER in rig.parameters.values:
            check_claims(rig)


@given(steps=st.lists(STEPS, max_size=6))
@examples(0.25)
def test_whatever_happened_each_line_is_found(steps: list[Step]) -> None:
    """A line that came late as well, and one that was scanned again after a crash."""
    check_found(healed(steps))


@given(steps=st.lists(MORTAL, max_size=6) | st.lists(HINDERED, max_size=6))
@examples(0.25)
def test_each_line_counts_once_though_runs_die_or_leave_gaps(steps: list[Step]) -> None:
    """Not if both, for a window that a run published before it died: `docs/logs.md` says how counts are off there."""
    rig = healed(steps)

    check_found(rig)
    assert len(rig.bus.events) == len(
        {(each.detail["log_group"], each.detail["title"]) for each in rig.bus.events.values()}
    )


@given(steps=st.lists(STEPS, max_size=6))
@examples(0.25)
def test_once_the_cause_is_gone_two_runs_fill_every_gap(steps: list[Step]) -> None:
    rig = rig_with_lines()
    for step in steps:
        play(rig, step)
    recover(rig)

    rig.run(100_000)
    rig.run(100_000)

    state = whole_state(rig)
    assert (state.first.gaps, state.late.gaps if state.late else ()) == ((), ())


def play(rig: Rig, step: Step) -> None:
    rig.clock.time += step.pause
    rig.fuse.calls = step.calls
    rig.bus.down = step.bus_down
    rig.logs.fault = lambda names, window: step.reasons[(window.start // 7 + len(names)) % len(step.reasons)]
    with suppress(Crash, PublishFailed):
        rig.run(step.seconds)


def recover(rig: Rig) -> None:
    rig.fuse.calls, rig.bus.down, rig.logs.cost = None, False, 0
    rig.logs.fault = lambda names, window: None


def heal(rig: Rig) -> None:
    recover(rig)
    rig.clock.time = max(rig.clock.time, START + 15_000)
    report = rig.run(100_000)
    while report.left or report.gaps:
        report = rig.run(100_000)
    rig.run(100_000)


def healed(steps: list[Step]) -> Rig:
    """Return a scan that went so, and has read everything since."""
    rig = rig_with_lines()
    for step in steps:
        play(rig, step)
    heal(rig)
    return rig


def check_found(rig: Rig) -> None:
    """Check that each line of the time that was scanned is in an event, with its count."""
    state = whole_state(rig)
    assert state.late
    reached = min(state.first.watermark, state.late.watermark)
    expected = {(line.log_group, line.message): 1 for line in rig.logs.lines if state.first.since <= line.at < reached}
    found = {
        (entry.detail["log_group"], entry.detail["title"]): entry.detail["count"]
        for entry in rig.bus.events.values()
        if entry.detail["first_at"] < reached
    }
    assert found == expected


def whole_state(rig: Rig) -> ScanState:
    return ScanState.decode(rig.parameters.values[PARAMETER], PARAMETER)


def check_claims(rig: Rig) -> None:
    """Check that what either look claims to be scanned was answered completely at some time."""
    state = whole_state(rig)
    check_claim(rig, state.first, delay=0)
    if state.late:
        check_claim(rig, state.late, delay=PLAN.grid.grace)


def check_claim(rig: Rig, coverage: Coverage, delay: int) -> None:
    for log_group in (PAY, SHIP):
        done = [each.window for each in rig.logs.whole if log_group in each.log_groups and each.delay == delay]
        gaps = [gap.window for gap in coverage.gaps if gap.concerns(log_group)]
        reached = coverage.since
        for window in sorted(done + gaps):
            if window.start <= reached:
                reached = max(reached, window.end)
        assert reached >= coverage.watermark
        assert all(coverage.since <= gap.start and gap.end <= coverage.watermark for gap in gaps)


def letters(number: int) -> str:
    """Write a number as a word that no mask takes for an id."""
    word = ""
    while number or not word:
        number, digit = divmod(number, 20)
        word += string.ascii_lowercase[6 + digit]
    return word
