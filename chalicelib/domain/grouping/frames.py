"""Frames: a line of a stack trace, read as a place in the code, in the notations of the languages that there are.

A place names a module and a function and no line number, so it stays the same when lines above it come and go.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from chalicelib.domain.grouping import in_app
from chalicelib.domain.grouping.in_app import Frame

# A line of code that is longer is data that somebody formatted, and reading it takes time.
LONGEST_LINE = 400
# Traces repeat their lines: what was read is remembered.
_LINES = 2_048

# What loggers write behind a frame (the jar that it is from), and Node.js where an error's own properties follow.
_BEHIND = re.compile(r"(?: ~?\[[^\[\]]*\]| \{|,)$")
# Tags that Rails writes before each line, and debuggers before the line that they are about.
_TAGS = re.compile(r"(?:\[[^\[\]\s]+\] +)+(?=\S)|> +(?=File)")

_PYTHON = re.compile(r'File "(?P<path>[^"]+)",? [lL]ine \d+(?:, in (?P<function>\S.*))?')
_NODE = re.compile(r"at (?:async )?(?:(?P<function>\S.*?) \((?P<path>.+?)|(?P<bare>\S.*?))(?::\d+){1,2}\)?$")
_UNKNOWN_TO_NODE = re.compile(r"at (?:async )?(?P<function>[\w.$<> ]+?) \((?:<anonymous>|native)\)$")
_BROWSER = re.compile(r"(?P<function>[^\s@()]*)@(?P<path>(?:[^\s@]*://|[^\s@:]*\.[cm]?jsx?\b)[^\s@]*?)(?::\d+){1,2}$")
_JVM_SOURCE = (
    r"[\w$-]+\.(?:java|kt|kts|scala|groovy|clj)(?::\d+)?|Native Method|(?:Unknown Source|SourceFile|PG)(?::\d+)?"
    r"|(?P<generated><\w+>)"
)
_JVM = re.compile(
    rf"(?:at )?(?:[\w.@-]*/)*(?P<module>[\w$]+(?:\.[\w$/-]+)*)\.(?P<function>[\w$<>-]+)\((?:{_JVM_SOURCE})\)"
)
_DOTNET = re.compile(
    r"at (?P<place>[\w.`<>+|,_$\[\]-]+) ?\([^()]*(?:\([^()]*\)[^()]*)*\)(?: ?\[0x[0-9a-f]+\])?(?: in .*)?$"
)
_OF_DOTNET = re.compile(r"\)(?: ?\[0x[0-9a-f]+\])? in (?:.*:line \d+$|.*\.(?:cs|fs|vb|csharp)\b|<)|:line \d+$")
_RUBY = re.compile(
    r"(?:\d+: )?(?:from )?(?P<gem>[\w-]+ \([\w.]+\) )?(?P<path>[^:\s]++(?: [^:\s]++)*+):\d+(?::\d+)?"
    r"(?::| )in [`'](?P<function>[^']+)'"
)
_GO_FUNCTION = re.compile(r"(?:created by )?(?P<place>[\w./*()%~\[\]-]+?)(?:\([^()]*(?:\([^()]*\)[^()]*)*\))?$")
_GO_FILE = re.compile(r"\s*(?P<path>\S+\.(?:go|s)):\d+(?: \+0x[0-9a-f]+)?$")
_PHP = re.compile(r"#\d+ (?P<path>\[internal function\]|.*?\.\w+)(?:\(\d+\))?: (?P<function>[^\s(]+)\(")
_RUST = re.compile(r"\d+: +(?:0x[0-9a-f]+ - )?(?P<function>[\w<&({$*\[].*)$")
_RUST_FILE = re.compile(r"at (?P<path>\S+\.rs):\d+(?::\d+)?$")
_BEAM = re.compile(
    r"(?:\((?P<application>\w+) [^\s)]+\) )?(?P<path>[\w./@-]+\.(?:exs?|erl|eex|heex)):\d+: (?P<function>\S.*)$"
)
_BEAM_UNKNOWN = re.compile(r"\((?P<application>\w+) [^\s)]+\) (?P<function>:?[\w.]+[./]\S*)$")
_SWIFT = re.compile(
    r"(?:\d+ )?(?:\[[^\]]*\] )?0x[0-9a-f]+,? (?P<function>\S.*?)(?: \+ \d+)?(?: in \S+)?"
    r" at (?P<path>\S+?):\d+(?::\d+)?$"
)
_IMAGE = re.compile(r"\d+ +(?P<image>[^\s].*?) +0x[0-9a-f]+ (?P<function>\S.*?) \+ \d+(?: \((?P<path>[^():]+):\d+\))?$")
_DART = re.compile(
    r"#\d+ +(?P<function>\S.*?) \((?P<path>(?:dart|package|file|https?|org-dartlang-\w+):\S+?)(?::\d+)*\)$"
)
_DART_TERSE = re.compile(r"(?P<path>(?:dart:|package:|(?=[\w./-]+\.dart)[\w./-])\S*+) \d+:\d+ +(?P<function>\S.*)$")
_C = re.compile(
    r"#\d+ +(?:0x[0-9a-f]+ in )?(?P<function>[^\s].*?)"
    r"(?: at (?P<at>[^\s:]+)(?::\d+)*| from (?P<library>\S+)| (?P<path>(?=[^\s():/.]*+[/.])[^\s():]++)(?::\d+)+"
    r"| \((?P<binary>[^\s()]+)\+0x[0-9a-f]+\))(?: \([^()]*\))*$"
)
_BOOST = re.compile(r"\d+# (?P<function>\S.*?) (?:at (?P<path>\S+?):\d+|in (?P<binary>\S+))$")
_PERL = re.compile(r"(?P<function>[\w:]+)\(.*\) called at (?P<path>\S+) line \d+$")
_LUA = re.compile(r"(?P<path>[^\s:]+\.lua):\d+: in (?P<function>.+)$")
_OCAML = re.compile(r'(?:Raised|Called|Re-raised)(?: at| from) (?P<function>\S+ in )?file "(?P<path>[^"]+)"')
_HASKELL = re.compile(r"(?P<called>\S+), called at (?P<path>\S+\.hs):\d+:\d+ in (?P<function>\S+)$")
_JULIA = re.compile(r"@ (?P<function>[\w.]+) (?P<path>\S+\.jl):\d+$")


def frame_of(line: str, before: str = "", after: str = "") -> Frame | None:
    """Return the frame that a line of a stack trace names; Go and Rust take two lines, the one `before` or `after`."""
    text = line.strip()[:LONGEST_LINE]
    needs_others = text[:1].isdigit() or ".go:" in text or ".s:" in text or ".rs" in text
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
        if notation.sign in text and (found := notation.pattern.match(text)):
            return notation.frame(found)
    if ".go:" in text or ".s:" in text:
        return _frame_of_go(text, before)
    if text[:1].isdigit():
        return _frame_of_digit(text, after)
    return None


class _Notation(NamedTuple):
    """How a language writes a frame: what each of them holds, the pattern, and the frame that it is."""

    sign: str
    pattern: re.Pattern[str]
    frame: Callable[[re.Match[str]], Frame]


def _in_jvm(found: re.Match[str]) -> Frame:
    name = f"{found['module']}.{found['function']}"
    generated = _JVM_GENERATED.search(name) is not None or found["generated"] == "<generated>"
    return in_app.by_name(_name_in_jvm(name), generated=generated)


def _in_ruby(found: re.Match[str]) -> Frame:
    frame = in_app.by_path(found["path"], _name_in_ruby(found["function"]))
    return Frame(frame.place, own=False) if found["gem"] else frame


def _in_beam(found: re.Match[str]) -> Frame:
    return in_app.in_beam(found["application"] or "", _name_in_beam(found["function"]), found["path"])


def _in_beam_unknown(found: re.Match[str]) -> Frame:
    return Frame(in_app.steady(_name_in_beam(found["function"])), own=False)


def _in_swift(found: re.Match[str]) -> Frame:
    return in_app.by_path(found["path"], _name_in_c(found["function"]))


def _by_path(found: re.Match[str]) -> Frame:
    return in_app.by_path(found["path"], found["function"] or "")


_NOTATIONS = (
    _Notation('File "', _PYTHON, _by_path),
    _Notation(":in ", _RUBY, _in_ruby),
    _Notation(".cr:", _RUBY, _in_ruby),
    _Notation("(", _JVM, _in_jvm),
    _Notation("@", _BROWSER, _by_path),
    _Notation(".e", _BEAM, _in_beam),
    _Notation(") :", _BEAM_UNKNOWN, _in_beam_unknown),
    _Notation("0x", _SWIFT, _in_swift),
    _Notation(" called at ", _PERL, _by_path),
    _Notation(", called at ", _HASKELL, _by_path),
    _Notation(".lua:", _LUA, _by_path),
    _Notation(' file "', _OCAML, lambda found: in_app.by_path(found["path"], (found["function"] or "")[:-4])),
    _Notation("@ ", _JULIA, _by_path),
    _Notation("dart", _DART_TERSE, lambda found: in_app.by_path(found["path"], _name_in_c(found["function"]))),
    _Notation("package:", _DART_TERSE, lambda found: in_app.by_path(found["path"], _name_in_c(found["function"]))),
)


def _frame_of_at(text: str, before: str) -> Frame | None:
    """Read `at ...`: the JVM, .NET, Rust, and Node.js and its relatives write so."""
    if text.endswith(")") and (found := _JVM.match(text)):
        return _in_jvm(found)
    if found := _RUST_FILE.match(text):
        function = _RUST.match(before.strip())
        return in_app.in_rust(_name_in_rust(function["function"]), found["path"]) if function else None
    if _OF_DOTNET.search(text) and (found := _DOTNET.match(text)):
        return in_app.by_name(_name_in_dotnet(found["place"]))
    if found := _NODE.match(text):
        return _in_node(found)
    if found := _UNKNOWN_TO_NODE.match(text):
        return Frame(in_app.steady(_name_in_node(found["function"])), own=False)
    found = _DOTNET.match(text)
    return in_app.by_name(_name_in_dotnet(found["place"])) if found else None


def _in_node(found: re.Match[str]) -> Frame:
    path = found["path"] or found["bare"]
    if path.startswith("eval at "):
        return Frame("eval", own=False)
    return in_app.by_path(path, _name_in_node(found["function"] or ""))


def _frame_of_number(text: str) -> Frame | None:
    """Read `#7 ...`: PHP, Dart, sanitizers and debuggers of C write so."""
    if found := _PHP.match(text):
        return in_app.by_path(found["path"], _name_in_php(found["function"]))
    if found := _DART.match(text):
        return in_app.by_path(found["path"], _name_in_c(found["function"]))
    found = _C.match(text)
    if not found:
        return None
    path = found["at"] or found["path"] or found["library"] or found["binary"]
    return in_app.in_c(_name_in_c(found["function"]), path)


def _frame_of_digit(text: str, after: str) -> Frame | None:
    """Read `7: ...` of Rust, `7# ...` of Boost and C++23, `7 image ...` of Apple's crash reports."""
    if found := _BOOST.match(text):
        return in_app.in_c(_name_in_c(found["function"]), found["path"] or found["binary"])
    if found := _IMAGE.match(text):
        return in_app.in_image(_name_in_c(found["function"]), found["image"])
    found = _RUST.match(text)
    if found and "::" in found["function"] and not _RUST_FILE.match(after.strip()):
        return in_app.in_rust(_name_in_rust(found["function"]))
    return None


