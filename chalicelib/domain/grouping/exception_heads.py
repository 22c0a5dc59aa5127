"""Heads: what stands above the frames of a stack trace, read as the exception's type and what it says."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from chalicelib.domain.grouping import in_app, rarer_heads
from chalicelib.domain.grouping.frames import LONGEST_LINE
from chalicelib.domain.grouping.head import Head
from chalicelib.domain.grouping.parameterization import template
from chalicelib.domain.logs.headers import without_header

_KIND = re.compile(r"(?P<kind>[A-Za-z_$][\w$]*(?:(?:\.|::|\\)[A-Za-z_$][\w$]*)*)(?=:? \[|:? ?\(|:\s|:?$| ---> )")
_NAMED = re.compile(r"(?<![\w.$\\])(?P<kind>[A-Za-z_$][\w$.\\]*(?:Error|Exception))(?=:? ?\[|:\s|:?$|: ?\")")
_EXCEPTION_NAME = re.compile(
    r"(?:[\w$]+(?:\.|::|\\))*(?:Error|Exception|[A-Z_$][\w$]*?"
    r"(?:Error|Exception|Throwable|Fault|Timeout|Interrupt|Exit|Warning))$"
)
_QUALIFIED = re.compile(r"(?:[A-Za-z_$][\w$]*(?:\.|::|\\))+[A-Z_$][\w$]*$")
# A word that levels and loggers write, too.
_NO_KIND = frozenset(
    {"error", "fail", "crit", "fatal", "warn", "warning", "info", "notice", "debug", "critical", "trace"}
    # What PostgreSQL writes below: https://www.postgresql.org/docs/current/protocol-error-fields.html
    | {"detail", "hint", "context", "statement", "query"}
)

# https://nim-lang.github.io/Nim/manual.html#exception-handling
_NIM = re.compile(r"Error: unhandled exception: (?:.* )?\[(?P<kind>\w+)\]$")
# What Go's runtime finds wrong is its own type: https://pkg.go.dev/runtime#Error
_GO = re.compile(r"(?:.{0,200}?http: panic serving [^\s]+: |panic: |fatal error: )")
_GO_RUNTIME = re.compile(
    r"(?:panic: )?(?:runtime error: [a-z ]+|interface conversion|assignment to entry in nil map"
    r"|(?:send on|close of) (?:closed|nil) channel|fatal error: [^\d\n]+)"
)
# A value that is no error and no text is printed with its type.
_GO_VALUE = re.compile(r"[&(]?(?P<type>[a-z]\w*\.\w+)[{)]")
_RECOVERED = re.compile(r" \[recovered(?:, repanicked)?\]$")
_RUST = re.compile(r"thread '[^']*' (?:\(\d+\) )?panicked at (?:'(?P<old>.*)', )?(?P<path>[^\s'][^']*?):\d+:\d+:?$")
# What these quote is code: https://doc.rust-lang.org/std/macro.assert_eq.html
_RUST_CODE = ("called `", "assertion `")
# https://doc.rust-lang.org/std/fmt/trait.Debug.html
_RUST_VALUE = re.compile(r": (?=(?:[a-z]\w*+::){0,8}+[A-Z]\w*(?: \{|\(|$)).*")
_RUST_NAME, _QUOTED, _MOST_NAMES = re.compile(r"\b[A-Z][A-Z\d_]*+[a-z]\w*+"), re.compile(r'"(?:[^"\\]|\\.)*+"?'), 5
_BEAM = re.compile(r"(?:\*\* )?\*\* \((?P<kind>(?:(?! from )[\w.: ])++)(?: from [^)]*+)?\) ?(?P<said>.*)$")
# https://www.erlang.org/doc/apps/stdlib/proc_lib.html
_BEAM_REPORT = re.compile(r"exception (?:error|exit|throw): (?P<said>(?:\{+(?P<kind>[a-z]\w*+))?.*)$")
_ERLANG_REASON = re.compile(
    r"(?:\*\* |reason: +|(?>.*?\b(?:with exit value:\s*+|Reason: ))|(?=\{))"
    r"\{+(?P<kind>[a-z]\w*),.*?\[\{(?!file,)"
)
# https://docs.julialang.org/en/v1/base/base/#Core.LoadError
_JULIA = "LoadError: "
_PHP = re.compile(
    r"(?:PHP )?(?:(?:Fatal|Recoverable fatal|Parse) error: +)?(?:Uncaught (?:PHP )?(?:Exception )?)?"
    r"(?:exception '(?P<old>[\w\\]+)' with message '(?P<text>.*?)'"
    # Where it was called from is another place: https://www.php.net/manual/en/class.typeerror.php
    r"|(?P<kind>[\w\\]+|(?:Fatal|Recoverable fatal|Parse) error|Strict Standards): (?P<said>.*?)(?<!, called)"
    r"(?<!passed))(?:, called in \S+ on line \d+ and defined)?"
    r" (?:in|at) (?P<path>\S+?\.\w+)(?::\d+|:?\(\d+\)| (?:on )?line \d+)"
)
# https://www.php.net/manual/en/errorfunc.constants.php
_PHP_LEVEL = re.compile(r"(?:(?:Fatal|Recoverable fatal|Parse) error|Strict Standards|Warning|Notice|Deprecated)$")
# Read from the first of these alone: where nothing says a place behind it, nothing does behind the next one.
_PHP_OBJECT = re.compile(
    r"(?>.*?\[(?:previous )?(?:exception|object)\] \((?P<kind>[\w\\]+)\(code: )[^)]*+\): (?P<said>.*?)"
    r" at (?P<path>[^\s:]++):\d++\)"
)
# https://symfony.com/doc/current/console/verbosity.html
_SYMFONY = re.compile(r"In [^\s:]+\.php line \d+:$")
_SYMFONY_KIND = re.compile(r"\[(?P<kind>[A-Z][\w\\]*)(?: \([^()]*\))?\]$")
_RUBY = re.compile(r"(?P<path>[^:\s]+):\d+:in [`'][^']+': (?P<said>.+?) \((?P<kind>[A-Z][\w:]*)\)$")
_RAILS = re.compile(r"(?P<kind>[A-Z]\w*(?:::[A-Z]\w*)*) \((?P<said>.*)\):?$")
_SANITIZER = re.compile(
    r"(?:=+\d+=+)?(?:(?:ERROR|WARNING): ?)?(?P<kind>\w+Sanitizer: (?:[a-z-]+(?: [a-z]+)*?))(?= on | \(|:|$)"
)
_UNDEFINED = re.compile(r"(?P<path>[^\s:]+):\d+:\d+: (?P<said>runtime error: .*)$")
_TERMINATE = re.compile(r"terminate called after throwing an instance of '(?P<kind>[^']+)'")
_SWIFT = re.compile(
    r"(?P<path>[^\s:]+\.swift):\d+: (?P<said>(?:Fatal error|Precondition failed|Assertion failed)\b.*)$"
)
_SWIFT_ERROR = re.compile(r"raised an error: ([\w.]+)")
# https://developer.apple.com/documentation/foundation/nsexception
_OBJECTIVE_C = re.compile(
    r"\*\*\* Terminating app due to uncaught exception '(?P<kind>[^']+)', reason: '(?P<said>.*)'$"
)
# https://docs.flutter.dev/testing/errors
_FLUTTER = re.compile(r"The following (?P<kind>\w+) was thrown\b")
# https://api.dart.dev/dart-core/Object/toString.html
_DART_INSTANCE = re.compile(r"Instance of '(?P<kind>[^']+)'$")
# https://docs.rs/color-eyre
_EYRE_ERROR = re.compile(r"\d{1,3}: (?P<said>\S.*)$")
_EYRE_LOCATION = re.compile(r"(?P<path>[^\s:]++):\d+(?::\d+)?$")
# A line is read so far: a message may be endless.
_LONGEST_HEAD, _MOST, _BEGINNING = 2_000, 50, 20
_LETTER = re.compile(r"\w")
# What stands below a better line: the cause of what was raised, the platform's own word for a runtime that died, and
# what Go's `debug.Stack` begins with.
_LESS_TELLING = re.compile(
    r"Caused by(?! error in `)|Runtime\.ExitError|Traceback \(most recent call last\):|goroutine \d+ \["
)


def kind_of(said: str) -> str:
    """Return the exception's type in a line such as `type: message`; nothing where it names none."""
    text = said[:LONGEST_LINE]
    if found := _GO_RUNTIME.match(text):
        return found[0].rstrip()
    if found := _NIM.match(text):
        return found["kind"]
    found = _KIND.match(text)
    if found is None or (found["kind"].lower() in _NO_KIND and found["kind"] != "Error"):
        found = _NAMED.search(text)
    return found["kind"] if found else ""


