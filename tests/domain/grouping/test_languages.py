"""Languages: a stack trace has the title, the place and the types that a person sees in it, in each of them."""

import re

import pytest

from chalicelib.domain.grouping.fingerprint import problem_of

NODE_ERROR_WITH_PROPERTIES = """LateError: the van is late
    at throwLate (/var/task/node_modules/@roads/client/index.js:838:20)
    at async drive (file:///var/task/src/van.js:22:3) {
  '$fault': 'client',
  '$metadata': { httpStatusCode: 400 }
}"""
NODE_CAUSE = """TypeError: fetch failed
    at node:internal/deps/undici/undici:12345:11
    at drive (/app/src/van.js:22:3) {
  [cause]: Error: connect ECONNREFUSED 10.0.0.7:443
      at TCPConnectWrap.afterConnect (node:net:1555:16) {
    code: 'ECONNREFUSED'
  }
}"""
NODE_AGGREGATE = """AggregateError [ECONNREFUSED]:
    at internalConnectMultiple (node:net:1114:18) {
  code: 'ECONNREFUSED',
  [errors]: [
    Error: connect ECONNREFUSED 127.0.0.1:6379
        at createConnectionError (node:net:1634:14),
    Error: connect ECONNREFUSED ::1:6379
        at createConnectionError (node:net:1634:14) {
      errno: -111
    }
  ]
}"""
DENO = """error: Uncaught (in promise) TypeError: drive is not a function
    at load (file:///app/van.ts:12:5)
    at ext:core/00_infra.js:1:1"""
FIREFOX = """TypeError: can't access property "id", van is undefined
load@https://shop.example.com/assets/van-BxK3_9aQ.js:12:345
callCallback@https://shop.example.com/assets/vendor-9aQBxK3_.js:1:999"""
UNHANDLED_REJECTION = (
    "2026-03-02T10:00:00.000Z\t6f9619ff-8b86-4011-b42d-00cf4fc964ff\tERROR\tUnhandled Promise Rejection \t"
    '{"errorType":"Runtime.UnhandledPromiseRejection","errorMessage":"LateError: the van is late",'
    '"reason":{"errorType":"LateError","errorMessage":"the van is late",'
    '"stack":["LateError: the van is late","    at drive (/var/task/src/van.js:11:9)"]},"promise":{},'
    '"stack":["Runtime.UnhandledPromiseRejection: LateError: the van is late",'
    '"    at process.emit (node:events:519:28)"]}'
)
EXCEPTION_GROUP = """ERROR:    Exception in ASGI application
  + Exception Group Traceback (most recent call last):
  |   File "/app/.venv/lib/python3.13/site-packages/anyio/tasks.py", line 77, in __aexit__
  |     raise BaseExceptionGroup(
  | ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/app/shop/van.py", line 7, in load
    |     weigh(None)
    | KeyError: 'weight'
    +---------------- 2 ----------------
    | Traceback (most recent call last):
    |   File "/app/shop/road.py", line 7, in drive
    | TimeoutError
    +------------------------------------"""
PYTHON_CHAIN = """Traceback (most recent call last):
  File "/app/shop/db.py", line 3, in query
    raise ConnectionError("gone")
ConnectionError: gone

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/shop/van.py", line 4, in load
    raise VanLost(7) from error
shop.VanLost: 7"""
SPRING = """2026-03-02T10:00:00.123+01:00 ERROR 1 --- [shop] [nio-80-exec-1] o.a.C.[.[.[/].[van]    : threw

java.lang.IllegalStateException: the van is late
\tat shop.Van$$SpringCGLIB$$0.load(<generated>) ~[classes!/:na]
\tat shop.Van.load(Van.java:20) ~[classes!/:na]
\tat org.springframework.web.Filter.doFilter(Filter.java:943) ~[spring-web-6.2.7.jar!/:6.2.7]
\tSuppressed: java.io.IOException: closed
\t\tat shop.Road.close(Road.java:5)
\tCaused by: java.lang.Error: unheard
\t\t... 3 more
Caused by: java.sql.SQLException: deadlock
\tat org.postgresql.Driver.query(Driver.java:3) ~[postgresql-42.7.1.jar!/:42.7.1]
\t... 12 common frames omitted"""
ROOT_CAUSE_FIRST = """java.sql.SQLException: deadlock
\tat shop.Database.query(Database.java:12)
\t... 10 common frames omitted
Wrapped by: shop.VanException: no van
\tat shop.Van.load(Van.java:8)"""
COROUTINE = """Exception in thread "DefaultDispatcher-worker-7" java.lang.NullPointerException
\tat shop.VanKt$load$2$1.invokeSuspend(Van.kt:8)
\tat kotlinx.coroutines.DispatchedTask.run(DispatchedTask.kt:106)"""
ASPNET = """fail: Microsoft.AspNetCore.Server.Kestrel[13]
      Connection id "0HN1", Request id "0HN1:00000001": An unhandled exception was thrown by the application.
      System.AggregateException: One or more errors occurred. (no van)
       ---> System.InvalidOperationException: no van
         at Shop.Vans.<>c__DisplayClass3_0.<<LoadAsync>b__0>d.MoveNext() in /src/Vans.cs:line 10
         --- End of inner exception stack trace ---
         at System.Threading.Tasks.Task.Wait()
         at Shop.Program.<Main>$(String[] args) in /src/Program.cs:line 7
       ---> (Inner Exception #1) System.FormatException: no road
         at Shop.Roads.Parse(String line) in /src/Roads.cs:line 12<---"""