def _frame_of_go(text: str, before: str) -> Frame | None:
    file, function = _GO_FILE.match(text), _GO_FUNCTION.match(before.strip().partition(" in goroutine")[0])
    if not file or not function:
        return None
    return in_app.in_go(_GO_CLOSURE.sub("", function["place"].replace("[...]", "")), file["path"])


# What compilers put into names: closures, proxies, numbers of what has no name.
_JVM_GENERATED = re.compile(
    r"\$Proxy\d|Generated\w*Accessor|CGLIB\$\$|FastClassBy|\$\$Lambda|\$\$Spring|\$\$Enhancer|_jsp\b|\$\$FastClass"
    r"|\$ByteBuddy|\$HibernateProxy|\$MockitoMock|\$auxiliary|access\$\d"
)
_GO_CLOSURE = re.compile(r"(?:\.func\d+|\.gowrap\d+|\.deferwrap\d+|\.\d+|-range\d+|-fm)+$")


def _name_in_node(function: str) -> str:
    name = function.removeprefix("new ").partition(" [as ")[0].partition(" (eval at")[0]
    return "" if "<anonymous>" in name else name.removeprefix("Object.").removeprefix("exports.")


def _name_in_jvm(name: str) -> str:
    """Return a method by the name it was written under: `A.lambda$post$0` is `A.post`, `A$b$1.invoke` `A$b.invoke`."""
    name = re.sub(r"(?:\$\$(?:Enhancer|FastClass|Spring)\w*|\$\$Lambda|\.\$Proxy)[\w$/-]*", "", name)
    name = re.sub(
        r"(?:(?<=\.)(?:lambda|\$anonfun|access)|(?P<inner>\$+anonfun))\$(\w+?)(?:\$\d+)?(?=\$|\.|$)", _unfolded, name
    )
    name = re.sub(
        r"\$(?:default|suspendImpl|lambda)?(?=[.$]|$)|\$(?:eval|fn)__\d+|\$\d+(?=[.$]|$)|(?<=\w)-[\w-]{7,}$", "", name
    )
    return re.sub(r"\$+(?=[.]|$)", "", name)


