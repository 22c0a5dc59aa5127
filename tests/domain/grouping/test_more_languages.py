"""More languages: the traces of Erlang, Clojure, Groovy, F#, Julia, Haskell, Objective-C, Flutter, gin and eyre."""

import pytest

from chalicelib.domain.grouping.fingerprint import problem_of

CLOJURE = """Execution error (ArithmeticException) at van.load/weigh (load.clj:12).
Divide by zero"""
GROOVY = """groovy.lang.MissingMethodException: No signature of method: van.Load.weigh() is applicable
\tat van.Load.weigh(Load.groovy:12)
\tat van.Main$_run_closure12$_closure3.doCall(Main.groovy:7)"""
F_SHARP = """System.InvalidOperationException: no van
   at Van.Load.weigh@12-1.Invoke(Int32 x) in /src/Load.fs:line 12
   at Microsoft.FSharp.Collections.ListModule.Map[T,TResult](FSharpFunc`2 mapping) in D:\\a\\list.fs:line 7"""
CRASH_REPORT = """=CRASH REPORT==== 4-Feb-2026::11:12:13.000001 ===
  crasher:
    initial call: van_load:init/1
    pid: <0.212.0>
    exception error: no case clause matching 7
      in function  van_load:weigh/2 (src/van_load.erl, line 12)
      in call from gen_server:try_handle_call/4 (gen_server.erl, line 721)"""
GENERIC_SERVER = """=ERROR REPORT==== 4-Feb-2026::11:12:13.000001 ===
** Generic server van_load terminating
** Last message in was {weigh,7}
** Reason for termination ==
** {badarith,[{lists,map,2,[{file,"lists.erl"},{line,7}]},{van_load,weigh,2,[{file,"src/van_load.erl"},{line,12}]}]}"""
UNDEFINED_FUNCTION = """** (UndefinedFunctionError) function Van.Load.weigh/1 is undefined or private
    (van 0.1.0) Van.Load.weigh(7)
    (van 0.1.0) lib/van.ex:12: Van.run/0"""
JULIA = """ERROR: LoadError: DomainError: no van 7
Stacktrace:
 [1] weigh(x::Int64)
   @ Van /app/src/Van.jl:12
 [2] top-level scope
   @ /app/main.jl:7"""
HASKELL = """van: no van 7
CallStack (from HasCallStack):
  error, called at src/Load.hs:12:5 in van-0.1:Load
  weigh, called at app/Main.hs:7:3 in main:Main"""
OBJECTIVE_C = """*** Terminating app due to uncaught exception 'NSRangeException', reason: 'index 7 beyond bounds'
*** First throw call stack:
(
\t0   CoreFoundation                      0x0001f00d __exceptionPreprocess + 164
\t1   libobjc.A.dylib                     0x0001f00e objc_exception_throw + 60
\t2   Van                                 0x0001f00f -[LoadView weigh] + 88
)"""
FLUTTER = """══╡ EXCEPTION CAUGHT BY WIDGETS LIBRARY ╞══
The following RangeError was thrown building LoadView(dirty):
index 7 is out of range

When the exception was thrown, this was the stack:
#0      LoadView.weigh (package:van/load_view.dart:12:5)
#1      StatelessElement.build (package:flutter/src/widgets/framework.dart:7:3)"""
GIN = """[Recovery] 2026/02/04 - 11:12:13 panic recovered:
GET /vans/7 HTTP/1.1
Host: van

runtime error: index out of range [7] with length 3
/usr/local/go/src/runtime/panic.go:114 (0x43a0f2)
\tgoPanicIndex: panic(boundsError{x: int64(x), signed: true, y: y, code: boundsIndex})
/app/van/load.go:12 (0x43a0f3)
\tweigh: return loads[i]
/app/van/empty.go:12 (0x43a0f4)"""
EYRE = """Error:
   0: could not weigh the load
   1: no van

Location:
   src/load.rs:12"""
MONOLOG = (
    '[2026-02-04T11:12:13+00:00] request.CRITICAL: Uncaught PHP Exception Van\\LostException: "no van 7" '
    "at /app/src/Load.php line 12 "
    '{"exception":"[object] (Van\\\\LostException(code: 0): no van 7 at /app/src/Load.php:12)"}'
)


