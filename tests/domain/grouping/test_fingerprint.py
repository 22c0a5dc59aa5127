"""Problems: what makes two messages the same, whatever changed in them that does not matter."""

import json
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.grouping.exception_heads import kind_of
from chalicelib.domain.grouping.fingerprint import problem_of
from tests.examples import examples

type Place = tuple[str, str]
type Write = Callable[[str, str, Sequence[Place], int], str]


def python(kind: str, said: str, places: Sequence[Place], number: int) -> str:
    frames = [
        f'  File "/var/task/shop/{file}.py", line {number + at}, in {function}\n    return 0'
        for at, (file, function) in enumerate(reversed(places))
    ]
    library = f'  File "/opt/python/lib/python3.13/site-packages/lib{number}.py", line {number}, in call'
    return "\n".join(["Traceback (most recent call last):", *frames, library, f"{kind}: {said}"])


def python_in_json(kind: str, said: str, places: Sequence[Place], number: int) -> str:
    stack = [
        f'  File "/var/task/shop/{file}.py", line {number}, in {function}\n' for file, function in reversed(places)
    ]
    return json.dumps({"level": "ERROR", "errorType": kind, "errorMessage": said, "stackTrace": stack})


def node(kind: str, said: str, places: Sequence[Place], number: int) -> str:
    frames = [
        f"    at {function} (/var/task/shop/{file}.js:{number + at}:{number})"
        for at, (file, function) in enumerate(places)
    ]
    library = f"    at step{number} (/var/task/node_modules/lib/index.js:{number}:1)"
    return "\n".join([f"2026-03-02T10:00:00.000Z\t-\tERROR\t{kind}: {said}", library, *frames])


def node_in_json(kind: str, said: str, places: Sequence[Place], number: int) -> str:
    stack = "\n".join([f"{kind}: {said}", *(f"    at {f} (/app/{file}.js:{number}:1)" for file, f in places)])
    return json.dumps({"level": 50, "msg": said, "err": {"type": kind, "message": said, "stack": stack}})


def java(kind: str, said: str, places: Sequence[Place], number: int) -> str:
    frames = [f"\tat shop.{file}.{function}(Source.java:{number + at})" for at, (file, function) in enumerate(places)]
    library = f"\tat java.base/java.util.Step{number}.apply(Step.java:{number})"
    return "\n".join([f"2026-03-02 10:00:00,000 ERROR [main] shop - {said}", f"{kind}: {said}", library, *frames])


def java_caused(kind: str, said: str, places: Sequence[Place], number: int) -> str:
    frames = [f"\tat shop.{file}.{function}(Source.java:{number + at})" for at, (file, function) in enumerate(places)]
    outer = ["java.lang.RuntimeException: wrapped", "\tat shop.Main.main(Main.java:7)"]
    return "\n".join([*outer, f"Caused by: {kind}: {said}", *frames, f"\t... {number} more"])


def go(kind: str, said: str, places: Sequence[Place], number: int) -> str:
    frames = [
        f"main.{file}{function}(0xc{number:06x}, {{0x{number:x}, 0x1}})\n\t/app/a.go:{number} +0x1d"
        for file, function in places
    ]
    library = f"runtime.step{number}(0x1)\n\t/usr/local/go/src/runtime/panic.go:{number} +0x1"
    other = f"goroutine {number} [chan receive]:\nmain.other{number}()\n\t/app/b.go:{number} +0x1d"
    return "\n".join([f"panic: {kind}: {said}", "", f"goroutine {number} [running]:", library, *frames, "", other])


def dotnet(kind: str, said: str, places: Sequence[Place], number: int) -> str:
    frames = [f"   at Shop.{file}.{function}(String said) in /src/{file}.cs:line {number}" for file, function in places]
    library = f"   at System.Step{number}.MoveNext()"
    return "\n".join([f"Unhandled exception. {kind}: {said}", library, *frames])


def ruby(kind: str, said: str, places: Sequence[Place], number: int) -> str:
    (file, function), *rest = places
    frames = [f"\tfrom /var/task/shop/{file}.rb:{number}:in `{function}'" for file, function in rest]
    library = f"\tfrom /var/task/vendor/gems/rack-{number}/rack.rb:{number}:in `call'"
    return "\n".join([f"/var/task/shop/{file}.rb:{number}:in `{function}': {said} ({kind})", *frames, library])


