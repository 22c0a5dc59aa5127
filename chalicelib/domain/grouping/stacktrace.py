"""Stack traces: which exceptions a text tells of, and through which places in the code each of them came.

Read are the traces of the languages that docs/grouping.md lists, as their runtimes print them.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec import Struct, field

from chalicelib.domain.grouping import in_app
from chalicelib.domain.grouping.exception_heads import head_in_frame, head_of, kind_of
from chalicelib.domain.grouping.frames import LONGEST_LINE, frame_of
from chalicelib.domain.grouping.head import Head
from chalicelib.domain.grouping.in_app import Frame
from chalicelib.domain.grouping.parameterization import template
from chalicelib.domain.logs.headers import header_end, without_header

PYTHON = "Traceback (most recent call last):"
# How many places count, from the one that raised towards its callers: docs/adr says why not all, and not one.
COUNTED = 3
# More exceptions, and more lines above a stack, than a person would read.
MOST, MOST_ABOVE = 20, 50

_PYTHON_FRAME = re.compile(
    r'^[ \t|+>]*+(?:File (?:"[^"\n]+",? [lL]ine \d|[^\s:"]++:\d++, in )|[^\s()]{1,200}\.nim\(\d+\) )', re.MULTILINE
)
# https://docs.python.org/3/library/exceptions.html#exception-groups: each level of a group is set off by a bar.
_BAR = re.compile(r" *(?:[|+] ?(?![-+])|[|+]$)")
_SUB_EXCEPTION = re.compile(r" *\+(?:-\+)?-{4,}(?: (?P<number>\d+|\.\.\.) -+)?$")
# Rich draws a box around a traceback: https://rich.readthedocs.io/en/stable/traceback.html
_BOX, _BOXED = ("│", "╭", "╰"), "Traceback (most recent call last) ─"
# https://docs.pytest.org/en/stable/how-to/output.html#modifying-python-traceback-printing
_PYTEST = re.compile(
    r"E {3,}(?P<said>\S.*)| {4}(?:async )?def (?P<function>\w+)\(.*|(?P<path>[^\s:]+\.py):\d+: *(?P<kind>\w*)$"
)
# https://docs.python.org/3/library/faulthandler.html
_DIED = "Fatal Python error: "
_NOT_RAISED = ("During handling of the above", "The above exception was", "Stacktrace", "Traceback", "---")

_CAUSE = re.compile(
    r"(?:Caused by:|\[cause\]:|--->|Causes:$|Wraps: \(\d+\)|\+ FullyQualifiedErrorId :"
    # Properties of Node.js' errors that hold what was caught: GraphQL's, Sequelize's, TypeORM's.
    r"|(?:originalError|original|parent|driverError|innerError|inner|reason): (?=[A-Z]\w*(?:Error|Exception)\b))"
    r" *(?P<said>\S.*)?"
)
# Xdebug writes the outermost call first.
_XDEBUG = "PHP   1. "
# https://github.com/cockroachdb/errors sets a trace off by a bar.
_SET_OFF, _BY_A_BAR = "\n  | ", re.compile(r"(?<! ) *+\| ?")
# Where the cause stands first: logback with the root cause first, PHP.
_WRAPPER = re.compile(r"(?:Wrapped by: |Next (?=[\w\\]+: .* in \S+:\d+$))(?P<said>.*)")
_INNER_NUMBER = re.compile(r"\(Inner Exception #\d+\) ")
_INNER_ENDS = "--- End of inner exception stack trace ---"
_ERRORS_BEGIN = "[errors]: ["
# What no head that names a place does without: the number of a line, or R's first words.
_PLACED = re.compile(r"[:(,]\d|[lL]ine \d|^Error in ")
# Where a function is that Go or Rust writes on the line before.
_ON_TWO_LINES = re.compile(r"^at .*\.rs:|\.go:.*[^)]$")
# Functions that were deferred run on top of it: https://go.dev/blog/defer-panic-and-recover
_GO_PANICS = Frame("panic", own=False)
_GOROUTINE = re.compile(r"goroutine \d+ (?:gp=\S+ m=\S+ (?:mp=\S+ )?)?\[")
# What a runtime tells besides: where memory came from, what else failed meanwhile.
_ASIDE = re.compile(
    r"Suppressed:|(?:previously )?(?:freed|allocated) by thread|Previous (?:atomic )?(?:read|write) of|Location is "
    r"|Thread T\d+ .*created by|Uninitialized value was |Thread \d+(?: name:.*|:)?$"
)
# https://docs.rs/anyhow/latest/anyhow/struct.Error.html#display-representations
_RUST_STACK = "Stack backtrace:"
_LISTED = re.compile(r"(?:\d+: )?(?P<said>\S.*)$")


class Raised(Struct):
    """An exception: its type and what it says (empty where the text does not), and its frames, the raising one first.

    A `branch` is a further one of several that a group of exceptions holds.
    """

    kind: str = ""
    said: str = ""
    frames: list[Frame] = field(default_factory=list)
    branch: bool = False

    @property
    def places(self) -> tuple[str, ...]:
        """The application's own places, each once."""
        return tuple(dict.fromkeys(each.place for each in self.frames if each.own))[:COUNTED]