def names_exception(line: str) -> bool:
    """Tell whether a line begins with the name of an exception."""
    kind = kind_of(line)
    return bool(kind) and line.startswith(kind) and bool(_EXCEPTION_NAME.match(kind) or _QUALIFIED.match(kind))


def head_of(lines: Sequence[str], *, above_frames: bool = False) -> Head:
    """Return what some lines say of an exception: those of a message or, of a stack trace, those `above_frames`."""
    stripped = (without_header(line[:_LONGEST_HEAD].strip()).strip() for line in lines[:_MOST])
    said = [each for each in stripped if _LETTER.search(each) and not _LESS_TELLING.match(each)]
    text = "\n".join(said)
    for reader in _READERS:
        if any(map(text.__contains__, reader.signs)):
            for number, line in enumerate(said):
                if head := reader.read(line, said[number + 1 :]):
                    return head
    if said and names_exception(said[0]) and lines[0].lstrip().startswith(said[0][:_BEGINNING]):
        return Head(kind_of(said[0]), said[0])
    return _named(said, above_frames=above_frames)


def head_in_frame(line: str) -> Head | None:
    """Return what a line says that is the first frame of an exception at the same time: Ruby and Erlang write so."""
    if found := _RUBY.match(line):
        return Head(found["kind"], f"{found['kind']}: {found['said']}")
    found = _ERLANG_REASON.match(line)
    return Head(found["kind"], found["kind"]) if found else None