LANGUAGES = [python, python_in_json, node, node_in_json, java, java_caused, dotnet, ruby]
NAMES = st.sampled_from(["parse", "book", "total", "send", "refund", "lock"])
PLACES = st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=3, unique=True)
KINDS = st.sampled_from(["KeyError", "ValueError", "LookupError", "ParcelError"])
SAID = st.sampled_from(["parcel 7 is lost", "no such key: 'basket'", "it is late", "a (b) c: d"])
NUMBERS = st.integers(1, 10_000)


@pytest.mark.parametrize("write", [*LANGUAGES, go])
@examples(0.3)
@given(kind=KINDS, places=PLACES, said=st.tuples(SAID, SAID), numbers=st.tuples(NUMBERS, NUMBERS))
def test_what_was_said_and_the_numbers_of_lines_never_change_the_group_of_a_stack(
    write: Write, kind: str, places: list[Place], said: tuple[str, str], numbers: tuple[int, int]
) -> None:
    first, second = (problem_of(write(kind, each, places, number)) for each, number in zip(said, numbers, strict=True))

    assert first.identity == second.identity
    assert first.culprit == second.culprit != ""


@pytest.mark.parametrize("write", LANGUAGES)
@examples(0.2)
@given(kinds=st.tuples(KINDS, KINDS), places=PLACES, said=SAID, number=NUMBERS)
def test_another_type_is_another_group(
    write: Write, kinds: tuple[str, str], places: list[Place], said: str, number: int
) -> None:
    first, second = (problem_of(write(kind, said, places, number)).identity for kind in kinds)

    assert (first == second) == (kinds[0] == kinds[1])


@pytest.mark.parametrize("write", [*LANGUAGES, go])
@examples(0.2)
@given(kind=KINDS, places=st.tuples(PLACES, PLACES), said=SAID, number=NUMBERS)
def test_another_place_in_the_code_is_another_group(
    write: Write, kind: str, places: tuple[list[Place], list[Place]], said: str, number: int
) -> None:
    first, second = (problem_of(write(kind, said, each, number)).identity for each in places)

    assert (first == second) == (places[0] == places[1])


@pytest.mark.parametrize("write", [*LANGUAGES, go])
@examples(0.2)
@given(kind=KINDS, places=PLACES, depth=st.integers(2, 40), number=NUMBERS)
def test_how_deep_a_recursion_went_never_changes_the_group(
    write: Write, kind: str, places: list[Place], depth: int, number: int
) -> None:
    assert problem_of(write(kind, "deep", places, number)).identity == (
        problem_of(write(kind, "deep", [places[0]] * depth + places, number)).identity
    )


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("panic: runtime error: index out of range [5]", "index out of range"),
        ("error: ValueError: gone", "ValueError"),
        ("error: it is gone", ""),
    ],
)
def test_a_type_is_found_in_what_is_said(said: str, kind: str) -> None:
    assert kind_of(said).endswith(kind)


def test_a_line_about_a_request_that_is_no_answer_is_a_line_like_others() -> None:
    assert problem_of("GET /vans/7 took 512 ms").identity == problem_of("GET /vans/8 took 7 ms").identity


VALUES = (
    ("01ARZ3NDEKTSV4RRFFQ69G5FAV", "6f9619ff-8b86-4011-b42d-00cf4fc964ff", "deadbeef", "0x7f3a2b", "-7", "1e-9", "0"),
    ("arn:aws:s3:::letters/a", "arn:aws-cn:iam::111122223333:role/reader", "s3://letters/a.csv", "https://example.com"),
    ("C:\\Users\\ann\\a.txt", "\\\\server\\share", "/srv/a/b.csv", "./a", "~/a", "src/app/main.py"),
    (
        "2026-03-02T10:00:00.123Z",
        "2026-03-02 10:00:00",
        "Mon, 02 Mar 2026 10:00:00 GMT",
        "Monday, March 2, 2026 9:15 PM",
    ),
    ("02/Mar/2026:10:00:00 +0000", "Mon Mar  2 10:00:00 UTC 2026", "10:00 AM", "1m30s", "3.5 seconds", "250 ms"),
    ("3 KB", "1.2 MiB", "12 bytes", "4GB", "12.5%", "5 %", "$5", "1,234,567", "1-5", "v2.0.0-rc1"),
    ("10.0.0.1", "192.168.1.255:8080", "10.0.0.0/8", "2001:db8::1", "[2001:db8::1]:443", "::1", "aa:bb:cc:dd:ee:ff"),
    ("node-17", "node-[1-3]", "node-[1-3,7]", "node-[1,2]", "rack2-[1-3]", "vans[01-16,20]"),
    ("letters.txt", "VanLoader.dll", "Sort_Letters.exe", "libVan.so"),
    ("db.internal", "shop.example.com", "ip-10-0-0-1.ec2.internal:5432", "ann@example.com", "<bob+x@example.org>"),
    ("'ann'", '"it is; so: (x)"', "`x`", "'a{b}c'", '"a=b, c"', "''"),
    ("true", "False", "null", "None"),
    ("Order{id=1}", "Order{id=22, by=Van{7}}", "Order@1a2b3c", "{'a': 1, 'b': [1, 2]}", "{}"),
    ("[1, 2, 3]", "[7]", "[1,2]"),
)
AROUND = (
    "parcel {} is lost",
    "no parcel {}",
    "the {} broke",
    "lost ({}): gone",
    "parcel={} is lost",
    "parcel: {}, gone",
)


