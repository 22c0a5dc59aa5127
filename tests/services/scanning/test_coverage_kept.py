"""What the scan says of its coverage is what the hub keeps: the two ends of one heartbeat."""

from chalicelib.domain.agents.coverage import AgentCoverage
from chalicelib.domain.scanning.gaps import GapReason
from chalicelib.domain.timestamps import DAY, iso
from tests.services.scanning.scan_rig import PAY, SHIP, START, Rig
from tests.services.world import World, envelope

GONE = "/aws/lambda/gone"


def kept(rig: Rig, world: World) -> AgentCoverage:
    """Let the hub take in the scan's last heartbeat, and return what it knows then."""
    world.clock.time = rig.clock.time
    raw = envelope("monitoring.agent.heartbeat", "Heartbeat", detail=rig.heartbeat, time=iso(rig.clock.now()))
    world.receive(raw)
    (agent,) = world.store.agents.items.values()
    assert agent.coverage
    return agent.coverage


def test_the_hub_knows_what_the_scan_says_to_the_second() -> None:
    rig, world = Rig(names=(PAY, SHIP, GONE)), World()
    rig.inventory.unresolved_count, rig.inventory.access_denied = 2, ("rds",)
    rig.logs.missing = {GONE}
    rig.logs.fault = lambda names, _: GapReason.TIMED_OUT if PAY in names else None
    rig.run()
    coverage = kept(rig, world)
    first = rig.state
    assert (coverage.since, coverage.watermark) == (first.since, first.watermark)
    assert {(each.window, each.reason) for each in coverage.gaps} == {(each.window, each.reason) for each in first.gaps}
    assert coverage.gaps
    assert coverage.scanned(0, START, PAY) == []
    assert (coverage.unresolved_count, coverage.access_denied) == (2, ("rds",))


def test_a_gap_that_the_next_run_has_filled_is_none_any_more() -> None:
    rig, world = Rig(), World()
    rig.logs.fault = lambda *_: GapReason.THROTTLED
    rig.run()
    assert kept(rig, world).gaps
    rig.logs.fault = lambda *_: None
    rig.clock.sleep(300)
    rig.run()
    coverage = kept(rig, world)
    assert coverage.gaps == ()
    assert [each.seconds for each in coverage.scanned(0, rig.clock.now())] == [coverage.watermark - coverage.since]


def test_what_a_scan_costs_is_known_for_its_day() -> None:
    rig, world = Rig(), World()
    rig.run()
    coverage = kept(rig, world)
    assert coverage.spend.bytes == coverage.spent_on(rig.clock.now() // DAY * DAY).bytes > 0
