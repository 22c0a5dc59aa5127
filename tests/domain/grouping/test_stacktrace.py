"""Stack traces: known by the exception's type and the places in the application's code."""

import json

import pytest

from chalicelib.domain.grouping.fingerprint import problem_of
from chalicelib.domain.grouping.frames import frame_of

PYTHON = """[ERROR] ValueError: invalid literal for int() with base 10: 'abc'
Traceback (most recent call last):
  File "/var/task/app.py", line 42, in handler
    pay(event)
  File "/var/task/billing/handler.py", line 4, in parse_amount
    return int(said)
  File "/opt/python/lib/python3.13/site-packages/money/parse.py", line 9, in parse
    return int(text)"""
NODE = """2026-03-02T10:00:00.000Z\t6f9619ff-8b86-4011-b42d-00cf4fc964ff\tERROR\tTypeError: book is not a function
    at Object.next (/var/task/node_modules/express/router.js:1:2)
    at new Parcel (/var/task/src/parcel.js:3:4)
    at async Runtime.handler (file:///var/task/index.mjs:8:10)
    at processTicksAndRejections (node:internal/process/task_queues:95:5)"""
JAVA = """2026-03-02 09:58:20,114 FATAL [main] ledger.Posting - posting failed
java.lang.IllegalStateException: account 4711 is locked
\tat java.base/java.util.Optional.orElseThrow(Optional.java:403)
\tat ledger.Posting.lambda$post$0(Posting.java:88)
\tat ledger.Worker.run(Worker.java:31)
\tSuppressed: java.io.IOException: closed
\t\tat ledger.Files.close(Files.java:5)
Caused by: java.sql.SQLException: deadlock detected
\tat org.postgresql.Driver.query(Driver.java:3)
\tat ledger.Database.query(Database.java:12)
\t... 2 more"""
GO = """panic: runtime error: index out of range [5] with length 3

goroutine 1 [running]:
runtime.gopanic({0xc000012345, 0x1})
\t/usr/local/go/src/runtime/panic.go:884 +0x212
example.com/shop/billing.(*Handler).Parse.func1(0xc000012345, {0x1, 0x2})
\t/home/ci/shop/billing/handler.go:33 +0x1d
main.main()
\t/app/main.go:12 +0x1d

goroutine 7 [running]:
main.other()
\t/app/other.go:1"""
DOTNET = """Unhandled exception. System.AggregateException: One or more errors occurred. (closed)
 ---> System.InvalidOperationException: closed
   at Shop.Orders.<PlaceAsync>d__5.MoveNext() in C:\\src\\Orders.cs:line 12
   --- End of inner exception stack trace ---
   at System.Threading.Tasks.Task.Wait()
   at Shop.Program.Main(String[] args) in /src/Program.cs:line 5"""
RUBY = """app/models/order.rb:42:in `total': undefined method `price' for nil:NilClass (NoMethodError)
\tfrom app/controllers/orders.rb:10:in `block in create'
\tfrom /usr/lib/ruby/gems/3.3.0/rack.rb:1:in `call'"""


