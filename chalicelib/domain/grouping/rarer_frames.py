"""Rarer frames: places in the code as Erlang's terms and reports, Haskell, Julia, OCaml, Nim, Zig and others print.

Erlang: https://www.erlang.org/doc/system/errors.html#the-call-stack-back-trace-stacktrace
Haskell: https://hackage.haskell.org/package/base/docs/GHC-Stack.html
Julia: https://docs.julialang.org/en/v1/manual/stacktraces/
gin: https://github.com/gin-gonic/gin/blob/master/recovery.go
OCaml: https://ocaml.org/manual/5.2/api/Printexc.html
Nim: https://nim-lang.github.io/Nim/manual.html#exception-handling
Zig: https://ziglang.org/documentation/master/#Error-Return-Traces
Xdebug: https://xdebug.org/docs/develop#stack_trace
Symfony's console: https://symfony.com/doc/current/console/verbosity.html
glibc: https://man7.org/linux/man-pages/man3/backtrace.3.html
PowerShell: https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_error_handling
PL/pgSQL: https://www.postgresql.org/docs/current/plpgsql-control-structures.html#PLPGSQL-CALL-STACK
PL/SQL: https://docs.oracle.com/en/error-help/db/ora-06512/
"""

import re
from itertools import islice

from chalicelib.domain.grouping import function_names, in_app
from chalicelib.domain.grouping.in_app import Frame

_ERLANG = re.compile(r"in (?:function|call from)\s++(?P<function>[^\s/]++)/\d+ \((?P<path>[^\s,]++), line \d+\)$")
_ERLANG_TERM = re.compile(
    r"\{(?P<module>[a-z]\w{0,100}),(?P<function>[a-z]\w{0,100}),(?:\d{1,9}|\[[^\[\]]{0,200}\]),\[\{file,\"(?P<path>[^\"]{1,200})\"\},"
    r"\{line,\d{1,9}\}\]\}"
)
_MOST_IN_A_LINE = 20
_HASKELL = re.compile(r"(?P<called>[^\s,]++), called at (?P<path>[^\s:]++):\d+:\d+ in (?P<function>\S++)$")
_RAISES = frozenset({"error", "errorWithoutStackTrace", "undefined"})
_JULIA = re.compile(r"@ (?P<module>[\w.]++) (?P<path>[^\s:]++):\d+$")
_JULIA_FUNCTION = re.compile(r"\[\d+\] (?P<function>[^\s({]++)")
_GIN_FILE = re.compile(r"(?P<path>[^\s:]++):\d+ \(0x[0-9a-f]++\)$")
_GIN_FUNCTION = re.compile(r"(?P<function>[^\s:]++): ")

_OCAML = re.compile(
    r"(?:Raised|Called|Re-raised)(?: by primitive operation)?(?: at| from) "
    r'(?:(?P<function>\S+) in )?file "(?P<path>[^"]+)"'
)
_OCAML_LIBRARY = re.compile(
    r"(?:Stdlib|Camlinternal\w*|Lwt(?:_(?:main|unix|list|seq|stream|io|result|preemptive))?|Base|Core(?:_(?:kernel|unix))?"
    r"|Async(?:_(?:kernel|unix|rpc_kernel))?|Cohttp\w*|Eio\w*|Dream)(?:__|\.)"
)
_NIM = re.compile(r"(?P<path>[^\s()]+\.nim)(?:\(\d+\))? (?P<function>\S++)$")
_NIM_LIBRARY = re.compile(r"/(?:lib|nim)/(?:system|pure|std)[/.]")
_ZIG = re.compile(r"(?P<path>[^\s:]+\.zig):\d+:\d+: 0x[0-9a-f]++ in (?P<function>\S++) \(")
_XDEBUG = re.compile(r"(?:PHP +)?\d+\. (?P<function>[^\s()]++)\(.*\) (?P<path>/[^\s:]++):\d+$")
_SYMFONY = re.compile(r"(?P<function>[^\s()]++)\(\) at (?P<path>[^\s:]+\.php):\d+$")
_GLIBC = re.compile(r"(?P<binary>[^\s()]++)\((?P<function>[^\s()+]*+)\+0x[0-9a-f]++\) ?\[0x[0-9a-f]++\]$")
_POWERSHELL = re.compile(
    r"at (?P<function>[^\s,]++), (?P<path>\S[^:]*(?::[\\/][^:]*)?): line \d+$|At (?P<script>\S.*):\d+ char:\d+$"
)
_SQL = re.compile(
    r"(?:CONTEXT: +)?PL/pgSQL function (?P<postgres>[^\s(]++)(?:\(.*\))? line \d+ at "
    r"|ORA-06512: at \"(?P<oracle>[^\"]++)\", line \d+$"
)


