"""Hubs of a given size: a table on DynamoDB Local, filled through the hub's own mapping, and the hub in front of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import batched
from typing import Any

from msgspec.structs import replace

from bench.scale_meter import Meter
from chalicelib import container
from chalicelib.container.services import Hub
from chalicelib.domain.agents.agent import Agent, AgentStatus
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.event import Event, Severity, Signal
from chalicelib.domain.notifications.notification import Notification, Outcome, Reason, Record
from chalicelib.domain.text import digest
from chalicelib.domain.timestamps import DAY
from chalicelib.gateways import aws_clients
from chalicelib.gateways.dynamodb import items
from chalicelib.gateways.dynamodb.expressions import Item, encode
from chalicelib.gateways.dynamodb.hour_index import SINCE, hour_index_keys
from chalicelib.gateways.dynamodb.shards import THREE_FROM, outside_fourth
from chalicelib.settings import HubSettings
from local.table import create_table
from tests.app.world import tokens
from tests.fakes import FakeClock, FakeNotifier

NOW = 1_795_380_000
KEPT = 90 * DAY
ACCOUNTS = 200
BATCH = 25
REGIONS = ("eu-west-1", "us-east-1")
# The region of one event in all.
RARE = "me-south-1"
# Of so many alerts one is CRITICAL.
CRITICAL_EACH = 50
# More than a page examines: of fewer it says nothing whether it grows.
FEWEST_ALERTS = 5_000
# One alert has a fifth of all events, up to so many.
MOST_OF_ONE = 100_000


def an_event(number: int, at: int, problem: str, **changes: Any) -> Event:
    """Return an event of a problem, in one of 200 accounts."""
    known: dict[str, Any] = {
        "id": outside_fourth(f"{at:010d}-{digest('event', problem, str(number))}"),
        "kind": "error_logs",
        "source": "monitoring.agent.logs",
        "detail_type": "Error Logs",
        "account": account(number),
        "region": REGIONS[number % 2],
        "severity": Severity.MEDIUM,
        "signal": Signal.FIRING,
        "title": f"{problem}: ConnectionError: no response from the replica",
        "fingerprint": digest("problem", problem),
        "resource": problem,
        "resources": (),
        "link": "https://console.aws.amazon.com/cloudwatch/home",
        "published_at": at,
        "received_at": at + 5,
        "detail": {"log_group": f"/aws/lambda/{problem}", "count": 3, "samples": [{"message": "x" * 200}]},
        "lines": 3,
    }
    return Event(**known | changes)


def account(number: int) -> str:
    """Return one of the 200 accounts."""
    return f"{100_000_000_000 + number % ACCOUNTS}"


def a_record(event: Event) -> Record:
    """Return an event as it is stored when nobody is notified of it any more."""
    outcome = Outcome(reason=Reason.REPEATED, by="all")
    return Record(event=event, outcome=outcome, change=None, updated_at=NOW, expired_at=NOW + KEPT)


@dataclass
class ScaledHub:
    """A hub that has taken so many events within 90 days; what else it needs each measurement puts there."""

    session: Any
    meter: Meter
    events: int
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW))
    notifier: FakeNotifier = field(default_factory=FakeNotifier)

    @cached_property
    def hub(self) -> Hub:
        """The hub, its table empty at first."""
        settings = HubSettings.load({"TABLE_NAME": f"monitoring-{self.events}", "STAGE": "dev"})
        create_table(self.client, settings.table_name)
        given = {"clock": self.clock, "notifier": self.notifier, "secrets": tokens(), "_session": self.session}
        return Hub(settings, container.routes(settings), **given)

    @cached_property
    def client(self) -> Any:
        """A client of the database."""
        return self.session.create_client("dynamodb", config=aws_clients.CONFIG)

    def put(self, written: Iterable[Item]) -> None:
        """Write items as fast as that goes."""
        name = self.hub.settings.table_name
        for batch in batched(written, BATCH):
            requests: Any = {name: [{"PutRequest": {"Item": each}} for each in batch]}
            while requests:
                requests = self.client.batch_write_item(RequestItems=requests)["UnprocessedItems"]

    def fill(self) -> None:
        """Write the events of 90 days, an alert for each fifth of them, and one alert with a fifth of all events."""
        self.put(each for event in self._ordinary() for each in filter(None, items.event_items(a_record(event))))
        self.put(self._hour_index())
        self.put(items.alert_item(each, KEPT) for each in self._alerts())
        self.put(self._of_one())
        self.put(items.agent_item(self.agent(number)) for number in range(ACCOUNTS))

    def _ordinary(self) -> Iterator[Event]:
        for number in range(self.events):
            at = NOW - 60 - number * KEPT // self.events
            rare = {"region": RARE} if number == self.events // 2 else {}
            yield an_event(number, at, f"service-{number // 5}", **rare)

    def _hour_index(self) -> Iterator[Item]:
        """Iterate over what the ledger writes before events, which it has done since before the first of these."""
        yield encode({**SINCE, "at": NOW - 2 * KEPT, THREE_FROM: 0})
        places = {(key["pk"], key["sk"]) for event in self._ordinary() for key in hour_index_keys(event)}
        for pk, sk in places:
            yield encode({"pk": pk, "sk": sk, "expired_at": NOW + KEPT})

    def _alerts(self) -> Iterator[Alert]:
        alerts = max(FEWEST_ALERTS, self.events // 5)
        for number in range(alerts):
            at = NOW - 60 - number * KEPT // alerts
            severity = Severity.CRITICAL if number % CRITICAL_EACH == 0 else Severity.MEDIUM
            event = an_event(number, at, f"problem-{number}", severity=severity)
            yield Alert.about(event).observe(event)[0]

    @property
    def events_of_one(self) -> int:
        """How many events the alert with most of them has."""
        return min(self.events // 5, MOST_OF_ONE)

    def _of_one(self) -> Iterator[Item]:
        alert: Alert | None = None
        for number in range(self.events_of_one):
            at = NOW - DAY + number * (DAY - 3_600) // self.events_of_one
            event = an_event(number, at, "the-busiest")
            alert = (alert or Alert.about(event)).observe(event)[0]
            yield from filter(None, items.event_items(a_record(event)))
        assert alert is not None  # noqa: S101 - a hub has events
        yield items.alert_item(replace(alert, version=1), KEPT)

    def agent(self, number: int, **changes: Any) -> Agent:
        """Return an agent of one of very many accounts, with a name."""
        known: dict[str, Any] = {"account": f"{100_000_000_000 + number}", "region": REGIONS[0], "revision": 1}
        reported = {"status": AgentStatus.ACTIVE, "name": f"team-{number}", "heartbeat_at": NOW - 60}
        return Agent(**known | reported | changes)


def a_notification(number: int, severity: Severity) -> Notification:
    """Return a notification that has been pending for a while."""
    return Notification(
        id=digest("pending", str(number), severity.name),
        receiver="monitoring",
        kind="error_logs",
        reason=Reason.FIRST,
        severity=severity,
        title=f"service-{number}: ConnectionError",
        created_at=NOW - 600 + number // 100,
        account=account(number),
        region=REGIONS[0],
        fingerprint=digest("pending problem", str(number)),
        count=1,
        since=NOW - 600,
        episode=1,
    )
