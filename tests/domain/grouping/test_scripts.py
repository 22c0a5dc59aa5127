"""Scripts: traces of PowerShell, R, pytest and procedures in databases, and of what ends a program without one."""

import json

import pytest

from chalicelib.domain.grouping.fingerprint import problem_of

POWERSHELL = """System.Management.Automation.ItemNotFoundException: Cannot find path 'C:\\load.csv'
at Get-Load, C:\\Program Files\\Vans\\Van.psm1: line 12
at <ScriptBlock>, <No file>: line 1"""
NORMAL_VIEW = """Get-Content : Cannot find path 'C:\\load.csv' because it does not exist.
At C:\\vans\\Van.psm1:12 char:9
+ $load = Get-Content $path
+         ~~~~~~~~~~~~~~~~~
    + CategoryInfo          : ObjectNotFound: (C:\\load.csv:String) [Get-Content], ItemNotFoundException
    + FullyQualifiedErrorId : PathNotFound,Microsoft.PowerShell.Commands.GetContentCommand"""
CONCISE_VIEW = """Get-Content: /vans/Van.psm1:12
Line |
  12 |  $load = Get-Content $path
     |          ~~~~~~~~~~~~~~~~~
     | Cannot find path '/load.csv' because it does not exist."""
RLANG = """Error in `weigh()`:
! `kilos` must be a number.
Caused by error:
! there is no load"""
R = "Error in weigh(van) : no load of 7 kilos\nCalls: main -> weigh"
PYTEST = """    def test_weight():
>       assert weigh(0) == 1

tests/test_load.py:12:
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

    def weigh(n):
>       return 1 / n
E       ZeroDivisionError: division by zero

load.py:7: ZeroDivisionError"""
PYTEST_SHORT = """____ test_weight ____
tests/test_load.py:12: in test_weight
    weigh(0)
E   AssertionError: nothing to weigh"""
POSTGRES = """ERROR:  division by zero
CONTEXT:  PL/pgSQL function weigh(integer) line 4 at RETURN
PL/pgSQL function load(date) line 12 at assignment"""
ORACLE = """ORA-01403: no data found
ORA-06512: at "SYS.DBMS_SQL", line 7
ORA-06512: at "VANS.WEIGH", line 12"""
PHP_ENDED = "PHP Fatal error:  Allowed memory size of 134217728 bytes exhausted in /app/src/Load.php on line 12"
PHP_CALLED = """PHP Fatal error:  Uncaught TypeError: weigh(): Argument #1 ($kilos) must be of type int, \
string given, called in /app/src/Van.php on line 7 and defined in /app/src/Load.php:12
Stack trace:
#0 /app/src/Van.php(7): weigh('x')
#1 {main}
  thrown in /app/src/Load.php on line 12"""
PHP_RECOVERABLE = (
    "PHP Recoverable fatal error:  Object of class Van could not be converted to string in /app/src/Load.php on line 12"
)
R6 = "Error in van$weigh(7) : no load of 7 kilos"
RLANG_CAUSE = """Error in `load()`:
\u2139 In argument: `kilos = weigh(van)`.
Caused by error in `weigh()`:
! no load of 7"""
REQWEST = """thread 'main' panicked at src/load.rs:12:9:
called `Result::unwrap()` on an `Err` value: reqwest::Error { kind: Request, url: "http://van.example/7" }"""
GRPC_OF_JAVA = """io.grpc.StatusRuntimeException: UNAVAILABLE
\tat van.Load.weigh(Load.java:12)"""
GRPC_OF_GO = """panic: rpc error: code = Unavailable desc = no load 7

goroutine 1 [running]:
main.weigh()
\t/app/load.go:12 +0x9f"""
HASKELL = """van: Map.!: no such key
CallStack (from HasCallStack):
  error, called at src/Load.hs:12:3 in van-0.1-2ZuWF0sAKjL:Load"""
