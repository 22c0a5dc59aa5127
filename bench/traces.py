"""How well stack traces are distinguished: pairs of traces of the same problem, and of different ones.

    python -m bench.traces FILE.jsonl [--wrong]

FILE has a JSON object a line: `relation` ("same" or "different" problem), `changed` (what tells the two apart),
`language`, `trace` (a name), and the messages `a` and `b`. Each message goes the way that a scan sends it: its secrets
are redacted, then it is fingerprinted. A pair is right where the fingerprints are equal for the same problem, and
differ for different ones. `--wrong` prints the pairs that are not. The last line is a JSON object: the shares of the
pairs that are right. Exits 1 where one of them misses its goal.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chalicelib.domain.grouping.fingerprint import problem_of
from chalicelib.domain.redaction import redacted
from infra.argument_types import existing_file

GOALS = {"same": 0.985, "different": 0.96}
# Collections of samples break made-up secrets with this sign, lest scanners take them for real ones.
BREAK = "\N{TRICOLON}"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two traces, whether they show the same problem, and whether their fingerprints say so."""

    relation: str
    changed: str
    language: str
    trace: str
    right: bool


def identity_of(message: str) -> tuple[str, ...]:
    """Return what a message's fingerprint is made of."""
    return problem_of(redacted(message)).identity


def compare(lines: Iterable[str]) -> list[Pair]:
    """Fingerprint the pairs."""
    rows = [json.loads(line.replace(BREAK, "")) for line in lines if line.strip()]
    return [
        Pair(
            row["relation"],
            row["changed"],
            row["language"],
            row["trace"],
            (identity_of(row["a"]) == identity_of(row["b"])) == (row["relation"] == "same"),
        )
        for row in rows
    ]


def shares(pairs: Iterable[Pair]) -> dict[str, float]:
    """Return which share of the pairs of each relation is right; 1 where there are none."""
    found: dict[str, list[bool]] = defaultdict(list)
    for pair in pairs:
        found[pair.relation].append(pair.right)
    return {each: round(sum(found[each]) / len(found[each]), 4) if found[each] else 1.0 for each in GOALS}


def table(pairs: Sequence[Pair]) -> str:
    """Return the figures of each language, of each change, and of all."""
    lines = [f"{'':34}{'pairs':>7}{'same':>8}{'different':>11}"]
    for attribute in ("language", "changed"):
        groups: dict[str, list[Pair]] = defaultdict(list)
        for pair in pairs:
            groups[getattr(pair, attribute)].append(pair)
        lines += [_row(name, group) for name, group in sorted(groups.items())]
    return "\n".join([*lines, _row("all", pairs)])


def _row(name: str, pairs: Sequence[Pair]) -> str:
    found = shares(pairs)
    there = {pair.relation for pair in pairs}
    same, different = (f"{found[each]:.3f}" if each in there else "-" for each in ("same", "different"))
    return f"{name[:33]:34}{len(pairs):7}{same:>8}{different:>11}"


def main(arguments: Sequence[str]) -> int:
    """Print the figures; returns 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.traces", description=__doc__.splitlines()[0])
    parser.add_argument("pairs", type=existing_file, metavar="FILE.jsonl", help="pairs of traces")
    parser.add_argument("--wrong", action="store_true", help="print the pairs that are wrong")
    chosen = parser.parse_args(arguments)
    pairs = compare(chosen.pairs.read_text(encoding="utf-8").splitlines())
    print(table(pairs))
    if chosen.wrong:
        for pair in pairs:
            if not pair.right:
                print(f"{pair.language}: {pair.trace}: {pair.changed}: should be {pair.relation}")
    found = shares(pairs)
    print(json.dumps(found))
    return 0 if all(found[each] >= goal for each, goal in GOALS.items()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