GO_HTTP = """2026/03/02 10:00:00 http: panic serving 10.0.3.7:50412: runtime error: index out of range [5] with length 3
goroutine 19 [running]:
net/http.(*conn).serve.func1()
\t/usr/local/go/src/net/http/server.go:1947 +0xbe
panic({0x8f5f60?, 0xc6f5c0?})
\t/usr/local/go/src/runtime/panic.go:914 +0x21f
example.com/shop.Load[...](0xc0000f4000)
\t/src/van.go:41 +0x1d
created by net/http.(*Server).Serve in goroutine 1
\t/usr/local/go/src/net/http/server.go:3086 +0x5cb"""
GO_VALUE = """panic: main.Lost{ID:7} [recovered]
\tpanic: main.Lost{ID:7}

goroutine 1 [running]:
main.load(0x7)
\t/src/van.go:9 +0x1d"""
RAILS = """F, [2026-03-02T10:00:00.123456 #1] FATAL -- : [6f9619ff-8b86-4011-b42d-00cf4fc964ff] NoMethodError (no load)
[6f9619ff-8b86-4011-b42d-00cf4fc964ff]
[6f9619ff-8b86-4011-b42d-00cf4fc964ff] app/controllers/vans_controller.rb:12:in `show'
[6f9619ff-8b86-4011-b42d-00cf4fc964ff] rack (3.1.0) lib/rack/head.rb:7:in `call'"""
RUBY_CAUSE = """/app/van.rb:5:in 'rescue in Van#load': no van (VanError)
\tfrom /app/van.rb:2:in 'Van#load'
/app/database.rb:3:in 'Database.query': gone (IOError)
\tfrom /app/van.rb:3:in 'Van#load'"""
PHP = """PHP Fatal error:  Uncaught PDOException: SQLSTATE[HY000] [2002] gone in /var/www/html/src/Database.php:60
Stack trace:
#0 /var/www/html/src/Database.php(60): PDO->__construct('mysql:host=10.0...')
#1 /var/www/html/vendor/roads/roads/src/Road.php(20): Shop\\Database->connect()
#2 {main}

Next Shop\\VanError: no van in /var/www/html/src/Van.php:12
Stack trace:
#0 /var/www/html/index.php(9): Shop\\Van->load()
#1 {main}
  thrown in /var/www/html/src/Van.php on line 12"""
PHP_5 = """exception 'LostException' with message 'no van' in /srv/shop/van.php:5
Stack trace:
#0 {main}"""
LARAVEL = """[2026-03-02 10:00:00] p.ERROR: {"exception":"[object] (VanError(code: 0): no van at /app/src/Van.php:7)
[stacktrace]
#0 /app/public/index.php(9): Shop\\Van->load()
#1 {main}
"}"""
RUST = """thread 'main' (17) panicked at src/van.rs:41:17:
index out of bounds: the len is 5 but the index is 6
stack backtrace:
   0: rust_begin_unwind
             at /rustc/90b35a6239c3d8bdabc530a6a0816f7ff89a0aaf/library/std/src/panicking.rs:665:5
   1: core::panicking::panic_fmt
   2: shop::van::load::{{closure}}
             at ./src/van.rs:41:17
   3: shop::main::h0123456789abcdef
note: Some details are omitted."""
RUST_WITHOUT_BACKTRACE = "thread 'main' panicked at 'no van', src/van.rs:41:17\nnote: run with `RUST_BACKTRACE=1`"
RUST_CAUSES = """Error: cannot load the van

Caused by:
    0: cannot open the door
    1: it is locked

Stack backtrace:
   0: anyhow::error::<impl anyhow::Error>::msg
   1: shop::van::load
             at ./src/van.rs:14:45"""
ELIXIR = """10:00:00.000 request_id=F1a2 [error] #PID<0.612.0> running ShopWeb.Endpoint terminated
** (exit) an exception was raised:
    ** (Shop.LostError) no van
        (ecto 3.10.1) lib/ecto/repo.ex:164: Ecto.Repo.one!/3
        (shop 0.1.0) lib/shop/van.ex:12: anonymous fn/1 in Shop.Van.load/2"""
