"""A list of log groups that is kept for an hour hides no log group that was created meanwhile."""

from chalicelib.domain.scanning.error_groups import LogGroup
from chalicelib.domain.scanning.gaps import Gap, GapReason
from chalicelib.domain.scanning.windows import Window
from chalicelib.services.scanning.plan import ScanPlan
from tests.services.scanning.scan_rig import PAY, SHIP, START, Rig, error

CREATED = START + 700
LATER = START + 3_000


def a_rig(plan: ScanPlan | None = None) -> Rig:
    """Return a rig that went on with an old list while a log group was created, and has its first error."""
    rig = Rig(names=[PAY], lines=[error(CREATED, SHIP)], plan=plan or ScanPlan())
    rig.inventory.listed_at = rig.clock.now()
    for _ in range(11):
        rig.run()
        rig.clock.time += 300
    rig.inventory.log_groups.append(LogGroup(SHIP, created_at=CREATED))
    return rig


def test_what_a_new_log_group_held_before_it_was_listed_is_scanned_with_the_new_list() -> None:
    rig = a_rig()
    assert rig.bus.counts == {}
    rig.inventory.listed_at = rig.clock.now()

    rig.run()

    assert rig.bus.counts == {"Error: card refused": 1}
    assert rig.state.gaps == ()


def test_what_could_not_be_scanned_of_it_is_a_gap_that_says_why() -> None:
    rig = a_rig()
    rig.inventory.listed_at = rig.clock.now()

    rig.run(seconds=40)

    assert rig.state.gaps == (Gap(Window(START + 600, LATER), (SHIP,), GapReason.NOT_LISTED),)


def test_the_second_pass_makes_up_for_it_as_well() -> None:
    rig = a_rig(ScanPlan(late_delay=3_600))
    rig.logs.lines.append(error(CREATED, SHIP, "Error: late", ingested_at=CREATED + 1_000))
    for _ in range(24):
        rig.run()
        rig.clock.time += 300
    rig.inventory.listed_at = rig.clock.now()

    rig.run()

    assert rig.bus.counts == {"Error: card refused": 1, "Error: late": 1}


def test_the_first_list_of_all_makes_no_gaps() -> None:
    rig = Rig(names=[PAY, SHIP])
    rig.inventory.log_groups[1] = LogGroup(SHIP, created_at=START - 200)
    rig.inventory.listed_at = rig.clock.now()

    rig.run()

    assert rig.state.gaps == ()
