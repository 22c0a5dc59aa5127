"""Traces as they are printed: boxed, prefixed, in one line, by today's runtimes."""

import pytest

from chalicelib.domain.grouping.fingerprint import problem_of

RICH = """╭──────────── Traceback (most recent call last) ─────────────╮
│ /app/van/load.py:37 in weigh                               │
│                                                            │
│   11 │   if not van:                                       │
│ ❱ 37 │   │   raise LostError("no van 7")                   │
╰────────────────────────────────────────────────────────────╯
LostError: no van 7"""
COMPOSED = """van-1  | Traceback (most recent call last):
van-1  |   File "/app/van/load.py", line 37, in weigh
van-1  |     raise LostError("no van 7")
van-1  | LostError: no van 7"""
SIDEKIQ = """2026-02-04T11:37:13.120Z pid=7 tid=1kx class=LoadJob WARN: LostError: no van 7
2026-02-04T11:37:13.120Z pid=7 tid=1kx class=LoadJob WARN: /app/van/load.rb:37:in `weigh'"""
SBT = """[error] van.LostException: no van 7
[error] \tat van.Load$.$anonfun$weigh$37(Load.scala:37)"""
CATS = "van.LostError: no van 7\n\tat flatMap @ van.Load$.weigh(Load.scala:37)"
LOGFMT = r'level=error msg="no load" stack="LostError: no van 7\n    at weigh (/app/van/load.js:37:7)" at=noon'
SYSLOG = (
    "Feb  4 11:37:13 host van[7]: Traceback (most recent call last):#012"
    '  File "/app/van/load.py", line 37, in weigh#012    raise LostError("no van 7")#012LostError: no van 7'
)
ONE_LINE = (
    "2026-02-04T11:37:13.120394+00:00 error: Error in process <0.37.0> with exit value: "
    '{badarith,[{van_load,weigh,2,[{file,"src/van_load.erl"},{line,37}]}]}'
)
TUPLE = """=CRASH REPORT==== 4-Feb-2026::11:37:13.000001 ===
    exception error: {badmatch,{error,37}}
      in function  van_load:weigh/2 (src/van_load.erl, line 37)"""
SWIFT = """Van/Load.swift:37: Fatal error: Index out of range
1 Load.weigh(of:) + 37 in van at /build/Van/Load.swift:37:7"""
SWIFT_CLOSURE = """Fatal error: no van: file /build/Van/Load.swift, line 37
1    van         0x0000561234 closure #37 in weigh(_:) + 70"""
NEXT = " \N{VECTOR OR CROSS PRODUCT} LostError: no van 7\n    at weigh (/app/van/load.js:37:7)"
ANGULAR = "TypeError: no van\n    at Load_Template_button_weigh_37_listener (main.js:1:7)"
RUST = """{"level":"ERROR","fields":{"message":"no load","error":"no van 7","backtrace":"   0: van::load::weigh\\n\
             at ./src/load.rs:37:7\\n"}}"""
SYMFONY = r"""[2026-02-04] a.ERROR: {"exception":"[object] (Van\\LostError(code: 0): no van 7 at /app/van/load.php:37)
[stacktrace]
#0 /app/vendor/symfony/http-kernel/HttpKernel.php(37): Van\\Load->weigh(7)
#1 {main}"}"""
TRACE_ALONE = "no load\n#0 /app/vendor/roads/roads/road.php(37): Van\\Load->weigh()\n#1 {main}"
ZIO = 'level=ERROR cause="Exception in thread "x" van.LostError: no van 7\n\tat van.Load.weigh(Load.scala:37)"'
SVELTE = "TypeError: no van\n    at weigh (https://van.example.org/_app/immutable/nodes/37.Ab3dEf9h.js:1:7)"
GLOG = "F20260204 11:37:13.120394 7 load.cc:37] Check failed: n > 0\n    @     0x51f3  van::Load::weigh()"
APPLE = "Exception Type:  EXC_BREAKPOINT (SIGTRAP)\n1   Van   \t0x51f3 Load.weigh(of:) + 37 (Load.swift:37)"
CIRCULAR = """van.LostException: no van 7
\tat van.Main.main(Main.java:37)
Caused by: van.LateException: 37
\tat van.Load.weigh(Load.java:37)
Caused by: [CIRCULAR REFERENCE: van.LostException: no van 7]"""
VERROR = "VError: no load: LostError: no van 7\n    at weigh (/app/van/load.js:37:7)"


