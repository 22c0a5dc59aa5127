"""Stack traces: which exceptions a text tells of, and through which places in the code each of them came.

Python, Node.js, Java and its relatives, Go, .NET and Ruby, as their runtimes print them.
"""

import re
from collections.abc import Iterator

from msgspec import Struct, field

from chalicelib.domain.grouping.frames import LONGEST_LINE, Frame, frame_of

PYTHON = "Traceback (most recent call last):"
# How many places count, from the one that raised towards its callers: docs/adr says why not all, and not one.
COUNTED = 3

_PYTHON_FRAME = re.compile(r'^[ \t|+]*File "[^"\n]+", line \d', re.MULTILINE)
_CAUSE = re.compile(r"(?:Caused by:|\[cause\]:|--->) *(?P<said>\S.*)")
_INNER_ENDS = "--- End of inner exception stack trace ---"
_GOROUTINE = re.compile(r"goroutine \d+ (?:gp=\S+ m=\S+ )?\[")
_KIND = re.compile(r"(?P<kind>[A-Za-z_$][\w$]*(?:(?:\.|::)[A-Za-z_$][\w$]*)*)(?=:? \[|:? ?\(|:\s|:?$)")
_NAMED = re.compile(r"(?<![\w.$])(?P<kind>[A-Za-z_$][\w$.]*(?:Error|Exception))(?=:? \[|:\s|:?$)")
# Go has one word for what its runtime finds wrong; what comes before the figures is the type.
_GO_RUNTIME = re.compile(r"panic: runtime error: [a-z ]+")
_NOT_RAISED = ("During handling of the above", "The above exception was", "Stacktrace", "Traceback")


class Raised(Struct):
    """An exception: its type (empty where the text does not name it), and its frames, the raising one first."""

    kind: str = ""
    frames: list[Frame] = field(default_factory=list)

    @property
    def places(self) -> tuple[str, ...]:
        """The application's own places, each once; the libraries' where there are no others."""
        own = tuple(dict.fromkeys(each.place for each in self.frames if each.own))
        return (own or tuple(dict.fromkeys(each.place for each in self.frames)))[:COUNTED]


def raised_in(text: str) -> list[Raised]:
    """Return the exceptions whose stack a text shows, the outermost (which was not handled) first, then its causes."""
    lines = text.splitlines()
    chain = _in_python(lines) if PYTHON in text or _PYTHON_FRAME.search(text) else _elsewhere(lines)
    return chain if any(each.frames for each in chain) else []


def kind_of(said: str) -> str:
    """Return the exception's type in a line such as `type: message`; nothing where it names none."""
    text = said[:LONGEST_LINE]
    if found := _GO_RUNTIME.match(text):
        return found[0].rstrip()
    found = _KIND.match(text) or _NAMED.search(text)
    return found["kind"] if found else ""


def _in_python(lines: list[str]) -> list[Raised]:
    """Read tracebacks: the raising frame stands last, its exception below it; the last traceback is the outermost."""
    chain = [Raised()]
    for line in lines:
        if line.rstrip().endswith(PYTHON):
            chain.append(Raised())
        elif (frame := frame_of(line.lstrip(" |"))) is not None:
            chain[-1].frames.insert(0, frame)
        elif chain[-1].frames and not chain[-1].kind and line[:1].strip() and not line.startswith(_NOT_RAISED):
            chain[-1].kind = kind_of(line)
    return [each for each in reversed(chain) if each.frames]


def _elsewhere(lines: list[str]) -> list[Raised]:
    """Read the other languages' traces: the raising frame stands first, and causes below what they caused."""
    chain = [Raised()]
    open_ones, before = [chain[0]], ""
    for line in _first_goroutine(lines):
        if line.lstrip().startswith("Suppressed:"):
            open_ones = [Raised()]
        elif _INNER_ENDS in line:
            open_ones = open_ones[:-1] or [chain[0]]
        elif (frame := frame_of(line, before)) is not None:
            open_ones[-1].frames.append(frame)
        else:
            for said in _causes(line):
                chain.append(Raised(kind_of(said)))
                open_ones = [*open_ones, chain[-1]] if "-->" in line else [chain[-1]]
        before = line
    return chain


def _causes(line: str) -> Iterator[str]:
    """Iterate over the causes that a line names: Java and Node.js name one a line, .NET several."""
    text = line[:LONGEST_LINE].strip()
    if found := _CAUSE.match(text):
        yield found["said"].partition(" ---> ")[0]
    yield from text.split(" ---> ")[1:]


def _first_goroutine(lines: list[str]) -> Iterator[str]:
    """Iterate over lines as far as the second goroutine: only the first one is about the panic."""
    seen = False
    for line in lines:
        if _GOROUTINE.match(line):
            if seen:
                return
            seen = True
        yield line
