"""Redaction: how many secrets are found in lines of a file, and how many harmless lines stay as they are.

    python -m bench.redaction LINES [--wrong]

LINES is a file with a JSON object a line: `line`, its `secret` (null where it holds none) and `kind`. U+205D, which
keeps made-up secrets from looking like real ones, is taken out first. A secret is found where the redacted line does
not hold it whole, and a harmless line has to stay as it is to the letter. `--wrong` prints the lines that were treated
wrongly. The last line of what is printed is a JSON object. Exits 1 where either share is below 0.97.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chalicelib.domain.redaction import redacted
from infra.argument_types import existing_file

SEPARATOR = "\N{TRICOLON}"
GOAL = 0.97


@dataclass(frozen=True, slots=True)
class Treated:
    """A line, what became of it, and whether that is right."""

    kind: str
    secret: str | None
    line: str
    became: str

    @property
    def right(self) -> bool:
        """Return whether the secret is gone or, where there is none, all is as it was."""
        return self.became == self.line if self.secret is None else self.secret not in self.became


def treat(lines: Iterable[str]) -> list[Treated]:
    """Redact labelled lines."""
    records = [json.loads(line) for line in lines if line.strip()]
    return [
        Treated(each["kind"], each["secret"] and _plain(each["secret"]), line := _plain(each["line"]), redacted(line))
        for each in records
    ]


def _plain(text: str) -> str:
    return text.replace(SEPARATOR, "")


def share(treated: Sequence[Treated]) -> float:
    """Return the share of lines that were treated rightly."""
    return sum(each.right for each in treated) / len(treated) if treated else 1.0


def table(treated: Sequence[Treated]) -> str:
    """Return how many lines there are of each sort, and how many of them were treated rightly."""
    sorts = {"secrets": [x for x in treated if x.secret is not None], "harmless": [x for x in treated if not x.secret]}
    rows = [f"{'':12}{'lines':>7}{'right':>7}{'share':>8}"]
    rows += [
        f"{name:12}{len(each):7}{sum(one.right for one in each):7}{share(each):8.3f}" for name, each in sorts.items()
    ]
    return "\n".join(rows)


def main(arguments: Sequence[str]) -> int:
    """Print the shares; returns 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.redaction", description=__doc__.splitlines()[0])
    parser.add_argument("lines", type=existing_file)
    parser.add_argument("--wrong", action="store_true", help="print the lines that were treated wrongly")
    chosen = parser.parse_args(arguments)
    treated = treat(chosen.lines.read_text(encoding="utf-8").splitlines())
    print(table(treated))
    if chosen.wrong:
        for each in treated:
            if not each.right:
                print(
                    f"{each.kind}: {'harmless' if each.secret is None else 'missed'}: {each.line!r} -> {each.became!r}"
                )
    figures = {
        "secrets": round(share([each for each in treated if each.secret is not None]), 4),
        "harmless": round(share([each for each in treated if each.secret is None]), 4),
    }
    print(json.dumps(figures))
    return 0 if min(figures.values()) >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