@pytest.mark.parametrize(
    ("trace", "title", "culprit", "kinds"),
    [
        (CLOJURE, "ArithmeticException: Divide by zero", "van.load.weigh", "ArithmeticException"),
        (GROOVY, "groovy.lang.MissingMethodException: No signature of method: van.Load.weigh() is applicable",
         "van.Load.weigh", "groovy.lang.MissingMethodException"),
        (F_SHARP, "System.InvalidOperationException: no van", "Van.Load.weigh", "System.InvalidOperationException"),
        (CRASH_REPORT, "no case clause matching 7", "src/van_load.erl:van_load:weigh", "no case clause matching *"),
        (GENERIC_SERVER, "badarith", "src/van_load.erl:van_load:weigh", "badarith"),
        (UNDEFINED_FUNCTION, "UndefinedFunctionError: function Van.Load.weigh/1 is undefined or private",
         "Van.Load.weigh", "UndefinedFunctionError"),
        (JULIA, "DomainError: no van 7", "src/Van.jl:weigh", "DomainError"),
        (OBJECTIVE_C, "NSRangeException: index 7 beyond bounds", "-[LoadView weigh]", "NSRangeException"),
        (FLUTTER, "RangeError: index 7 is out of range", "package:van/load_view.dart:LoadView.weigh", "RangeError"),
        (GIN, "panic: runtime error: index out of range [7] with length 3", "van/load.go:weigh",
         "runtime error: index out of range"),
        (EYRE, "Error: could not weigh the load: no van", "src/load.rs", "could not weigh the load: no van"),
        (MONOLOG, "Van\\LostException: no van 7", "src/Load.php", "Van\\LostException"),
    ],
)  # fmt: skip
def test_a_trace_is_read_as_a_person_would(trace: str, title: str, culprit: str, kinds: str) -> None:
    problem = problem_of(trace)

    assert (problem.title, problem.culprit) == (title, culprit)
    assert " ".join(problem.identity[1 : problem.identity.index("at")]) == kinds


@pytest.mark.parametrize(
    ("trace", "old", "new"),
    [
        (GROOVY, "_run_closure12$_closure3", "_run_closure4"),
        (F_SHARP, "@12-1.", "@70."),
        (CRASH_REPORT, "line 12", "line 70"),
        (GENERIC_SERVER, "{line,12}", "{line,70}"),
        (JULIA, ":12", ":70"),
        (HASKELL, ":7:3", ":70:3"),
        (GIN, ":12 (0x43a0f3)", ":70 (0x51)"),
        (EYRE, ":12", ":70"),
    ],
)
def test_lines_and_made_up_names_change_nothing(trace: str, old: str, new: str) -> None:
    assert old in trace

    assert problem_of(trace.replace(old, new)).identity == problem_of(trace).identity


@pytest.mark.parametrize(
    ("trace", "old", "new"),
    [
        (CLOJURE, "load/weigh", "load/count"),
        (F_SHARP, "Load.weigh@", "Load.count@"),
        *((each, "weigh/2", "count/2") for each in (CRASH_REPORT,)),
        (GENERIC_SERVER, "van_load,weigh", "van_load,count"),
        (GENERIC_SERVER, "badarith", "badarg"),
        (UNDEFINED_FUNCTION, "Load.weigh", "Load.count"),
        (JULIA, "weigh(", "count("),
        (JULIA, "DomainError", "BoundsError"),
        (HASKELL, "weigh,", "count,"),
        (OBJECTIVE_C, "NSRangeException", "NSInvalidArgumentException"),
        (FLUTTER, "RangeError", "StateError"),
        (GIN, "weigh:", "count:"),
        (EYRE, "no van", "no load"),
        (MONOLOG, "LostException", "LateException"),
    ],
)
def test_another_type_or_place_is_another_problem(trace: str, old: str, new: str) -> None:
    assert old in trace

    assert problem_of(trace.replace(old, new)).identity != problem_of(trace).identity


@pytest.mark.parametrize("trace", ["Error:\nno list below", "Error:\n   0: no van", "panic recovered:", GIN[:60]])
def test_what_is_cut_off_is_read_as_far_as_it_goes(trace: str) -> None:
    assert problem_of(trace).title
