"""The big incident: 10,000 events of 40 problems in a minute, while everything that can fail does.

    python -m bench.storm [--events N] [--seeds A-B]

Simulated: the real services on the tests' store in memory, in simulated time. Handlers run twenty at a time and share
fingerprints; transactions conflict, DynamoDB throttles, processes die at any call to a gateway, before or after its
effect; Slack takes a message a second and answers three in ten posts with 429, 5xx or nothing at all (not delivered).
Lambda runs a failed invocation again after one and two minutes, and what fails then is put back at the end.

Printed: what is left without an outcome, whether counts are exact, messages and repetitions, the time to drain, write
units per event by DynamoDB's rules for item sizes (lost transactions are billed too), and attempts per event; of
several seeds the worst of each. Exits 1 where a goal is missed.
"""

import argparse
import json
import logging
import math
import random
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from bench.simulation import Died, Remote, Simulation, Throttled
from bench.stormy_slack import StormySlack
from bench.stormy_store import StormyStore
from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Delivery
from chalicelib.domain.text import digest
from chalicelib.domain.timestamps import iso
from tests.services.world import World

if TYPE_CHECKING:
    from tests.fakes import FakeClock, FakeNotifier

START = 1_795_380_000
MINUTE = 60
ACCOUNTS, PROBLEMS = 200, 40
CONCURRENCY = 20
CRASH, THROTTLE = 0.002, 0.002
RETRIES = (60, 120)
WORST = 17
SAMPLE = json.loads((Path(__file__).parent.parent / "tests/samples/guardduty-ec2.json").read_text())
REDRIVE_AFTER = 10 * MINUTE
LONGEST = 2 * 60 * MINUTE
GOAL_UNITS = 8


@dataclass
class Lambda:
    """Lambda's asynchronous side: a queue, so many at a time, two more tries, and a place for what failed."""

    simulation: Simulation
    instances: deque[Callable[[Any], None]]
    failed: list[Any] = field(default_factory=list)
    crashes: int = 0
    invocations: int = 0
    _waiting: deque[tuple[Any, int]] = field(default_factory=deque)

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
                self._again(payload, tries)
        self.instances.append(handle)

    def _again(self, payload: Any, tries: int) -> None:
        if tries == len(RETRIES):
            self.failed.append(payload)
        else:
            self.simulation.start(lambda: self.invoke(payload, tries + 1), RETRIES[tries])


@dataclass
class Storm:
    """The whole story; the figures are read from it when it is over."""

    events: int
    seed: int
    redriven: int = 0
    drained_at: float = 0.0
    make_slack: Callable[[Simulation, StormyStore], Any] = lambda simulation, _store: StormySlack(simulation)

    def __post_init__(self) -> None:
        self.simulation = Simulation(self.seed, START)
        self.store = StormyStore(self.simulation)
        self.slack = self.make_slack(self.simulation, self.store)
        self.hub = self._instance()
        self.function = Lambda(self.simulation, deque(self._instance().receive for _ in range(CONCURRENCY)))

    def _instance(self) -> World:
        """Return a hub as one function instance knows it; what all share is the store, the time and Slack."""
        return World(
            clock=cast("FakeClock", self.simulation),
            store=self.store,
            slack=cast("FakeNotifier", self.slack),
            distance=lambda gateway: Remote(gateway, self.simulation, CRASH, THROTTLE),
        )

    def play(self) -> None:
        """Send all events within a minute, and let the hub work until nothing is pending."""
        for number, raw in enumerate(the_events(self.events, self.seed)):
            self.simulation.start(partial(self.function.invoke, raw), MINUTE * number / self.events)
        self.simulation.start(self._sweep_each_minute, MINUTE)
        self.simulation.run()

    def left(self) -> int:
        """Count the events that have no outcome yet, or a failed one."""
        unsettled = (Delivery.PENDING, Delivery.FAILED)
        stored, waiting = self.store.records.values(), self.store.waiting
        return (
            self.events
            - len(stored)
            + sum(record.outcome.status in unsettled or record.event.id in waiting for record in stored)
        )

    def _sweep_each_minute(self) -> None:
        while self.left() and self.simulation.time < START + LONGEST:
            self.simulation.start(self._sweep)
            self.simulation.sleep(MINUTE)
            if self.simulation.time > START + REDRIVE_AFTER:
                self._redrive()
        self.drained_at = self.simulation.time

    def _sweep(self) -> None:
        try:
            self.hub.ingest.merge()
            self.hub.dispatcher.drain("monitoring")
        except (Died, Throttled, ExceptionGroup):
            self.function.crashes += 1

    def _redrive(self) -> None:
        failed, self.function.failed = self.function.failed, []
        self.redriven += len(failed)
        for payload in failed:
            self.function.invoke(payload)


def the_events(count: int, seed: int) -> Iterator[Any]:
    """Return the incident: GuardDuty findings of about 2 kB, a few problems more frequent than most, in any order."""
    chance = random.Random(seed)  # noqa: S311 - a story, not a secret
    weights = [1 / (1 + problem % 8) for problem in range(PROBLEMS)]
    for number, problem in enumerate(chance.choices(range(PROBLEMS), weights, k=count)):
        at = START + MINUTE * number // count - chance.randrange(30)
        yield an_event(number, problem, at)