def _named(said: Sequence[str], *, above_frames: bool) -> Head:
    """Return the line that names an exception, first of all below the logger's own; else the first line.

    What stands right above frames is an exception whatever its name is.
    """
    line = next(filter(names_exception, (*said[1:], *said[:1])), "")
    if not line and above_frames and said and (kind := kind_of(said[-1])) and said[-1].startswith(kind):
        line = said[-1]
    if line or not said:
        return Head(kind_of(line), line)
    line = f"{said[0]} {said[1]}" if said[0].endswith(":") and said[1:] else said[0]
    kind = kind_of(line)
    begins = line.find(kind) if "=" in line.partition(kind or " ")[0] else 0  # behind pairs of keys and values
    return Head(kind, line[begins:])


def _in_go(line: str, below: Sequence[str]) -> Head | None:
    if line.endswith("panic recovered:") and below:  # gin's recovery writes the request before what went wrong
        said = next(filter(_GO_RUNTIME.match, below), below[-1])
        return Head(kind_of(said) or "panic", f"panic: {said}")
    found = _GO.match(line)
    if not found:
        return None
    text = _RECOVERED.sub("", line)
    value = text[found.end() :]
    if "panic serving" in found[0]:
        text = f"panic: {value}"
    if kind := _GO_RUNTIME.match(text) or _GO_RUNTIME.match(value):
        return Head(kind[0].rstrip(), text)
    typed = _GO_VALUE.match(value)
    return Head(f"panic: {typed['type'] if typed else template(value.partition(': ')[0])}".rstrip(": "), text)


def _in_rust(line: str, below: Sequence[str]) -> Head | None:
    found = _RUST.match(line)
    if not found:
        return None
    said = found["old"] or next(iter(below), "panicked")
    shown = said.replace("`", "") if said.startswith(_RUST_CODE) else said
    return Head(" ".join((f"panic: {template(shown)}", *_names_in(said))), said, in_app.by_path(found["path"]))


def _names_in(said: str) -> list[str]:
    """Return the names of types and variants in the value that a message of Rust ends with."""
    value = _RUST_VALUE.search(said)
    return _RUST_NAME.findall(_QUOTED.sub("", value[0]))[:_MOST_NAMES] if value else []


def _in_eyre(line: str, below: Sequence[str]) -> Head | None:
    if line != "Error:" or not below or not _EYRE_ERROR.match(below[0]):
        return None
    errors = [found["said"] for each in below if (found := _EYRE_ERROR.match(each))]
    location = next((found for each in below if (found := _EYRE_LOCATION.match(each))), None)
    said = ": ".join(errors)
    return Head(template(said), f"Error: {said}", in_app.by_path(location["path"]) if location else None)


def _on_the_beam(line: str, _: Sequence[str]) -> Head | None:
    if report := _BEAM_REPORT.match(line):
        return Head(report["kind"] or template(report["said"]), report["said"])
    found = _BEAM.match(line)
    if not found:
        return None
    kind, said = found["kind"], found["said"]
    if kind == "EXIT" and said[-1:] != ":":  # else what was raised is on the next line
        kind = f"EXIT: {template(said.partition(': ')[0])}"
    return Head(kind, f"{found['kind']}: {said}".rstrip(": "))


