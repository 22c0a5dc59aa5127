"""Entries of events that are stored alone: each event counts once, whoever dies between whichever calls."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.event import Event
from chalicelib.domain.notifications.notification import Outcome, Reason, Recording
from chalicelib.domain.notifications.unmerged_events import records_of
from chalicelib.domain.routing.decision import decide
from chalicelib.domain.text import digest
from chalicelib.gateways.dynamodb import DynamoLedger, DynamoTable, items, unmerged_events
from chalicelib.gateways.dynamodb.capacity import units
from chalicelib.gateways.dynamodb.expressions import Update, encode
from chalicelib.gateways.dynamodb.hour_index import HourIndexWriter
from chalicelib.gateways.dynamodb.hourly_counts import DynamoHourlyCounts
from chalicelib.gateways.dynamodb.unmerged_events import (
    LAST,
    LONGEST_RUN,
    MOST_ENTRIES,
    SOUGHT_EACH,
    DynamoUnmergedEventStore,
)
from chalicelib.services.ingestion import merger
from chalicelib.services.ingestion.hourly_counter import HourlyCounter
from chalicelib.services.ingestion.merger import Merger
from local.table import create_table
from tests.domain.given import NOON, an_event
from tests.fakes import Died, FakeClock
from tests.gateways.dynamodb.stores import KEPT, a_record, an_unmerged
from tests.gateways.dynamodb.test_dynamodb import an_error
from tests.services.world import POLICY

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NAME = "monitoring"
WRITES = {"put_item", "update_item", "delete_item", "transact_write_items"}
MARK = {"work": "UNMERGED#0", "work_at": "1"}


class Policies:
    """A policy that never changes."""

    def __call__(self) -> Any:
        """Return the policy."""
        return POLICY

    def forget(self) -> None:
        """Remember nothing."""


class Hub:
    """Function instances on one table, of which the one that makes the write `dies_at` dies behind it."""

    def __init__(self, client: "DynamoDBClient") -> None:
        self.clock, self.client = FakeClock(NOON), client
        self.writes = self.dies_at = 0
        self.table = DynamoTable(cast("DynamoDBClient", self), NAME)
        self.first, self.second = self.instance(), self.instance()

    def __getattr__(self, name: str) -> Any:
        operation: Callable[..., Any] = getattr(self.client, name)

        def call(**request: Any) -> Any:
            self.writes += 1
            try:
                return operation(**request)
            finally:
                if self.writes == self.dies_at:
                    raise Died

        return call if name in WRITES else operation

    def instance(self) -> DynamoLedger:
        """Return the ledger of another instance."""
        return DynamoLedger(self.table, KEPT)

    @property
    def store(self) -> DynamoUnmergedEventStore:
        """What waits."""
        return DynamoUnmergedEventStore(self.table, self.clock)

    def sweep(self) -> None:
        """Merge what waits."""
        ledger, hourly = self.instance(), HourlyCounter(DynamoHourlyCounts(self.table))
        Merger(ledger, self.store, Policies(), self.clock, hourly)()

    def count(self, event: Event) -> int:
        """Return how many events the alert has counted."""
        alert = self.instance().alert(event.fingerprint)
        return alert.total if alert else 0

    def entries(self) -> list[str]:
        """Return all that is entered."""
        found = self.client.scan(TableName=NAME)["Items"]
        return [entry for item in found if item["pk"]["S"].startswith("UNMERGED#") for entry in item["entries"]["SS"]]


@pytest.fixture
def hub(client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch) -> Hub:
    monkeypatch.setattr(HourIndexWriter, "note", lambda *_: None)
    create_table(client, NAME)
    return Hub(client)


def decided(event: Event) -> Any:
    return replace(an_unmerged(event), outcome=Outcome(reason=Reason.REPEATED))


def a_story(hub: Hub, number: int) -> tuple[Event, list[Callable[[], object]]]:
    """Return an event that comes three times, beside another of its problem, and sweeps in between."""
    first = an_event(NOON, id=f"{NOON:010d}-{digest(str(number))}", fingerprint=digest(str(number)))
    other = replace(first, id=f"{NOON + 1:010d}-{digest(str(number))}")
    return first, [
        lambda: hub.first.keep_unmerged(an_unmerged(first)),
        lambda: hub.second.keep_unmerged(an_unmerged(first)),
        lambda: hub.first.keep_unmerged(decided(other)),
        hub.sweep,
        lambda: hub.first.keep_unmerged(an_unmerged(first)),
        hub.sweep,
    ]


def test_each_event_counts_once_whoever_dies_behind_whichever_write(hub: Hub) -> None:
    number, has_died = 0, True
    while has_died:
        number, has_died = number + 1, False
        event, steps = a_story(hub, number)
        hub.writes, hub.dies_at = 0, number
        for step in steps:
            try:
                step()
            except Died:
                has_died = True
                hub.first = hub.instance()
                steps[-1:] = [step, hub.sweep]  # as Lambda tries again what has failed
        hub.dies_at = 0
        hub.sweep()
        assert hub.count(event) == 2, f"write {number}"
    assert number > 10
    hub.clock.sleep(2 * LONGEST_RUN)
    hub.sweep()
    assert hub.entries() == []


def test_an_entry_whose_event_may_still_come_waits_for_it(hub: Hub) -> None:
    first, late = an_event(), an_event(NOON + 1)
    hub.first.keep_unmerged(an_unmerged(first))
    hub.dies_at = hub.writes + 1  # the entry's, before the event's
    with pytest.raises(Died):
        hub.first.keep_unmerged(an_unmerged(late))
    hub.dies_at = 0

    hub.sweep()
    assert (hub.count(first), len(hub.entries())) == (1, 1)
    (entry,) = hub.entries()
    hub.table.put(items.event_item(an_unmerged(late), entry.partition("#")[2]))
    hub.clock.sleep(2 * LONGEST_RUN)
    hub.sweep()
    assert (hub.count(first), hub.entries()) == (2, [])


def test_an_event_that_a_batch_left_out_is_not_forgotten(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    event = an_event()
    hub.first.keep_unmerged(an_unmerged(event))
    hub.clock.sleep(2 * LONGEST_RUN)
    with monkeypatch.context() as busy:
        busy.setattr(DynamoTable, "get_all", lambda *_: [])
        hub.sweep()
    assert len(hub.entries()) == 1
    hub.sweep()
    assert hub.count(event) == 1


def test_what_was_recorded_meanwhile_is_not_counted_again(hub: Hub) -> None:
    event = an_event()
    alert, _ = Alert.about(event).observe(event)
    assert hub.first.record(a_record(event), alert, ()) is Recording.RECORDED
    assert hub.second.keep_unmerged(an_unmerged(event)) is Recording.DUPLICATE
    hub.sweep()
    assert (hub.count(event), hub.entries()) == (1, [])


def test_an_item_of_entries_is_followed_by_another_and_stays_below_a_kilobyte(hub: Hub) -> None:
    for number in range(2 * MOST_ENTRIES + 1):
        hub.first.keep_unmerged(an_unmerged(an_event(NOON + number)))
    found = [each for each in hub.client.scan(TableName=NAME)["Items"] if each["pk"]["S"].startswith("UNMERGED#")]
    assert sorted(len(each["entries"]["SS"]) for each in found) == [1, MOST_ENTRIES, MOST_ENTRIES]
    assert all(units(each) == 1 for each in found)


def test_who_enters_events_of_too_many_problems_forgets_them(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unmerged_events, "MOST_REMEMBERED", 1)
    for number in range(3):
        hub.first.keep_unmerged(an_unmerged(an_event(NOON + number, fingerprint=digest(str(number % 2)))))
    assert len(hub.store.unmerged(hub.store.entered(10))) == 3


def test_an_entry_goes_elsewhere_where_a_merge_has_its_item(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    conflicts, update = [an_error("TransactionConflictException")], DynamoTable.update
    hub.first.keep_unmerged(an_unmerged(an_event()))

    def conflict_once(table: DynamoTable, write: Any) -> bool:
        if write.added and conflicts:
            raise conflicts.pop()
        return update(table, write)

    monkeypatch.setattr(DynamoTable, "update", conflict_once)
    hub.first.keep_unmerged(an_unmerged(an_event(NOON + 1)))
    assert [len(each.entries) for each in hub.store.unmerged(hub.store.entered(10))] == [1, 1]


def test_an_entry_whose_answer_was_lost_before_the_conflict_counts_once(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    conflicts, update = [an_error("TransactionConflictException")], DynamoTable.update
    first, second = an_event(), an_event(NOON + 1)
    hub.first.keep_unmerged(an_unmerged(first))

    def enter_and_conflict_once(table: DynamoTable, write: Any) -> bool:
        is_written = update(table, write)
        if write.added and conflicts:
            raise conflicts.pop()
        return is_written

    monkeypatch.setattr(DynamoTable, "update", enter_and_conflict_once)
    hub.first.keep_unmerged(an_unmerged(second))
    assert len(hub.entries()) == 3
    hub.sweep()
    assert hub.count(first) == 2


def test_an_event_that_another_version_wrote_keeps_no_other_from_its_turn(hub: Hub) -> None:
    unreadable, readable = an_event(), an_event(NOON + 1, fingerprint=digest("other"))
    for each in (unreadable, readable):
        hub.first.keep_unmerged(an_unmerged(each))
    hub.table.update(Update(items.event_key(unreadable.id), {"change": "of a later version"}))
    hub.clock.sleep(2 * LONGEST_RUN)
    hub.sweep()
    assert (hub.count(readable), hub.count(unreadable), len(hub.entries())) == (1, 0, 1)

    hub.table.update(Update(items.event_key(unreadable.id), {"change": ""}))
    hub.sweep()
    assert (hub.count(unreadable), hub.entries()) == (1, [])


def test_an_event_whose_content_a_batch_left_out_is_merged_with_it_later(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.first.keep_unmerged(an_unmerged(an_event(detail={"text": [digest(str(each)) for each in range(90)]})))
    get_all = DynamoTable.get_all
    with monkeypatch.context() as busy:
        busy.setattr(
            DynamoTable,
            "get_all",
            lambda *of: [each for each in get_all(*of) if not each["pk"]["S"].startswith("CONTENT#")],
        )
        assert records_of(hub.store.unmerged(hub.store.entered(10))) == []
    (record,) = records_of(hub.store.unmerged(hub.store.entered(10)))
    assert record.event.detail


def test_entries_that_stand_for_nothing_keep_no_sweep_from_going_on(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merger, "READ_AT_ONCE", 4)
    events = [an_event(NOON + number) for number in range(12)]
    for each in events:
        hub.instance().keep_unmerged(an_unmerged(each))
    hub.instance().keep_unmerged(an_unmerged(events[0]))
    hub.clock.sleep(2 * LONGEST_RUN)
    hub.sweep()
    assert hub.count(events[0]) == len(events)


def test_entries_whose_events_may_still_come_keep_no_other_from_its_turn(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merger, "READ_AT_ONCE", 4)
    for number in range(9):
        unmerged_events.UnmergedEventsWriter().enter(hub.table, an_unmerged(an_event(NOON + number)))
    event = an_event(NOON + 60)
    hub.first.keep_unmerged(an_unmerged(event))
    hub.sweep()
    assert (hub.count(event), len(hub.entries())) == (1, 9)


def test_entries_that_stand_for_nothing_take_few_reads_at_a_time(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unmerged_events, "MOST_LOOKUPS", 4)
    for number in range(9):
        unmerged_events.UnmergedEventsWriter().enter(hub.table, an_unmerged(an_event(NOON + number)))
    event = an_event(NOON + 60)
    hub.first.keep_unmerged(an_unmerged(event))
    hub.clock.sleep(2 * LONGEST_RUN)
    left = []
    for _ in range(3):
        hub.sweep()
        left.append(len(hub.entries()))
    assert (hub.count(event), left) == (1, [5, 1, 0])


def test_what_else_goes_wrong_is_raised(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> bool:
        raise an_error("AccessDeniedException")

    hub.first.keep_unmerged(an_unmerged(an_event()))
    monkeypatch.setattr(DynamoTable, "update", refuse)
    with pytest.raises(ClientError, match="AccessDenied"):
        hub.first.keep_unmerged(an_unmerged(an_event(NOON + 1)))


def test_what_a_version_before_has_stored_alone_is_merged_too(hub: Hub) -> None:
    """It was marked in the index `work`, one by one."""
    events = [an_event(NOON + number) for number in range(MOST_ENTRIES + 2)]
    for each in events:
        hub.table.put(items.event_item(an_unmerged(each)) | encode(MARK | {"work_at": each.id}))
    hub.sweep()  # in a minute in which nobody seeks them
    assert hub.count(events[0]) == 0
    hub.clock.time = NOON // SOUGHT_EACH * SOUGHT_EACH + SOUGHT_EACH - LAST
    hub.dies_at = hub.writes + 2
    with pytest.raises(Died):
        hub.sweep()
    hub.sweep()
    assert (hub.count(events[0]), hub.entries()) == (len(events), [])
    hub.sweep()
    assert hub.count(events[0]) == len(events)


def test_what_rules_read_in_details_makes_no_event_be_written_again(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = replace(POLICY, labels=("detail.id",))
    monkeypatch.setattr(Policies, "__call__", lambda _: policy)
    first, second = [an_event(NOON + number, detail={"id": "one"}) for number in range(2)]
    hub.first.keep_unmerged(an_unmerged(first))
    hub.sweep()
    alert = hub.first.alert(first.fingerprint)
    assert alert
    (decided,) = decide(alert, [second], policy, NOON).events
    hub.first.keep_unmerged(replace(an_unmerged(decided.event), outcome=decided.outcome, change=decided.change))
    writes, transact = list[Any](), DynamoTable.transact

    def note(table: DynamoTable, some: Any) -> list[str]:
        writes.extend(some)
        return transact(table, some)

    monkeypatch.setattr(DynamoTable, "transact", note)
    hub.sweep()
    assert (hub.count(first), len(writes)) == (2, 2)
