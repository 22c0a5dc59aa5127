"""What events cost: the units that the table bills for each kind of event, counted from the items that it writes.

The real hub takes events of about two kilobytes, sends what they make pending, and merges what was stored alone. Units
are those of DynamoDB's rules for the sizes of items and of their places in indexes: its local edition counts wrongly.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib import container
from chalicelib.container.services import Hub
from chalicelib.domain.alerts.timeline import REMEMBERED
from chalicelib.domain.timestamps import iso
from chalicelib.gateways.dynamodb.capacity import units
from chalicelib.gateways.dynamodb.expressions import Item
from chalicelib.settings import HubSettings
from chalicelib.sources.registry import HEARTBEAT
from local.table import create_table
from tests.app.world import tokens
from tests.fakes import FakeClock, FakeNotifier
from tests.gateways.dynamodb.write_units import units_of_rewriting

NOW = 1_795_380_000
TABLE = "monitoring-units"
SAMPLE = json.loads((Path(__file__).parent.parent / "tests/samples/guardduty-ec2.json").read_text())
# So many of each kind are measured, and their mean is taken.
MEASURED = 6
ALONE = 90
SIGN = {"source": HEARTBEAT.source, "detail-type": HEARTBEAT.detail_type}
KEYS = ("pk", "sk")


class EventUnits(NamedTuple):
    """Units of one event, with all that follows from it."""

    writes: float
    reads: float


class UnitMeter:
    """Adds up what a session's clients are billed for reads and writes of one table."""

    def __init__(self, session: Any, client: Any) -> None:
        self.writes = self.reads = 0.0
        self._client, self._before = client, dict[tuple[str, str], Item]()
        for name in ("PutItem", "UpdateItem", "TransactWriteItems"):
            session.register(f"provide-client-params.dynamodb.{name}", self._remember)
        for name in ("GetItem", "BatchGetItem", "Query"):
            session.register(f"provide-client-params.dynamodb.{name}", _want_capacity)
        session.register("after-call.dynamodb", self._bill)

    def measure(self, work: Callable[[], object]) -> tuple[float, float]:
        """Return the write and read units of some work."""
        self.writes = self.reads = 0.0
        work()
        return self.writes, self.reads

    def _remember(self, params: Mapping[str, Any], **_: Any) -> None:
        writes = [each for write in params.get("TransactItems", [{"": params}]) for each in write.values()]
        for write in writes:
            key = {name: write.get("Item", write.get("Key"))[name] for name in KEYS}
            self._before[key["pk"]["S"], key["sk"]["S"]] = self._item(key)

    def _bill(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        consumed = parsed.get("ConsumedCapacity", [])
        self.reads += sum(each["CapacityUnits"] for each in (consumed if isinstance(consumed, list) else [consumed]))
        for (pk, sk), before in self._before.items():
            after = self._item({"pk": {"S": pk}, "sk": {"S": sk}})
            saved = 0 if model.name == "TransactWriteItems" else max(units(before), units(after))
            self.writes += max(1, units_of_rewriting(before, after) - saved)
        self._before.clear()

    def _item(self, key: Item) -> Item:
        found: Item = self._client.get_item(TableName=TABLE, Key=key, ConsistentRead=True).get("Item", {})
        return found


def _want_capacity(params: dict[str, Any], **_: Any) -> dict[str, Any]:
    return params | {"ReturnConsumedCapacity": "TOTAL"}


def measured(session: Any, client: Any) -> dict[str, EventUnits]:
    """Return the units of each kind of event; `client` is of another session, and what it does is not billed."""
    meter = UnitMeter(session, client)
    create_table(client, TABLE)
    settings = HubSettings.load({"TABLE_NAME": TABLE, "STAGE": "dev", "GROUP_WAIT_SECONDS": "0"})
    given = {"clock": FakeClock(NOW), "notifier": FakeNotifier(), "secrets": tokens(), "_session": session}
    hub = Hub(settings, container.routes(settings), **given)
    hub.receive(a_finding(0, NOW - 900))  # an instance's first writes more
    return {
        "announced": _mean(meter, hub, [a_finding(number, NOW - 800) for number in range(1, MEASURED + 1)]),
        "announced as it recurs": _mean(meter, hub, [a_finding(n, NOW - 700) for n in range(1, MEASURED + 1)]),
        "counted": _mean(meter, hub, [a_finding(1, NOW - 600 + n) for n in range(MEASURED)]),
        "over": _mean(meter, hub, [a_finding(n, NOW - 500, archived=True) for n in range(1, MEASURED + 1)]),
        "counted in a storm": _merged(meter, hub),
        "heartbeat": _mean(meter, hub, [a_heartbeat(NOW - 400 + 60 * number) for number in range(MEASURED)]),
    }


def _mean(meter: UnitMeter, hub: Hub, events: Sequence[dict[str, Any]]) -> EventUnits:
    writes, reads = meter.measure(lambda: [hub.receive(each) for each in events])
    return EventUnits(round(writes / len(events), 1), round(reads / len(events), 1))


def _merged(meter: UnitMeter, hub: Hub) -> EventUnits:
    """Return the units of an event that comes when its alert remembers nothing but the last minute."""
    for number in range(REMEMBERED):
        hub.receive(a_finding(1, NOW - 40 + number))
    events = [a_finding(1, NOW - 20 + number) for number in range(ALONE)]
    writes, reads = meter.measure(lambda: ([hub.receive(each) for each in events], hub.sweep.merger()))
    return EventUnits(round(writes / ALONE, 1), round(reads / ALONE, 1))


def a_finding(number: int, at: int, *, archived: bool = False) -> dict[str, Any]:
    """Return an event of about two kilobytes of one problem, which goes on, or is over."""
    detail = SAMPLE["detail"] | {"id": f"finding-{number}", "updatedAt": iso(at)}
    detail["service"] = detail["service"] | {"archived": archived, "eventLastSeen": iso(at)}
    envelope: dict[str, Any] = SAMPLE | {"id": f"{number}-{at}", "time": iso(at), "detail": detail}
    return envelope


def a_heartbeat(at: int) -> dict[str, Any]:
    """Return what an agent says of itself after a scan."""
    detail = {"heartbeat_seconds": 300, "stage": "dev", "log_group_count": 40, "at": at}
    envelope: dict[str, Any] = {name: SAMPLE[name] for name in ("version", "account", "region", "resources")}
    return envelope | {"id": str(at), **SIGN, "time": iso(at), "detail": detail}
