"""The hub looks after its own nets: nothing that fails on its way may be lost unseen."""

from dataclasses import dataclass, field

import pytest

from app import app
from chalicelib.domain.events.event import Signal
from chalicelib.domain.notifications.notification import Reason
from chalicelib.services.operations.dlq_check import AGAIN, HANDLERS, DlqCheck
from infra.functions import functions_of
from tests.failure_fakes import FakeFailureRouting
from tests.services.world import World

RULE = "monitoring-prod-handle_monitoring_events-event"
FUNCTION = "monitoring-prod-daily_report"
EACH = 300


@dataclass
class Watched:
    """A hub that checks its nets every five minutes."""

    hub: World = field(default_factory=World)
    failure_routing: FakeFailureRouting = field(default_factory=FakeFailureRouting)

    def check(self, times: int = 1) -> None:
        """Check the nets, five minutes after the last time."""
        destinations = DlqCheck(self.failure_routing, self.hub.store, self.hub.ingest, self.hub.clock, "prod")
        for _ in range(times):
            self.hub.clock.sleep(EACH)
            destinations.check("123456789012", "eu-west-1")

    def reasons(self) -> list[Reason]:
        """Return the outcomes of all events, in their order."""
        return [record.outcome.reason for _, record in sorted(self.hub.store.records.items())]

    def details(self) -> list[list[str]]:
        """Return what each event says is missing."""
        return [record.event.detail["missing"] for _, record in sorted(self.hub.store.records.items())]


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_complete_destinations_are_no_news(watched: Watched) -> None:
    watched.check(times=3)

    assert watched.hub.store.records == {}


@pytest.mark.parametrize("destination", [RULE, FUNCTION])
def test_a_destination_that_is_missing_twice_is_an_alert_that_names_it(watched: Watched, destination: str) -> None:
    """Failure 8: handler failures vanished, and nobody knew that they would."""
    watched.failure_routing.torn = {destination}

    watched.check(times=2)

    assert watched.reasons() == [Reason.NOTICE, Reason.FIRST]
    assert len(watched.hub.sent()) == 1
    assert all(destination in missing for (missing,) in watched.details())


def test_a_deployment_that_takes_a_destination_down_for_a_moment_is_no_alert(watched: Watched) -> None:
    watched.failure_routing.torn = {RULE}
    watched.check()
    watched.failure_routing.torn = set()
    watched.check(times=2)

    assert watched.hub.sent() == []


def test_the_alert_is_resolved_once_the_failure_destinations_are_back(watched: Watched) -> None:
    watched.failure_routing.torn = {RULE, FUNCTION}
    watched.check(times=2)
    watched.failure_routing.torn = set()

    watched.check(times=3)

    assert watched.reasons() == [Reason.NOTICE, Reason.FIRST, Reason.RESOLVED]
    newest = max(watched.hub.store.records)
    assert watched.hub.store.records[newest].event.signal is Signal.RESOLVED


def test_what_stays_missing_is_said_again_every_hour_and_not_at_each_check(watched: Watched) -> None:
    watched.failure_routing.torn = {RULE}

    watched.check(times=2 + 2 * AGAIN // EACH)

    assert watched.reasons() == [Reason.NOTICE, Reason.FIRST, Reason.REPEATED, Reason.REPEATED]


def test_a_destination_that_is_lost_again_days_later_is_suspected_first(watched: Watched) -> None:
    watched.failure_routing.torn = {RULE}
    watched.check(times=2)
    watched.failure_routing.torn = set()
    watched.check()
    watched.hub.clock.sleep(10**5)
    watched.failure_routing.torn = {RULE}

    watched.check()

    assert watched.reasons()[-1] is Reason.NOTICE


def test_every_asynchronous_function_is_checked() -> None:
    assert sorted(HANDLERS) == sorted(each.handler for each in functions_of(app) if each.is_asynchronous)