@pytest.mark.parametrize(
    ("trace", "title", "culprit"),
    [
        (RICH, "LostError: no van 7", "van/load.py:weigh"),
        (COMPOSED, "LostError: no van 7", "van/load.py:weigh"),
        (SIDEKIQ, "LostError: no van 7", "van/load.rb:weigh"),
        (SBT, "van.LostException: no van 7", "van.Load.weigh"),
        (CATS, "van.LostError: no van 7", "van.Load.weigh"),
        (LOGFMT, "no load", "van/load.js:weigh"),
        (SYSLOG, "LostError: no van 7", "van/load.py:weigh"),
        (ONE_LINE, "badarith", "src/van_load.erl:van_load:weigh"),
        (TUPLE, "{badmatch,{error,37}}", "src/van_load.erl:van_load:weigh"),
        (SWIFT, "Fatal error: Index out of range", "Van/Load.swift:Load.weigh"),
        (SWIFT_CLOSURE, "Fatal error: no van: file /build/Van/Load.swift, line 37", "weigh"),
        (NEXT, "LostError: no van 7", "van/load.js:weigh"),
        (ANGULAR, "TypeError: no van", "main.js:Load_Template_button_weigh_listener"),
        (RUST, "no load: no van 7", "van::load::weigh"),
        (SYMFONY, "Van\\LostError: no van 7", "van/load.php:Van\\Load->weigh"),
        (TRACE_ALONE, "no load", "Van\\Load->weigh"),
        (ZIO, "van.LostError: no van 7", "van.Load.weigh"),
        (SVELTE, "TypeError: no van", "immutable/nodes/*.*.js:weigh"),
        (GLOG, "Check failed: n > 0", "van::Load::weigh"),
        (APPLE, "Exception Type:  EXC_BREAKPOINT (SIGTRAP)", "Load.weigh"),
        (CIRCULAR, "van.LostException: no van 7", "van.Main.main"),
        (VERROR, "VError: no load: LostError: no van 7", "van/load.js:weigh"),
    ],
)
def test_a_trace_is_read_however_it_is_printed(trace: str, title: str, culprit: str) -> None:
    problem = problem_of(trace)

    assert (problem.title, problem.culprit) == (title, culprit)
    assert problem_of(trace.replace("37", "70")).identity == problem.identity
    assert problem_of(trace.replace("weigh", "count")).identity != problem.identity


@pytest.mark.parametrize(
    ("trace", "old", "new"),
    [
        ("** (stop) exited in: GenServer.call(Van, 7)\n    ** (EXIT) {}\n    (van 0.1.0) lib/van.ex:7: Van.load/1",
         "no process: it is gone", "time out"),
        ("Error: connect {} 10.0.0.7:5432\n    at weigh (/app/van/load.js:37:7)", "ECONNREFUSED", "ETIMEDOUT"),
        ("Error: 7 {}: no van\n    at weigh (/app/van/load.js:37:7)", "PERMISSION_DENIED", "NOT_FOUND"),
        ("van: {}\nCallStack (from HasCallStack):\n  error, called at src/Load.hs:37:5 in van-0.1:Load",
         "no van", "empty list"),
    ],
)  # fmt: skip
def test_an_error_without_a_type_is_another_where_it_says_something_else(trace: str, old: str, new: str) -> None:
    assert problem_of(trace.format(old)).identity != problem_of(trace.format(new)).identity


@pytest.mark.parametrize("trace", [RICH, LOGFMT, SYMFONY, VERROR, NEXT, ZIO, SBT])
def test_another_type_is_another_problem(trace: str) -> None:
    assert problem_of(trace.replace("Lost", "Late")).identity != problem_of(trace).identity


def test_escaped_ends_of_lines_without_a_stack_are_text() -> None:
    assert problem_of(r'no van said "go\n  at once"').title == r'no van said "go\n  at once"'


def test_php_calls_a_function_from_the_place_that_it_names() -> None:
    trace = "PHP Fatal error:  Uncaught LostError: no van in /app/van.php:7\nStack trace:\n"
    called = "#0 /app/vendor/roads/road.php(7): weigh()\n#1 /app/public/index.php(3): drive()\n#2 {main}"

    assert problem_of(trace + called).identity[3:5] == ("van.php:weigh", "public/index.php")


@pytest.mark.parametrize(
    "words",
    [
        "the driver panicked at noon",
        "log says: # A fatal error has been detected",
        "an Execution error of the road",
        "no CallStack (from HasCallStack) at all",
    ],
)
def test_words_that_a_runtime_uses_too_leave_the_exception_alone(words: str) -> None:
    problem = problem_of(f"{words}\nLostError: no van 7\n    at weigh (/app/van/load.js:37:7)")

    assert problem.title == "LostError: no van 7"
    assert problem.culprit == "van/load.js:weigh"