def _in_php(line: str, _: Sequence[str]) -> Head | None:
    found = _PHP_OBJECT.match(line) or _PHP.match(line)
    if not found:
        return None
    groups = found.groupdict()
    kind, said = groups.get("old") or groups["kind"], groups.get("text") or groups["said"]
    kind = kind.replace("\\\\", "\\")  # as JSON has it
    line = f"{kind}: {said.lstrip()}".rstrip(": ")
    return Head(template(line) if _PHP_LEVEL.match(kind) else kind, line, in_app.by_path(found["path"]))


def _in_symfony(line: str, below: Sequence[str]) -> Head | None:
    if not below or not _SYMFONY.match(line) or not (found := _SYMFONY_KIND.match(below[0])):
        return None
    return Head(found["kind"], ": ".join((found["kind"], *below[1:2])))


def _in_ruby(line: str, _: Sequence[str]) -> Head | None:
    found = _RAILS.match(line)
    return Head(found["kind"], f"{found['kind']}: {found['said']}") if found else head_in_frame(line)


def _in_c(line: str, below: Sequence[str]) -> Head | None:
    if found := _SANITIZER.match(line):
        return Head(found["kind"], line[found.start("kind") :])
    if found := _TERMINATE.match(line):
        what = next((each.partition("what():")[2].strip() for each in below if "what():" in each), "")
        return Head(found["kind"], f"{found['kind']}: {what}".rstrip(": "))
    if found := _UNDEFINED.match(line):
        return Head(template(found["said"]), found["said"], in_app.by_path(found["path"]))
    return None


def _in_swift(line: str, _: Sequence[str]) -> Head | None:
    if uncaught := _OBJECTIVE_C.match(line):
        return Head(uncaught["kind"], f"{uncaught['kind']}: {uncaught['said']}")
    found = _SWIFT.match(line)
    if not found:
        return None
    kind = " ".join((template(found["said"]), *_SWIFT_ERROR.findall(found["said"])))
    return Head(kind, found["said"], in_app.by_path(found["path"]))


def _in_dart(line: str, below: Sequence[str]) -> Head | None:
    if below and (thrown := _FLUTTER.match(line)):
        return Head(thrown["kind"], f"{thrown['kind']}: {below[0]}")
    if not line.startswith("Unhandled exception:") or not below:
        return None
    instance = _DART_INSTANCE.match(below[0])
    return Head(instance["kind"] if instance else kind_of(below[0]) or template(below[0]), below[0])


def _in_julia(line: str, _: Sequence[str]) -> Head | None:
    said = line.removeprefix("ERROR: ").removeprefix(_JULIA)
    return Head(kind_of(said) or template(said), said) if _JULIA in line[: len("ERROR: ") + len(_JULIA)] else None


class _HeadReader(NamedTuple):
    """What reads a language's heads, and what one of its lines must hold for that: to look for it first saves time."""

    signs: tuple[str, ...]
    read: Callable[[str, Sequence[str]], Head | None]


_READERS = (
    _HeadReader(("panicked at ",), _in_rust),
    _HeadReader(("Error:",), _in_eyre),
    _HeadReader(("** (", "exception "), _on_the_beam),
    _HeadReader((".php line ",), _in_symfony),
    _HeadReader((" in ", " at "), _in_php),
    _HeadReader(("Sanitizer: ", "terminate called ", "runtime error: "), _in_c),
    _HeadReader((rarer_heads.JVM_CRASH,), rarer_heads.in_jvm_crash),
    _HeadReader(("panic", "fatal error: "), _in_go),
    _HeadReader((".swift:", "*** Terminating "), _in_swift),
    _HeadReader(("The following ", "Unhandled exception:"), _in_dart),
    _HeadReader(("Execution error ",), rarer_heads.in_clojure),
    _HeadReader((_JULIA,), _in_julia),
    _HeadReader(rarer_heads.CALL_STACKS, rarer_heads.in_haskell),
    _HeadReader((".pm line ", ".pl line ", ".t line "), rarer_heads.in_perl),
    _HeadReader(("Msg ",), rarer_heads.in_sql_server),
    _HeadReader(("Line |",), rarer_heads.in_powershell),
    _HeadReader(("Error in ",), rarer_heads.in_r),
    _HeadReader((":in ", " (", "** {", "exit value:", "eason: ", "},[{"), _in_ruby),
)