def in_ocaml(text: str) -> Frame | None:
    """Read `Called from Van.load in file "src/van.ml", line 12, characters 3-9`."""
    found = _OCAML.match(text)
    if not found:
        return None
    frame, function = in_app.by_path(found["path"], found["function"] or ""), found["function"] or ""
    return Frame(frame.place, frame.own and not _OCAML_LIBRARY.match(function))


def in_nim(text: str) -> Frame | None:
    """Read `/app/src/van.nim(12) load`; Nim's own modules are in a directory of that name."""
    found = _NIM.match(text)
    if not found:
        return None
    frame = in_app.by_path(found["path"], found["function"])
    return Frame(frame.place, frame.own and not _NIM_LIBRARY.search(found["path"]))


def in_zig(text: str) -> Frame | None:
    """Read `/app/src/van.zig:12:3: 0x10a in load (van)`."""
    found = _ZIG.match(text)
    if not found:
        return None
    frame = in_app.by_path(found["path"], found["function"])
    return Frame(frame.place, frame.own and "/lib/std/" not in found["path"])


def in_php(text: str) -> Frame | None:
    """Read `PHP   2. Van->load($id = 7) /app/van.php:12` of Xdebug, `Van->load() at /app/van.php:12` of Symfony."""
    found = _XDEBUG.match(text) or _SYMFONY.match(text)
    return in_app.by_path(found["path"], function_names.in_php(found["function"])) if found else None


def in_glibc(text: str) -> Frame | None:
    """Read `./van(_ZN3Van4loadEv+0x1a) [0x55d0c8a4a1b9]`; what is not exported has no name."""
    found = _GLIBC.match(text)
    return in_app.in_c(found["function"] or found["binary"], found["binary"]) if found else None


def in_powershell(text: str) -> Frame | None:
    r"""Read `at Get-Van, C:\jobs\Van.psm1: line 12` of a script, `At C:\jobs\Van.psm1:12 char:3` of an error."""
    found = _POWERSHELL.match(text)
    return in_app.by_path(found["path"] or found["script"], found["function"] or "") if found else None


def in_sql(text: str) -> Frame | None:
    """Read `PL/pgSQL function load(integer) line 4 at RETURN`, `ORA-06512: at "VAN.LOAD", line 12`."""
    found = _SQL.match(text)
    name = (found["postgres"] or found["oracle"]) if found else ""
    return Frame(in_app.steady(name), own=not name.startswith("SYS.")) if name else None


def in_erlang(text: str) -> Frame | None:
    """Read `in function  van:load/2 (src/van.erl, line 12)`."""
    found = _ERLANG.match(text)
    return _of_erlang(found["function"], found["path"]) if found else None


def in_erlang_term(text: str) -> Frame | None:
    """Read `** {badarith,[{van,load,2,[{file,"src/van.erl"},{line,12}]}]}`: the nearest place of the program's own."""
    found = islice(_ERLANG_TERM.finditer(text), _MOST_IN_A_LINE)
    frames = [_of_erlang(f"{each['module']}:{each['function']}", each["path"]) for each in found]
    return next((each for each in frames if each.own), frames[0] if frames else None)


def _of_erlang(function: str, path: str) -> Frame:
    """Return a frame of Erlang; what OTP itself was compiled from has no directory."""
    frame = in_app.in_beam("", function_names.in_beam(function), path)
    return Frame(frame.place, frame.own and "/" in path)


def in_haskell(text: str) -> Frame | None:
    """Read `load, called at src/Van.hs:12:3 in main:Van`; what raises is called everywhere."""
    found = _HASKELL.match(text)
    if not found:
        return None
    module = found["function"].rpartition(":")[2]  # behind the package, its version and hash
    frame = in_app.by_path(found["path"], module if found["called"] in _RAISES else found["called"])
    return Frame(frame.place, frame.own and not found["path"].startswith("libraries/"))  # those of GHC itself


def in_julia(text: str, before: str) -> Frame | None:
    """Read `@ Van /app/src/Van.jl:12`, the function on the line before."""
    found, function = _JULIA.match(text), _JULIA_FUNCTION.match(before.strip())
    return in_app.by_path(found["path"], function["function"] if function else found["module"]) if found else None


def in_gin(text: str, after: str) -> Frame | None:
    """Read `/app/van.go:12 (0x43a0f3)`, the function on the line below."""
    found, function = _GIN_FILE.match(text), _GIN_FUNCTION.match(after.strip())
    if not found or not function:
        return None
    place = in_app.by_path(found["path"], function_names.in_go(function["function"])).place
    return Frame(place, in_app.in_go("", found["path"]).own)
