"""What AWS will never answer: lines that a log group has dropped, and queries that it refuses for ever."""

from msgspec.structs import replace

from chalicelib.domain.scanning.budget import Budget, Excess
from chalicelib.domain.scanning.coverage import Coverage
from chalicelib.domain.scanning.gaps import MOST_TRIES, Gap, GapReason
from chalicelib.domain.scanning.scan_state import ScanState
from chalicelib.domain.scanning.windows import Window
from chalicelib.domain.timestamps import DAY
from chalicelib.services.scanning.plan import ScanPlan
from tests.services.scanning.scan_rig import PARAMETER, PAY, SHIP, START, Rig

NAMES = tuple(f"/aws/lambda/f-{number:02}" for number in range(60))
FORGETFUL = NAMES[:20]
OLD = Gap(Window(START - 3 * DAY, START - 2 * DAY), (), GapReason.FAILED)


def a_rig_with(gap: Gap, plan: ScanPlan | None = None) -> Rig:
    """Return a rig of 60 log groups, of which 20 keep lines for a day and make AWS refuse each query for older ones."""
    rig = Rig(names=NAMES, plan=plan or ScanPlan())
    rig.inventory.log_groups = [replace(each, retention=each.name in FORGETFUL) for each in rig.inventory.log_groups]
    rig.parameters.values[PARAMETER] = ScanState(Coverage(OLD.window.start, START, (gap,))).encode()
    rig.logs.fault = lambda names, window: (
        GapReason.REJECTED if window.end <= rig.clock.now() - DAY and set(names) & set(FORGETFUL) else None
    )
    return rig


def test_what_log_groups_have_dropped_is_never_queried_and_stays_a_gap() -> None:
    """It took 2,927 queries, run after run, to be refused all of them."""
    rig = a_rig_with(OLD)

    rig.run()

    assert len(rig.logs.requested) == DAY // 21_600 + 1  # pieces of six hours on the grid, the last one a short one
    assert not {name for names, _ in rig.logs.requested for name in names} & set(FORGETFUL)
    assert rig.state.gaps == (Gap(OLD.window, (), GapReason.EXPIRED, tries=2, span=(NAMES[0], NAMES[19])),)
    requested = len(rig.logs.requested)
    rig.run()
    assert len(rig.logs.requested) == requested


def test_windows_that_come_too_late_for_a_log_group_are_scanned_in_the_others() -> None:
    rig = a_rig_with(OLD, ScanPlan(windows=1))
    rig.begin_at(START - 2 * DAY)

    rig.run()

    assert [names for names, _ in rig.logs.requested] == [NAMES[20:]]
    assert [(gap.reason, gap.span) for gap in rig.state.gaps] == [(GapReason.EXPIRED, (NAMES[0], NAMES[19]))]


def test_what_aws_refuses_for_itself_is_tried_three_times() -> None:
    rig = Rig(names=[PAY])
    rig.logs.fault = lambda names, _: GapReason.REJECTED

    for _ in range(MOST_TRIES + 3):
        rig.run()

    assert len(rig.logs.requested) == MOST_TRIES
    assert rig.state.gaps == (Gap(Window(START - 300, START), (), GapReason.REJECTED, tries=MOST_TRIES),)


def test_what_never_had_room_in_the_budget_expires_with_its_lines() -> None:
    """It stayed `over_budget` for ever, as if a larger budget could still fill it."""
    rig = Rig(names=[PAY, SHIP], plan=ScanPlan(budget=Budget(1, Excess.STOP)))
    rig.inventory.log_groups = [replace(each, retention=1) for each in rig.inventory.log_groups]
    left_out = Gap(Window(START - 2 * DAY, START - DAY + 600), (), GapReason.OVER_BUDGET)
    state = ScanState(Coverage(left_out.window.start, START, (left_out,)))
    rig.parameters.values[PARAMETER] = state.encode()

    rig.run()

    edge = START - DAY
    assert rig.state.gaps == (
        replace(left_out, window=Window(START - 2 * DAY, edge), reason=GapReason.EXPIRED),
        replace(left_out, window=Window(edge, START - DAY + 600)),
    )
    assert rig.heartbeat["coverage"]["gaps"][0]["reason"] == "expired"
    assert not rig.logs.requested
