"""Texts on which an expression would take longest, made from the expression itself, and what they cost.

Of each repetition in it: what may stand before it, what it repeats many times over, and something that does not fit.
And each of its beginnings many times over, as a search starts again at each of them; and so the words that are written
out in it, each alone and each beside one of its single signs.
"""

import ast
import importlib
import pkgutil
import re
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import groupby
from math import ceil
from pathlib import Path
from time import thread_time
from types import FrameType
from typing import Any

import chalicelib

# How Python itself reads an expression; types do not know them everywhere.
op: Any = importlib.import_module("re._constants")
parser: Any = importlib.import_module("re._parser")

FUNCTIONS = ("compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
FLAGS = {"compile": 1, "match": 2, "fullmatch": 2, "search": 2, "findall": 2, "finditer": 2}
# One sign of each sort that expressions tell apart.
SIGNS = " a0A_.-:/\"'=\t\n(){}[]<>,;*@%&\\|$^+~#!?xe1\u00e9"
FIT_NOTHING = ("\x00", "\n", "")
# Of each choice, of each repetition and of each expression.
MOST_SIGNS, MOST_SAMPLES, MOST_PUMPS = 8, 3, 400
# A text is told from one of an eighth of its length that is read eight times: what is linear takes as long for either,
# what is quadratic eight times as long for the long one, and what is cubic 64 times. The bounds are in between.
SHARE, LINEAR, QUADRATIC = 8, 4.0, 24.0
# Seconds of the processor: a text that takes less is not slow, and what is compared takes at least so much in all, as
# clocks may tick each hundredth of a second.
TELLING, ENOUGH, TRIES = 0.002, 0.05, 8
ENDLESS = float("inf")


@dataclass(frozen=True, slots=True)
class Pump:
    """A text of any length: a beginning, a piece many times over, and an end."""

    before: str
    piece: str
    after: str

    def text(self, length: int) -> str:
        """Return the text in about this length."""
        return self.before + self.piece * (length // len(self.piece)) + self.after


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression of the package, and whether it is looked for anywhere in a text or at its beginning alone."""

    pattern: re.Pattern[str]
    searched: bool

    def read(self, text: str) -> None:
        """Look for the expression in the ways in which the package does."""
        if self.searched:
            self.pattern.sub("", text)
        self.pattern.match(text)
        self.pattern.fullmatch(text)


def expressions() -> dict[str, Expression]:
    """Return all expressions of the package by where they stand, those that are compiled when first used as well.

    One that is made of something given has no text of its own, and is left out.
    """
    names = [each.name for each in pkgutil.walk_packages(chalicelib.__path__, "chalicelib.")]
    modules = {name: importlib.import_module(name) for name in names}
    sources = {name: Path(str(module.__file__)).read_text(encoding="utf-8") for name, module in modules.items()}
    uses = {name: set(re.findall(r"\b(\w+)\.(\w+)\b", source)) for name, source in sources.items()}
    public = {use for found in uses.values() for use in found if not use[0].startswith("_")}
    found: dict[str, Expression] = {}
    for name, source in sources.items():
        tree = ast.parse(source)
        called = {node.value: node.targets[0] for node in ast.walk(tree) if isinstance(node, ast.Assign)}
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call):
                continue
            variable = getattr(called.get(call), "id", "")
            searched = _is_searched(call, variable, uses[name] | public, uses[name])
            for number, pattern in enumerate(_patterns_of(call, tree, vars(modules[name]))):
                where = f"{name.removeprefix('chalicelib.')}:{call.lineno}:{call.col_offset}:{number}"
                found[where] = Expression(pattern, searched=searched)
    return found


def _is_searched(call: ast.Call, variable: str, uses: set[tuple[str, str]], here: set[tuple[str, str]]) -> bool:
    """Return whether an expression is looked for anywhere: by its variable or, without one, by what its module does."""
    ways = {way for name, way in here if name == variable} or {way for name, way in uses if name == variable}
    ways = ways or {getattr(call.func, "attr", "")} - {"compile"}
    ways = ways or {way for _, way in here} & {"match", "fullmatch", "search", "sub", "findall", "finditer"}
    return not ways or not ways <= {"match", "fullmatch"}


def _patterns_of(call: ast.Call, tree: ast.Module, names: dict[str, Any]) -> Iterator[re.Pattern[str]]:
    match call.func:
        case ast.Attribute(value=ast.Name(id="re"), attr=name) if name in FUNCTIONS:
            given = [each.value for each in call.keywords if each.arg == "flags"] or call.args[FLAGS.get(name, 4) :]
            first = call.args[0]
            for node in (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,):
                for known in (names, *_rounds_around(call, tree, names)):
                    with suppress(NameError):
                        text = _evaluated(node, known)
                        flags = _evaluated(given[0], known) if given else 0
                        yield text if isinstance(text, re.Pattern) else re.compile(text, flags)
                        if known is names:
                            break


def _rounds_around(call: ast.Call, tree: ast.Module, names: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Iterate over what names mean in each round of the loops around a call, where these are over a module's values."""
    for loop in ast.walk(tree):
        if call not in ast.walk(loop):
            continue
        for each in (loop,) if isinstance(loop, ast.For) else getattr(loop, "generators", ()):
            with suppress(NameError):
                for value in _evaluated(each.iter, names):
                    if isinstance(each.target, ast.Name):
                        yield names | {each.target.id: value}
                    elif isinstance(each.target, ast.Tuple):
                        yield names | dict(
                            zip((getattr(one, "id", "") for one in each.target.elts), value, strict=True)
                        )


def _evaluated(node: ast.expr, names: dict[str, Any]) -> Any:
    return eval(compile(ast.Expression(node), "<pattern>", "eval"), names)


def pumps(pattern: re.Pattern[str]) -> list[Pump]:
    """Return the texts that may cost an expression most."""
    tree = parser.parse(pattern.pattern, pattern.flags)
    found = dict.fromkeys(
        Pump(before, piece, after)
        for before, piece in (*_repetitions(tree, ""), *(("", each) for each in _beginnings(tree)))
        for after in FIT_NOTHING
        if piece
    )
    words = [Pump("", each, FIT_NOTHING[0]) for each in _words_and_signs(tree)]
    return [*words[:MOST_PUMPS], *[*found][:MOST_PUMPS]]


def _words_and_signs(sequence: Iterable[Any]) -> list[str]:
    """Return what is written out, each piece alone, behind a single sign and before one."""
    words = [*dict.fromkeys(_words(sequence))]
    signs = [each for each in words if len(each) == 1]
    beside = (pair for word in words for sign in signs for pair in (word + sign, sign + word))
    return [*dict.fromkeys((*words, *beside))]


def _words(sequence: Iterable[Any]) -> Iterator[str]:
    """Iterate over the pieces that are written out, and the signs of each set."""
    for is_literal, run in groupby(sequence, lambda node: node[0] is op.LITERAL):
        if is_literal:
            yield "".join(chr(value) for _, value in run)
            continue
        for kind, value in run:
            if kind is op.IN:
                yield from (chr(each) for sort, each in value if sort is op.LITERAL)
            for inner in _bodies(kind, value):
                yield from _words(inner)


def _repetitions(sequence: Iterable[Any], before: str) -> Iterator[tuple[str, str]]:
    """Iterate over repetitions: what stands before each, and what it repeats."""
    for node in sequence:
        kind, value = node
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            for piece in _samples(value[2]):
                yield before, piece
                yield "", piece
            yield from _repetitions(value[2], before)
        for inner in _inside(kind, value):
            yield from _repetitions(inner, before)
        before += _sample([node])


def _inside(kind: Any, value: Any) -> list[Any]:
    if kind is op.SUBPATTERN:
        return [value[-1]]
    if kind is op.BRANCH:
        return [*value[1]]
    if kind in (op.ASSERT, op.ASSERT_NOT):
        return [value[1]]
    return [value] if kind is op.ATOMIC_GROUP else []


def _bodies(kind: Any, value: Any) -> list[Any]:
    """Return what is inside, be it repeated or not."""
    return [value[2]] if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT) else _inside(kind, value)


def _beginnings(sequence: Any) -> Iterator[str]:
    """Iterate over what an expression, and each choice in it, begins with."""
    nodes = [*sequence]
    for length in range(1, len(nodes) + 1):
        yield _sample(nodes[:length])
    for kind, value in nodes:
        for inner in _bodies(kind, value):
            yield from _beginnings(inner)


def _sample(sequence: Iterable[Any]) -> str:
    return next(iter(_samples(sequence)), "")


def _samples(sequence: Iterable[Any]) -> list[str]:
    """Return some texts that fit a sequence, more of them where it is a single choice among signs."""
    nodes = [*sequence]
    if len(nodes) == 1:
        return _samples_of(*nodes[0])
    return ["".join(_first(each) for each in nodes), "".join((_samples_of(*each) or [""])[-1] for each in nodes)]


def _first(node: Any) -> str:
    return (_samples_of(*node) or [""])[0]


def _samples_of(kind: Any, value: Any) -> list[str]:
    if kind is op.LITERAL:
        return [chr(value)]
    if kind in (op.NOT_LITERAL, op.ANY, op.IN):
        return _signs(kind, value)[:MOST_SIGNS]
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        fewest = max(1, value[0])
        return [each * fewest for each in _samples(value[2])[:MOST_SAMPLES]]
    if kind is op.BRANCH:
        return [each for branch in value[1] for each in _samples(branch)[:MOST_SAMPLES]]
    if kind in (op.SUBPATTERN, op.ATOMIC_GROUP):
        return _samples(value[-1] if kind is op.SUBPATTERN else value)
    return []


def _signs(kind: Any, value: Any) -> list[str]:
    state = parser.State()
    state.str = ""
    single = parser.SubPattern(state, [(kind, value)])
    fits = re._compiler.compile(single)  # type: ignore[attr-defined]  # noqa: SLF001 - one part of an expression
    listed = [each for each in value if each[0] in (op.LITERAL, op.RANGE)] if kind is op.IN else []
    named = [chr(each[1] if each[0] is op.LITERAL else each[1][0]) for each in listed]
    return [sign for sign in dict.fromkeys((*SIGNS, *named)) if fits.fullmatch(sign)]


class TooLong(Exception):  # noqa: N818 - what an expression takes
    """An expression was stopped."""


@contextmanager
def stopped_after(seconds: float) -> Iterator[None]:
    """Stop what takes more of the processor's time than this."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooLong

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def cost(expression: Expression, text: str) -> float:
    """Return the processor's time that reading a text takes; endless where it would be more than half a second."""
    started = thread_time()
    try:
        with stopped_after(0.5):
            expression.read(text)
    except TooLong:
        return ENDLESS
    return thread_time() - started


def is_linear(expression: Expression, pump: Pump, longest: int, growth: float = LINEAR) -> bool:
    """Return whether a long text takes about as long as a short one that is read so many times more.

    `growth` is how many times as long it may take. Noise only ever makes it longer, so one try that is quick is proof.
    """
    taken = cost(expression, pump.text(longest))
    if taken < TELLING:
        return True
    if taken == ENDLESS:
        return False
    times = ceil(ENOUGH / taken)
    for _ in range(TRIES):
        short = total(expression, pump.text(longest // SHARE), SHARE * times)
        if total(expression, pump.text(longest), times) < growth * short:
            return True
    return False


def total(expression: Expression, text: str, times: int) -> float:
    """Return the processor's time that reading a text so many times takes."""
    started = thread_time()
    for _ in range(times):
        expression.read(text)
    return thread_time() - started
