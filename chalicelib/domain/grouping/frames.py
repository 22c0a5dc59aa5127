"""Frames: a line of a stack trace, read as a place in the code, in the notations of the languages that there are.

A place names a module and a function and no line number, so it stays the same when lines above it come and go.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from chalicelib.domain.grouping import function_names, in_app, rarer_frames
from chalicelib.domain.grouping.in_app import Frame

# A line of code that is longer is data that somebody formatted, and reading it takes time.
LONGEST_LINE = 400
# Traces repeat their lines: what was read is remembered.
_LINES = 2_048
# Go writes structs within arguments in parentheses of their own.
ARGUMENTS_DEEP = 2

# What loggers write behind a frame (the jar that it is from, the end of a value), and Node.js where an error's own
# properties follow.
_BEHIND = re.compile(r"(?: ~?\[[^\[\]]*\]| \{|,|\")$")
# Tags that Rails and sbt write before each line, and debuggers before the line that they are about.
_TAGS = re.compile(r"(?:\[[^\[\]\s]+\]\s+)+(?=\S)|> +(?=File)")

# Rich, and pytest: https://docs.pytest.org/en/stable/how-to/output.html#modifying-python-traceback-printing
_RICH = re.compile(r"(?P<path>[^\s:]+\.py):\d+:? in (?P<function>\S+)$")
_PYTHON = re.compile(r'File "(?P<path>[^"]+)",? [lL]ine \d+(?:,? in (?P<function>\S.*))?')
# https://ipython.readthedocs.io/en/stable/api/generated/IPython.core.ultratb.html
_IPYTHON = re.compile(r"File (?P<path>[^\s:\"]+\.py):\d+, in (?P<function>[\w.<>]++)")
# Where in a file: a line and a column, before whatever ends the text.
_LOCATION = re.compile(r"(?::\d+){1,2}\)?$")
_NODE = re.compile(r"at (?:async )?(?P<place>\S.*)")
# A script that a browser evaluated, which has lines: https://v8.dev/docs/stack-trace-api
_EVALUATED = "<anonymous>"
_UNKNOWN_TO_NODE = re.compile(r"at (?:async )?(?P<function>[\w.$<> ]+?) \((?:<anonymous>|native|index \d+)\)$")
_BROWSER = re.compile(r"(?P<function>[^\s@()]*+)@(?P<path>[^\s@]++)$")
_SCRIPT = re.compile(r"[^\s@:]*\.[cm]?jsx?\b")
_JVM_SOURCE = (
    r"[\w$-]+\.(?:java|kt|kts|scala|groovy|clj)(?::\d+)?|Native Method|(?:Unknown Source|SourceFile|PG)(?::\d+)?"
    r"|(?P<generated><\w+>)"
)
_IN_JVM = re.compile(rf"(?:{_JVM_SOURCE})\)")
_JVM_MODULE = re.compile(r"(?:[\w.@-]*+/)*+(?P<module>[\w$]++(?:\.[\w$/-]++)*+)$")
_JVM_FUNCTION = re.compile(r"[\w$<>-]++$")
_DOTNET = re.compile(
    r"at (?P<place>[\w.`<>+|,_$@\[\]-]+) ?\([^()]*(?:\([^()]*\)[^()]*)*\)(?: ?\[0x[0-9a-f]+\])?(?: in .*)?$"
)
_OF_DOTNET = re.compile(r"\)(?: ?\[0x[0-9a-f]+\])? in <|:line \d+$")
_IN_DOTNET = re.compile(r"\)(?: ?\[0x[0-9a-f]+\])? in ")
_DOTNET_FILE = re.compile(r"\.(?:cs|fs|vb|csharp)\b")
_RUBY = re.compile(
    r"(?:\d+: )?(?:from )?(?P<gem>[\w-]+ \([\w.]+\) )?(?P<path>[^:\s]++(?: [^:\s]++)*+):\d+(?::\d+)?"
    r"(?::| )in [`'](?P<function>[^']+)'"
)
_GO_FUNCTION = re.compile(r"[\w./*()%~\[\]-]++$")
_GO_FILE = re.compile(r"\s*(?P<path>\S+\.(?:go|s)):\d+(?: \+0x[0-9a-f]+)?(?: fp=\S+ sp=\S+ pc=\S+)?$")
_PHP = re.compile(r"#\d+ (?P<path>\[internal function\]|.*?\.\w+)(?:\(\d+\))?: (?P<function>[^\s(]+)\(")
_RUST = re.compile(r"\d+: +(?:0x[0-9a-f]+ - )?(?P<function>[\w<&({$*\[].*)$")
_RUST_FILE = re.compile(r"at (?P<path>\S+\.rs):\d+(?::\d+)?$")
_BEAM = re.compile(
    r"(?:\((?P<application>\w+) [^\s)]+\) )?(?P<path>[\w./@-]+\.(?:exs?|erl|eex|heex)):\d+: (?P<function>\S.*)$"
)
_BEAM_UNKNOWN = re.compile(r"\((?P<application>\w+) [^\s)]+\) (?P<function>(?=:?[\w.]+[./])\S++)$")
_SWIFT = re.compile(
    r"(?:\d+ +)?(?:\[[^\]]*\] )?0x[0-9a-f]+,? (?P<function>\S.*?)(?: \+ \d+)?(?: in \S+)?"
    r" at (?P<path>\S+?):\d+(?::\d+)?$"
)
# https://github.com/swiftlang/swift/blob/main/docs/Backtracing.rst
_SWIFT_CALL = re.compile(r"\d+ ++(?:\[[^\]]*\] ++)*+(?P<function>\S.*?)(?P<offset> \+ \d+)?$")
_SWIFT_PLACE = re.compile(r"\S++ at (?P<path>[^\s:]++):\d+(?::\d+)?$")
_IMAGE = re.compile(r"\d+ +(?P<image>\S.*?)(?<![ \t])[ \t]++0x[0-9a-f]++ (?=\S)")
_OFFSET = re.compile(r" \+ \d+(?: \([^():]+:\d+\))?$")
_DART = re.compile(
    r"#\d+ +(?P<function>\S.*?) \((?P<scheme>dart|package|file|https?|org-dartlang-\w+):(?P<path>\S+)\)$"
)
_DART_TERSE = re.compile(r"(?P<path>(?:dart:|package:|(?=[\w./-]+\.dart)[\w./-])\S*+) \d+:\d+ +(?P<function>\S.*)$")
_C = re.compile(
    r"#\d+ +(?:0x[0-9a-f]+ in )?(?P<function>[^\s].*?)"
    r"(?: at (?P<at>[^\s:]+)(?::\d+)*| from (?P<library>\S+)| (?P<path>(?=[^\s():/.]*+[/.])[^\s():]++)(?::\d+)+"
    r"| \((?P<binary>[^\s()]+)\+0x[0-9a-f]+\))(?: \([^()]*\))*$"
)
_BOOST = re.compile(r"\d+# (?P<function>\S.*?) (?:at (?P<path>\S+?):\d+|in (?P<binary>\S+))$")
# https://google.github.io/glog/stable/failures/
_GLOG = re.compile(r"@ +0x[0-9a-f]+ +(?P<function>[^\s(].*)$")
_PERL = re.compile(r"(?P<function>[\w:]+)\(.*\) called at (?P<path>\S+) line \d+$")
_LUA = re.compile(r"(?P<path>[^\s:]+\.lua):(?:\d+:)? in (?P<function>.+)$")


def frame_of(line: str, before: str = "", after: str = "") -> Frame | None:
    """Return the frame that a line of a stack trace names; Go and Rust take two lines, the one `before` or `after`."""
    text = line.strip()[:LONGEST_LINE]
    needs_others = text[:1].isdigit() or ".go:" in text or ".s:" in text or ".rs" in text or text[:2] == "@ "
    return _read(text, before[:LONGEST_LINE], after[:LONGEST_LINE]) if needs_others else _read(text)


def forget() -> None:
    """Forget what was remembered, for who measures how long the first traces take."""
    _read.cache_clear()


@lru_cache(_LINES)
def _read(text: str, before: str = "", after: str = "") -> Frame | None:
    if text[:1] in {"[", ">"} and (tags := _TAGS.match(text)):
        text = text[tags.end() :]
    if text.startswith("at "):
        return _frame_of_at(_BEHIND.sub("", text), before)
    if text.startswith("#"):
        return _frame_of_number(text)
    for notation in _NOTATIONS:
        if notation.sign in text and (found := notation.read(text)):
            return found
    return _frame_of_two_lines(text, before, after)


def _frame_of_two_lines(text: str, before: str, after: str) -> Frame | None:
    if text[:2] == "@ ":
        return rarer_frames.in_julia(text, before)
    if ".go:" in text or ".s:" in text:
        return _frame_of_go(text, before) or rarer_frames.in_gin(text, after)
    return _frame_of_digit(text, after) if text[:1].isdigit() else None


class _Notation(NamedTuple):
    """How a language writes a frame: what each of them holds, and what reads it where it is one."""

    sign: str
    read: Callable[[str], Frame | None]


def _in_python(text: str) -> Frame | None:
    return _by_path(_PYTHON.match(text) or _IPYTHON.match(text))


def _in_rich(text: str) -> Frame | None:
    return _by_path(_RICH.match(text.strip("│ ")))


def _in_browser(text: str) -> Frame | None:
    location = _LOCATION.search(text)
    if not location or location[0].endswith(")"):
        return None
    found = _BROWSER.match(text[: location.start()])
    return _by_path(found) if found and ("://" in found["path"] or _SCRIPT.match(found["path"])) else None


def _in_jvm(text: str) -> Frame | None:
    """Read `at app//a.b.C.method(C.java:7)`; what stands before the first parenthesis is the name."""
    name, _, source = text.removeprefix("at ").partition("(")
    place, _, function = name.rpartition(" @ ")[2].rpartition(".")  # Cats Effect names the operation first
    module, found = _JVM_MODULE.match(place), _IN_JVM.match(source)
    if not module or not found or not _JVM_FUNCTION.match(function):
        return None
    called = f"{module['module']}.{function}"
    generated = function_names.is_generated(called) or found["generated"] == "<generated>"
    return in_app.by_name(function_names.in_jvm(called), generated=generated)


def _in_ruby(text: str) -> Frame | None:
    found = _RUBY.match(text)
    if not found:
        return None
    frame = in_app.by_path(found["path"], function_names.in_ruby(found["function"]))
    return Frame(frame.place, own=False) if found["gem"] else frame


def _in_beam(text: str) -> Frame | None:
    found = _BEAM.match(text)
    if not found:
        return None
    return in_app.in_beam(found["application"] or "", function_names.in_beam(found["function"]), found["path"])


def _in_beam_unknown(text: str) -> Frame | None:
    found = _BEAM_UNKNOWN.match(text)
    return in_app.in_beam(found["application"], function_names.in_beam(found["function"]), "") if found else None


def _in_swift(text: str) -> Frame | None:
    """Read `1 Cart.load(of:) in shop at /src/Cart.swift:7:3`, as Swift writes where nobody wants addresses."""
    call, _, rest = text.rpartition(" in ")
    found, place = _SWIFT_CALL.match(call), _SWIFT_PLACE.match(rest)
    if not found or not place or not (found["offset"] or place["path"].endswith(".swift")):
        return None
    return in_app.by_path(place["path"], function_names.in_c(found["function"]))


def _in_glog(text: str) -> Frame | None:
    found = _GLOG.match(text)
    return in_app.in_c(function_names.in_c(found["function"]), "") if found else None


def _in_perl(text: str) -> Frame | None:
    """Read `Van::load(7) called at /app/run.pl line 12`, which is a place in the caller."""
    if not (found := _PERL.match(text)):
        return None
    file = in_app.by_path(found["path"])
    return Frame(file.place, file.own, found["function"])


def _by_path(found: re.Match[str] | None, name: Callable[[str], str] = str) -> Frame | None:
    return in_app.by_path(found["path"], name(found["function"] or "")) if found else None


_NOTATIONS = (
    _Notation("File ", _in_python),
    _Notation(".py:", _in_rich),
    _Notation(":in ", _in_ruby),
    _Notation(".cr:", _in_ruby),
    _Notation("(", _in_jvm),
    _Notation("@", _in_browser),
    _Notation(".e", _in_beam),
    _Notation(") ", _in_beam_unknown),
    _Notation("{file,", rarer_frames.in_erlang_term),
    _Notation("rl, line ", rarer_frames.in_erlang),
    _Notation("0x", lambda text: _by_path(_SWIFT.match(text), function_names.in_c)),
    _Notation(" in ", _in_swift),
    _Notation("@ ", _in_glog),
    _Notation(" called at ", _in_perl),
    _Notation(", called at ", rarer_frames.in_haskell),
    _Notation(".lua:", lambda text: _by_path(_LUA.match(text))),
    _Notation(' file "', rarer_frames.in_ocaml),
    _Notation(".nim", rarer_frames.in_nim),
    _Notation(".zig:", rarer_frames.in_zig),
    _Notation(") /", rarer_frames.in_php),
    _Notation(".php:", rarer_frames.in_php),
    _Notation("+0x", rarer_frames.in_glibc),
    _Notation("PL/pgSQL function ", rarer_frames.in_sql),
    _Notation("ORA-06512: at ", rarer_frames.in_sql),
    _Notation(" char:", rarer_frames.in_powershell),
    _Notation("dart", lambda text: _by_path(_DART_TERSE.match(text), function_names.in_c)),
    _Notation("package:", lambda text: _by_path(_DART_TERSE.match(text), function_names.in_c)),
)


def _frame_of_at(text: str, before: str) -> Frame | None:
    """Read `at ...`: the JVM, .NET, Rust, and Node.js and its relatives write so."""
    if text.endswith(")") and (frame := _in_jvm(text)):
        return frame
    if found := _RUST_FILE.match(text):
        function = _RUST.match(before.strip())
        return in_app.in_rust(function_names.in_rust(function["function"]), found["path"]) if function else None
    if _is_of_dotnet(text) and (found := _DOTNET.match(text)):
        return in_app.by_name(function_names.in_dotnet(found["place"]))
    if frame := _in_node(text) or rarer_frames.in_powershell(text):
        return frame
    if found := _UNKNOWN_TO_NODE.match(text):
        return Frame(in_app.steady(function_names.in_node(found["function"])), own=False)
    found = _DOTNET.match(text)
    return in_app.by_name(function_names.in_dotnet(found["place"])) if found else None


def _is_of_dotnet(text: str) -> bool:
    """Tell whether only .NET would write so: a file of one of its languages, or a line by that word."""
    inside = _IN_DOTNET.search(text)
    return bool(_OF_DOTNET.search(text) or (inside and _DOTNET_FILE.search(text, inside.end())))


def _in_node(text: str) -> Frame | None:
    """Read `at async function (path:7:3)`, or `at path:7:3`."""
    location = _LOCATION.search(text)
    found = _NODE.match(text[: location.start()]) if location else None
    if not found:
        return None
    function, _, path = found["place"].partition(" (")
    if not path:
        function, path = "", found["place"]
    if path == _EVALUATED and function:
        return Frame(in_app.steady(f"{_EVALUATED}:{function_names.in_node(function)}"), own=True)
    if path.startswith("eval at "):
        return Frame("eval", own=False)
    return in_app.by_path(path, function_names.in_node(function))


def _frame_of_number(text: str) -> Frame | None:
    """Read `#7 ...`: PHP, Dart, sanitizers and debuggers of C write so."""
    if found := _PHP.match(text):
        file = in_app.by_path(found["path"])
        return Frame(file.place, file.own, function_names.in_php(found["function"]))
    if found := _DART.match(text):
        path = f"{found['scheme']}:{_without_location(found['path'])}"
        return in_app.by_path(path, function_names.in_c(found["function"]))
    found = _C.match(text)
    if not found:
        return None
    path = found["at"] or found["path"] or found["library"] or found["binary"]
    return in_app.in_c(function_names.in_c(found["function"]), path)


def _frame_of_digit(text: str, after: str) -> Frame | None:
    """Read `7: ...` of Rust, `7# ...` of Boost and C++23, `7 image ...` of Apple's crash reports."""
    if found := _BOOST.match(text):
        return in_app.in_c(function_names.in_c(found["function"]), found["path"] or found["binary"])
    offset = _OFFSET.search(text)
    if offset and (found := _IMAGE.match(text[: offset.start()])):
        function = text[found.end() : offset.start()]
        return in_app.in_image(function_names.in_c(function), found["image"])
    found = _RUST.match(text)
    if found and "::" in found["function"] and not _RUST_FILE.match(after.strip()):
        return in_app.in_rust(function_names.in_rust(found["function"]))
    return None


def _frame_of_go(text: str, before: str) -> Frame | None:
    call = before.strip().partition(" in goroutine")[0].removeprefix("created by ")
    file, function = _GO_FILE.match(text), _GO_FUNCTION.match(_without_arguments(call))
    if not file or not function:
        return None
    return in_app.in_go(function_names.in_go(function[0].replace("[...]", "")), file["path"])


def _without_arguments(call: str) -> str:
    """Return a call without the parentheses that end it, and what stands between them."""
    depth = deepest = 0
    for index in range(len(call) - 1, 0, -1):
        depth += {")": 1, "(": -1}.get(call[index], 0)
        deepest = max(depth, deepest)
        if depth <= 0:
            return call[:index] if 0 < deepest <= ARGUMENTS_DEEP else call
    return call


def _without_location(path: str) -> str:
    """Return a path without the numbers of line and column behind it."""
    numbers = _NUMBERS_BACKWARDS.match(path[:0:-1])
    return path[: len(path) - numbers.end()] if numbers else path


# As `:7:3` reads from its end.
_NUMBERS_BACKWARDS = re.compile(r"(?:\d++:)*+")
