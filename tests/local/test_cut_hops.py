"""Canaries on the one-machine stack: each hop of their way is cut in turn, and two intervals later it is an alert."""

import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto import mock_aws

import app
from chalicelib import container
from chalicelib.container import SystemClock
from chalicelib.domain.agents.canary import INTERVAL
from chalicelib.domain.queries import AlertQuery
from chalicelib.gateways.dynamodb import DynamoOutbox
from chalicelib.gateways.http import HttpClient, Response
from local import buses, scans
from local.aws import HUB_REGION, STAGE, WEB, Cloud
from local.buses import Buses, rule_of
from local.functions import Functions
from local.quick_aws import quicken
from local.scans import Scans
from local.table import create_table
from tests.app.world import fresh_caches

pytestmark = pytest.mark.e2e  # half a minute of the processor's time

REGION = WEB.homes[0]
STEP = 300
EVENTS, SWEEP, CHECK = "handle_monitoring_events", "deliver_notifications", "check_agents"


class Hub:
    """A hub and one agent, on a clock of their own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.patch, self.cloud, self.time = monkeypatch, Cloud(), int(time.time())
        monkeypatch.setattr(SystemClock, "now", lambda _: self.time)
        monkeypatch.setattr(SystemClock, "sleep", lambda _, seconds: self.sleep(seconds))
        create_table(self.cloud.client("dynamodb"), f"monitoring-{STAGE}")
        self.functions, self.scans, self.buses = Functions(), Scans(self.cloud), Buses(self.cloud)
        self.buses.subscribe(self.functions.patterns())
        self.has_agent = self.sweeps = True

    def sleep(self, seconds: float) -> None:
        """Let time pass in which whoever sends waits for a receiver."""
        self.time += math.ceil(seconds)

    def live(self, seconds: int) -> None:
        """Let time pass: each five minutes the agent scans, and the hub does what it does each minute."""
        for _ in range(seconds // STEP):
            self.time += STEP
            if self.has_agent:
                self.scans.run()
            for arrival in self.buses.arrivals():
                self._deliver(arrival)
            if self.sweeps:
                self.functions.tick(SWEEP, self.time)
            self.functions.tick(CHECK, self.time)

    def _deliver(self, arrival: buses.Arrival) -> None:
        try:
            self.functions.invoke(arrival.handler, arrival.event)
        except ConnectionError:
            return
        arrival.done()

    def alerts(self) -> list[tuple[str, str]]:
        """Return the alerts about canaries: their status and region."""
        found = container.hub().alerts.page(AlertQuery()).items
        return [(alert.status, alert.region) for alert in found if alert.kind == "canary"]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """Return a hub that has lived for half an hour."""
    for name, value in {"TABLE_NAME": f"monitoring-{STAGE}", "STAGE": STAGE, "AWS_DEFAULT_REGION": HUB_REGION}.items():
        monkeypatch.setenv(name, value)
    for module in (buses, scans):
        monkeypatch.setattr(module, "ACCOUNTS", (WEB,))
    monkeypatch.setattr(buses, "REGIONS", (REGION,))
    monkeypatch.setattr(HttpClient, "post", lambda *_: Response(200, "ok"))
    quicken()
    with fresh_caches(), mock_aws():
        hub = Hub(monkeypatch)
        hub.live(2 * INTERVAL)
        assert hub.alerts() == []
        assert container.hub().canaries.arrivals().keys() == {REGION}
        yield hub


def end_the_agent(hub: Hub) -> None:
    """Let the agent publish nothing more."""
    hub.has_agent = False


def take_the_rule_away(hub: Hub) -> None:
    """Let nothing on the bus lead to the hub."""
    events = hub.cloud.client("events", WEB, REGION)
    events.remove_targets(Rule=rule_of(EVENTS), Ids=["queue"])


def fail(*_: Any) -> None:
    """Fail as a function does whose table is gone."""
    raise ConnectionError


def break_the_function(hub: Hub) -> None:
    """Let the function that takes events in fail."""
    hub.patch.setattr(app, EVENTS, fail)


def refuse_to_keep(hub: Hub) -> None:
    """Let the table take no notification of a canary."""
    hub.patch.setattr(DynamoOutbox, "enqueue", fail)


def stop_the_sweep(hub: Hub) -> None:
    """Let nothing that is pending be sent."""
    hub.sweeps = False


@pytest.mark.parametrize("cut", [end_the_agent, take_the_rule_away, break_the_function, refuse_to_keep, stop_the_sweep])
def test_each_hop_that_is_cut_is_an_alert_within_two_intervals(hub: Hub, cut: Callable[[Hub], None]) -> None:
    cut(hub)
    hub.live(2 * INTERVAL)

    assert hub.alerts() == [("firing", REGION)]
