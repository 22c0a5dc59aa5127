"""A world in simulated time: tasks take turns, one at a time, in an order drawn by chance; no second really passes."""

import heapq
import itertools
import random
import threading
from collections.abc import Callable
from typing import Any


class Simulation:
    """Runs tasks as threads of which exactly one is awake; each `wait` lets simulated seconds pass.

    With the same seed the same story happens again: threads only carry the tasks, the order is the simulation's own.
    A task has no thread before it begins, so that very many may wait.
    """

    def __init__(self, seed: int, start: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - a story, not a secret
        self.time = float(start)
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._turn = threading.Semaphore(0)

    def now(self) -> int:
        """Return the epoch seconds."""
        return int(self.time)

    def sleep(self, seconds: float) -> None:
        """Let time pass for the task that calls; the others go on."""
        awake = threading.Semaphore(0)
        self._schedule(seconds, awake.release)
        self._turn.release()
        awake.acquire()

    def start(self, work: Callable[[], None], delay: float = 0.0) -> None:
        """Start a task after `delay` seconds."""
        self._schedule(delay, threading.Thread(target=self._live, args=(work,), daemon=True).start)

    def run(self, until: Callable[[], bool] = lambda: False) -> None:
        """Let tasks take turns until none is left, or until `until` says so."""
        while self._due and not until():
            self.time, _, go_on = heapq.heappop(self._due)
            go_on()
            self._turn.acquire()

    def _schedule(self, delay: float, go_on: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self.time + delay, next(self._numbers), go_on))

    def _live(self, work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            self._turn.release()


class Died(BaseException):
    """The process ends here; no handler of exceptions can hold it."""


class Throttled(Exception):  # noqa: N818 - what happened to the call, like Died
    """The service is too busy, and botocore has tried often enough."""


class Remote:
    """A gateway at a distance: each call takes time, and may fail, or kill the process before or after its effect."""

    def __init__(self, gateway: object, simulation: Simulation, crash: float, throttle: float) -> None:
        self._gateway, self._simulation = gateway, simulation
        self._crash, self._throttle = crash, throttle

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._gateway, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            self._travel()
            if self._simulation.chance.random() < self._throttle:
                raise Throttled(name)
            result_page = method(*args, **kwargs)
            self._travel()
            return result_page

        return call

    def _travel(self) -> None:
        chance = self._simulation.chance
        self._simulation.sleep(chance.uniform(0.002, 0.015))
        if chance.random() < self._crash:
            raise Died