def an_event(number: int, problem: int, at: int) -> Any:
    """Return one of a problem's events; only one problem is critical."""
    account = f"{100_000_000_000 + problem * 7 % ACCOUNTS:012d}"
    detail = {
        **SAMPLE["detail"],
        "id": digest(str(problem)),
        "title": f"Problem {problem}",
        "severity": 9.5 if problem == WORST else 5.0 + problem % 4,
        "accountId": account,
        "updatedAt": f"{iso(at)[:-1]}.{number:06d}Z",
    }
    return SAMPLE | {"id": str(number), "account": account, "time": iso(at), "detail": detail}


@dataclass(frozen=True)
class Figure:
    """A figure to print, and whether its goal, if there is one, is met; the greater its `badness`, the worse it is."""

    name: str
    value: str
    met: bool = True
    badness: float = 0.0


def figures(storm: Storm) -> list[Figure]:
    """Return what came of the storm."""
    return [
        Figure("events", f"{storm.events:,} of {_size():.1f} kB, {PROBLEMS} problems, {ACCOUNTS} accounts"),
        Figure("invocations", f"{storm.function.invocations:,}, {storm.function.crashes} died"),
        *_what_is_kept(storm),
        *_what_was_sent(storm),
        *_what_it_cost(storm),
    ]


def _what_is_kept(storm: Storm) -> list[Figure]:
    alerts = storm.store.alerts.values()
    exact = sum(alert.count for alert in alerts) == storm.events == sum(alert.total for alert in alerts)
    return [
        Figure("events without an outcome", f"{storm.left()} (goal 0)", storm.left() == 0, storm.left()),
        Figure("counts are exact", "yes" if exact else "no", exact),
    ]


def _what_was_sent(storm: Storm) -> list[Figure]:
    posts, pending = storm.slack.posts, len(storm.store.notifications)
    sent = Counter(each.id for _, message in posts for each in message.notifications)
    again = sum(sent.values()) - len(sent)
    single = sum(len(message.notifications) == 1 for _, message in posts)
    worst = _place_of_the_worst(storm)
    return [
        Figure("notifications pending and sent", f"{pending} and {len(sent)}", pending == len(sent)),
        Figure("sent again", f"{again / pending:.1%} (goal at most 1%)", again <= pending / 100, again / pending),
        Figure(
            "messages", f"{single} and {len(posts) - single} digests, in {storm.slack.attempts} posts", badness=single
        ),
        Figure(
            "messages per problem",
            f"{single / PROBLEMS:.2f} and digests (goal at most 3)",
            single <= 3 * PROBLEMS,
            single / PROBLEMS,
        ),
        Figure("message with the worst problem", f"{worst} (goal at most 5)", worst in range(1, 6), worst or math.inf),
        Figure("first message after", f"{posts[0][0] - START:.1f} s", badness=posts[0][0]),
    ]


def _what_it_cost(storm: Storm) -> list[Figure]:
    each, attempts = storm.store.units / storm.events, storm.store.attempts / storm.events
    drained = storm.drained_at - START - MINUTE
    return [
        Figure("drained after the minute in", f"{drained:.0f} s", storm.left() == 0, drained),
        Figure("write units per event", f"{each:.2f} (goal at most 8)", each <= GOAL_UNITS, each),
        Figure("attempts per event", f"{attempts:.2f}", badness=attempts),
    ]


def _size() -> float:
    return len(json.dumps(next(the_events(1, 0)))) / 1_000


def _place_of_the_worst(storm: Storm) -> int:
    for place, (_, message) in enumerate(storm.slack.posts, start=1):
        severities = (each.severity for each in message.notifications)
        if Severity.CRITICAL in severities:
            return place
    return 0


def play(events: int, seed: int) -> list[Figure]:
    """Play one storm and return its figures."""
    storm = Storm(events, seed)
    storm.play()
    return figures(storm)


def summary(played: Mapping[int, Sequence[Figure]]) -> str:
    """Return a line for each figure: the worst of all seeds, and how many of them miss its goal."""
    return "\n".join(
        map(_worst, zip(*([(seed, each) for each in found] for seed, found in played.items()), strict=True))
    )


def _worst(figures_of_seeds: Sequence[tuple[int, Figure]]) -> str:
    seed, worst = max(figures_of_seeds, key=lambda each: (not each[1].met, each[1].badness))
    missed = sum(not each.met for _, each in figures_of_seeds)
    where = f", seed {seed}" if len(figures_of_seeds) > 1 else ""
    count = f", {missed} of {len(figures_of_seeds)} seeds miss it" if missed and where else ""
    return f"{' ' if worst.met else '!'} {worst.name:32} {worst.value}{where}{count}"


def _seeds(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def main(arguments: Sequence[str]) -> int:
    """Play the storm of each seed and print the worst of each figure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--seeds", type=_seeds, default="1", help="one, such as 7, or several, such as 1-50")
    options = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    played = {seed: play(options.events, seed) for seed in options.seeds}
    print(summary(played))
    return 0 if all(each.met for found in played.values() for each in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
