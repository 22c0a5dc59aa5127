"""The site under test: a hub in memory with alerts, events, agents and silences of every sort, one of them hostile."""

from typing import NamedTuple

from msgspec.structs import replace

from chalicelib.domain.agents.agent import AgentStatus
from chalicelib.domain.agents.canary import RECEIVER, Canary
from chalicelib.domain.agents.coverage import AgentCoverage
from chalicelib.domain.notifications.notification import Delivery
from chalicelib.domain.scanning.gaps import Gap, GapReason
from chalicelib.domain.scanning.windows import Window
from tests.app.test_ui_sign_in import link_for
from tests.app.ui_world import HOSTILE, PAYMENTS, SHOP, finding, register, spread_error
from tests.app.world import World
from tests.fakes import NOW
from tests.sources.samples import load


class Site(NamedTuple):
    """Where the pages are, the world behind them, and a page of each sort below `/ui`."""

    address: str
    world: World
    pages: tuple[str, ...]

    def sign_in_link(self) -> str:
        """Return a link that signs somebody in, once."""
        return f"{self.address}/ui/sign-in/{link_for(self.world, 'both')}"


def furnish(world: World, address: str) -> Site:
    """Fill a world with something of everything."""
    gap = Gap(Window(NOW - 900, NOW - 600), ("/aws/lambda/shop",), GapReason.THROTTLED, 2)
    coverage = AgentCoverage(since=NOW - 10_000, watermark=NOW - 120, gaps=(gap,), late_gaps=(gap,), late_watermark=NOW)
    register(world, name="payments-prod", coverage=coverage, version="1.2.3")
    register(world, SHOP, "us-east-1", name=HOSTILE[:40], status=AgentStatus.STALE, heartbeat_at=NOW - 9_000)
    for number, severity in enumerate((9.5, 8.0, 5.0, 2.0)):
        finding(world, number, severity)
    hostile = finding(world, 10, title=HOSTILE, description=HOSTILE)
    spread = spread_error(world, PAYMENTS, SHOP)
    world.hub.ingest(load("alarm-metric-alarm"))
    world.hub.alerts.acknowledge(hostile.event.fingerprint, HOSTILE[:60], HOSTILE)
    alert = world.hub.alerts.get(finding(world, 11).event.fingerprint)
    silence = world.hub.silences.silence_alert(alert, 3_600, "ana", HOSTILE)
    known = next(iter(world.store.notifications.values()))
    world.store.notifications["f" * 32] = replace(known, id="f" * 32, status=Delivery.FAILED, attempts=3, error="gone")
    world.hub.canaries.take(Canary("eu-west-1", NOW - 60))
    world.hub.dispatcher.drain(RECEIVER)
    world.clock.sleep(30)
    return Site(
        address,
        world,
        (
            *("", "?tab=all&sort=severity&severity=HIGH&text=finding", "?text=nowhere", "?tab=silenced"),
            *(f"/alerts/{hostile.event.fingerprint}", f"/alerts/{spread.event.fingerprint}"),
            *(f"/events/{hostile.event.id}", f"/events/{spread.event.id}", "/events", "/events?tab=failed"),
            *("/silences?account=payments-*", f"/silences/{silence.id}", "/agents", f"/agents/{PAYMENTS}-eu-west-1"),
            *("/routes", "/health"),
        ),
    )
