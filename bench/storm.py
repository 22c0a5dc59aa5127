"""The big incident: thousands of events of 40 problems in a minute, while everything that can fail does.

    python -m bench.storm --all
    python -m bench.storm [--seeds A-B] [--events N] [--problems N] [--writers N] [--outage MINUTES] [--app]

Simulated: the real services on the tests' store in memory, in simulated time. Handlers run twenty at a time and share
fingerprints; transactions conflict, DynamoDB throttles, processes die at any call to a gateway, before or after its
effect; Slack takes a message a second and answers three in ten posts with 429, 503 or nothing at all, in which case
every second message has arrived. Lambda runs a failed invocation again after one and two minutes, and what fails then
is put back at the end.

Printed: what is left without an outcome, whether counts are exact, messages and repetitions, the time to drain, write
units per event by DynamoDB's rules for item sizes (lost transactions and leases are billed too), and attempts per
event; of several seeds the worst of each. With `--all` also of 30,000 events, of one problem, of an outage of Slack and
of a channel of the Slack app. Exits 1 where a goal is missed.
"""

import argparse
import logging
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from threading import get_ident
from typing import TYPE_CHECKING, Any, cast

from bench.simulation import Died, Remote, Simulation, Throttled
from bench.storm_figures import Figure, figures, summary
from bench.storm_plan import MINUTE, PLANS, START, Plan, the_events
from bench.stormy_app import StormyApp
from bench.stormy_slack import StormySlack
from bench.stormy_store import InstanceStore, StormyStore
from chalicelib.domain.notifications.notification import Delivery
from infra.argument_types import at_least_one
from tests.services.world import World

if TYPE_CHECKING:
    from tests.fakes import FakeClock, FakeNotifier

CRASH, THROTTLE = 0.002, 0.002
RETRIES = (60, 120)
# As many as are reserved for `deliver_notifications` in .chalice/config.json.
SWEEPS_AT_ONCE = 2
# Who invokes it.
SCHEDULE, SWEEP = "schedule", "sweep"
REDRIVE_AFTER = 10 * MINUTE
LONGEST = 2 * 60 * MINUTE
SEEDS = range(1, 51)


@dataclass
class Lambda:
    """Lambda's asynchronous side: a queue, so many at a time, two more tries, and a place for what failed."""

    simulation: Simulation
    instances: deque[Callable[[Any], None]]
    died: Callable[[], None]
    failed: list[Any] = field(default_factory=list)
    crashes: int = 0
    invocations: int = 0
    _waiting: deque[tuple[Any, int]] = field(default_factory=deque)
    _retried: int = 0

    @property
    def held_back(self) -> int:
        """How many events will be tried again after minutes, or are not any more."""
        return self._retried + len(self.failed)

    def invoke(self, payload: Any, tries: int = 0) -> None:
        """Run the handler as soon as there is room."""
        self._waiting.append((payload, tries))
        if self.instances:
            self.simulation.start(partial(self._work, self.instances.popleft()))

    def _work(self, handle: Callable[[Any], None]) -> None:
        while self._waiting:
            payload, tries = self._waiting.popleft()
            self.invocations += 1
            try:
                handle(payload)
            except (Died, Throttled, ExceptionGroup):
                self.crashes += 1
                self.died()
                self._again(payload, tries)
        self.instances.append(handle)

    def _again(self, payload: Any, tries: int) -> None:
        if tries == len(RETRIES):
            self.failed.append(payload)
        else:
            self._retried += 1
            self.simulation.start(partial(self._retry, payload, tries + 1), RETRIES[tries])

    def _retry(self, payload: Any, tries: int) -> None:
        self._retried -= 1
        self.invoke(payload, tries)