SWIFT = """Shop/main.swift:2: Fatal error: Index out of range

Thread 0 "shop" crashed:

0      0x00007f1a2b3c4d5e _assertionFailure(_:_:file:line:flags:) + 240 in libswiftCore.so
1 [ra] 0x00005623cca3bcbb load(id:) + 11 in shop at /src/van.swift:2:16"""
DART = """Unhandled exception:
type 'Null' is not a subtype of type 'String' in type cast
#0      Van.load.<anonymous closure> (package:shop/van.dart:12:5)
#1      State.setState (package:flutter/src/widgets/framework.dart:1139:30)
<asynchronous suspension>
#2      _rootRunUnary (dart:async/zone.dart:1399:47)"""
SANITIZER = """=================================================================
==17==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000010 at pc 0x0000004f1a2b
READ of size 4 at 0x602000000010 thread T0
    #0 0x4f1a2a in shop::Van::load(int) /src/van.cc:12:10
    #1 0x7f1a in __libc_start_main (/lib/x86_64-linux-gnu/libc.so.6+0x24083)

freed by thread T0 here:
    #0 0x4f1a in shop::Van::drop() /src/van.cc:20:3"""
UNDEFINED = """/src/van.cc:12:10: runtime error: signed integer overflow: 2147483647 + 1 cannot be represented
    #0 0x4f1a2a in shop::load(int) /src/van.cc:12:10"""
TERMINATE = """terminate called after throwing an instance of 'shop::Lost'
  what():  no van
 0# shop::load(int) at /src/van.cc:12
 1# __libc_start_main in /lib/x86_64-linux-gnu/libc.so.6"""
JVM_CRASH = """#
# A fatal error has been detected by the Java Runtime Environment:
#
#  SIGSEGV (0xb) at pc=0x7f1a
#
# Problematic frame:
# C  [libvan.so+0x4d5e]  van_load+0x1e"""


@pytest.mark.parametrize(
    ("trace", "title", "culprit", "kinds"),
    [
        (NODE_ERROR_WITH_PROPERTIES, "LateError: the van is late", "src/van.js:drive", "LateError"),
        (NODE_CAUSE, "TypeError: fetch failed", "src/van.js:drive", "TypeError Error"),
        (NODE_AGGREGATE, "Error: connect ECONNREFUSED 127.0.0.1:6379", "node:net:createConnectionError",
         "AggregateError ECONNREFUSED Error"),
        (UNHANDLED_REJECTION, "LateError: the van is late", "src/van.js:drive",
         "Runtime.UnhandledPromiseRejection LateError"),
        (DENO, "TypeError: drive is not a function", "van.ts:load", "TypeError"),
        (FIREFOX, "TypeError: can't access property \"id\", van is undefined", "assets/van-*.js:load", "TypeError"),
        (EXCEPTION_GROUP, "KeyError: 'weight'", "shop/van.py:load", "ExceptionGroup KeyError TimeoutError"),
        (PYTHON_CHAIN, "shop.VanLost: 7", "shop/van.py:load", "shop.VanLost ConnectionError"),
        (SPRING, "java.lang.IllegalStateException: the van is late", "shop.Van.load",
         "java.lang.IllegalStateException java.sql.SQLException"),
        (ROOT_CAUSE_FIRST, "shop.VanException: no van", "shop.Van.load", "shop.VanException java.sql.SQLException"),
        (COROUTINE, "java.lang.NullPointerException", "shop.VanKt$load.invokeSuspend",
         "java.lang.NullPointerException"),
        (ASPNET, "System.InvalidOperationException: no van", "Shop.Vans.LoadAsync",
         "System.AggregateException System.InvalidOperationException"),
        (GO_HTTP, "panic: runtime error: index out of range [5] with length 3", "example.com/shop.Load",
         "panic: runtime error: index out of range"),
        (GO_VALUE, "panic: main.Lost{ID:7}", "main.load", "panic: main.Lost"),
        (RAILS, "NoMethodError: no load", "app/controllers/vans_controller.rb:show", "NoMethodError"),
        (RUBY_CAUSE, "VanError: no van", "van.rb:load", "VanError IOError"),
        (PHP, "Shop\\VanError: no van", "src/Van.php:Shop\\Van->load", "Shop\\VanError PDOException"),
        (PHP_5, "LostException: no van", "shop/van.php", "LostException"),
        (LARAVEL, "VanError: no van", "src/Van.php:Shop\\Van->load", "VanError"),
        (RUST, "index out of bounds: the len is 5 but the index is 6", "shop::van::load",
         "panic: index out of bounds: the len is * but the index is *"),
        (RUST_WITHOUT_BACKTRACE, "no van", "src/van.rs", "panic: no van"),
        (RUST_CAUSES, "Error: cannot load the van", "shop::van::load",
         "Error: cannot load the van cannot open the door it is locked"),
        (ELIXIR, "Shop.LostError: no van", "lib/shop/van.ex:Shop.Van.load", "exit Shop.LostError"),
        (SWIFT, "Fatal error: Index out of range", "src/van.swift:load", "Fatal error: Index out of range"),
        (DART, "type 'Null' is not a subtype of type 'String' in type cast", "package:shop/van.dart:Van.load",
         "type * is not a subtype of type * in type cast"),
        (SANITIZER, "AddressSanitizer: heap-use-after-free on address 0x602000000010 at pc 0x0000004f1a2b",
         "shop::Van::load", "AddressSanitizer: heap-use-after-free"),
        (UNDEFINED, "runtime error: signed integer overflow: 2147483647 + 1 cannot be represented", "shop::load",
         "runtime error: signed integer overflow: * cannot be represented"),
        (TERMINATE, "shop::Lost: no van", "shop::load", "shop::Lost"),
        (JVM_CRASH, "A fatal error has been detected by the Java Runtime Environment: SIGSEGV (0xb) at pc=0x7f1a",
         "van_load", "SIGSEGV"),
    ],
)  # fmt: skip
def test_a_trace_is_read_as_a_person_would(trace: str, title: str, culprit: str, kinds: str) -> None:
    problem = problem_of(trace)

    assert (problem.title, problem.culprit) == (title, culprit)
    assert " ".join(problem.identity[1 : problem.identity.index("at")]) == kinds


