"""The daily reconciliation: whatever is lost between the bus and the table shows in the counts of the day."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from chalicelib.domain.notifications.notification import Reason, Record
from chalicelib.domain.reports.daily import Report
from chalicelib.domain.reports.reconciliation import DeliveryFailures, MissingEvents, ReconciliationState
from chalicelib.domain.timestamps import DAY, iso
from chalicelib.services.operations.ports import EventMetric
from chalicelib.services.operations.reconciliation import (
    FUNCTION_FAILURES,
    INVOKED,
    MATCHED,
    RECEIVED,
    RULE_FAILURES,
    Reconciliation,
    metrics_of,
)
from tests.fakes import NOW
from tests.infra.templates import resources
from tests.services.world import World, envelope

MIDNIGHT = NOW - NOW % DAY + DAY
HUB = ("123456789012", "eu-west-1")
HOPS = ("rules", "queues", "functions", "table")
CONDITION = re.compile(r'\$\.(\w+) = ("[^"]*"|\d+)')


class CountingFilters(logging.Handler):
    """Counts log lines as the filters in infra/hub.yaml do, of one function or several."""

    def __init__(self, day: "Day", *functions: str) -> None:
        super().__init__()
        self.day = day
        self.counting = [
            (CONDITION.findall(each["FilterPattern"]), each["MetricTransformations"][0])
            for each in (found["Properties"] for found in resources("hub.yaml", "AWS::Logs::MetricFilter").values())
            if each["LogGroupName"]["Ref"] in {f"{name}Logs" for name in functions}
        ]

    def emit(self, record: logging.LogRecord) -> None:
        """Count a line for each filter that it matches."""
        fields = vars(record) | {"message": record.getMessage()}
        for conditions, transformation in self.counting:
            if all(str(fields.get(name)) == value.strip('"') for name, value in conditions):
                namespace = transformation["MetricNamespace"]["Fn::Sub"].replace("${Stage}", "prod")
                self.day.count(EventMetric(namespace, transformation["MetricName"]))


@dataclass
class Day:
    """A hub on the way to which events are lost where `cut` says, each time that `loses` of them have come."""

    hub: World = field(default_factory=World)
    cut: str = ""
    number: int = 0

    def count(self, metric: EventMetric) -> None:
        """Let a metric count one."""
        self.hub.counted.count(metric, self.hub.clock.now())

    def count_named(self, name: str) -> None:
        """Let the metric of the hub's main function or rule count one."""
        self.count(next(each for each in metrics_of("prod") if each.name == name))

    def arrive(self, many: int = 1, *, again: bool = False) -> None:
        """Let events arrive; they are lost on the hop that is cut."""
        for _ in range(many):
            self.number += not again
            self._go_all_the_way(self.number)

    def _go_all_the_way(self, number: int) -> None:
        event = envelope(id=str(number), time=iso(self.hub.clock.now() - number % 60), detail={"run": number})
        for hop, name in zip(HOPS, (INVOKED, RECEIVED, "", ""), strict=True):
            if hop == "rules":
                self.count_named(MATCHED)
            if hop == self.cut:
                if hop == "table":
                    self.hub.receive(event)
                    self.hub.store.records.popitem()
                return
            if name:
                self.count_named(name)
        self.hub.receive(event)

    def pass_day(self, lost: int = 0, kept: int = 200) -> None:
        """Let a day's events arrive from one in the morning on, and lose some of them."""
        self.hub.clock.time = max(self.hub.clock.time, MIDNIGHT - DAY + 3_600)
        cut, self.cut = self.cut, ""
        self.arrive(kept - lost)
        self.cut = cut
        self.arrive(lost)
        self.cut, self.hub.clock.time = cut, (self.hub.clock.now() // DAY + 1) * DAY

    def reconcile(self, percent: int = 1, *, counts_lines: bool = True) -> Record:
        """Reconcile the day that has just ended."""
        hub = self.hub
        service = Reconciliation(hub.counted, hub.event_store, hub.ingest, hub.clock, "prod", percent, counts_lines)
        midnight = hub.clock.now() - hub.clock.now() % DAY
        return service.run(*HUB, midnight)


@pytest.fixture
def day() -> Iterator[Day]:
    """Return a day whose log lines are counted."""
    day = Day()
    handler, logger = CountingFilters(day, "HandleMonitoringEvents"), logging.getLogger("chalicelib")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield day
    logger.removeHandler(handler)
    logger.setLevel(level)


def state_of(record: Record) -> str:
    return str(record.event.detail["state"])


def test_a_day_on_which_nothing_is_lost_is_balanced_and_no_news(day: Day) -> None:
    day.pass_day()

    record = day.reconcile()

    assert (state_of(record), record.outcome.reason) == (ReconciliationState.BALANCED, Reason.NOTHING_TO_RESOLVE)
    assert record.event.detail["matched"] == record.event.detail["handled"] == record.event.detail["kept"] == 200


@pytest.mark.parametrize("hop", HOPS)
def test_what_is_lost_on_any_hop_on_two_days_is_an_alert_that_names_the_hop(day: Day, hop: str) -> None:
    day.cut = hop
    day.pass_day(lost=5)
    first = day.reconcile()
    day.pass_day(lost=5)

    second = day.reconcile()

    assert [state_of(first), state_of(second)] == [ReconciliationState.SUSPECTED, ReconciliationState.MISSING]
    assert [first.outcome.reason, second.outcome.reason] == [Reason.NOTICE, Reason.FIRST]
    assert second.event.detail["missing"] == [{"step": hop, "count": 5}]
    assert "python -m infra.replay --stage prod" in second.event.detail["replay"]


@pytest.mark.parametrize("name", [*RULE_FAILURES, *FUNCTION_FAILURES])
def test_any_failure_that_aws_counts_is_an_alert_on_the_same_day(day: Day, name: str) -> None:
    day.hub.clock.time = MIDNIGHT - DAY + 3_600
    day.count_named(name)
    day.pass_day()

    record = day.reconcile()

    assert (state_of(record), record.outcome.reason) == (ReconciliationState.FAILING, Reason.FIRST)
    assert record.event.detail["failures"] == [{"metric": name, "count": 1}]


def test_a_day_on_which_all_is_well_again_resolves_the_alert(day: Day) -> None:
    day.cut = "functions"
    for lost in (5, 5, 0):
        day.pass_day(lost=lost)
        last = day.reconcile()

    assert (state_of(last), last.outcome.reason) == (ReconciliationState.BALANCED, Reason.RESOLVED)


def test_two_short_days_that_are_not_in_a_row_are_only_suspected(day: Day) -> None:
    day.cut = "queues"
    states = []
    for lost in (5, 0, 5):
        day.pass_day(lost=lost)
        states.append(state_of(day.reconcile()))

    assert states == ["suspected", "balanced", "suspected"]


def test_a_share_below_the_setting_is_an_estimate_and_no_shortfall(day: Day) -> None:
    day.cut = "rules"
    day.pass_day(lost=2)

    assert state_of(day.reconcile(percent=1)) == ReconciliationState.BALANCED


def test_duplicates_and_replays_are_handled_and_no_shortfall_of_the_table(day: Day) -> None:
    day.hub.clock.time = MIDNIGHT - DAY + 3_600
    day.arrive(50)
    day.arrive(50, again=True)
    day.pass_day()

    record = day.reconcile()

    assert state_of(record) == ReconciliationState.BALANCED
    assert record.event.detail["matched"] - record.event.detail["stored"] == 50


def test_heartbeats_and_canaries_are_handled_and_not_stored(day: Day) -> None:
    day.hub.clock.time = MIDNIGHT - DAY + 3_600
    for kind in ("heartbeat", "canary"):
        for name in (MATCHED, INVOKED, RECEIVED):
            day.count_named(name)
        day.hub.receive(envelope(f"monitoring.agent.{kind}", kind.title(), detail={"stage": "prod"}))
    day.pass_day()

    assert state_of(day.reconcile()) == ReconciliationState.BALANCED


def test_what_happened_long_before_it_arrived_is_left_out_on_both_sides(day: Day) -> None:
    day.hub.clock.time = MIDNIGHT - DAY + 3_600
    day.hub.receive(envelope(time=iso(NOW - 5 * DAY)))
    day.pass_day()

    detail = day.reconcile().event.detail

    assert (detail["stored"], detail["kept"]) == (200, 200)


def test_without_the_hubs_log_lines_only_aws_is_compared(day: Day) -> None:
    day.cut = "functions"
    for _ in range(2):
        day.pass_day(lost=100)
        detail = day.reconcile(counts_lines=False).event.detail

    assert (detail["handled"], detail["stored"], detail["state"]) == (None, None, ReconciliationState.BALANCED)


def test_where_aws_has_counted_nothing_nothing_is_claimed(day: Day) -> None:
    day.hub.clock.time = MIDNIGHT

    record = day.reconcile()

    assert (state_of(record), record.outcome.reason) == (ReconciliationState.UNMEASURED, Reason.NOTICE)


def test_a_day_that_is_reconciled_again_keeps_its_first_result(day: Day) -> None:
    day.pass_day()
    first = day.reconcile()
    day.count_named(RULE_FAILURES[0])

    assert day.reconcile().event == first.event
    assert sum(each.event.kind == "reconciliation" for each in day.hub.store.records.values()) == 1


def report_of(day: Day) -> Report:
    notification = next(each for each in day.hub.store.notifications.values() if each.kind == "report")
    return Report.from_json(notification.body)


def midnight_tick(day: Day) -> dict[str, object]:
    return envelope("aws.events", "Scheduled Event", account=HUB[0], region=HUB[1], time=iso(day.hub.clock.now()))


def test_the_daily_report_says_what_was_reconciled(day: Day) -> None:
    day.count_named(FUNCTION_FAILURES[0])
    day.cut = "functions"
    day.pass_day(lost=1)
    day.hub.end_of_day(midnight_tick(day))

    reconciliation = report_of(day).reconciliation

    assert reconciliation is not None
    assert reconciliation.state is ReconciliationState.FAILING
    assert reconciliation.missing == (MissingEvents("functions", 1),)
    assert reconciliation.failures == (DeliveryFailures(FUNCTION_FAILURES[0], 1),)


def test_a_report_is_sent_though_nothing_can_be_reconciled(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(*_: object) -> None:
        raise PermissionError("AccessDenied")

    monkeypatch.setattr(day.hub.counted, "sums", deny)
    day.pass_day()
    with pytest.raises(ExceptionGroup):
        day.hub.end_of_day(midnight_tick(day))

    assert report_of(day).reconciliation is None
    assert day.hub.sent("report")


def test_a_midnight_that_waited_in_a_queue_is_caught_up_with(day: Day) -> None:
    day.pass_day()
    tick = midnight_tick(day)
    day.hub.clock.sleep(DAY + 5_000)

    day.hub.end_of_day.catch_up(tick)

    reconciliation = report_of(day).reconciliation
    assert reconciliation is not None
    assert (reconciliation.state, reconciliation.matched) == (ReconciliationState.BALANCED, 200)
