"""A function's memory: pages fit it, and a run that died for want of it is followed by one that reads less at once."""

from contextlib import suppress

import pytest
from msgspec.structs import replace

from chalicelib.domain.errors import PublishFailed
from chalicelib.domain.scanning.scan_state import ScanState
from tests.scan_fakes import Crash
from tests.services.scanning.scan_rig import PARAMETER, START, Rig, error

LONG = "Error: " + "x" * 1_000
PAGE = 50_000


def a_rig() -> Rig:
    rig = Rig(lines=[error(START - 1 - number % 300, message=LONG) for number in range(200)])
    rig.scanner = replace(rig.scanner, search=replace(rig.scanner.search, page_bytes=PAGE))
    return rig


def halvings(rig: Rig) -> int:
    return ScanState.decode(rig.parameters.values[PARAMETER], PARAMETER).marker.halvings


def test_many_long_lines_are_read_in_pages_that_fit_the_memory() -> None:
    """AWS bounds a page by its rows alone: 10,000 of 20 kB made a process of 672 MB."""
    rig = a_rig()

    report = rig.run()

    assert (report.errors, report.gaps) == (200, 0)
    assert 0 < rig.logs.largest_page <= PAGE


def test_a_run_that_died_is_followed_by_one_that_reads_less_at_once() -> None:
    rig = a_rig()
    rig.fuse.calls = 6
    with suppress(Crash):
        rig.run()
    rig.clock.time += 300
    rig.logs.largest_page = 0

    rig.run()

    assert 0 < rig.logs.largest_page <= PAGE / 2
    assert halvings(rig) == 1


def test_a_run_that_ends_with_an_error_is_no_run_that_died() -> None:
    rig = a_rig()
    rig.bus.down = True
    with pytest.raises(PublishFailed):
        rig.run()
    rig.bus.down = False

    rig.run()

    assert halvings(rig) == 0