TRACES = [each for name, each in sorted(globals().items()) if name.isupper() and isinstance(each, str)]


@pytest.mark.parametrize("trace", TRACES)
def test_where_lines_end_and_what_numbers_they_have_changes_nothing(trace: str) -> None:
    later = re.sub(r"(?<=:line )\d+|(?<=[a-z]:)\d+|(?<=, line )\d+", lambda found: str(int(found[0]) + 37), trace)

    assert problem_of(trace.replace("\n", "\r\n")).identity == problem_of(trace).identity
    assert problem_of(later).identity == problem_of(trace).identity


@pytest.mark.parametrize(
    ("trace", "frame", "library"),
    [
        (NODE_CAUSE, "    at drive", "    at wrap (/app/node_modules/tracer/index.js:7:3)\n"),
        (NODE_AGGREGATE, "    at internalC", "    at wrap (/app/node_modules/tracer/index.js:7:3)\n"),
        (PYTHON_CHAIN, '  File "/app/shop/van', '  File "/usr/lib/python3.13/asyncio/tasks.py", line 7, in wait\n'),
        (SPRING, "\tat shop.Van.", "\tat java.base/java.lang.reflect.Method.invoke(Method.java:7) ~[na:na]\n"),
        (ASPNET, "         at Shop.Vans", "         at System.Threading.Context.Run(Object state)\n"),
        (RAILS, "[6f9619ff-8b86-4011-b42d-00cf4fc964ff] app", "rack (3.1.0) lib/rack/lint.rb:7:in `call'\n"),
        (PHP, "#2 {main}", "#2 /var/www/html/vendor/tracer/src/Trace.php(7): Roads\\Road->drive()\n"),
        (RUST, "   2: shop", "   2: tokio::runtime::task::poll\n"),
        (ELIXIR, "        (shop", "        (stdlib 5.0) gen_server.erl:637: :gen_server.call/4\n"),
        (DART, "#0 ", "#0      runZoned (dart:async/zone.dart:7:3)\n"),
        (SANITIZER, "    #0 0x4f1a2a", "    #0 0x4f1 in __interceptor_memcpy /build/llvm/compiler-rt/asan.cpp:7:3\n"),
    ],
)
def test_one_frame_of_a_library_more_changes_nothing(trace: str, frame: str, library: str) -> None:
    assert frame in trace

    assert problem_of(trace.replace(frame, library + frame, 1)).identity == problem_of(trace).identity


@pytest.mark.parametrize(
    ("trace", "old", "new"),
    [
        (NODE_AGGREGATE, "127.0.0.1:6379", "127.0.0.1:5432"),
        (EXCEPTION_GROUP, "KeyError", "IndexError"),
        (EXCEPTION_GROUP, "in load", "in unload"),
        (SPRING, "java.sql.SQLException", "java.sql.BatchUpdateException"),
        (PHP, "PDOException", "LogicException"),
        (RUST_CAUSES, "it is locked", "it is stuck"),
        (ELIXIR, "Shop.LostError", "Shop.LateError"),
        (GO_VALUE, "main.Lost{", "main.Late{"),
        (SANITIZER, "heap-use-after-free", "stack-buffer-overflow"),
    ],
)
def test_another_type_place_or_service_is_another_problem(trace: str, old: str, new: str) -> None:
    assert problem_of(trace.replace(old, new)).identity != problem_of(trace).identity
