"""How long a cold start takes: init and first invocation of each function, against a floor measured in the same run.

`python -m bench.cold_start dist/deployment.zip`. The functions run as in Lambda (`bench/runtime.py`) in a world on
loopback (`bench/world.py`) whose emulators are warm: for how long Java compiles is not what a function waits for. The
floor is `bench/floor/app.py`. Each repetition measures the floor once more right before a function, so that a machine
that is busy is so for both; what counts is the median of their ratios. With `--against`, functions of another package
take their turns between, and begin in every second round. What counts there is the least that each has computed: what
else a machine does can only add to it. For all of them the table is empty but for what a hub writes once in its life
(`LASTING`), so that it is a running hub that is measured, and not the very first minute of one.

Lambda gives a function's init a whole CPU, and what comes then a share by its memory: with `--throttled` it is so here,
and both phases are shown.
"""

import argparse
import compileall
import json
import py_compile
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, override

from bench import api_calls, runtime
from bench.api_calls import Occasion
from bench.runtime import Function, Start
from bench.world import World, alarm, occasions, world
from chalicelib import container
from chalicelib.container.services import Hub
from chalicelib.gateways.dynamodb.hour_index import SINCE
from chalicelib.services.notifying.ports import ANYHOW, Delivered, Handling, Message
from infra.argument_types import at_least_one, existing_file

FLOOR = Path(__file__).parent / "floor"
MEGABYTE = 1_000_000
# After so many events, DynamoDB Local answers as quickly as it ever does.
WARM_UP = 200
# So many of them are what the API has to show.
SHOWN = 20
# The keys of what is written once, by whichever function is first in a new table, and read from then on.
LASTING = (SINCE,)
# What the hub's first duty, and the API, may cost, against the floor.
GOALS = {"handle_monitoring_events": 1.3, api_calls.LIST: 1.1}
# What anything but the API may compute, against the other package.
GOAL_AGAINST = 1.05
# Seconds within which Slack wants to be answered.
GOAL_SLACK = 3.0


class StartFailedError(Exception):
    """A function raised an error where it should have done its job."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A cold start of a function, the floor's right before it, and that of the same function of another package."""

    start: Start
    floor: Start
    other: Start | None = None


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

    def __init__(
        self,
        packages: Sequence[Path],
        here: World,
        folder: Path,
        *,
        lasting: Sequence[dict[str, Any]] = (),
        is_throttled: bool = False,
    ) -> None:
        self._world, self._lasting, self._is_throttled = here, lasting, is_throttled
        self._runtime = runtime.link_runtime(folder / "runtime")
        self._packages, self._folder = packages, folder
        self._tasks: dict[tuple[Path, frozenset[str]], Path] = {}
        self._floor = Path(shutil.copytree(FLOOR, folder / "floor", ignore=shutil.ignore_patterns("__pycache__")))
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        compileall.compile_dir(self._floor, quiet=1, invalidation_mode=mode)

    def run(self, occasion: Occasion, *, other_first: bool = False) -> Measured:
        """Start the floor, then the function, and that of the other package if there is one and it can do that."""
        floor = self._start(self._floor, "handler", occasion)
        packages = self._packages if occasion.was_always else self._packages[:1]
        starts = {
            package: self._start(self._task(package, occasion.files), occasion.handler, occasion)
            for package in (reversed(packages) if other_first else packages)
        }
        start, *others = [starts[package] for package in packages]
        return Measured(start, floor, *others)

    def remove(self) -> None:
        """Make what was unpacked deletable again."""
        for task in self._tasks.values():
            runtime.remove(task)

    def _task(self, package: Path, files: Mapping[str, bytes]) -> Path:
        key = (package, frozenset(files))
        if key not in self._tasks:
            self._tasks[key] = runtime.unpack(package, self._folder / f"task-{len(self._tasks)}", files)
        return self._tasks[key]

    def _start(self, task: Path, handler: str, occasion: Occasion) -> Start:
        self._world.begin_anew()
        self._world.put([*self._lasting, *occasion.items])
        environment = self._world.environment
        event = occasion.event()
        with Function(f"app.{handler}", task, self._runtime, environment, is_throttled=self._is_throttled) as function:
            start, response = function.start(event)
            payload = response.payload
            if response.failed or (
                isinstance(payload, dict) and payload.get("statusCode", 200) >= HTTPStatus.BAD_REQUEST
            ):
                raise StartFailedError(f"{handler}: {json.dumps(response.payload)}\n{function.log()}")
        return start


