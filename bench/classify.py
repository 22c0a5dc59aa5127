"""Classification: precision and recall on labelled log lines, overall and by kind.

    python -m bench.classify [LINES] [--wrong]

LINES is a file with a JSON object a line: `label` ("error" or "none"), `kind` (who writes such lines) and `message`.
Without it, bench/lines.jsonl. Precision is how many of the lines that were called errors are some, recall how many of
the errors were called so. `--wrong` prints the lines that were judged wrongly. Exits 1 where either is below 0.97
overall.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chalicelib.domain.logs.classifier import is_error

LINES = Path(__file__).with_name("lines.jsonl")
GOAL = 0.97


@dataclass(frozen=True, slots=True)
class Judged:
    """A line, what it is and what it was taken for."""

    kind: str
    message: str
    is_error: bool
    called_error: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """How well some lines were judged."""

    lines: int
    errors: int
    called: int
    right: int

    @classmethod
    def of(cls, judged: Iterable[Judged]) -> "Figures":
        """Count."""
        every = [*judged]
        return cls(
            lines=len(every),
            errors=sum(each.is_error for each in every),
            called=sum(each.called_error for each in every),
            right=sum(each.is_error and each.called_error for each in every),
        )

    @property
    def precision(self) -> float:
        """How many of those that were called errors are some."""
        return self.right / self.called if self.called else 1.0

    @property
    def recall(self) -> float:
        """How many of the errors were called so."""
        return self.right / self.errors if self.errors else 1.0


def judge(lines: Iterable[str]) -> list[Judged]:
    """Classify labelled lines."""
    records = [json.loads(line) for line in lines if line.strip()]
    return [
        Judged(each["kind"], each["message"], each["label"] == "error", is_error(each["message"])) for each in records
    ]


def table(judged: Sequence[Judged]) -> str:
    """Return the figures of each kind and of all."""
    rows = {kind: Figures.of(each for each in judged if each.kind == kind) for kind in sorted({x.kind for x in judged})}
    lines = [f"{'':20}{'lines':>7}{'errors':>8}{'precision':>11}{'recall':>8}"]
    lines += [
        f"{kind:20}{each.lines:7}{each.errors:8}{each.precision:11.3f}{each.recall:8.3f}"
        for kind, each in {**rows, "all": Figures.of(judged)}.items()
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Print the figures; returns 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.classify", description=__doc__.splitlines()[0])
    parser.add_argument("lines", nargs="?", type=Path, default=LINES)
    parser.add_argument("--wrong", action="store_true", help="print the lines that were judged wrongly")
    chosen = parser.parse_args(arguments)
    judged = judge(chosen.lines.read_text(encoding="utf-8").splitlines())
    print(table(judged))
    if chosen.wrong:
        for each in judged:
            if each.is_error != each.called_error:
                print(f"{each.kind}: {'missed' if each.is_error else 'no error'}: {each.message!r}")
    figures = Figures.of(judged)
    return 0 if min(figures.precision, figures.recall) >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
