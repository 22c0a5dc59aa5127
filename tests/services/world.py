"""A hub in memory: the real services on fakes, and a few events to send through it."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from chalicelib.config.compiled import RoutesFile
from chalicelib.container.services import Hub
from chalicelib.domain.routing.inhibitions import MOST_SOURCES
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.notification_policy import Policy
from chalicelib.domain.routing.routes import HOUR, Route
from chalicelib.domain.routing.silences import Silence
from chalicelib.domain.timestamps import iso
from chalicelib.services.tasks import run_all
from chalicelib.settings import HubSettings
from chalicelib.sources.registry import AGENT_STACKS
from tests.failure_fakes import FakeBacklogStore, FakeMetrics
from tests.fake_lists import FakeAlerts, FakeNotifications, FakeSilences
from tests.fakes import NOW, Crash, FakeClock, FakeNotifier, FakeReceiverStore, FakeStore, Post, faulty
from tests.feedback_fakes import FakeFeedbackStore

RECEIVERS = ("monitoring", "deployment", "report")
SETTINGS = HubSettings.load({"TABLE_NAME": "monitoring-prod", "STAGE": "prod"})
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
    quiet={"error_logs": HOUR, "custom": HOUR, "unknown": HOUR},
)


class WorldPolicies:
    """The policy that a world has, with whatever alerts hold back others; nothing of it is ever old."""

    def __init__(self, world: "World", alerts: FakeAlerts) -> None:
        self._world, self._alerts = world, alerts

    def __call__(self) -> Policy:
        """Return the policy of now."""
        policy, now = self._world.policy, self._world.clock.now()
        return replace(policy, inhibitions=policy.inhibitions.knowing(self._alerts.inhibitors(MOST_SOURCES), now))

    def standing(self) -> list[Silence]:
        """Return the silences that have not ended."""
        return self._world.silence_store.unexpired(self._world.clock.now())

    def forget(self) -> None:
        """Remember nothing, as ever."""


class World(Hub):
    """A hub on fakes that outlive it: `restarted` is the next function instance on the same store and Slack.

    `distance` wraps each gateway; by default it is what `crash` plans. `named` are the receivers of the routes file.
    """

    clock: FakeClock

    def __init__(
        self,
        crash: Crash | None = None,
        clock: FakeClock | None = None,
        store: FakeStore | None = None,
        slack: FakeNotifier | None = None,
        *,
        policy: Policy = POLICY,
        receiver_store: FakeReceiverStore | None = None,
        distance: Callable[[Any], Any] | None = None,
        named: tuple[str, ...] = RECEIVERS,
    ) -> None:
        clock = clock or FakeClock()
        self.crash, self.slack, self.policy, self.named = crash or Crash(), slack or FakeNotifier(), policy, named
        self.heartbeats, self.counted = 0, FakeMetrics()
        self.store = store or FakeStore(clock)
        self.known = receiver_store or FakeReceiverStore()
        far = distance or (lambda gateway: faulty(gateway, self.crash))
        near = far(self.store)
        super().__init__(
            SETTINGS,
            RoutesFile((Route(name="all", receivers=named),), (), {}),
            clock=clock,
            ledger=near,
            event_store=near,
            event_retention=near,
            unmerged_event_store=near,
            hourly_counts=far(self.store.hourly),
            outbox=near,
            leases=near,
            alert_store=far(FakeAlerts(self.store)),
            notification_store=far(FakeNotifications(self.store)),
            agent_store=far(self.store.agents),
            receiver_store=self.known,
            metrics=self.counted,
            notifier=far(self.slack),
            policies=WorldPolicies(self, FakeAlerts(self.store)),
            run_at_once=run_all,
            references=far(self.store.references),
            episode_counts=far(self.store.episode_counts),
            budgets=far(self.store.call_budgets),
            silence_store=FakeSilences(clock),
            copy_silences=int,
            feedback_store=FakeFeedbackStore(),
            backlog_store=FakeBacklogStore(),
            heartbeat_url=self._count_heartbeat,
        )

    def _count_heartbeat(self) -> None:
        self.heartbeats += 1

    def restarted(self, named: tuple[str, ...] = RECEIVERS) -> "World":
        """Return a hub without faults on the same store, clock and Slack, whose routes file names these receivers."""
        return World(
            Crash(), self.clock, self.store, self.slack, policy=self.policy, receiver_store=self.known, named=named
        )

    def next_minute(self) -> None:
        """Do what the hub does each minute, a minute later."""
        self.clock.sleep(61)
        self.sweep()

    def with_silence(self, silence: Silence) -> Policy:
        """Return the policy with one more silence, which is in force at once."""
        return replace(self.policy, silences=(*self.policy.silences, silence))

    def sent(self, receiver: str = "monitoring") -> list[Post]:
        """Return the messages that Slack has taken for the receiver."""
        return [message for name, message in self.slack.posts if name == receiver]

    def announced(self) -> list[str]:
        """Return the ids of the notifications that any message accounted for, repetitions included."""
        return [each for _, message in self.slack.posts for each in message["ids"]]

    def statuses(self) -> set[str]:
        """Return the statuses of all events."""
        return {record.outcome.status for record in self.store.records.values()}


def envelope(source: str = "custom.billing", detail_type: str = "Invoice run failed", **changes: Any) -> dict[str, Any]:
    """Return an EventBridge envelope of an event of somebody's own."""
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


def alarm(name: str = "checkout-5xx", state: str = "ALARM", at: int = NOW - 5, before: str = "OK") -> dict[str, Any]:
    """Return an alarm's change of state: the simplest source of problems that go on until they are over."""
    detail: Mapping[str, Any] = {
        "alarmName": name,
        "state": {"value": state, "timestamp": iso(at)},
        "previousState": {"value": before},
    }
    return envelope("aws.cloudwatch", "CloudWatch Alarm State Change", detail=detail, time=iso(at))
