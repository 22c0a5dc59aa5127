"""More log groups than one run can ask: they are scanned slice by slice, and what is left is known."""

from chalicelib.domain.scanning.windows import Window
from chalicelib.services.scanning.plan import ScanPlan
from tests.services.scanning.scan_rig import PARAMETER, START, Rig, error

NAMES = tuple(f"/aws/lambda/one-of-very-many-functions-{number:05}" for number in range(10_000))
# Twenty queries at once, each 10 seconds: some 80 of 200 fit into a run.
PLAN = ScanPlan(windows=1)


def test_ten_thousand_log_groups_are_scanned_in_slices_and_none_of_them_twice() -> None:
    rig = Rig(plan=PLAN, names=NAMES, lines=[error(START - 1, name) for name in NAMES[::100]])
    rig.logs.cost = 10

    first = rig.run(seconds=100)

    assert [(gap.window, gap.span[1:]) for gap in rig.state.gaps] == [(Window(START - 300, START), NAMES[-1:])]
    assert 0 < first.events < 100
    while rig.run(seconds=100).gaps:
        pass
    assert rig.bus.counts == {"Error: card refused": 100}
    answered = [name for names, _ in rig.logs.answered for name in names]
    assert sorted(answered) == list(NAMES)


def test_the_slices_that_are_left_fit_the_state_whatever_fails() -> None:
    rig = Rig(plan=PLAN, names=NAMES)
    rig.logs.cost = 10
    for number in range(6):
        rig.run(seconds=70 + 10 * number)
        rig.clock.time += 300

    assert len(rig.parameters.values[PARAMETER]) <= 4_096
    requested = {name for names, _ in rig.logs.answered for name in names}
    unknown = [
        name for name in NAMES if name not in requested and not any(gap.concerns(name) for gap in rig.state.gaps)
    ]
    assert unknown == []
