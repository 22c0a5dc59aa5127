"""Plan: how much a run scans, in which passes, and what it may cost."""

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.scanning.budget import Budget
from chalicelib.domain.scanning.coverage import Coverage
from chalicelib.domain.scanning.passes import Arrival, ScanPass
from chalicelib.domain.scanning.scan_state import ScanState
from chalicelib.domain.scanning.windows import DEFAULT_LATENCY, DEFAULT_WINDOW, Grid

UNLIMITED = Budget()
# The second pass scans whole hours: few lines are late, and each query costs a call.
LATE_STEP = 3_600
# Lambda's own limit in milliseconds, for a run that nobody limits.
LONGEST_RUN = 900_000


class PassPlan(Struct, frozen=True):
    """A pass of a run, the grid of its windows, and whether it is the pass for late lines."""

    scan_pass: ScanPass
    grid: Grid
    is_late: bool = False


class ScanPlan(Struct, frozen=True, kw_only=True):
    """How to scan; all times are in seconds.

    A run scans up to `windows` that are due and `refills` pieces of gaps; `reserve` is kept at its end to publish and
    to send a heartbeat. Each hour is scanned again `late_delay` after it, for late lines; 0: never. The `budget` limits
    the bytes that a day's scans may read.
    """

    window: int = DEFAULT_WINDOW
    latency: int = DEFAULT_LATENCY
    late_delay: int = 0
    budget: Budget = UNLIMITED
    windows: int = 12
    refills: int = 50
    reserve: int = 20

    @property
    def grid(self) -> Grid:
        """The grid of windows."""
        return Grid(self.window, self.latency)

    def beginning(self, now: int) -> ScanState:
        """Return the state of a scan that starts now."""
        origin = self.grid.origin(now)
        return ScanState(Coverage(origin, origin))

    def with_passes(self, state: ScanState) -> ScanState:
        """Start or drop the second pass in the state of a scan, as this plan has one or not."""
        if not self.late_delay:
            return replace(state, late=None)
        watermark = state.first.watermark
        return state if state.late else replace(state, late=Coverage(watermark, watermark))

    def passes(self, state: ScanState) -> list[PassPlan]:
        """Return the passes of a run, in this order."""
        if not state.late:
            return [PassPlan(ScanPass(self.grid), self.grid)]
        first, second = (ScanPass(self.grid, each, state.late.since) for each in (Arrival.ON_TIME, Arrival.LATE))
        return [PassPlan(first, self.grid), PassPlan(second, Grid(LATE_STEP, self.late_delay), is_late=True)]