def raised_in(text: str) -> list[Raised]:
    """Return the exceptions whose stack a text shows, the outermost (which was not handled) first, then its causes."""
    lines = text.splitlines()
    if lines[1:] and header_end(lines[1]):  # a logger or a container runtime wrote one before each line
        lines = [*map(without_header, lines)]
    if _SET_OFF in text and "-- stack trace:" in text:
        lines = [_BY_A_BAR.sub("", each, count=1) for each in lines]
    is_python = PYTHON in text or _BOXED in text or _PYTHON_FRAME.search(text)
    if not is_python and "\nE   " in text:
        chain = _in_pytest(lines)
    else:
        chain = _in_python(lines) if is_python else _Chain(lines).read()
    if _XDEBUG in text:
        for each in chain:
            each.frames.reverse()
    return chain[:MOST] if any(each.frames for each in chain) else []


def _in_python(lines: Sequence[str]) -> list[Raised]:
    """Read tracebacks: the raising frame stands last, its exception below it; the last traceback is the outermost."""
    sections = [[Raised()]]
    for whole in lines:
        if separator := _SUB_EXCEPTION.match(whole):
            sections.append([Raised(branch=separator["number"] not in {"1", None})])
            continue
        line, raised = _without_bars(whole), sections[-1][-1]
        if line.rstrip().endswith(PYTHON) or _BOXED in line:
            sections[-1].append(Raised(branch=raised.branch))
        elif line.startswith(_DIED):
            sections[-1].append(Raised(template(line), line))
        elif (frame := frame_of(line)) is not None:
            raised.frames.append(frame)
        elif raised.frames and not raised.kind and line[:1].strip() and not line.startswith((*_NOT_RAISED, *_BOX)):
            raised.kind, raised.said = kind_of(line), line.rstrip()
    chain = [each for section in sections for each in reversed(section) if each.frames]
    for raised in chain:
        raised.frames.reverse()
    return chain


def _in_pytest(lines: Sequence[str]) -> list[Raised]:
    """Read the first failure of a test: above each place is the function, and at the last one what was raised."""
    raised, function = Raised(), ""
    for line in lines:
        found = _PYTEST.match(line)
        if (frame := frame_of(line)) is not None:
            raised.frames.insert(0, frame)
        elif found and found["path"]:
            raised.frames.insert(0, in_app.by_path(found["path"], function))
            raised.kind, function = raised.kind or found["kind"], ""
        elif found and found["said"] and not raised.said:
            raised.kind, raised.said = kind_of(found["said"]), found["said"]
        elif found and found["function"]:
            function = function or found["function"]
    return [raised]


def _without_bars(line: str) -> str:
    while found := _BAR.match(line):
        line = line[found.end() :]
    return line