def measure(
    packages: Sequence[Path], names: Sequence[str], repetitions: int, *, is_throttled: bool
) -> dict[str, list[Measured]]:
    """Return the measurements of each occasion; a first round, which finds servers and disk cold, is left out."""
    with world() as here, tempfile.TemporaryDirectory() as folder:
        chosen = every_occasion(warm_up(here))
        track = Track(packages, here, Path(folder), lasting=lasting(here), is_throttled=is_throttled)
        try:
            rounds = [
                {each: track.run(chosen[each], other_first=number % 2 == 1) for each in names}
                for number in range(1 + repetitions)
            ]
        finally:
            track.remove()
    return {each: [one[each] for one in rounds[1:]] for each in names}


def every_occasion(items: Sequence[dict[str, Any]] = ()) -> dict[str, Occasion]:
    """Return what may wake a function, by the name that the tables show; `items` are what the API has to show."""
    events = {
        name: Occasion(name, lambda name=name: occasions()[name])  # type: ignore[misc]  # made anew each time
        for name in occasions()
    }
    return events | api_calls.occasions(items)


def warm_up(here: World) -> list[dict[str, Any]]:
    """Let a hub in this process take in events, as its functions will; returns the items of the first ones."""
    settings = container.settings()
    hub = Hub(settings, container.routes(settings), notifier=Mute(), clock=Hasty())
    shown: list[dict[str, Any]] = []
    for number in range(WARM_UP):
        if number == SHOWN:
            shown = here.items()
        hub.receive(alarm(f"warm-up-{number}"))
    return shown


def lasting(here: World) -> list[dict[str, Any]]:
    """Return what a hub that has run has in its table for good."""
    return [item for item in here.items() if {name: item[name]["S"] for name in ("pk", "sk")} in LASTING]


# --- the tables


def table(measured: dict[str, list[Measured]]) -> str:
    """Return the medians as a table."""
    rows = {
        "milliseconds, megabytes": (
            *("init", "invocation", "in all", "of floor", "lowest", "highest"),
            *("CPU", "of floor", "of other", "memory", "of floor"),
        ),
        "floor": _cells([Measured(each.floor, each.floor) for all_of in measured.values() for each in all_of]),
        **{name: _cells(all_of) for name, all_of in measured.items()},
    }
    return _drawn(rows)


def _cells(measured: Sequence[Measured]) -> tuple[str, ...]:
    ratios = sorted(each.start.total / each.floor.total for each in measured)
    return (
        _milliseconds(measured, lambda each: each.init),
        _milliseconds(measured, lambda each: each.invocation),
        _milliseconds(measured, lambda each: each.total),
        f"{statistics.median(ratios):.2f}",
        f"{ratios[0]:.2f}",
        f"{ratios[-1]:.2f}",
        _milliseconds(measured, lambda each: each.cpu),
        _shown(of_floor(measured, lambda each: each.cpu)),
        _shown(of_other(measured)),
        f"{statistics.median(each.start.memory for each in measured) / MEGABYTE:.0f}",
        _shown(of_floor(measured, lambda each: each.memory)),
    )


def table_of_phases(measured: dict[str, list[Measured]]) -> str:
    """Return the medians of both phases as a table: init with a whole CPU, the invocation with a share of one."""
    rows = {
        "milliseconds": ("init", "its CPU", "invocation", "its CPU", "in all", "longest", "other's", "its CPU"),
        "floor": _phases([Measured(each.floor, each.floor) for all_of in measured.values() for each in all_of]),
        **{name: _phases(all_of) for name, all_of in measured.items()},
    }
    return _drawn(rows)


