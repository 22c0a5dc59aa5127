"""Rarer traces: those of OCaml, Nim, Zig, IPython, Xdebug and their like, and causes in properties of errors."""

import pytest

from chalicelib.domain.grouping.fingerprint import problem_of
from chalicelib.domain.grouping.frames import frame_of

OCAML = """Fatal error: exception Unix.Unix_error(Unix.EPIPE, "write", "")
Raised by primitive operation at Van__Load.weigh in file "src/load.ml", line 12, characters 3-9
Called from Stdlib__List.iter in file "list.ml", line 110, characters 12-15
Called from Lwt.Sequential_composition.bind in file "src/core/lwt.ml", line 1, characters 2-3
Called from Dune__exe__Main in file "bin/main.ml", line 7, characters 3-9"""
NIM = """Traceback (most recent call last)
/app/src/main.nim(7) main
/app/src/load.nim(12) weigh
/nim/lib/pure/collections/tables.nim(235) []
Error: unhandled exception: key not found: 7 [KeyError]"""
ZIG = """thread 7 panic: integer overflow
/app/src/load.zig:12:5: 0x10a3f in weigh (van)
    return kilos * 1000;
                 ^
/app/src/main.zig:7:3: 0x10b4c in main (van)"""
XDEBUG = """PHP Warning:  Undefined variable $kilos in /app/load.php on line 12
PHP Stack trace:
PHP   1. {main}() /app/index.php:0
PHP   2. Van\\start($n = 7) /app/index.php:3
PHP   3. Van\\Load->run() /app/start.php:4
PHP   4. Van\\Load->weigh($van = class Van { public $n = 7 }) /app/run.php:5"""
SYMFONY = """In Load.php line 12:

  [Van\\Exception\\NoVan (404)]
  there is no van

Exception trace:
  at /app/src/Load.php:12
 Van\\Load->weigh() at /app/src/Command.php:7"""
IPYTHON = """---------------------------------------------------------------------------
ZeroDivisionError                         Traceback (most recent call last)
Cell In[7], line 1
----> 1 weigh(0)

File /app/load.py:12, in weigh(n)
---> 12     return 1 / n

ZeroDivisionError: division by zero"""
FAULTHANDLER = """Fatal Python error: Segmentation fault

Current thread 0x00007f3a2b1c4d5e (most recent call first):
  File "/app/load.py", line 12 in weigh
  File "/app/main.py", line 7 in <module>

Extension modules: numpy.core (total: 1)"""
GLIBC = """caught signal 11
./van(_ZN4Load5weighEv+0x1a) [0x55d0c8a4a1b9]
./van(main+0x2e) [0x55d0c8a4a1f0]
/lib/x86_64-linux-gnu/libc.so.6(__libc_start_main+0xf3) [0x7f3a2b1c4d5e]
./van(+0x10ab) [0x55d0c8a4a0ab]"""
SET_OFF = """weigh the van
(1) attached stack trace
  -- stack trace:
  | example.com/van/load.(*Load).Weigh
  | \t/src/load/load.go:12
  | main.main
  | \t/src/main.go:7
Wraps: (2) NoVanError: none left"""
PROPERTY = """GraphQLError: no weight
    at completeValue (/app/node_modules/graphql/execution/execute.js:1:2) {
  path: [ 'van' ],
  originalError: RangeError: below zero
      at weigh (/app/src/load.js:12:3)
}"""
SUPERVISOR = """=SUPERVISOR REPORT==== 4-Feb-2026::11:12:13.000001 ===
    supervisor: {local,van_sup}
    reason: {badarith,[{van_load,weigh,1,[{file,"src/van_load.erl"},{line,12}]},
                       {gen_server,try_handle_call,4,[{file,"gen_server.erl"},{line,7}]}]}"""
OPENRESTY = """lua entry thread aborted: runtime error: /app/load.lua:12: no van
stack traceback:
coroutine 0:
\t/app/load.lua: in function 'weigh'
\tcontent_by_lua(nginx.conf:7):2: in main chunk"""
HASKELL = """van: Prelude.head: empty list
CallStack (from HasCallStack):
  error, called at libraries/base/GHC/List.hs:1646:3 in base:GHC.List
  errorEmptyList, called at libraries/base/GHC/List.hs:85:11 in base:GHC.List
  head, called at src/Load.hs:12:5 in van-0.1:Load
  weigh, called at src/Main.hs:7:3 in van-0.1:Main"""


