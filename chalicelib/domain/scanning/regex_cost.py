"""Regex cost: in how many ways an expression may try to fit a text, at most, before it gives up.

Python tries every way in which repetitions can share a text. Two of them can where both fit the same signs, and where
what stands between them is made of such signs, too; then the tries multiply. A repeated group multiplies them without
an end where it holds a repetition, or alternatives that begin alike.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import combinations

from msgspec import Struct
from msgspec.structs import replace

# A rule sees so much of a message, and a search begins at each sign of it.
READ = 2_000
# About a tenth of a second, in a text that somebody made for it.
MOST_TRIES = 25_000_000
_SIGNS = [*map(chr, range(128)), "\u00e9"]
_ZERO_WIDTH = frozenset({"^", "$", r"\b", r"\B"})

type Signs = frozenset[str]


class RegexPart(Struct, frozen=True):
    """Signs that stand once (`most` and `fewest` being 1) or are repeated; `text` is how they are written.

    `row` is 0 where they stand in every text that fits, else it says which optional row of parts they stand in.
    """

    text: str
    signs: Signs
    fewest: int = 1
    most: int = 1
    row: int = 0

    @property
    def lengths(self) -> int:
        """How many lengths it can have."""
        return self.most - self.fewest + 1


def refuse_costly(tokens: Sequence[re.Match[str]]) -> None:
    """Refuse an expression that may take too many tries; ValueError names the repetitions that share a text."""
    parts = _Reader(tokens).read()
    loops = [at for at, part in enumerate(parts) if part.lengths > 1]
    worst: dict[int, tuple[float, int]] = {}
    for at in loops:
        tries, first = READ / _period(_run_before(parts, loops[0])), at
        for before in loops:
            if before < at and _can_share(parts, before, at):
                shared = worst[before][0] / _period_between(parts, before, at)
                tries, first = max((tries, first), (shared, before))
        worst[at] = tries * parts[at].lengths, at
        if worst[at][0] > MOST_TRIES:
            raise ValueError(
                f"'{parts[first].text}' and '{parts[at].text}' may take for ever to share a text; "
                "write between them what neither fits, or bound them as in {0,20}"
            )


def _can_share(parts: Sequence[RegexPart], first: int, last: int) -> bool:
    signs = parts[first].signs & parts[last].signs
    rows = {0, parts[first].row, parts[last].row}
    return bool(signs) and all(
        signs & each.signs for each in parts[first + 1 : last] if each.row in rows and each.fewest
    )


def _run_before(parts: Sequence[RegexPart], at: int) -> list[Signs]:
    """Return what certainly stands at the beginning, before the first repetition."""
    run: list[Signs] = []
    for part in parts[:at]:
        if part.row:
            break
        run += [part.signs] * part.fewest
    return run


def _period_between(parts: Sequence[RegexPart], first: int, last: int) -> int:
    between = parts[first + 1 : last]
    if any(part.lengths > 1 or part.row for part in between):
        return 1
    return _period([signs for part in between for signs in [part.signs] * part.fewest])


def _period(run: Sequence[Signs]) -> int:
    """Return how far apart the places in a text are, at least, at which a run of signs fits."""
    for shift in range(1, len(run)):
        if all(one & other for one, other in zip(run, run[shift:], strict=False)):
            return shift
    return max(1, len(run))


class _Reader:
    """Reads the tokens of an expression, which compiles, as parts in a row."""

    def __init__(self, tokens: Sequence[re.Match[str]]) -> None:
        self._tokens, self._at, self._rows = tokens, 0, 0

    def read(self) -> list[RegexPart]:
        """Return the parts of the whole expression."""
        return self._row(self._alternatives())

    def _alternatives(self) -> list[list[RegexPart]]:
        rows: list[list[RegexPart]] = [[]]
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            match token.lastgroup:
                case "close":
                    break
                case "group" | "open":
                    rows[-1] += self._repeated_group(self._alternatives())
                case "char" if token[0] == "|":
                    rows.append([])
                case _ if token[0] not in _ZERO_WIDTH:
                    fewest, most = self._repetition()
                    rows[-1].append(RegexPart(self._text(token), _signs_of(token[0]), fewest, most))
        return rows

    def _text(self, token: re.Match[str]) -> str:
        return token.string[token.start() : self._tokens[self._at - 1].end()]

    def _repeated_group(self, rows: list[list[RegexPart]]) -> list[RegexPart]:
        fewest, most = self._repetition()
        row = self._row(rows)
        if most <= 1:
            return self._optional(row) if fewest == 0 else row
        repeat = self._tokens[self._at - 1][0]
        if not all(_is_clear(part, row) for part in row if part.lengths > 1):
            raise ValueError(f"'{repeat}' repeats a group that repeats something itself, which may take for ever")
        firsts = [each[0].signs if each else frozenset() for each in rows]
        if len(rows) > 1 and (not all(firsts) or any(one & other for one, other in combinations(firsts, 2))):
            raise ValueError(f"'{repeat}' repeats a group whose alternatives begin alike, which may take for ever")
        signs = frozenset[str]().union(*(part.signs for part in row))
        return [RegexPart(f"(...){repeat}", signs, fewest, most)] if signs else []

    def _row(self, rows: list[list[RegexPart]]) -> list[RegexPart]:
        """Return alternatives as one row; which of them stands there is not certain."""
        return rows[0] if len(rows) == 1 else [part for row in rows for part in self._optional(row)]

    def _optional(self, row: Iterable[RegexPart]) -> list[RegexPart]:
        self._rows += 1
        return [part if part.row else replace(part, row=self._rows) for part in row]

    def _repetition(self) -> tuple[int, int]:
        """Read what says how often the last part may stand there."""
        if self._at == len(self._tokens) or self._tokens[self._at].lastgroup != "greed":
            return 1, 1
        token = self._tokens[self._at]
        self._at += 1
        match token["repeat"]:
            case "*":
                return 0, READ
            case "+":
                return 1, READ
            case "?":
                return 0, 1
        fewest = int(token["repeat"].strip("{}").partition(",")[0])
        return fewest, min(READ, int(token["most"] or READ) if token["more"] else fewest)


def _is_clear(part: RegexPart, row: Sequence[RegexPart]) -> bool:
    """Return whether a part of a repeated row can only stand in one way: it may be left out, and is like no other."""
    others = [each for each in row if each is not part]
    return (
        part.most == 1 and any(each.fewest for each in others) and not any(part.signs & each.signs for each in others)
    )


def _signs_of(text: str) -> Signs:
    pattern = re.compile(text, re.IGNORECASE | re.ASCII)
    return frozenset(sign for sign in _SIGNS if pattern.fullmatch(sign))
