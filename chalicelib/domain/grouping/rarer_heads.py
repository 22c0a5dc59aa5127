"""Rarer heads: what stands above the frames of Haskell, Clojure, Perl, PowerShell, R, SQL Server and a dead JVM."""

import re
from collections.abc import Sequence

from chalicelib.domain.grouping import in_app
from chalicelib.domain.grouping.head import Head
from chalicelib.domain.grouping.parameterization import template

# https://clojure.org/reference/repl_and_main#_error_printing
_CLOJURE = re.compile(r"Execution error \((?P<kind>\w+)\) at (?P<place>\S+) \(\S+\)\.$")
# https://hackage.haskell.org/package/base/docs/GHC-Stack.html
# https://downloads.haskell.org/ghc/9.12.1/docs/users_guide/9.12.1-notes.html
_BACKTRACE = "HasCallStack backtrace:"
CALL_STACKS = ("CallStack (from HasCallStack)", _BACKTRACE)
# https://perldoc.perl.org/functions/die
_PERL = re.compile(r"(?P<said>.*) at (?P<path>\S+) line \d+(?:, <\w*> (?:line|chunk) \d+)?\.$")
# https://learn.microsoft.com/sql/relational-databases/errors-events/understanding-database-engine-errors
_SQL_SERVER = re.compile(
    r"Msg \d+, Level \d+, State \d+,(?: Server [^,]++,)?(?: Procedure (?P<procedure>[^\s,]++),)? Line \d"
)
# https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_preference_variables#errorview
_POWERSHELL = re.compile(r"(?P<kind>[\w.-]+): (?P<path>\S.*\.psm?1):\d+$")
# https://rlang.r-lib.org/reference/topic-error-call.html
_R = re.compile(r"Error in `?(?P<function>[\w.:$@]++)\((?>.*?\)`? ?:) ?(?P<said>.*)")
_R_CAUSE = re.compile(r"Caused by error in `([\w.:$@]++)\(")
# https://docs.oracle.com/en/java/javase/21/troubleshoot/fatal-error-log.html
JVM_CRASH = "# A fatal error has been detected"
_JVM_FRAME = re.compile(r"# [A-Za-z] +\[(?P<library>[^\]+]+?)\+0x[0-9a-f]+\](?: +(?P<function>[^\s+(]+))?")


def in_jvm_crash(line: str, below: Sequence[str]) -> Head | None:
    """Read `# A fatal error has been detected ...`."""
    if not line.startswith(JVM_CRASH):
        return None
    what = next((each.lstrip("# ") for each in below if each.lstrip("# ")), "")
    frame = next(filter(None, map(_JVM_FRAME.match, below)), None)
    place = in_app.in_c(frame["function"] or frame["library"], frame["library"]) if frame else None
    return Head(what.partition(" ")[0], f"{line.lstrip('# ')} {what}", place)


def in_clojure(line: str, below: Sequence[str]) -> Head | None:
    """Read `Execution error (NoVan) at van/load (load.clj:12).`."""
    found = _CLOJURE.match(line)
    if not found:
        return None
    said = ": ".join((found["kind"], *below[:1]))
    return Head(found["kind"], said, in_app.by_name(found["place"].replace("/", ".")))


def in_haskell(line: str, below: Sequence[str]) -> Head | None:
    """Read the line above a call stack: of older compilers it begins with the program's name."""
    if not below or not below[0].startswith(CALL_STACKS):
        return None
    said = line if below[0] == _BACKTRACE else line.partition(": ")[2] or line
    return Head(template(said), said)


def in_perl(line: str, _: Sequence[str]) -> Head | None:
    """Read `no load at /app/Van.pm line 12.`."""
    found = _PERL.match(line)
    return Head(template(found["said"]), found["said"], in_app.by_path(found["path"])) if found else None


def in_sql_server(line: str, below: Sequence[str]) -> Head | None:
    """Read `Msg 8134, Level 16, State 1, Procedure weigh, Line 12` and what is said below."""
    found = _SQL_SERVER.match(line) if below else None
    if not found:
        return None
    return Head(template(below[0]), below[0], in_app.by_name(found["procedure"]) if found["procedure"] else None)


def in_powershell(line: str, below: Sequence[str]) -> Head | None:
    """Read `Get-Content: /app/Van.psm1:12` and the last line below, as ConciseView writes."""
    found = _POWERSHELL.match(line)
    if not found or not below:
        return None
    said = below[-1].lstrip("| ")
    return Head(f"{found['kind']}: {template(said)}", said, in_app.by_path(found["path"]))


def in_r(line: str, below: Sequence[str]) -> Head | None:
    """Read ``Error in `weigh()`:`` and the lines with an exclamation mark below, and `Error in weigh(van) : none`."""
    found = _R.match(line)
    if not found:
        return None
    said = [found["said"], *(each[2:] for each in below if each.startswith("! "))]
    kinds = " ".join([*map(template, filter(None, said)), *_R_CAUSE.findall("\n".join(below))])
    return Head(kinds, line + "".join(f" {each}" for each in said[1:2]), in_app.by_name(found["function"]))