def _unfolded(found: re.Match[str]) -> str:
    return f"${found[2]}" if found["inner"] else found[2]


def _name_in_dotnet(place: str) -> str:
    """Return a method by the name it was written under: `A.<PlaceAsync>d__5.MoveNext` is `A.PlaceAsync`."""
    name = re.sub(r"[.+]<>c(?:__DisplayClass[\d_]+)?(?:`\d+)?", "", place)
    name = re.sub(r"<*(?:<([\w.]+)>\$?)(?:[a-z]__[\w|]*)?(?:>[a-z](?:__[\w|]*)?)?(?:\.MoveNext)?", r"\1", name)
    return re.sub(r"`\d+|\[[^\]]*\]|\$$", "", name).replace("+", ".").replace("..ctor", ".ctor")


def _name_in_ruby(function: str) -> str:
    """Return a method without its class, which Ruby names since 3.4, and without the blocks in it."""
    return re.sub(r"^(?:[A-Z][\w:]*|#<[^>]*>)[#.]", "", function.rpartition(" in ")[2])


def _name_in_php(function: str) -> str:
    """Return a function without what is added to the name of an anonymous class or function."""
    name = re.sub(r"class@anonymous.*?(?=->|::|$)", "class@anonymous", function)
    return re.sub(r"\{closure[^}]*\}?", "{closure}", name)