SWIFT_ENDED = "Van/Load.swift:12: Fatal error: 'try!' expression unexpectedly raised an error: Van.LoadError.none"
SWIFT_FRIENDLY = """Fatal error: no van

Thread 0 "van" crashed:

0 [inlined] [system] Swift runtime failure: no van in van at //<compiler-generated>
1             Load.weigh(at:) in van at /src/Load.swift:12:3
2 [ra]        static Main.main() in van at /src/Main.swift:7:9"""
MONOLOG = json.dumps(
    {
        "message": "no load",
        "context": {
            "exception": {
                "class": "NoLoad",
                "message": "none",
                "file": "/srv/van/src/Weigh.php:12",
                "trace": ["/srv/van/src/Start.php:7", "/srv/van/vendor/symfony/http-kernel/HttpKernel.php:3"],
            }
        },
    }
)
ANYHOW = """Error: cannot weigh

Stack backtrace:
   0: van::load::weigh
             at ./src/load.rs:12:9"""
UNWRAP = """thread 'main' panicked at src/load.rs:12:9:
called `Result::unwrap()` on an `Err` value: Os { code: 2, kind: NotFound, message: "No such {Thing}" }"""
GO = """panic: no load: van 7 [recovered]
\tpanic: no load: van 7

goroutine 1 gp=0xc000002380 m=0 mp=0x547ec0 [running]:
main.weigh()
\t/app/load.go:12 +0x9f fp=0xc0200e03a0 sp=0xc0200e0398 pc=0x47b4ff"""
GO_RECOVERED = json.dumps(
    {
        "msg": "panic recovered",
        "err": "runtime error: index out of range [7] with length 3",
        "stack": "goroutine 7 [running]:\nruntime/debug.Stack()\n\t/usr/local/go/src/runtime/debug/stack.go:26 +0x5e\n"
        "example.com/van/mw.Recover.func1()\n\t/src/mw/recover.go:18 +0x6d\n"
        "panic({0x7f2a00?, 0xc0000183a8?})\n\t/usr/local/go/src/runtime/panic.go:785 +0x132\n"
        "example.com/van.weigh(...)\n\t/src/van/load.go:12",
    }
)
ERLANG = """Error in process <0.93.0> with exit value:
{function_clause,[{van,weigh,[undefined,7],[{file,"/app/van.erl"},{line,12}]},
                  {van,load,1,[{file,"/app/van.erl"},{line,7}]}]}"""
ERLANG_LINE = (
    'Generic server van terminating. Reason: {{badmatch,none},[{van,weigh,1,[{file,"src/van.erl"},{line,12}]}]}'
)
DART = "Unhandled exception:\nInstance of 'NoVan'\n#0      weigh (file:///app/load.dart:12:3)"
NODE = """node:internal/process/promises:394
      triggerUncaughtException(err, true /* fromPromise */);
      ^

TypeError: no load
    at async Promise.all (index 0)
    at async weigh (/app/load.js:12:3)"""
RAILS = """ActiveRecord::RecordNotUnique: PG::UniqueViolation: ERROR:  duplicate key
/app/app/models/van.rb:12:in `weigh'"""

ASSERTED = """thread 'main' panicked at src/load.rs:12:5:
assertion `left == right` failed
  left: 7
 right: 8"""
POSTGRES_LOG = """2026-03-02 10:00:00.000 UTC [7] vans@vans ERROR:  null value in column "kilos" of relation "loads"
2026-03-02 10:00:00.000 UTC [7] vans@vans CONTEXT:  SQL statement "INSERT INTO loads VALUES (NULL)"
\tPL/pgSQL function weigh(integer) line 12 at SQL statement"""
SQL_SERVER = """Msg 8134, Level 16, State 1, Procedure weigh, Line 12
Divide by zero error encountered."""
SQL_SERVER_BATCH = """Msg 208, Level 16, State 1, Line 12
Invalid object name 'loads'."""
PERL = """no load at /app/lib/Van/Load.pm line 12, <STDIN> line 7.
\tVan::Load::weigh(Van::Load=HASH(0x55d0c8a4)) called at /usr/share/perl5/Mojo.pm line 7
\tMojo::run() called at /app/bin/van.pl line 7"""
HASKELL_912 = """van: Uncaught exception ghc-internal:GHC.Internal.Exception.ErrorCall:

Map.!: no such key

HasCallStack backtrace:
  error, called at libraries/containers/src/Data/Map/Internal.hs:617:17 in containers-0.7:Data.Map.Internal
  weigh, called at src/Load.hs:12:3 in van-0.1:Load"""