@dataclass
class Storm:
    """The whole story; the figures are read from it when it is over.

    `interrupted` counts who died after a post, before it was settled. It has `drained_at` when everything has its
    outcome but what Lambda will try again after minutes, or somebody will who puts back what has failed three times.
    """

    plan: Plan
    seed: int
    redriven: int = 0
    interrupted: int = 0
    drained_at: float = 0.0

    def __post_init__(self) -> None:
        self.simulation = Simulation(self.seed, START)
        self.store = StormyStore(self.simulation)
        self.slack = self._slack()
        self.hub = self._instance("sweep")
        instances = (self._instance(str(number)).receive for number in range(self.plan.writers))
        self.function = Lambda(self.simulation, deque(instances), self._note_interruption)
        sweeps = (self._sweep for _ in range(SWEEPS_AT_ONCE))
        self.sender = Lambda(self.simulation, deque(sweeps), self._note_interruption)
        self.hub.wake_sender = partial(Remote(self.sender, self.simulation, CRASH, THROTTLE).invoke, SWEEP)

    def _slack(self) -> StormySlack | StormyApp:
        if self.plan.app:
            return StormyApp(self.simulation, self.store)
        return StormySlack(self.simulation, START + MINUTE * self.plan.outage)

    def _instance(self, name: str) -> World:
        """Return a hub as one function instance knows it; what all share is the store, the time and Slack."""
        own = InstanceStore(self.store, name)
        return World(
            clock=cast("FakeClock", self.simulation),
            store=self.store,
            slack=cast("FakeNotifier", self.slack),
            distance=lambda gateway: Remote(
                own if gateway is self.store else gateway, self.simulation, CRASH, THROTTLE
            ),
        )

    def play(self) -> None:
        """Send all events within a minute, and let the hub work until nothing is pending."""
        for number, raw in enumerate(the_events(self.plan, self.seed)):
            self.simulation.start(partial(self.function.invoke, raw), MINUTE * number / self.plan.events)
        self.simulation.start(self._sweep_each_minute, MINUTE)
        self.simulation.run()

    def left(self) -> int:
        """Count the events that have no outcome yet, or a failed one."""
        unsettled = (Delivery.PENDING, Delivery.FAILED)
        stored, waiting = self.store.records.values(), self.store.waiting
        return (
            self.plan.events
            - len(stored)
            + sum(record.outcome.status in unsettled or record.event.id in waiting for record in stored)
        )

    def _sweep_each_minute(self) -> None:
        while (left := self.left()) and self.simulation.time < START + LONGEST:
            if left <= self.function.held_back:
                self.drained_at = self.drained_at or self.store.settled_at
            self.sender.invoke(SCHEDULE)
            self.simulation.sleep(MINUTE)
            if self.simulation.time > self.plan.over_at + REDRIVE_AFTER:
                self._redrive()
        self.drained_at = self.drained_at or self.store.settled_at

    def _sweep(self, invoker: str) -> None:
        self.hub.sweep(is_scheduled=invoker == SCHEDULE)

    def _note_interruption(self) -> None:
        """Note it where whoever has just failed has posted something and not settled it."""
        last = self.slack.last.pop(get_ident(), None)
        if last and any(self.store.notifications[each.id].status is Delivery.PENDING for each in last.notifications):
            self.interrupted += 1

    def _redrive(self) -> None:
        failed, self.function.failed = self.function.failed, []
        self.redriven += len(failed)
        for payload in failed:
            self.function.invoke(payload)


def play(plan: Plan, seed: int) -> list[Figure]:
    """Play one storm and return its figures."""
    logging.disable(logging.CRITICAL)
    storm = Storm(plan, seed)
    storm.play()
    return figures(storm)


def report(plans: Sequence[tuple[Plan, Sequence[int]]]) -> bool:
    """Play each storm with its seeds, as many at a time as there are processors, and print what came of them.

    Returns whether all goals were met.
    """
    met = True
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as processes:
        started = [(plan, seeds, [processes.submit(play, plan, seed) for seed in seeds]) for plan, seeds in plans]
        for plan, seeds, results in started:
            played = dict(zip(seeds, (each.result() for each in results), strict=True))
            print(f"{plan.name}\n{summary(played)}", flush=True)
            met = met and all(each.met for found in played.values() for each in found)
    return met


def _all(seeds: Sequence[int]) -> Iterator[tuple[Plan, Sequence[int]]]:
    first, *others = PLANS
    yield first, seeds
    for plan in others:
        yield plan, seeds[:1]


def _seeds(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def main(arguments: Sequence[str]) -> int:
    """Play the storms and print the worst of each figure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--all", action="store_true", help="all of them, as `make bench-storm` does")
    parser.add_argument("--seeds", type=_seeds, help="one, such as 7, or several, such as 1-50")
    for name in ("events", "problems", "writers", "outage"):
        parser.add_argument(f"--{name}", type=int if name == "outage" else at_least_one, default=getattr(Plan(), name))
    parser.add_argument("--app", action="store_true", help="over a channel of the Slack app")
    options = vars(parser.parse_args(arguments))
    is_all, seeds = options.pop("all"), options.pop("seeds")
    met = report(list(_all(seeds or SEEDS)) if is_all else [(Plan(**options), seeds or SEEDS[:1])])
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