@pytest.mark.parametrize(
    ("trace", "title", "culprit"),
    [
        (OCAML, 'Fatal error: exception Unix.Unix_error(Unix.EPIPE, "write", "")', "src/load.ml:Van__Load.weigh"),
        (NIM, "Error: unhandled exception: key not found: 7 [KeyError]", "src/load.nim:weigh"),
        (ZIG, "thread 7 panic: integer overflow", "src/load.zig:weigh"),
        (XDEBUG, "Warning: Undefined variable $kilos", "run.php:Van\\Load->weigh"),
        (SYMFONY, "Van\\Exception\\NoVan: there is no van", "src/Load.php"),
        (IPYTHON, "ZeroDivisionError: division by zero", "load.py:weigh"),
        (GLIBC, "caught signal 11", "_ZN4Load5weighEv"),
        (SET_OFF, "weigh the van", "example.com/van/load.(*Load).Weigh"),
        (HASKELL, "Prelude.head: empty list", "src/Load.hs:head"),
    ],
)
def test_a_trace_is_read_as_a_person_would(trace: str, title: str, culprit: str) -> None:
    problem = problem_of(trace)

    assert (problem.title, problem.culprit) == (title, culprit)


@pytest.mark.parametrize(
    ("trace", "old", "new"),
    [
        (OCAML, "line 12", "line 70"),
        (OCAML, "line 110", "line 111"),
        (NIM, "(12)", "(70)"),
        (NIM, "found: 7", "found: 8"),
        (NIM, "tables.nim(235) []", "tables.nim raiseKeyError"),
        (ZIG, ":12:5: 0x10a3f", ":70:1: 0x2"),
        (XDEBUG, ":5", ":70"),
        (IPYTHON, ":12,", ":70,"),
        (FAULTHANDLER, "line 12", "line 70"),
        (GLIBC, "+0x1a) [0x55d0c8a4a1b9]", "+0x1b) [0x1]"),
        (SET_OFF, ":12", ":70"),
        (HASKELL, "12:5", "70:5"),
    ],
)
def test_lines_addresses_and_libraries_change_nothing(trace: str, old: str, new: str) -> None:
    assert old in trace

    assert problem_of(trace.replace(old, new)).identity == problem_of(trace).identity


@pytest.mark.parametrize(
    ("trace", "old", "new"),
    [
        *((each, "weigh", "count") for each in (OCAML, NIM, ZIG, IPYTHON, FAULTHANDLER, OPENRESTY, HASKELL, PROPERTY)),
        *((XDEBUG, "->weigh", "->count"), (SYMFONY, "->weigh", "->count"), (GLIBC, "5weigh", "5count")),
        *((SET_OFF, ".Weigh", ".Count"), (SUPERVISOR, "van_load,weigh", "van_load,count")),
        *((OCAML, "EPIPE", "EBADF"), (NIM, "KeyError", "IndexDefect"), (SYMFONY, "NoVan (", "NoLoad (")),
        *((IPYTHON, "ZeroDivisionError", "OverflowError"), (PROPERTY, "RangeError", "TypeError")),
        *((SET_OFF, "NoVanError", "NoLoadError"), (SUPERVISOR, "badarith", "badarg")),
        (FAULTHANDLER, "Segmentation fault", "Aborted"),
    ],
)
def test_another_type_place_or_cause_is_another_problem(trace: str, old: str, new: str) -> None:
    assert old in trace

    assert problem_of(trace.replace(old, new)).identity != problem_of(trace).identity


@pytest.mark.parametrize("text", ["In Load.php line 12:", "In Load.php line 12:\nno type", "x.nim(7) a", "1. a() /b:7"])
def test_what_is_cut_off_is_read_as_far_as_it_goes(text: str) -> None:
    assert problem_of(text).title


def test_a_swift_frame_may_be_padded() -> None:
    frame = "10     0x00007f3a2b1c Van.load(at:) + 7 in van at /src/Van.swift:7:3"
    crash = f"Fatal error: no van\n\nThread 0 crashed:\n\n{frame}"

    assert problem_of(crash).culprit == "src/Van.swift:Van.load"


@pytest.mark.parametrize("line", ['cannot open file "load.ml"', "load.nim is not there", "load.zig:12: no van"])
def test_a_line_that_names_a_file_is_no_frame(line: str) -> None:
    assert frame_of(line) is None


@pytest.mark.parametrize(
    ("line", "own"),
    [
        ('Called from Async_job.run in file "bin/async_job.ml", line 7, characters 3-9', True),
        ('Called from Core_shop.load in file "src/core_shop.ml", line 7, characters 3-9', True),
        ('Called from Async_kernel__Deferred0.bind in file "src/deferred0.ml", line 7, characters 3-9', False),
        ('Called from Lwt_main.run in file "src/unix/lwt_main.ml", line 7, characters 3-9', False),
        ("/opt/zig-linux-x86_64-0.13.0/lib/std/debug.zig:12:5: 0x10a3f in assert (van)", False),
        ("/app/src/debug.zig:12:5: 0x10a3f in assert (van)", True),
    ],
)
def test_a_module_that_only_begins_like_a_library_is_one_of_your_own(line: str, own: bool) -> None:
    frame = frame_of(line)

    assert frame is not None
    assert frame.own is own