def _name_in_rust(function: str) -> str:
    """Return a function without closures, the hash of its build and what types it was made for."""
    name = re.sub(r"(?:::\{\{?[\w#:.-]+\}?\})+|::h[0-9a-f]{16}$", "", function)
    return re.sub(r"(?<=\w)(?:::)?<(?:[^<>]|<[^<>]*>)*>", "", re.sub(r"::h[0-9a-f]{16}$", "", name))


def _name_in_beam(function: str) -> str:
    """Return a function without its arguments or their number, and without the anonymous function in it."""
    name = function.removeprefix("anonymous fn").partition(" in ")[2] or function
    name = re.sub(r"^-|-(?:fun|inlined|lc\$)[\w$/^.-]*$", "", name.partition("(")[0])
    return re.sub(r"/\d+.*$", "", name)


def _name_in_c(function: str) -> str:
    """Return a function without parameters, what types it was made for, and the closure in it."""
    name = re.sub(r"^(?:closure|implicit closure) #\d+ .*? in |^\(extension in \w+\):|^static ", "", function)
    name = re.sub(r"\.?<(?:anonymous closure|fn|lambda)[^>]*>", "", name)
    name = re.sub(r"<(?:[^<>]|<[^<>]*>)*>", "", name)
    return re.sub(r"(?<=[\w>]) ?\(.*$| const$| \[clone.*$", "", name).strip() or function