@pytest.mark.parametrize(
    ("message", "title", "culprit", "identity"),
    [
        pytest.param(
            PYTHON,
            "ValueError: invalid literal for int() with base 10: 'abc'",
            "billing/handler.py:parse_amount",
            ("ValueError", "at", "billing/handler.py:parse_amount", "app.py:handler", "from"),
            id="python",
        ),
        pytest.param(
            NODE,
            "TypeError: book is not a function",
            "src/parcel.js:Parcel",
            ("TypeError", "at", "src/parcel.js:Parcel", "index.mjs:Runtime.handler", "from"),
            id="node",
        ),
        pytest.param(
            JAVA,
            "java.lang.IllegalStateException: account 4711 is locked",
            "ledger.Posting.post",
            (
                *("java.lang.IllegalStateException", "java.sql.SQLException"),
                *("at", "ledger.Posting.post", "ledger.Worker.run", "from", "ledger.Database.query"),
            ),
            id="java",
        ),
        pytest.param(
            GO,
            "panic: runtime error: index out of range [5] with length 3",
            "example.com/shop/billing.(*Handler).Parse",
            (
                "panic: runtime error: index out of range",
                *("at", "example.com/shop/billing.(*Handler).Parse", "main.main", "from"),
            ),
            id="go",
        ),
        pytest.param(
            DOTNET,
            "System.InvalidOperationException: closed",
            "Shop.Orders.PlaceAsync",
            (
                *("System.AggregateException", "System.InvalidOperationException"),
                *("at", "Shop.Program.Main", "from", "Shop.Orders.PlaceAsync"),
            ),
            id="dotnet",
        ),
        pytest.param(
            RUBY,
            "NoMethodError: undefined method `price' for nil:NilClass",
            "app/models/order.rb:total",
            ("NoMethodError", "at", "app/models/order.rb:total", "app/controllers/orders.rb:create", "from"),
            id="ruby",
        ),
        pytest.param(
            json.dumps(
                {
                    "errorType": "KeyError",
                    "errorMessage": "'basket'",
                    "stackTrace": [
                        '  File "/var/task/app.py", line 3, in handler\n    pay()\n',
                        '  File "/var/task/billing/pay.py", line 9, in pay\n    total()\n',
                    ],
                }
            ),
            "KeyError: 'basket'",
            "billing/pay.py:pay",
            ("KeyError", "at", "billing/pay.py:pay", "app.py:handler", "from"),
            id="lambda-json-python",
        ),
        pytest.param(
            json.dumps(
                {
                    "errorType": "java.lang.RuntimeException",
                    "errorMessage": "closed",
                    "stackTrace": ["shop.Handler.handle(Handler.java:12)", "java.base/jdk.X.y(Unknown Source)"],
                }
            ),
            "java.lang.RuntimeException: closed",
            "shop.Handler.handle",
            ("java.lang.RuntimeException", "at", "shop.Handler.handle", "from"),
            id="lambda-json-java",
        ),
        pytest.param(
            json.dumps(
                {
                    "level": 50,
                    "msg": "booking failed",
                    "err": {
                        "type": "TypeError",
                        "message": "no parcel",
                        "stack": "TypeError: no parcel\n    at book (/app/orders.js:17:29)",
                    },
                }
            ),
            "TypeError: no parcel",
            "orders.js:book",
            ("TypeError", "at", "orders.js:book", "from"),
            id="pino",
        ),
        pytest.param(
            json.dumps(
                {"@l": "Error", "@mt": "{id}", "@x": "System.Exception: closed\n   at Shop.A.B(String x, Int32 y)"}
            ),
            "System.Exception: closed",
            "Shop.A.B",
            ("System.Exception", "at", "Shop.A.B", "from"),
            id="serilog",
        ),
        pytest.param(
            json.dumps(
                {"level": "ERROR", "message": "lost", "stack_trace": "shop.Lost: parcel\n\tat shop.A.b(A.java:1)"}
            ),
            "shop.Lost: parcel",
            "shop.A.b",
            ("shop.Lost", "at", "shop.A.b", "from"),
            id="logback",
        ),
        pytest.param(
            json.dumps(
                {
                    "level": "ERROR",
                    "message": "lost",
                    "exception": 'Traceback (most recent call last):\n  File "/app/a.py", line 1, in f\nValueError: 7',
                    "stack_trace": {
                        "type": "ValueError",
                        "frames": [{"file": "/var/task/a.py", "line": 1, "function": "f", "statement": "g()"}],
                    },
                }
            ),
            "ValueError: 7",
            "a.py:f",
            ("ValueError", "at", "a.py:f", "from"),
            id="powertools",
        ),
    ],
)
def test_a_stack_is_read_as_a_person_would(message: str, title: str, culprit: str, identity: tuple[str, ...]) -> None:
    problem = problem_of(message)

    assert (problem.title, problem.culprit) == (title, culprit)
    assert problem.identity == ("stack", *identity)


