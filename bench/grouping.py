"""How well log lines are grouped, and how fast, beside Drain3 in the same run.

`python -m bench.grouping DIR` reads samples in LogHub's format: files `*_2k.log_structured.csv` with the columns
Content (a log message) and EventId (the template that a person assigned). Grouping accuracy is the share of messages
whose group holds exactly the messages that share their EventId (Zhu et al., "Tools and Benchmarks for Automated Log
Parsing", ICSE-SEIP 2019). Drain3 has its default settings and learns from the sample as it reads; a fingerprint sees
one line at a time. Each sample is read by one and the other in turns, and the fastest turn of each counts, in time of
the processor.
"""

import argparse
import csv
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path

from drain3 import TemplateMiner
from drain3.template_miner_config import TemplateMinerConfig

from chalicelib.domain.grouping.fingerprint import problem_of
from chalicelib.domain.grouping.parameterization import forget

SAMPLES = "*_2k.log_structured.csv"
# On average over the samples; the speed is a multiple of Drain3's.
ACCURACY, SPEED = 0.85, 1.0

type Grouper = Callable[[Sequence[str]], list[Hashable]]


@dataclass(frozen=True, slots=True)
class Measurement:
    """Grouping accuracy, and lines per second."""

    accuracy: float
    speed: float


def by_fingerprint(lines: Sequence[str]) -> list[Hashable]:
    """Return what identifies each line's problem; what earlier turns left is forgotten."""
    forget()
    return [problem_of(line).identity for line in lines]


def by_drain(lines: Sequence[str]) -> list[Hashable]:
    """Return each line's cluster; a cluster that is refined later keeps its number."""
    miner = TemplateMiner(config=TemplateMinerConfig())
    return [miner.add_log_message(line)["cluster_id"] for line in lines]


def accuracy_of(predicted: Sequence[Hashable], true: Sequence[Hashable]) -> float:
    """Return the share of messages whose predicted group is their true group, message for message."""
    members: dict[Hashable, set[int]] = defaultdict(set)
    for number, each in enumerate(true):
        members[each].add(number)
    found: dict[Hashable, set[int]] = defaultdict(set)
    for number, each in enumerate(predicted):
        found[each].add(number)
    right = sum(len(group) for group in found.values() if group == members[true[min(group)]])
    return right / len(true)


def read(path: Path) -> tuple[list[str], list[str]]:
    """Return a sample's messages and their true templates' names; raises ValueError where it is no such sample."""
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        reader = csv.DictReader(file)
        if not {"Content", "EventId"} <= set(reader.fieldnames or ()):
            raise ValueError(f"{path}: the columns Content and EventId are missing")
        rows = [(row["Content"], row["EventId"]) for row in reader]
    if not rows:
        raise ValueError(f"{path}: there are no rows")
    return [content for content, _ in rows], [event for _, event in rows]


def measure(groupers: Sequence[Grouper], lines: Sequence[str], true: Sequence[str], turns: int) -> list[Measurement]:
    """Let each group the lines in turns."""
    fastest = [float("inf")] * len(groupers)
    groups: list[list[Hashable]] = [[] for _ in groupers]
    for _ in range(turns):
        for number, grouper in enumerate(groupers):
            begun = time.process_time()
            groups[number] = grouper(lines)
            fastest[number] = min(fastest[number], time.process_time() - begun)
    return [
        Measurement(accuracy_of(each, true), len(lines) / seconds)
        for each, seconds in zip(groups, fastest, strict=True)
    ]


def line_of(name: str, ours: Measurement, drains: Measurement) -> str:
    """Return a row of the table."""
    ratio = ours.speed / drains.speed
    return (
        f"{name:16}{ours.accuracy:>10.3f}{drains.accuracy:>10.3f}{ours.speed:>12.0f}{drains.speed:>12.0f}{ratio:>9.2f}"
    )


def average(measured: Sequence[Measurement]) -> Measurement:
    """Return the mean accuracy, and the speed over all samples, each of which counts the same."""
    return Measurement(
        statistics.fmean(each.accuracy for each in measured),
        statistics.harmonic_mean([each.speed for each in measured]),
    )


def main(arguments: Sequence[str]) -> int:
    """Print the table; 1 where a goal is missed, 2 where there is nothing to measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.grouping", description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path, metavar="DIR", help=f"where the samples are: {SAMPLES}")
    parser.add_argument("--turns", type=int, default=15)
    chosen = parser.parse_args(arguments)
    try:
        samples = {path.name.partition("_2k")[0]: read(path) for path in sorted(chosen.directory.glob(SAMPLES))}
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    if not samples:
        print(f"{chosen.directory}: there is no {SAMPLES}", file=sys.stderr)
        return 2
    print(f"{'':16}{'accuracy':>20}{'lines per second':>24}{'':>9}")
    print(f"{'sample':16}{'ours':>10}{'Drain3':>10}{'ours':>12}{'Drain3':>12}{'ratio':>9}")
    measured = []
    for name, (lines, true) in samples.items():
        ours, drains = measure((by_fingerprint, by_drain), lines, true, chosen.turns)
        print(line_of(name, ours, drains), flush=True)
        measured.append((ours, drains))
    ours, drains = (average(each) for each in zip(*measured, strict=True))
    print(line_of("average", ours, drains))
    missed = []
    if ours.accuracy < ACCURACY:
        missed.append(f"accuracy {ours.accuracy:.3f} < {ACCURACY}")
    if ours.speed < SPEED * drains.speed:
        missed.append(f"speed {ours.speed / drains.speed:.2f} of Drain3's < {SPEED}")
    for each in missed:
        print(f"missed: {each}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