@pytest.mark.parametrize(
    ("trace", "title", "culprit"),
    [
        (NORMAL_VIEW, "Get-Content : Cannot find path 'C:\\load.csv' because it does not exist.", "vans/Van.psm1"),
        (CONCISE_VIEW, "Cannot find path '/load.csv' because it does not exist.", "vans/Van.psm1"),
        (RLANG, "Error in `weigh()`: `kilos` must be a number.", "weigh"),
        (R, "Error in weigh(van) : no load of 7 kilos", "weigh"),
        (PYTEST, "ZeroDivisionError: division by zero", "load.py:weigh"),
        (PYTEST_SHORT, "AssertionError: nothing to weigh", "tests/test_load.py:test_weight"),
        (POSTGRES, "division by zero", "weigh"),
        (ORACLE, "ORA-01403: no data found", "VANS.WEIGH"),
        (PHP_ENDED, "Fatal error: Allowed memory size of 134217728 bytes exhausted", "src/Load.php"),
        (
            PHP_CALLED,
            "TypeError: weigh(): Argument #1 ($kilos) must be of type int, string given",
            "src/Load.php:weigh",
        ),
        (
            PHP_RECOVERABLE,
            "Recoverable fatal error: Object of class Van could not be converted to string",
            "src/Load.php",
        ),
        (HASKELL, "Map.!: no such key", "src/Load.hs:Load"),
        (SWIFT_FRIENDLY, "Fatal error: no van", "src/Load.swift:Load.weigh"),
        (UNWRAP, UNWRAP.splitlines()[1], "src/load.rs"),
        (GO, "panic: no load: van 7", "main.weigh"),
        (NODE, "TypeError: no load", "load.js:weigh"),
        (
            GO_RECOVERED,
            "panic recovered: runtime error: index out of range [7] with length 3",
            "example.com/van.weigh",
        ),
        (ASSERTED, "assertion `left == right` failed", "src/load.rs"),
        (POSTGRES_LOG, 'null value in column "kilos" of relation "loads"', "weigh"),
        (SQL_SERVER, "Divide by zero error encountered.", "weigh"),
        (SQL_SERVER_BATCH, "Invalid object name 'loads'.", ""),
        (PERL, "no load", "lib/Van/Load.pm:Van::Load::weigh"),
        (HASKELL_912, "Map.!: no such key", "src/Load.hs:weigh"),
    ],
)
def test_a_trace_is_read_as_a_person_would(trace: str, title: str, culprit: str) -> None:
    problem = problem_of(trace)

    assert (problem.title, problem.culprit) == (title, culprit)


@pytest.mark.parametrize(
    ("trace", "old", "new"),
    [
        *((each, "12", "70") for each in (POWERSHELL, NORMAL_VIEW, CONCISE_VIEW, PYTEST, PYTEST_SHORT, POSTGRES)),
        *((each, "12", "70") for each in (PHP_ENDED, SWIFT_ENDED, SWIFT_FRIENDLY, MONOLOG, GO, ERLANG, NODE)),
        *((R, "7 kilos", "8 kilos"), (GO, "van 7", "van 8"), (GO, "0x9f fp=0xc", "0x9e fp=0xd")),
        *((NODE, "async Promise", "Promise"), (ERLANG, "undefined,7", "undefined,8"), (UNWRAP, "{Thing}", "{Other}")),
        *((SWIFT_FRIENDLY, " in van at /", " + 12 in van at /"), (MONOLOG, "HttpKernel", "Kernel")),
        (ORACLE, "line 12", "line 70"),
        *((ASSERTED, "7", "9"), (SQL_SERVER, "12", "70"), (SQL_SERVER_BATCH, "12", "70"), (PERL, "12", "70")),
        *(
            (GO_RECOVERED, "mw.Recover", "mw.Catch"),
            (GO_RECOVERED, "[7]", "[9]"),
            (GO_RECOVERED, "goroutine 7", "goroutine 9"),
        ),
        *(
            (NORMAL_VIEW, "At C:", "At D:"),
            (HASKELL, "0.1-2ZuWF0sAKjL", "0.2-1bC9dEf"),
            (GRPC_OF_GO, "load 7", "load 8"),
        ),
        *(
            (PHP_CALLED, "12", "70"),
            (PHP_CALLED, "line 7", "line 8"),
            (PHP_RECOVERABLE, "12", "70"),
            (R6, "(7)", "(8)"),
        ),
        *((RLANG_CAUSE, "of 7", "of 8"), (REQWEST, "van.example/7", "van.example/8"), (GRPC_OF_JAVA, "12", "70")),
        *((HASKELL_912, ":12:3", ":70:3"), (POSTGRES_LOG, "line 12", "line 70")),
    ],
)
def test_lines_values_and_libraries_change_nothing(trace: str, old: str, new: str) -> None:
    assert old in trace

    assert problem_of(trace.replace(old, new)).identity == problem_of(trace).identity


