"""A hub in memory: the real services on fakes, and a few events to send through it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.events.event import DAY, iso
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.notification_policy import Policy
from chalicelib.domain.routing.routes import HOUR, Route
from chalicelib.services.agents.deployments import Deployments
from chalicelib.services.agents.registry import AgentRegistry
from chalicelib.services.alerting.affected import AffectedScopeFinder
from chalicelib.services.alerting.alerts import Alerts
from chalicelib.services.alerting.evaluator import Evaluator
from chalicelib.services.event_router import EventRouter
from chalicelib.services.ingestion.backfill_results import BackfillResults
from chalicelib.services.ingestion.ingest import Ingest
from chalicelib.services.notifying.dispatcher import Dispatcher
from chalicelib.services.notifying.notifications import Notifications
from chalicelib.services.notifying.receivers import Receivers
from chalicelib.sources.registry import AGENT_STACKS
from tests.fake_lists import FakeAlerts, FakeNotifications
from tests.fakes import NOW, Crash, FakeClock, FakeNotifier, FakeRoster, FakeStore, Post, faulty

RECEIVERS = ("monitoring", "deployment", "report")
STAGE = "prod"
POLICY = Policy(
    routes=(
        Route(
            name="deployment",
            receivers=("deployment",),
            matchers=(Matcher(Field.KIND, ("stack",)), Matcher(Field.RESOURCE, AGENT_STACKS)),
            every_event=True,
        ),
        Route(name="monitoring", receivers=("monitoring",)),
    ),
    quiet={"error_logs": HOUR, "unknown": HOUR},
)


@dataclass
class World:
    """A hub on fakes that outlive it: `restarted` is the next function instance on the same store and Slack.

    `distance` wraps each gateway; by default it is what `crash` plans.
    """

    crash: Crash = field(default_factory=Crash)
    clock: FakeClock = field(default_factory=FakeClock)
    store: FakeStore = field(default=None)  # type: ignore[assignment]  # made below, on the same clock
    slack: FakeNotifier = field(default_factory=FakeNotifier)
    policy: Policy = POLICY
    roster: FakeRoster = field(default_factory=FakeRoster)
    distance: Callable[[Any], Any] | None = None
    named: tuple[str, ...] = RECEIVERS

    def __post_init__(self) -> None:
        self.store = self.store or FakeStore(self.clock)
        far = self.distance or (lambda gateway: faulty(gateway, self.crash))
        store, agents, slack = map(far, (self.store, self.store.agents, self.slack))
        self.deliver = Dispatcher(store, store, store, slack, self.clock)
        self.ingest = Ingest(store, store, self.deliver, lambda: self.policy, self.clock, keep_for=90 * DAY)
        self.agents = AgentRegistry(agents, self.ingest, self.clock)
        self.backfills = BackfillResults(self.ingest, store, store, self.clock)
        self.receive = EventRouter(self.ingest, self.agents, self.backfills, self.clock, STAGE)
        self.deployments = Deployments(self.agents, self.ingest, self.clock)
        alerts, notifications = map(far, (FakeAlerts(self.store), FakeNotifications(self.store)))
        self.evaluate = Evaluator(alerts, store, lambda: self.policy, self.clock)
        self.affected = AffectedScopeFinder(store, self.clock)
        self.alerts = Alerts(alerts, store, store, lambda: self.policy, self.clock, self.affected, self.store.agents)
        self.receivers = Receivers(self.named, self.roster, self.deliver)
        self.notifications = Notifications(notifications, store, self.receivers, self.clock)

    def restarted(self, named: tuple[str, ...] = RECEIVERS) -> "World":
        """Return a hub without faults on the same store, clock and Slack, whose routes file names these receivers."""
        return World(Crash(), self.clock, self.store, self.slack, roster=self.roster, named=named)

    def sweep(self) -> None:
        """Do what the hub does each minute, a minute later."""
        self.clock.sleep(61)
        self.ingest.merge()
        self.evaluate()
        for receiver in self.named:
            self.deliver.drain(receiver)
            self.deliver.watch(receiver)
        self.receivers.retire()

    def sent(self, receiver: str = "monitoring") -> list[Post]:
        """Return the messages that Slack has taken for the receiver."""
        return [message for name, message in self.slack.posts if name == receiver]

    def told(self) -> list[str]:
        """Return the ids of the notifications that any message accounted for, repetitions included."""
        return [each for _, message in self.slack.posts for each in message["ids"]]

    def statuses(self) -> set[str]:
        """Return the statuses of all events."""
        return {record.outcome.status for record in self.store.records.values()}


def envelope(source: str = "custom.billing", detail_type: str = "Invoice run failed", **changes: Any) -> dict[str, Any]:
    """Return an EventBridge envelope of an event that no module knows."""
    return {
        "version": "0",
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "source": source,
        "detail-type": detail_type,
        "account": "111122223333",
        "region": "eu-west-1",
        "time": iso(NOW - 5),
        "resources": [],
        "detail": {},
    } | changes


def finding(number: int = 1, severity: float = 8.0, at: int = NOW - 5, *, archived: bool = False) -> dict[str, Any]:
    """Return a GuardDuty finding: the simplest source that can rise, repeat and be over."""
    detail: Mapping[str, Any] = {
        "id": f"finding-{number}",
        "title": f"Finding {number}",
        "severity": severity,
        "accountId": "111122223333",
        "region": "eu-west-1",
        "updatedAt": iso(at),
        "service": {"archived": archived},
    }
    return envelope("aws.guardduty", "GuardDuty Finding", detail=detail, time=iso(at))