def in_json(text: str) -> str:
    return json.dumps({"level": "ERROR", "message": text})


def in_an_exception(text: str) -> str:
    return f"ValueError: {text}"


def with_a_header(text: str) -> str:
    return f"2026-03-02T10:00:00Z [ERROR] shop - {text}"


@pytest.mark.parametrize("write", [str, in_json, in_an_exception, with_a_header])
@pytest.mark.parametrize("values", VALUES)
def test_however_a_value_is_written_it_never_changes_the_group(
    values: Sequence[str], write: Callable[[str], str]
) -> None:
    for around in AROUND:
        assert len({problem_of(write(around.replace("{}", value))).identity for value in values}) == 1, around


@pytest.mark.parametrize(
    "said",
    [
        "Failed password for {} from 10.0.0.7 port 22",
        "session opened for user {} by (uid=0)",
        "invalid user {}",
        "rejected user={} db=shop",
        'no letters for "{}"',
        "{}@example.com has no basket",
    ],
)
@examples(0.2)
@given(names=st.tuples(*[st.from_regex(r"[a-z]{1,6}([._-][a-z]{1,6})?", fullmatch=True)] * 2))
def test_a_changed_name_of_a_user_never_changes_the_group(said: str, names: tuple[str, str]) -> None:
    first, second = (problem_of(said.format(f"u{name}")).identity for name in names)

    assert first == second


@examples(0.3)
@given(message=st.text())
def test_any_text_is_a_problem(message: str) -> None:
    problem = problem_of(message)

    assert problem.title
    assert problem.identity


HOSTILE = (
    *(
        "(",
        ")",
        "[",
        "{",
        "'",
        '"',
        "`",
        "*",
        "a",
        "0",
        " ",
        "=",
        "\\",
        ".",
        "é",
        "|",
        "\t",
        "\n",
        "\r",
        ":",
        "/",
        "-",
        "\0",
    ),
    *(
        "a.",
        "a=",
        "a:",
        "0.",
        "* (",
        "=[",
        "= a",
        "user ",
        "for a ",
        "for a from ",
        "Mon ",
        "Jan 1 ",
        "1, ",
        "(a, ",
        "a{",
        '\\"',
    ),
    *(
        "at a(",
        "\n    at a.b(",
        "\n\tat a.b.c(A.java:1)",
        '\nFile "a',
        '\n  File "a", line 1, in ',
        "Caused by: ",
        " ---> ",
    ),
    *(
        "\ngoroutine 1 [",
        "\na.rb:1:in `",
        "Error: ",
        "Exception",
        "a.Error",
        '{"a":',
        '{"stack":["',
        'msg="',
        "level= ",
        "[x] ",
    ),
    *(
        "Traceback (most recent call last):\n",
        "aaaaaaaa-",
        "deadbeef:",
        "12:",
        "http://",
        "C:\\",
        "()",
        "<1 sec ",
        "1 KB ",
    ),
)


@pytest.mark.parametrize("part", HOSTILE)
@pytest.mark.parametrize("before", ["", 'x="\n    at '])
def test_an_endless_line_takes_no_endless_time(before: str, part: str) -> None:
    """1 MB; a quadratic pattern would run into the test's time-out in CI."""
    problem = problem_of(before + part * (1_000_000 // len(part)))

    assert sum(map(len, problem.identity)) <= 10_000
