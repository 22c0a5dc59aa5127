"""The way of an event through the code: how many calls it takes, in how many files, and how often the file changes.

    python -m bench.walk [--steps WALK] [--pairs WALK]

The real application on moto and a Slack that takes everything, in one process and at one fixed time. Each walk is taken
twice, and the second time counted: what is made or imported on first use is not on the way. A call is one of a function
in `app.py` or `chalicelib`; the file changes where the next call is of a function in another file than the last.

`--steps` prints the calls of one walk, in their order, a line for each change of file, and `--pairs` between which two
files it changes most often.
"""

import argparse
import logging
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby, pairwise
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import pytest

import app
from bench.world import sample
from chalicelib.container import SystemClock
from chalicelib.domain.timestamps import DAY, iso
from tests.app import aws
from tests.app.test_handlers import TICK
from tests.app.world import gateway_event, invoke
from tests.fakes import FakeClock

ROOT = Path(app.__file__).parent
OURS = (str(ROOT / "app.py"), str(ROOT / "chalicelib"))
START = 1_795_380_000
WINDOW = 300


class Call(NamedTuple):
    """A call of a function: its file, from the project's root, and its name."""

    file: str
    function: str


class Walk(NamedTuple):
    """All calls of one walk, in their order."""

    calls: tuple[Call, ...]

    @property
    def files(self) -> int:
        """In how many files the functions are."""
        return len({call.file for call in self.calls})

    @property
    def changes(self) -> int:
        """How often a call is of a function in another file than the call before."""
        return sum(before.file != after.file for before, after in pairwise(self.calls))

    def pairs(self) -> Iterator[str]:
        """Write a line for each pair of files between which it changes, the most frequent pair first."""
        files = (tuple(sorted((before.file, after.file))) for before, after in pairwise(self.calls))
        for (one, other), count in Counter(each for each in files if each[0] != each[1]).most_common():
            yield f"{count:>4} {one} {other}"

    def steps(self) -> Iterator[str]:
        """Write a line for each change of file: the file, and the functions called in it until the next."""
        for file, calls in groupby(self.calls, key=lambda call: call.file):
            yield f"{file}: {' '.join(function for function, _ in groupby(call.function for call in calls))}"


def traced(work: Callable[[], object]) -> Walk:
    """Do something, and return the calls that it took."""
    calls: list[Call] = []

    def note(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(OURS):
            calls.append(Call(str(Path(code.co_filename).relative_to(ROOT)), code.co_qualname))

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return Walk(tuple(calls))


def walks(clock: FakeClock) -> Mapping[str, Callable[[], Walk]]:
    """Return what takes each walk, by its name, in an order in which they can be taken."""
    news = iter(range(1_000))

    def new_finding() -> dict[str, Any]:
        event, number = sample("guardduty-ec2"), next(news)
        return event | {
            "id": f"00000000-0000-0000-0000-{number:012}",
            "time": iso(clock.now()),
            "detail": event["detail"] | {"id": f"{number:032}", "updatedAt": iso(clock.now())},
        }

    def duplicate() -> Walk:
        event = new_finding()
        traced(lambda: app.handle_monitoring_events(event, aws.context()))
        return traced(lambda: app.handle_monitoring_events(event, aws.context()))

    def finding() -> Walk:
        event = new_finding()
        return traced(lambda: app.handle_monitoring_events(event, aws.context()))

    def scan() -> Walk:
        clock.sleep(WINDOW)
        return traced(lambda: app.query_error_logs(TICK, aws.context()))

    def report() -> Walk:
        clock.sleep(DAY)
        return traced(lambda: app.daily_report(TICK, aws.context()))

    return {
        "a new finding, announced": finding,
        "the same finding again": duplicate,
        "GET /events": lambda: traced(lambda: invoke(gateway_event("GET", "/events"))),
        "a scan": scan,
        "a daily report": report,
    }


@contextmanager
def world() -> Iterator[FakeClock]:
    """Play AWS around the application, at a time that only passes where somebody sleeps."""
    with pytest.MonkeyPatch.context() as patch:
        clock = FakeClock(START)
        for name, value in (aws.ENVIRONMENT | {"AWS_DEFAULT_REGION": "eu-central-1"}).items():
            patch.setenv(name, value)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "none")
        with aws.playing(patch):
            patch.setattr(SystemClock, "now", clock.now)
            patch.setattr(SystemClock, "sleep", clock.sleep)
            yield clock


def measure() -> dict[str, Walk]:
    """Take each walk twice, and return the second ones."""
    logging.disable(logging.CRITICAL)
    try:
        with world() as clock:
            return {name: (take(), take())[1] for name, take in walks(clock).items()}
    finally:
        logging.disable(logging.NOTSET)


def main() -> None:
    """Print the figures of all walks, and the steps of one."""
    parser = argparse.ArgumentParser(description="Count the calls, files and changes of file of what the hub does.")
    parser.add_argument("--steps", metavar="WALK", help="the beginning of a walk's name")
    parser.add_argument("--pairs", metavar="WALK", help="the same")
    chosen = parser.parse_args()
    measured = measure()
    print(f"{'walk':<28}{'calls':>8}{'files':>8}{'changes of file':>18}")
    for name, walk in measured.items():
        print(f"{name:<28}{len(walk.calls):>8,}{walk.files:>8}{walk.changes:>18}")
    for name, walk in measured.items():
        if chosen.steps and name.startswith(chosen.steps):
            print("", *walk.steps(), sep="\n")
        if chosen.pairs and name.startswith(chosen.pairs):
            print("", *walk.pairs(), sep="\n")


if __name__ == "__main__":
    main()