@pytest.mark.parametrize(
    ("fields", "culprit"),
    [
        ({"error": {"stack": "Error: x\n    at book (/app/a.js:1:2)"}}, "a.js:book"),
        ({"error": {"message": "x"}, "message": "Error: x\n    at book (/app/a.js:1:2)"}, "a.js:book"),
        ({"error.stack_trace": "shop.Lost: x\n\tat shop.Van.load(Van.java:7)"}, "shop.Van.load"),
        (
            {
                "thrown": {
                    "name": "shop.Lost",
                    "extendedStackTrace": [{"class": "shop.Van", "method": "load", "line": 7}],
                }
            },
            "shop.Van.load",
        ),
        (
            {
                "errorType": "Lost",
                "stackTrace": [
                    {"path": "runtime/panic.go", "line": 914, "label": "gopanic"},
                    {"path": "example.com/shop/van.go", "line": 7, "label": "Load"},
                ],
            },
            "example.com/shop/van.go:Load",
        ),
        ({"errorType": "Function<Lost>", "stackTrace": ["/var/task/van.rb:7:in 'Van#load'"]}, "van.rb:load"),
        ({"stack": [{"line": 7}, 7, "here"]}, ""),
        ({"stack": {"stack": {"stack": {"stack": {"stack": "Error: x\n    at book (/app/a.js:1:2)"}}}}}, ""),
    ],
)
def test_a_stack_is_found_in_the_fields_of_many_loggers(fields: dict[str, object], culprit: str) -> None:
    assert problem_of(json.dumps({"level": "ERROR", **fields})).culprit == culprit


def test_an_endless_recursion_has_the_culprit_of_its_end() -> None:
    stack = [f'  File "/var/task/a.py", line {at}, in again{at}\n    again()\n' for at in range(1_000)]

    assert problem_of(json.dumps({"errorType": "RecursionError", "stackTrace": stack})).culprit == "a.py:again*"


@pytest.mark.parametrize(
    ("line", "place", "own"),
    [
        ('  File "/usr/lib/python3.13/json/decoder.py", line 3, in decode', "json/decoder.py:decode", False),
        ('  File "/var/task/botocore/client.py", line 3, in call', "botocore/client.py:call", False),
        ('  File "/home/ci/builds/20260302/shop/app.py", line 3', "shop/app.py", True),
        ('  File "C:\\work\\shop\\app.py", line 3, in f', "work/shop/app.py:f", True),
        ("    at async Promise.all (index 0)", "Promise.all", False),
        ("    at /var/task/index.3f2a9c77.js:3:4", "index.*.js", True),
        ("    at Object.<anonymous> (/app/a.js:3:4)", "a.js", True),
        ("    at exports.handler [as handle] (webpack://shop/./src/a.js:3:4)", "src/a.js:handler", True),
        ("    at node:internal/main:3:4", "node:internal/main", False),
        ("\tat com.sun.proxy.$Proxy12.book(Unknown Source)", "com.sun.proxy.book", False),
        ("\tat shop.Van$$EnhancerBySpringCGLIB$$1a2b3c4d.load(<generated>)", "shop.Van.load", False),
        ("\tat app//shop.Van$Door.lambda$open$7(Van.kt:7)", "shop.Van$Door.open", True),
        ("   at Shop.Van.<>c__DisplayClass4_0.<Load>b__1(Int32 at)", "Shop.Van.Load", True),
        ("   at Shop.Store`1.Get[T](String key)", "Shop.Store.Get", True),
        ("   at lambda_method12(Closure , Stream )", "lambda_method12", False),
        ("\t/app/van.go:7 +0x1d", "", False),
        ("nothing of it", "", False),
        ("at: nothing of it", "", False),
        ('File "nothing of it"', "", False),
    ],
)
def test_a_frame_is_a_place_and_whose_code_it_is(line: str, place: str, own: bool) -> None:
    frame = frame_of(line)

    assert (frame.place, frame.own) == (place, own) if frame else not place