class _Chain:
    """The other languages' traces: the raising frame stands first, and causes below what they caused."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._first = Raised()
        self._chain = [self._first]
        self._open = [self._first]
        self._above: list[str] = []
        self._begun = False
        # The end of a list of causes, each on a line of its own; and how deep what is told aside is indented.
        self._listing, self._aside = "", -1
        self._lists = False

    def read(self) -> list[Raised]:
        """Return the exceptions, the outermost first."""
        before = ""
        for line, after in pairwise((*_first_goroutine(self._lines), "")):
            self._read(line, before, after)
            before = line
        if not self._begun and not any(map(_PLACED.search, self._above)):
            return self._chain
        head = head_of(self._above, above_frames=True)
        is_of_rust = self._lists or any(each.startswith(_RUST_STACK) for each in self._above)
        self._first.kind = template(head.said) if is_of_rust and head.kind == "Error" else head.kind
        self._first.said = head.said
        if head.place and (not self._first.places or self._first.frames[0].called):
            self._first.frames.insert(0, head.place)
        for each in self._chain:
            each.frames = _in_callers(each.frames)
        return self._chain

    def _read(self, line: str, before: str, after: str) -> None:
        text = line.strip()[:LONGEST_LINE]
        if self._listing and self._listed(text):
            return
        if self._begun and _ASIDE.match(text):
            self._aside, self._open = _indentation(line), [Raised()]
        elif _INNER_ENDS in text:
            self._open = self._open[:-1] or [self._first]
        elif found := _WRAPPER.match(text):
            self._open = [_of(head_of([found["said"]]))]
            self._chain.insert(0, self._open[0])
        elif _ERRORS_BEGIN in text:
            self._listing = "]"
        elif (frame := frame_of(line, before, after)) is not None:
            if self._above[-1:] == [before] and _ON_TWO_LINES.search(text):
                self._above.pop()
            self._frame(frame, text)
        elif not self._causes(line, text) and not self._begun and len(self._above) < MOST_ABOVE:
            self._above.append(line)

    def _frame(self, frame: Frame, text: str) -> None:
        head = head_in_frame(text)
        if head and not self._begun:
            self._above.append(text)
        elif head:
            self._add(_of(head))
        self._begun = True
        if frame == _GO_PANICS:
            self._open[-1].frames.clear()
        self._open[-1].frames.append(frame)

    def _causes(self, line: str, text: str) -> bool:
        """Read what causes a line names, and tell whether it names any: .NET names several on one line."""
        if text.startswith("** (") and any(each.lstrip().startswith("** (") for each in self._above):
            self._add(_of(head_of([text])))
            return True
        found = _CAUSE.match(text)
        if found and (
            0 <= self._aside <= _indentation(line) or (found["said"] or "").startswith("[CIRCULAR REFERENCE")
        ):
            return True
        if found and not found["said"]:
            self._listing, self._lists = " ", True
        if found and _INNER_NUMBER.match(found["said"] or ""):
            self._open = [Raised()]
            return True
        inner = text.split(" ---> ")
        if found is None and len(inner) > 1 and not self._begun:
            self._above.append(inner[0])
        for said in [*([found["said"].partition(" ---> ")[0]] if found and found["said"] else []), *inner[1:]]:
            self._add(Raised(_kind_of_cause(said), said), nested="-->" in text)
        return bool(found or inner[1:])

    def _listed(self, text: str) -> bool:
        """Read a line of a list of causes: Node.js' errors in brackets, Rust's and Ruby's up to an empty line."""
        if (self._listing == "]" and text.startswith("]")) or (self._listing == " " and not text):
            self._listing = ""
            return True
        found = _LISTED.match(text)
        if not found or frame_of(text) is not None or text.startswith(("[", "'", "{", "}", "at ")):
            return False
        said = found["said"]
        if self._listing == " " or (said[:1].isupper() and kind_of(said) and said.startswith(kind_of(said))):
            branch = self._listing == "]" and any(each.branch is False for each in self._chain[1:])
            self._add(Raised(_kind_of_cause(said), said, branch=branch))
            return True
        return False

    def _add(self, raised: Raised, *, nested: bool = False) -> None:
        self._begun, self._aside = True, -1
        self._chain.append(raised)
        self._open = [*self._open, raised] if nested else [raised]


def _in_callers(frames: list[Frame]) -> list[Frame]:
    """Return PHP's frames as places in the function that each of them is in; other frames as they are."""
    if not any(each.called for each in frames):
        return frames
    places = [each.within(caller.called) for each, caller in pairwise([*frames, Frame("", own=False)])]
    first = frames[0].called  # nothing says in which file that is
    return places if not first or first.isidentifier() else [Frame(first, own=True), *places]


def _of(head: Head) -> Raised:
    return Raised(head.kind, head.said, [head.place] if head.place else [])


def _kind_of_cause(said: str) -> str:
    """Return a cause's type or, as Rust names none, the template of what it says."""
    return kind_of(said) or template(said)


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())


def _first_goroutine(lines: Sequence[str]) -> Iterator[str]:
    """Iterate over lines as far as the second goroutine: only the first one is about the panic."""
    seen = False
    for line in lines:
        if _GOROUTINE.match(line):
            if seen:
                return
            seen = True
        yield line