def _phases(measured: Sequence[Measured]) -> tuple[str, ...]:
    others = [Measured(each.other, each.floor) for each in measured if each.other]
    return (
        _milliseconds(measured, lambda each: each.init),
        _milliseconds(measured, lambda each: each.init_cpu),
        _milliseconds(measured, lambda each: each.invocation),
        _milliseconds(measured, lambda each: each.invocation_cpu),
        _milliseconds(measured, lambda each: each.total),
        f"{max(each.start.total for each in measured) * 1_000:.0f}",
        _milliseconds(others, lambda each: each.invocation),
        _milliseconds(others, lambda each: each.invocation_cpu),
    )


def _drawn(rows: dict[str, tuple[str, ...]]) -> str:
    width = max(map(len, rows)) + 2
    return "\n".join(f"{name:{width}}" + "".join(f"{each:>11}" for each in cells) for name, cells in rows.items())


def _milliseconds(measured: Sequence[Measured], of: Callable[[Start], float]) -> str:
    return f"{statistics.median(of(each.start) for each in measured) * 1_000:.0f}" if measured else "-"


def _shown(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio else "-"


def of_floor(measured: Sequence[Measured], of: Callable[[Start], float]) -> float:
    """Return the median of the ratios to the floor; 0 where there is nothing to compare."""
    ratios = [of(each.start) / of(each.floor) for each in measured if of(each.floor)]
    return statistics.median(ratios) if ratios else 0.0


def of_other(measured: Sequence[Measured]) -> float:
    """Return the ratio of the least computing to that of the other package; 0 where there is none."""
    pairs = [(each.start.cpu, each.other.cpu) for each in measured if each.other and each.other.cpu]
    return min(ours for ours, _ in pairs) / min(other for _, other in pairs) if pairs else 0.0


# --- the command


def missed(measured: dict[str, list[Measured]], *, is_throttled: bool) -> list[str]:
    """Return a line for each goal that is missed."""
    if is_throttled:
        longest = max((each.start.total for each in measured.get(api_calls.SLACK, ())), default=0.0)
        return [f"{api_calls.SLACK} takes {longest:.1f} s; Slack waits for 3."] if longest > GOAL_SLACK else []
    ratios = {each: of_floor(measured[each], lambda start: start.total) for each in GOALS if each in measured}
    lines = [f"{each} takes more than {GOALS[each]} times the floor." for each in ratios if ratios[each] > GOALS[each]]
    return lines + [
        f"{name} computes more than {GOAL_AGAINST} times as long as in the other package."
        for name, all_of in measured.items()
        if name in occasions() and name != "app" and of_other(all_of) > GOAL_AGAINST
    ]


def main(arguments: Sequence[str]) -> int:
    """Print the table; 1 where a goal is missed."""
    names = list(every_occasion())
    parser = argparse.ArgumentParser(prog="python -m bench.cold_start", description=__doc__.splitlines()[0])
    parser.add_argument("package", nargs="?", type=existing_file, default=Path("dist/deployment.zip"))
    parser.add_argument("--repetitions", type=at_least_one, default=7)
    parser.add_argument("--handler", action="append", choices=names, help="all by default")
    parser.add_argument("--against", type=existing_file, help="another package, to compare computing with")
    parser.add_argument("--throttled", action="store_true", help="with the CPU that 512 MB get, and show both phases")
    chosen = parser.parse_args(arguments)
    packages = [each for each in (chosen.package, chosen.against) if each]
    measured = measure(packages, chosen.handler or names, chosen.repetitions, is_throttled=chosen.throttled)
    print(table_of_phases(measured) if chosen.throttled else table(measured))
    lines = missed(measured, is_throttled=chosen.throttled)
    print("\n".join(lines))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
