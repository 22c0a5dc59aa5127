"""Failure 8: a dead-letter queue without redrive. What failed is put back, safely more than once."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from chalicelib.domain.agents.agent import AgentStatus
from chalicelib.domain.errors import Invalid
from chalicelib.services.operations.dlq_check import HANDLERS, SCHEDULED
from chalicelib.services.operations.redrive import LARGEST_RUN, Redrive, RedriveOrder, RedriveTally
from tests.failure_fakes import FakeQueues, failed, undelivered
from tests.fakes import Crash, Died, faulty
from tests.services.notifying.test_crash import stack_event
from tests.services.world import World, envelope, finding

EVENTS, DEPLOYMENTS, REPORT = (each for each in HANDLERS if each not in SCHEDULED)
FOR_EVER = 900_000


@dataclass
class Redriven:
    """A hub with its queues; `reports` collects the schedule's events for which a report was asked."""

    hub: World = field(default_factory=World)
    queues: FakeQueues = field(default_factory=FakeQueues)
    reports: list[Any] = field(default_factory=list)
    crash: Crash = field(default_factory=Crash)

    def run(
        self, queue: str = "failed", left: Callable[[], int] = lambda: FOR_EVER, *, dry_run: bool = False
    ) -> RedriveTally:
        """Put back what waits."""
        handlers: dict[str, Callable[[Any], object]] = {
            EVENTS: self.hub.receive,
            DEPLOYMENTS: self.hub.deployments.update,
            REPORT: self.reports.append,
        }
        redrive = Redrive(faulty(self.queues, self.crash), handlers, SCHEDULED, "monitoring-prod-")
        return redrive(RedriveOrder.of({"queue": queue, "dry_run": dry_run}), left)

    def put_undelivered(self, handler: str, event: Any) -> None:
        """Let EventBridge give an event up."""
        self.queues.put("undelivered", event, **undelivered("prod", handler))

    def put_failed(self, handler: str, event: Any) -> None:
        """Let a function fail on an event for good."""
        self.queues.put("failed", failed("prod", handler, event))


@pytest.fixture
def world() -> Redriven:
    return Redriven()


def test_an_event_that_its_rule_could_not_deliver_ends_in_the_store_and_in_slack(world: Redriven) -> None:
    world.put_undelivered(EVENTS, finding())

    tally = world.run("undelivered")

    assert (tally.redriven, tally.has_more) == (1, False)
    assert len(world.hub.store.records) == len(world.hub.sent()) == 1
    assert (world.queues.waiting, world.queues.hidden) == ([], {})


def test_an_event_that_its_function_failed_on_ends_there_too(world: Redriven) -> None:
    world.put_failed(EVENTS, finding())

    assert world.run("failed").redriven == 1
    assert len(world.hub.store.records) == len(world.hub.sent()) == 1


def test_an_event_goes_back_to_the_handler_that_it_was_for(world: Redriven) -> None:
    world.put_failed(DEPLOYMENTS, stack_event())
    world.put_failed(REPORT, envelope("aws.events", "Scheduled Event"))

    world.run()

    assert [each.status for each in world.hub.agents.all()] == [AgentStatus.EXPECTED]
    assert [each["source"] for each in world.reports] == ["aws.events"]


@pytest.mark.parametrize("handler", SCHEDULED)
def test_a_missed_tick_is_overtaken_by_the_next_one(world: Redriven, handler: str) -> None:
    world.put_undelivered(handler, envelope("aws.events", "Scheduled Event"))

    tally = world.run("undelivered")

    assert (tally.overtaken, tally.redriven) == (1, 0)
    assert world.queues.waiting == []


def test_an_event_that_was_stored_meanwhile_is_announced_once(world: Redriven) -> None:
    world.hub.receive(finding())
    world.put_failed(EVENTS, finding())
    world.put_undelivered(EVENTS, finding())

    world.run("failed")
    world.run("undelivered")

    assert len(world.hub.store.records) == len(world.hub.sent()) == 1


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 4))
def test_a_crash_at_any_call_loses_nothing_and_announces_nothing_twice(at: int, after: bool) -> None:
    world = Redriven(crash=Crash(at, after))
    world.put_failed(EVENTS, finding())

    with pytest.raises(Died):
        world.run()
    world.crash = Crash()
    world.queues.waiting += world.queues.hidden.values()  # as the queue does by itself, after a while
    world.queues.hidden = {}
    world.run()

    assert len(world.hub.store.records) == len(world.hub.sent()) == 1
    assert world.queues.waiting == []


def test_a_message_is_deleted_only_after_its_event_was_stored(world: Redriven, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("table gone")

    monkeypatch.setattr(world.hub.store, "record", fail)
    world.put_failed(EVENTS, finding())

    tally = world.run()

    assert (tally.failed, tally.redriven) == (1, 0)
    assert "fails again with RuntimeError" in tally.lines[0]
    assert len(world.queues.waiting) == 1


@pytest.mark.parametrize(
    "body",
    [
        "?",
        "[" * 100_000,
        "[]",
        "null",
        json.dumps(finding()),
        json.dumps(failed("prod", EVENTS, finding()) | {"requestContext": {"functionArn": 7}}),
        json.dumps(failed("test", EVENTS, finding())),
        json.dumps(failed("prod", "nobody", finding())),
    ],
    ids=lambda body: str(body)[:20],
)
def test_what_nobody_can_read_is_kept_and_counted(world: Redriven, body: str) -> None:
    world.queues.put("failed", body)
    world.put_failed(EVENTS, finding())

    tally = world.run()

    assert (tally.unreadable, tally.redriven) == (1, 1)
    assert [each.body for each in world.queues.waiting] == [body]


def test_a_dry_run_shows_what_waits_and_changes_nothing(world: Redriven) -> None:
    world.put_undelivered(EVENTS, finding())
    world.queues.put("undelivered", "?")

    tally = world.run("undelivered", dry_run=True)

    assert tally.lines == [
        "handle_monitoring_events: aws.guardduty, GuardDuty Finding: NO_PERMISSIONS",
        "message 2 is neither a rule's nor a function's",
    ]
    assert (tally.redriven, tally.unreadable) == (0, 1)
    assert len(world.queues.waiting) == 2
    assert world.hub.store.records == {}


def test_a_run_is_bounded_and_says_that_there_is_more(world: Redriven) -> None:
    for number in range(LARGEST_RUN + 5):
        world.put_undelivered(SCHEDULED[0], {"number": number})

    tally = world.run("undelivered")

    assert (tally.overtaken, tally.has_more) == (LARGEST_RUN, True)
    assert len(world.queues.waiting) == 5
    assert len(tally.to_json()["lines"]) < LARGEST_RUN


def test_a_run_ends_before_its_function_does(world: Redriven) -> None:
    for _ in range(3):
        world.put_failed(EVENTS, finding())
    left = iter([FOR_EVER, 10_000])

    tally = world.run(left=lambda: next(left))

    assert (tally.redriven, tally.has_more) == (1, True)
    assert len(world.queues.waiting) == 2


def test_a_queue_that_is_none_is_refused_in_one_line(world: Redriven) -> None:
    with pytest.raises(Invalid, match=r"Invalid redrive order: Invalid enum value 'everything' - at `\$\.queue`"):
        world.run("everything")
