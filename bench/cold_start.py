"""How long a cold start takes: init and first invocation of each function, against a floor measured in the same run.

`python -m bench.cold_start dist/deployment.zip`. The functions run as in Lambda (`bench/runtime.py`) in a world on
loopback (`bench/world.py`) whose emulators are warm: for how long Java compiles is not what a function waits for. The
floor is `bench/floor/app.py`. Each repetition measures the floor once more right before a function, so that a machine
that is busy is so for both; what counts is the median of their ratios.
"""

import argparse
import compileall
import json
import py_compile
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, override

from bench import runtime
from bench.runtime import Function, Start
from bench.world import World, alarm, occasions, world
from chalicelib import container
from chalicelib.container.services import Hub
from chalicelib.services.notifying.ports import ANYHOW, Delivered, Handling, Message

FLOOR = Path(__file__).parent / "floor"
MEGABYTE = 1_000_000
# After so many events, DynamoDB Local answers as quickly as it ever does.
WARM_UP = 200
# What the hub's first duty may cost, against the floor.
GOAL = {"handle_monitoring_events": 1.3}


class StartFailedError(Exception):
    """A function raised an error where it should have done its job."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A cold start of a function, and the floor's right before it."""

    start: Start
    floor: Start

    @property
    def ratio(self) -> float:
        """How many times as long as the floor."""
        return self.start.total / self.floor.total

    @property
    def memory_ratio(self) -> float:
        """How many times as much memory as the floor."""
        return self.start.memory / self.floor.memory if self.floor.memory else 0.0

    @property
    def cpu_ratio(self) -> float:
        """How many times as much computing as the floor."""
        return self.start.cpu / self.floor.cpu if self.floor.cpu else 0.0


class Hasty(container.SystemClock):
    """A clock of somebody who waits for nothing."""

    @override
    def sleep(self, seconds: float) -> None:
        """Go on at once."""


class Mute:
    """A notifier that keeps everything to itself."""

    def handling(self, _receiver: str) -> Handling:
        """Take messages in any form."""
        return ANYHOW

    def notify(self, _message: Message) -> Delivered:
        """Say nothing."""
        return Delivered()


class Track:
    """Where cold starts are measured."""

    def __init__(self, package: Path, here: World, folder: Path) -> None:
        self._world = here
        self._runtime = runtime.link_runtime(folder / "runtime")
        self._task = runtime.unpack(package, folder / "task")
        self._floor = Path(shutil.copytree(FLOOR, folder / "floor", ignore=shutil.ignore_patterns("__pycache__")))
        mode = py_compile.PycInvalidationMode.CHECKED_HASH
        compileall.compile_dir(self._floor, quiet=1, invalidation_mode=mode)

    def run(self, handler: str, event: Any) -> Pair:
        """Start the floor, then the function."""
        self._world.begin_anew()
        floor = self._start(self._floor, "handler", event)
        self._world.begin_anew()
        start = self._start(self._task, handler, event)
        return Pair(start, floor)

    def _start(self, task: Path, handler: str, event: Any) -> Start:
        with Function(f"app.{handler}", task, self._runtime, self._world.environment) as function:
            start, response = function.start(event)
            payload = response.payload
            if response.failed or (
                isinstance(payload, dict) and payload.get("statusCode", 200) >= HTTPStatus.BAD_REQUEST
            ):
                raise StartFailedError(f"{handler}: {json.dumps(response.payload)}\n{function.log()}")
        return start


def measure(package: Path, handlers: Sequence[str], repetitions: int) -> dict[str, list[Pair]]:
    """Return the measurements of each handler; a first round, which finds servers and disk cold, is left out."""
    with world() as here, tempfile.TemporaryDirectory() as folder:
        warm_up()
        track = Track(package, here, Path(folder))
        rounds = [{each: track.run(each, occasions()[each]) for each in handlers} for _ in range(1 + repetitions)]
        runtime.remove(Path(folder) / "task")
    return {each: [one[each] for one in rounds[1:]] for each in handlers}


def warm_up() -> None:
    """Let a hub in this process take in events, as its functions will."""
    settings = container.settings()
    hub = Hub(settings, container.routes(settings), notifier=Mute(), clock=Hasty())
    for number in range(WARM_UP):
        hub.receive(alarm(f"warm-up-{number}"))


def table(measured: dict[str, list[Pair]]) -> str:
    """Return the medians as a table."""
    heads = (
        "init",
        "invocation",
        "in all",
        "of floor",
        "lowest",
        "highest",
        "CPU",
        "of floor",
        "memory",
        "of floor",
    )
    floors = [pair for pairs in measured.values() for pair in pairs]
    lines = [f"{'milliseconds, megabytes':26}" + "".join(f"{each:>11}" for each in heads)]
    lines.append(_line("floor", [Pair(each.floor, each.floor) for each in floors]))
    lines += [_line(handler, pairs) for handler, pairs in measured.items()]
    return "\n".join(lines)


def _line(name: str, pairs: Sequence[Pair]) -> str:
    def median(of: Callable[[Pair], float]) -> float:
        return statistics.median(map(of, pairs))

    ratios = sorted(pair.ratio for pair in pairs)
    cells = (
        f"{median(lambda each: each.start.init) * 1_000:.0f}",
        f"{median(lambda each: each.start.invocation) * 1_000:.0f}",
        f"{median(lambda each: each.start.total) * 1_000:.0f}",
        f"{statistics.median(ratios):.2f}",
        f"{ratios[0]:.2f}",
        f"{ratios[-1]:.2f}",
        f"{median(lambda each: each.start.cpu) * 1_000:.0f}",
        f"{median(lambda each: each.cpu_ratio):.2f}",
        f"{median(lambda each: each.start.memory) / MEGABYTE:.0f}",
        f"{median(lambda each: each.memory_ratio):.2f}",
    )
    return f"{name:26}" + "".join(f"{each:>11}" for each in cells)


def main(arguments: Sequence[str]) -> int:
    """Print the table; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.cold_start", description=__doc__.splitlines()[0])
    parser.add_argument("package", nargs="?", type=Path, default=Path("dist/deployment.zip"))
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--handler", action="append", choices=list(occasions()), help="all by default")
    chosen = parser.parse_args(arguments)
    measured = measure(chosen.package, chosen.handler or list(occasions()), chosen.repetitions)
    print(table(measured))
    missed = [each for each, goal in GOAL.items() if each in measured and _median_ratio(measured[each]) > goal]
    for each in missed:
        print(f"{each} takes more than {GOAL[each]} times the floor.")
    return 1 if missed else 0


def _median_ratio(pairs: Sequence[Pair]) -> float:
    return statistics.median(each.ratio for each in pairs)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
