"""Classification: which log lines are taken for errors, which are fetched at all, and what of that is right.

    python -m bench.classify [FILE.jsonl] [--wrong]

FILE has a JSON object a line: `label` ("error" or "none"), `family` (or `kind`: who writes such lines) and `message`.
Lines with a `doubt` about the label are left out. Without a file, bench/lines.jsonl. Precision is how many of the lines
that were called errors are some, recall how many of the errors were called so; fetched are the shares of the errors and
of the harmless lines that the query's filter finds. `--wrong` prints the lines that were judged wrongly or not fetched.
The last line is a JSON object with the figures of all. Exits 1 where one of them misses its goal; the harmless lines of
bench/lines.jsonl sound like errors by intention, and may be fetched.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.traces import BREAK
from chalicelib.domain.logs.classifier import is_error
from chalicelib.domain.logs.query_filter import filter_expression, may_be_error
from infra.argument_types import existing_file

LINES = Path(__file__).with_name("lines.jsonl")
GOAL, RECALL_GOAL, FETCHED_GOAL, HARMLESS_FETCHED_GOAL = 0.97, 0.95, 0.97, 0.45


@dataclass(frozen=True, slots=True)
class Judged:
    """A line, what it is, what it was taken for, and whether the filter fetches it."""

    kind: str
    message: str
    is_error: bool
    called_error: bool
    fetched: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """How well some lines were judged; a share of nothing is 1."""

    lines: int
    errors: int
    precision: float
    recall: float
    fetched: float
    harmless_fetched: float

    @classmethod
    def of(cls, judged: Iterable[Judged]) -> "Figures":
        """Count."""
        every = [*judged]
        errors = [each for each in every if each.is_error]
        harmless = [each for each in every if not each.is_error]
        return cls(
            lines=len(every),
            errors=len(errors),
            precision=_share(each.is_error for each in every if each.called_error),
            recall=_share(each.called_error for each in errors),
            fetched=_share(each.fetched for each in errors),
            harmless_fetched=_share(each.fetched for each in harmless) if harmless else 0.0,
        )

    def summary(self) -> dict[str, float]:
        """Return the shares."""
        return {name: each for name, each in asdict(self).items() if name not in {"lines", "errors"}}

    def are_good(self, harmless_goal: float) -> bool:
        """Return whether all goals are met."""
        is_right = self.precision >= GOAL and self.recall >= RECALL_GOAL
        return is_right and self.fetched >= FETCHED_GOAL and self.harmless_fetched <= harmless_goal


def judge(lines: Iterable[str]) -> list[Judged]:
    """Classify labelled lines, but those whose label can be argued about."""
    records = [json.loads(line.replace(BREAK, "")) for line in lines if line.strip()]
    return [
        Judged(
            kind=each.get("family") or each.get("kind", ""),
            message=each["message"],
            is_error=each["label"] == "error",
            called_error=is_error(each["message"]),
            fetched=may_be_error(each["message"]),
        )
        for each in records
        if not each.get("doubt")
    ]


def table(judged: Sequence[Judged]) -> str:
    """Return the figures of each kind and of all."""
    rows = {kind: Figures.of(each for each in judged if each.kind == kind) for kind in sorted({x.kind for x in judged})}
    lines = [f"{'':20}{'lines':>7}{'errors':>8}{'precision':>11}{'recall':>8}{'fetched':>9}{'harmless':>10}"]
    lines += [
        f"{kind:20}{each.lines:7}{each.errors:8}{each.precision:11.3f}{each.recall:8.3f}{each.fetched:9.3f}"
        f"{each.harmless_fetched:10.3f}"
        for kind, each in {**rows, "all": Figures.of(judged)}.items()
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Print the figures; returns 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.classify", description=__doc__.splitlines()[0])
    parser.add_argument("lines", nargs="?", type=existing_file, default=LINES, metavar="FILE.jsonl")
    parser.add_argument("--wrong", action="store_true", help="print the lines that were judged wrongly or not fetched")
    chosen = parser.parse_args(arguments)
    judged = judge(chosen.lines.read_text(encoding="utf-8").splitlines())
    print(table(judged))
    print(f"The filter takes {len(filter_expression()):,} characters of a query.")
    if chosen.wrong:
        for each in judged:
            if each.is_error != each.called_error or (each.is_error and not each.fetched):
                print(f"{each.kind}: {_fault_of(each)}: {each.message!r}")
    figures = Figures.of(judged)
    print(json.dumps({name: round(each, 4) for name, each in figures.summary().items()}))
    return 0 if figures.are_good(1.0 if chosen.lines == LINES else HARMLESS_FETCHED_GOAL) else 1


def _fault_of(judged: Judged) -> str:
    if not judged.is_error:
        return "no error"
    return "missed" if judged.fetched else "not fetched"


def _share(each: Iterable[bool]) -> float:
    every = [*each]
    return sum(every) / len(every) if every else 1.0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
