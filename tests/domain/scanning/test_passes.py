"""Two looks at each window: what came late is found, and nothing counts twice."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.scanning.error_groups import LogLine
from chalicelib.domain.scanning.passes import Arrival, ScanPass
from chalicelib.domain.scanning.windows import Grid

GRIDS = st.builds(Grid, step=st.integers(60, 3_600), latency=st.integers(0, 3_600))
LINES = st.builds(
    lambda at, delay: LogLine(at, "/aws/lambda/pay", "s", "Error", at + delay if delay else 0),
    at=st.integers(0, 10**6),
    delay=st.integers(0, 10_000),
)


@given(GRIDS, LINES, st.integers(0, 10**6))
def test_of_two_passes_exactly_one_takes_a_line(grid: Grid, line: LogLine, since: int) -> None:
    passes = [ScanPass(grid, lateness, since) for lateness in (Arrival.ON_TIME, Arrival.LATE)]

    assert sum(scan_pass.takes(line) for scan_pass in passes) == 1


@given(GRIDS, LINES)
def test_a_line_that_was_not_long_on_its_way_is_not_late(grid: Grid, line: LogLine) -> None:
    """So that the question for late lines may leave out all that were not."""
    late = ScanPass(grid, Arrival.LATE)

    assert line.ingested_at - line.at >= late.delay or not late.takes(line)


@given(GRIDS, LINES)
def test_a_pass_that_stands_alone_takes_every_line(grid: Grid, line: LogLine) -> None:
    scan_pass = ScanPass(grid)

    assert (scan_pass.takes(line), scan_pass.delay) == (True, 0)
