"""How well log lines are grouped, and how fast, beside Drain3 in the same run.

`python -m bench.grouping DIR` reads samples in LogHub's format: files `*_2k.log_structured.csv` with the columns
Content (a log message) and EventId (the template that a person assigned). With `--raw` it reads the lines as they were
logged, headers and all, from `*_2k.log` beside them. Grouping accuracy (GA) is the share of messages whose group holds
exactly the messages that share their EventId (Zhu et al., "Tools and Benchmarks for Automated Log Parsing", ICSE-SEIP
2019); FGA is the F1 score of the groups that are wholly right, in which a rare template counts as much as a frequent
one (Jiang et al., "A Large-Scale Evaluation for Log Parsing Techniques", ISSTA 2024). Drain3 has its default settings
and learns from the sample as it reads; a fingerprint sees one line at a time. Each sample is read by one and the other
in turns, and the fastest turn of each counts, in time of the processor. The last line is a JSON object.
"""

import argparse
import csv
import json
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path

from drain3 import TemplateMiner
from drain3.template_miner_config import TemplateMinerConfig

from chalicelib.domain.grouping import frames, message, parameterization
from chalicelib.domain.grouping.fingerprint import problem_of
from infra.argument_types import at_least_one

SAMPLES = "*_2k.log_structured.csv"
# On average over the samples, of messages and of raw lines; the speed is a multiple of Drain3's.
ACCURACY, RAW_ACCURACY, SPEED = (0.96, 0.93), (0.92, 0.90), 1.5

type Grouper = Callable[[Sequence[str]], list[Hashable]]


@dataclass(frozen=True, slots=True)
class Measurement:
    """Grouping accuracy, the F1 score of groups, and lines per second."""

    accuracy: float
    f1: float
    speed: float


def by_fingerprint(lines: Sequence[str]) -> list[Hashable]:
    """Return what identifies each line's problem; what earlier turns left is forgotten."""
    parameterization.forget()
    message.forget()
    frames.forget()
    return [problem_of(line).identity for line in lines]


def by_drain(lines: Sequence[str]) -> list[Hashable]:
    """Return each line's cluster; a cluster that is refined later keeps its number."""
    miner = TemplateMiner(config=TemplateMinerConfig())
    return [miner.add_log_message(line)["cluster_id"] for line in lines]


def accuracies_of(predicted: Sequence[Hashable], true: Sequence[Hashable]) -> tuple[float, float]:
    """Return the share of messages whose group is their true one, message for message, and the F1 score of groups."""
    members, found = _members(true), _members(predicted)
    right = [group for group in found.values() if group == members[true[min(group)]]]
    return sum(map(len, right)) / len(true), 2 * len(right) / (len(found) + len(members))


def _members(groups: Sequence[Hashable]) -> dict[Hashable, set[int]]:
    members: dict[Hashable, set[int]] = defaultdict(set)
    for number, each in enumerate(groups):
        members[each].add(number)
    return members


def read(path: Path, *, raw: bool = False) -> tuple[list[str], list[str]]:
    """Return a sample's messages and their true templates' names; raises ValueError where it is no such sample."""
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        reader = csv.DictReader(file)
        if not {"Content", "EventId"} <= set(reader.fieldnames or ()):
            raise ValueError(f"{path}: the columns Content and EventId are missing")
        rows = [(row["Content"], row["EventId"]) for row in reader]
    if not rows:
        raise ValueError(f"{path}: there are no rows")
    lines = _raw_lines(path) if raw else [content for content, _ in rows]
    if len(lines) != len(rows):
        raise ValueError(f"{path}: {len(rows)} rows, and {len(lines)} raw lines beside it")
    return lines, [event for _, event in rows]


def _raw_lines(path: Path) -> list[str]:
    beside = path.with_name(path.name.removesuffix("_structured.csv"))
    if not beside.exists():
        raise ValueError(f"{beside}: there is no such file")
    text = beside.read_text(encoding="utf-8", errors="replace")
    return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]


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
        Measurement(*accuracies_of(each, true), len(lines) / seconds)
        for each, seconds in zip(groups, fastest, strict=True)
    ]


def line_of(name: str, ours: Measurement, drains: Measurement) -> str:
    """Return a row of the table."""
    return (
        f"{name:16}{ours.accuracy:>8.3f}{ours.f1:>8.3f}{drains.accuracy:>8.3f}{drains.f1:>8.3f}"
        f"{ours.speed:>12.0f}{drains.speed:>12.0f}{ours.speed / drains.speed:>9.2f}"
    )


def average(measured: Sequence[Measurement]) -> Measurement:
    """Return the mean accuracies, and the speed over all samples, each of which counts the same."""
    return Measurement(
        statistics.fmean(each.accuracy for each in measured),
        statistics.fmean(each.f1 for each in measured),
        statistics.harmonic_mean([each.speed for each in measured]),
    )


def missed(ours: Measurement, drains: Measurement, *, raw: bool) -> list[str]:
    """Return the goals that were missed."""
    accuracy, f1 = RAW_ACCURACY if raw else ACCURACY
    ratio = ours.speed / drains.speed
    goals = (("GA", ours.accuracy, accuracy), ("FGA", ours.f1, f1), ("speed beside Drain3's", ratio, SPEED))
    return [f"{name} {found:.3f} < {goal}" for name, found, goal in goals if found < goal]


def summary(ours: Measurement, drains: Measurement) -> str:
    """Return the figures as a JSON object."""
    return json.dumps(
        {
            "GA": round(ours.accuracy, 4),
            "FGA": round(ours.f1, 4),
            "drain3_GA": round(drains.accuracy, 4),
            "lines_per_second": round(ours.speed),
            "drain3_lines_per_second": round(drains.speed),
        }
    )


def main(arguments: Sequence[str]) -> int:
    """Print the table; 1 where a goal is missed, 2 where there is nothing to measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.grouping", description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path, metavar="DIR", help=f"where the samples are: {SAMPLES}")
    parser.add_argument("--raw", action="store_true", help="read the lines as they were logged, with their headers")
    parser.add_argument("--turns", type=at_least_one, default=15)
    chosen = parser.parse_args(arguments)
    paths = sorted(chosen.directory.glob(SAMPLES))
    try:
        samples = {path.name.partition("_2k")[0]: read(path, raw=chosen.raw) for path in paths}
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    if not samples:
        print(f"{chosen.directory}: there is no {SAMPLES}", file=sys.stderr)
        return 2
    print(f"{'':16}{'ours':>16}{'Drain3':>16}{'lines per second':>24}{'':>9}")
    print(f"{'sample':16}" + f"{'GA':>8}{'FGA':>8}" * 2 + f"{'ours':>12}{'Drain3':>12}{'ratio':>9}")
    measured = []
    for name, (lines, true) in samples.items():
        measured.append(measure((by_fingerprint, by_drain), lines, true, chosen.turns))
        print(line_of(name, *measured[-1]), flush=True)
    ours, drains = (average(each) for each in zip(*measured, strict=True))
    print(line_of("average", ours, drains))
    wrong = missed(ours, drains, raw=chosen.raw)
    for each in wrong:
        print(f"missed: {each}", file=sys.stderr)
    print(summary(ours, drains))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