@pytest.mark.parametrize(
    ("trace", "old", "new"),
    [
        *((POWERSHELL, "Get-Load", "Get-Van"), (NORMAL_VIEW, "PathNotFound", "PathTooLong"), (RLANG, "weigh", "count")),
        *((CONCISE_VIEW, "because it does not exist", "as it is a folder"), (RLANG, "must be", "cannot be")),
        *((RLANG, "no load", "no van"), (R, "weigh(van)", "count(van)"), (R, "no load", "no room")),
        *((PYTEST, "weigh(", "count("), (PYTEST, "ZeroDivision", "Overflow"), (PYTEST_SHORT, "Assertion", "Type")),
        *((PYTEST_SHORT, "test_weight", "test_size"), (POSTGRES, "weigh", "count"), (ORACLE, "WEIGH", "COUNT")),
        *((PHP_ENDED, "Load", "Van"), (PHP_ENDED, "memory", "input"), (SWIFT_ENDED, "none", "late")),
        *((SWIFT_ENDED, "Load.swift", "Van.swift"), (SWIFT_FRIENDLY, "weigh", "count"), (MONOLOG, "Weigh", "Count")),
        *((MONOLOG, "Start", "Begin"), (ANYHOW, "cannot weigh", "cannot load"), (UNWRAP, "NotFound", "InvalidData")),
        *((GO, "no load", "no room"), (GO, "weigh", "count"), (ERLANG, "function_clause", "case_clause")),
        *((ERLANG, "weigh", "count"), (ERLANG_LINE, "badmatch", "badarg"), (DART, "NoVan", "NoLoad")),
        *((GO_RECOVERED, "weigh", "count"), (GO_RECOVERED, "index out of range", "integer overflow of")),
        *((ASSERTED, "==", "!="), (POSTGRES_LOG, "null value", "bad value"), (SQL_SERVER, "Divide", "Round")),
        *((SQL_SERVER, "weigh", "count"), (SQL_SERVER_BATCH, "Invalid", "Ambiguous"), (PERL, "weigh", "count")),
        *((PERL, "no load", "no van"), (HASKELL_912, "no such", "twice the"), (HASKELL_912, "weigh", "count")),
        *(
            (RLANG_CAUSE, "error in `weigh", "error in `count"),
            (RLANG_CAUSE, "no load", "no van"),
            (R6, "weigh", "count"),
        ),
        *(
            (REQWEST, "kind: Request", "kind: Decode"),
            (GRPC_OF_JAVA, "UNAVAILABLE", "NOT_FOUND"),
            (R6, "no load", "no van"),
        ),
        *(
            (GRPC_OF_GO, "Unavailable", "NotFound"),
            (PHP_CALLED, "Load.php", "Cart.php"),
            (PHP_CALLED, "TypeE", "ValueE"),
        ),
        *((PHP_RECOVERABLE, "class Van", "class Load"), (PHP_RECOVERABLE, "Load.php", "Cart.php")),
        *((NODE, "TypeError", "RangeError"), (RAILS, "PG::UniqueViolation", "PG::NotNullViolation")),
    ],
)
def test_another_type_place_or_cause_is_another_problem(trace: str, old: str, new: str) -> None:
    assert old in trace

    assert problem_of(trace.replace(old, new)).identity != problem_of(trace).identity


@pytest.mark.parametrize(
    "text",
    [
        "Get-Content: /Van.ps1:12",
        "the page\nLine |\nends",
        "3 tests failed in van at src/load.js:12",
        "E   no test\nE   none",
        "Msg 208, Level 16, State 1, Line 12",
        "Msg from afar\nLine 12",
        "look at\nVan.pm line 12",
        "cannot build:\n/app/Load.swift:12: no van",
    ],
)
def test_what_only_begins_like_a_trace_is_a_message(text: str) -> None:
    assert problem_of(text).culprit == ""
