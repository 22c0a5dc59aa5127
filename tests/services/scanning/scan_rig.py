"""A scan among fakes, for the tests of what it does and of what it never does."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from chalicelib.domain.agents.coverage import AgentCoverage
from chalicelib.domain.scanning.coverage import Coverage
from chalicelib.domain.scanning.error_groups import LogLine
from chalicelib.domain.scanning.scan_state import ScanState
from chalicelib.services.scanning.checkpoint import Checkpoint
from chalicelib.services.scanning.plan import ScanPlan
from chalicelib.services.scanning.publisher import AgentIdentity, Publisher
from chalicelib.services.scanning.report import ScanReport
from chalicelib.services.scanning.scanner import Scanner
from chalicelib.services.scanning.search import Search
from tests.fakes import FakeClock
from tests.scan_fakes import FakeBus, FakeInventory, FakeLogs, FakeParameters, Fuse

PARAMETER = "/monitoring/test/scan-state"
START = 1_760_000_100  # a line of the grid
PAY, SHIP = "/aws/lambda/pay", "/aws/lambda/ship"


@dataclass
class Rig:
    """A scan among fakes; the clock stands at the moment at which the window before START became due."""

    names: Sequence[str] = (PAY, SHIP)
    lines: Sequence[LogLine] = ()
    plan: ScanPlan = field(default_factory=ScanPlan)

    def __post_init__(self) -> None:
        self.clock = FakeClock(START + self.plan.latency)
        self.fuse = Fuse()
        self.inventory = FakeInventory(self.names, fuse=self.fuse)
        self.logs = FakeLogs(self.clock, self.lines, fuse=self.fuse)
        self.bus = FakeBus(fuse=self.fuse)
        self.parameters = FakeParameters(fuse=self.fuse)
        self.scanner = a_scanner(self, PARAMETER, self.plan)

    def run(self, seconds: float = 240) -> ScanReport:
        """Run with so many seconds left."""
        until = self.clock.time + seconds
        return self.scanner.run(lambda: int((until - self.clock.time) * 1_000))

    @property
    def state(self) -> Coverage:
        """What the first look has covered, as written."""
        return ScanState.decode(self.parameters.values[PARAMETER], PARAMETER).first

    def begin_at(self, watermark: int) -> None:
        """Write the state of a scan that has come so far."""
        self.parameters.values[PARAMETER] = ScanState(Coverage(watermark, watermark)).encode()

    @property
    def heartbeat(self) -> dict[str, Any]:
        """The last heartbeat's detail."""
        return dict(self.bus.heartbeats[-1].detail)


class Fakes(Protocol):
    """What a scan works with."""

    inventory: FakeInventory
    logs: FakeLogs
    bus: FakeBus
    parameters: FakeParameters
    clock: FakeClock


def a_scanner(fakes: Fakes, parameter: str, plan: ScanPlan) -> Scanner:
    """Return a scanner that works with fakes."""
    identity = AgentIdentity(account="111122223333", region="eu-central-1")
    return Scanner(
        inventory=fakes.inventory,
        search=Search(logs=fakes.logs, clock=fakes.clock),
        publisher=Publisher(fakes.bus, fakes.clock, lambda: identity),
        checkpoint=Checkpoint(fakes.parameters, parameter, ScanState),
        clock=fakes.clock,
        plan=plan,
    )


def coverage_of(report: ScanReport) -> AgentCoverage:
    """Return what a report says is covered."""
    assert report.coverage
    return report.coverage


def error(at: int, log_group: str = PAY, message: str = "Error: card refused", ingested_at: int = 0) -> LogLine:
    return LogLine(at, log_group, "stream", message, ingested_at)
