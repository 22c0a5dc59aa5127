"""Reconciliation: AWS's counts of a day's events, compared with what the hub handled and stored.

AWS calls its metrics best effort, so this is an estimate; the proof is a replay from the archive.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from msgspec import Struct, field


class ReconciliationState(StrEnum):
    """How a day's counts agree."""

    BALANCED = "balanced"
    UNMEASURED = "unmeasured"
    SUSPECTED = "suspected"
    MISSING = "missing"
    FAILING = "failing"


# States that need an investigation.
LOSSY = (ReconciliationState.MISSING, ReconciliationState.FAILING)


class Step(Struct, frozen=True):
    """One step of the events' path: how many should have passed it, and how many did."""

    name: str
    expected: int
    counted: int

    @property
    def missing(self) -> int:
        """How many are missing after it; a surplus of duplicates cannot hide others."""
        return max(0, self.expected - self.counted)

    def is_short(self, percent: int) -> bool:
        """Return whether more than so many per cent are missing."""
        return 100 * self.missing > percent * self.expected


class DayCounts(Struct, frozen=True, kw_only=True):
    """The counts of one day.

    The hub's rules `matched` events and `invoked` functions; `received` were put into Lambda's queues, and `handled` by
    the functions, heartbeats and duplicates included. `stored` is how many events of that day the functions wrote,
    `kept` how many of them the table has. None: not counted, as the hub's log lines are not written. `failures` has the
    sum of each metric of failures that is not 0.
    """

    matched: int
    invoked: int
    received: int
    handled: int | None
    stored: int | None
    kept: int
    failures: Mapping[str, int] = field(default_factory=dict)

    def steps(self) -> Iterator[Step]:
        """Iterate over the steps with both counts."""
        yield Step("rules", self.matched, self.invoked)
        yield Step("queues", self.invoked, self.received)
        if self.handled is not None:
            yield Step("functions", self.received, self.handled)
        if self.stored is not None:
            yield Step("table", self.stored, self.kept)

    def short_steps(self, percent: int) -> tuple[Step, ...]:
        """Return the steps after which more than so many per cent are missing."""
        return tuple(each for each in self.steps() if each.is_short(percent))

    def state(self, percent: int, *, was_short: bool) -> ReconciliationState:
        """Return how the counts agree; `was_short` says whether too many were missing the day before, too."""
        if self.failures:
            return ReconciliationState.FAILING
        if self.short_steps(percent):
            return ReconciliationState.MISSING if was_short else ReconciliationState.SUSPECTED
        return ReconciliationState.BALANCED if self.matched else ReconciliationState.UNMEASURED


class MissingEvents(Struct, frozen=True):
    """How many events are missing after a step."""

    step: str
    count: int


class DeliveryFailures(Struct, frozen=True):
    """How many failures a metric of AWS counted."""

    metric: str
    count: int


class DayReconciliation(Struct, frozen=True, kw_only=True):
    """The daily report's part about a reconciliation."""

    state: ReconciliationState
    matched: int
    missing: tuple[MissingEvents, ...] = ()
    failures: tuple[DeliveryFailures, ...] = ()
