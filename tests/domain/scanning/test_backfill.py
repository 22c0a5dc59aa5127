"""Backfills: what may be asked for, and a state that knows where to go on."""

from typing import Any

import pytest
from msgspec.structs import asdict

from chalicelib.domain.errors import Invalid, Misconfigured
from chalicelib.domain.scanning.backfill import BackfillOrder, BackfillState
from chalicelib.domain.scanning.coverage import Coverage
from chalicelib.domain.scanning.gaps import Gap, GapReason
from chalicelib.domain.scanning.windows import Grid, Window

GRID = Grid(300)
NOON = 1_772_452_800
HOUR = 3_600
BEGUN = BackfillState.beginning(Window(NOON - 2 * HOUR, NOON))
REPORTED = BackfillState(coverage=Coverage(NOON - 2 * HOUR, NOON), until=NOON, finished_at=NOON + 9, is_reported=True)


def test_an_order_is_read_as_the_command_sends_it() -> None:
    order = BackfillOrder(NOON - 2 * HOUR, NOON, force=True)

    assert BackfillOrder.of(asdict(order)) == order
    assert BackfillOrder.of({"since": NOON}) == BackfillOrder(NOON)


@pytest.mark.parametrize("detail", ["yesterday", None, {}, {"since": "2026-03-02"}, {"since": NOON, "untill": NOON}])
def test_an_order_that_cannot_be_read_says_what_is_wrong(detail: Any) -> None:
    with pytest.raises(Invalid, match="Invalid backfill order") as caught:
        BackfillOrder.of(detail)

    assert "use python -m infra.backfill" in caught.value.violations[0].message


@pytest.mark.parametrize("until", [0, NOON, NOON + HOUR, NOON + 7])
def test_it_goes_as_far_as_the_scan_has_come(until: int) -> None:
    """What lies beyond, the scan will find itself, and tell."""
    assert BackfillOrder(NOON - HOUR + 7, until).window(GRID, NOON) == Window(NOON - HOUR, NOON)


@pytest.mark.parametrize(
    "order", [BackfillOrder(NOON), BackfillOrder(NOON - 5, NOON - 4), BackfillOrder(NOON - HOUR, NOON - 2 * HOUR)]
)
def test_where_nothing_is_left_of_it_that_is_said(order: BackfillOrder) -> None:
    with pytest.raises(Invalid):
        order.window(GRID, NOON)


@pytest.mark.parametrize("order", [BackfillOrder(NOON - 2 * HOUR), BackfillOrder(NOON - 2 * HOUR, NOON)])
def test_the_same_order_goes_on_with_what_is_unfinished(order: BackfillOrder) -> None:
    assert BEGUN.goes_on_with(order, order.window(GRID, NOON + HOUR))


@pytest.mark.parametrize("order", [BackfillOrder(NOON - HOUR), BackfillOrder(NOON - 2 * HOUR, NOON - HOUR)])
def test_another_order_does_not_give_it_up_unasked(order: BackfillOrder) -> None:
    with pytest.raises(Invalid, match="under way"):
        BEGUN.goes_on_with(order, order.window(GRID, NOON))


def test_what_was_done_is_not_done_again_unasked() -> None:
    window = Window(NOON - HOUR, NOON)

    assert REPORTED.goes_on_with(BackfillOrder(window.start, window.end), window)
    assert not REPORTED.goes_on_with(BackfillOrder(window.start, window.end, force=True), window)
    assert not REPORTED.goes_on_with(BackfillOrder(window.start), Window(window.start, NOON + 300))


def test_a_state_is_written_and_read() -> None:
    gap = Gap(Window(NOON - HOUR, NOON - 300), ("/a",), GapReason.TIMED_OUT, tries=2)
    state = BackfillState(coverage=Coverage(NOON - 2 * HOUR, NOON - 300, (gap,)), until=NOON).found(7, 2, 100, NOON)

    assert BackfillState.decode(state.encode(), "p") == state
    assert (state.since, state.left, state.spend.bytes) == (NOON - 2 * HOUR, 300, 100)


def test_a_state_with_many_gaps_fits_a_parameter() -> None:
    gaps = tuple(
        Gap(Window(NOON + each * HOUR, NOON + each * HOUR + 300), (f"/aws/lambda/{each:0100}",), GapReason.FAILED)
        for each in range(30)
    )
    state = BackfillState(
        coverage=Coverage(0, 10**10, gaps),
        until=10**10,
        errors=10**12,
        events=10**9,
        scanned=10**15,
        finished_at=10**10,
    )

    assert len(state.encode()) <= 4_096
    assert BackfillState.decode(state.encode(), "p").coverage.gaps


@pytest.mark.parametrize(
    "text",
    ["", "{}", '{"coverage":{"since":0,"watermark":0}}', '{"coverage":{"since":0,"watermark":0},"until":"x"}'],
)
def test_a_damaged_state_is_an_error_that_names_the_parameter(text: str) -> None:
    with pytest.raises(Misconfigured, match="the-parameter"):
        BackfillState.decode(text, "the-parameter")
