"""Templates and headlines: what makes two errors the same one, and what it is called."""

import ipaddress
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.grouping.fingerprint import problem_of
from chalicelib.domain.grouping.parameterization import forget, template

REQUEST = "6f9619ff-8b86-4011-b42d-00cf4fc964ff"
AT = "2025-10-09T08:55:00.123Z"

# Three words and more in quotation marks are something that was said, and no value.
NAMES = st.text(string.ascii_letters + " /-_.", max_size=20).filter(lambda text: len(text.split()) < 3)

KINDS = (
    st.uuids().map(str),
    st.integers(-(10**20), 10**20).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(str),
    st.integers(0, 2**64).map(hex),
    st.binary(min_size=8, max_size=32).map(bytes.hex),
    st.datetimes().map(lambda at: at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")),
    st.datetimes().map(lambda at: at.strftime("%a %b %d %H:%M:%S %Y")),
    st.datetimes().map(lambda at: at.strftime("%d/%b/%Y:%H:%M:%S")),
    st.ip_addresses().filter(lambda at: at != ipaddress.ip_address("::")).map(str),
    st.builds("{}.{}@example.com".format, st.sampled_from(["ann", "bob"]), st.integers(0, 9)),
    st.text(string.ascii_letters, max_size=20).map(lambda text: f"/srv/{text}/data.csv"),
    st.text(string.ascii_letters, max_size=20).map(lambda text: f"https://shop.example.com/{text}?q={text}"),
    NAMES.map(lambda name: f"'{name}'"),
    NAMES.map(lambda name: f'"{name}:"'),
    st.builds("ord_{}x{}".format, st.integers(0, 10**6), st.integers(0, 10**6)),
    st.lists(st.integers(), min_size=1).map(str),
)
PAIRS = st.one_of([st.tuples(kind, kind) for kind in KINDS])


@given(PAIRS)
@pytest.mark.parametrize(
    "said", ["parcel {} is lost", "no parcel {}", "{} broke", "parcel={} is lost", "lost ({}): gone"]
)
def test_a_changing_value_never_changes_the_group(said: str, pair: tuple[str, str]) -> None:
    message = f"ValueError: {said}"

    first, second = pair
    assert problem_of(message.format(first)).identity == problem_of(message.format(second)).identity


@pytest.mark.parametrize("url", ["https://shop.example.com/?q=", "https://shop.example.com/b?x=1&y=2", "s3://b/key=1"])
def test_the_keys_in_a_url_are_a_part_of_it(url: str) -> None:
    assert template(f"parcel={url} is lost, status=500") == "parcel=* is lost, status=*"


@pytest.mark.parametrize("apart", [",", ";", "&", ")", "]"])
@pytest.mark.parametrize("url", ["https://shop.example.com", "https://shop.example.com/a=1/b", "s3://b/key"])
def test_what_stands_behind_a_url_is_no_part_of_it(url: str, apart: str) -> None:
    said = f"call failed: url={url}{apart}reason {{}}"

    assert template(said.format("refused")) != template(said.format("unreachable"))
    assert template(f"url={url}{apart}retry") != template(f"url={url}{apart}refused")


USERS = st.text(string.ascii_letters, min_size=1).filter(lambda name: name != "root")


@given(first=USERS, second=USERS)
def test_a_changing_user_never_changes_the_group(first: str, second: str) -> None:
    assert template(f"cannot log in user={first}") == template(f"cannot log in user={second}")


@pytest.mark.parametrize(
    "said", ["user={}", "host=10.0.0.7  user={} tty=ssh", "refused: dbuser={}, db=shop", "User={};"]
)
def test_the_superuser_in_a_field_is_no_user_like_any_other(said: str) -> None:
    assert "ser=root" in template(said.format("root"))
    assert template(said.format("root")) != template(said.format("ann"))
    assert template(said.format("rooter")) == template(said.format("root@shop")) == template(said.format("ann"))


def test_the_superuser_in_a_sentence_is_a_user_like_any_other() -> None:
    assert template("session opened for user root by (uid=0)") == template("session opened for user ann by (uid=7)")


def test_another_exception_type_is_another_group() -> None:
    assert template("Http2Error: gone") != template("Http3Error: gone")
    assert template("org.example.LostException: gone") != template("org.example.FoundException: gone")


def test_another_message_is_another_group() -> None:
    assert template("ValueError: parcel 7 is lost") != template("ValueError: parcel 7 is late")


def test_an_apostrophe_is_no_quote() -> None:
    assert template("the user's parcel and the driver's van") == "the user's parcel and the driver's van"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            '[ERROR] ValueError: weight -3\nTraceback (most recent call last):\n  File "/var/task/app.py", line 10',
            "ValueError: weight -3",
        ),
        (
            (
                f'[ERROR]\t{AT}\t{REQUEST}\tcould not book\nTraceback (most recent call last):\n  File "a.py", line 3\n'
                "KeyError: 'k'\n\nDuring handling of the above exception, another exception occurred:\n\n"
                'Traceback (most recent call last):\n  File "a.py", line 5\n    y\nshop.errors.Lost: parcel 7'
            ),
            "shop.errors.Lost: parcel 7",
        ),
        (f"[ERROR]\t{AT}\t{REQUEST}\tcould not book", "could not book"),
        (
            f"{AT}\t{REQUEST}\tERROR\tTypeError: x is not a function\n    at handler (index.js:9:1)",
            "TypeError: x is not a function",
        ),
        (
            f'{AT}\t{REQUEST}\tERROR\tInvoke Error \t{{"errorType":"RangeError","errorMessage":"too far\\nby 7"}}',
            "RangeError: too far",
        ),
        (
            (
                "2025-10-09 08:55:00,123 ERROR [main] org.example.Parcel - shut\n"
                "java.lang.IllegalStateException: closed\n\tat org.example.Parcel.open(P.java:7)\nCaused by: x.Error"
            ),
            "java.lang.IllegalStateException: closed",
        ),
        ('Exception in thread "main" java.lang.Error: x\n\tat a.B.c(B.java:1)', "java.lang.Error: x"),
        (f"{AT} {REQUEST} Task timed out after 3.00 seconds", "Task timed out after 3.00 seconds"),
        (f"REPORT RequestId: {REQUEST}\tDuration: 3000.00 ms\tStatus: timeout", "Task timed out after 3.00 seconds"),
        ("INIT_REPORT Init Duration: 9999.99 ms\tPhase: init\tStatus: timeout", "Init timed out after 10.00 seconds"),
        (
            f"REPORT RequestId: {REQUEST}\tDuration: 9.1 ms\tStatus: error\tError Type: Runtime.OutOfMemory",
            "Runtime.OutOfMemory",
        ),
        (f"RequestId: {REQUEST} Error: Runtime exited\nRuntime.ExitError", "Error: Runtime exited"),
        ('time=x level=error msg="lost \\"it\\"" parcel=7', 'lost "it"'),
        ("level=error msg=lost parcel=7", "lost"),
        ("panic: index out of range [5]\n\ngoroutine 1 [running]:", "panic: index out of range [5]"),
        ('{"level": "ERROR", "message": "lost"}', "lost"),
        ('{"level": "ERROR", "message": "", "msg": "lost"}', "lost"),
        ('{"level": 50, "msg": "db", "err": {"type": "Error", "message": "gone", "stack": "s"}}', "Error: gone"),
        (
            '{"level": "ERROR", "message": "db", "exception": "Traceback (most recent call last):\\n F\\nKeyError: 1"}',
            "KeyError: 1",
        ),
        ('{"level": "ERROR", "error": "gone"}', "gone"),
        ('{"level": "ERROR", "err": {"code": 7}}', '{"level": "ERROR", "err": {"code": 7}}'),
        ('{"type": "platform.report", "record": {"status": "timeout"}}', "platform.report: timeout"),
        ("[ERROR]", "[ERROR]"),
        ("[ERROR]\n\n", "[ERROR]"),
        ("[ERROR] Runtime.HandlerNotFound: no 'load' in 'van'", "Runtime.HandlerNotFound: no 'load' in 'van'"),
        ("Traceback (most recent call last):\n", "Traceback (most recent call last):"),
        ('{"level": "ERROR", "err": {"kind": 7}, "msg": "lost"}', "lost"),
        ('{"level": "ERROR", "err": {"message": "gone"}}', "gone"),
        ("", "(empty message)"),
        (" \n ", "(empty message)"),
    ],
)
def test_a_headline_says_what_went_wrong(message: str, expected: str) -> None:
    assert problem_of(message).title == expected


@given(st.text())
def test_any_text_has_a_headline_and_a_template(message: str) -> None:
    said = problem_of(message).title

    assert said.strip()
    assert len(template(said)) <= 512


@pytest.mark.parametrize("char", ["(", "'", '"', "*", "a", "0", " ", "[", "=", "\\", ".", "é", "|", "\t"])
def test_an_endless_line_takes_no_endless_time(char: str) -> None:
    """200 kB, which is about what CloudWatch takes; quadratic patterns would run into the test's time-out in CI."""
    assert len(problem_of(char * 200_000).identity[0]) <= 512


def test_an_enumeration_is_no_value() -> None:
    assert template("took shop.van.State.LOADED for done") == "took shop.van.State.LOADED for done"
    assert template("took shop.van.State for done") == "took * for done"


@pytest.mark.parametrize("way", ["synchronized to", "Disconnected from", "attached to"])
@pytest.mark.parametrize("device", ["LOCAL(0)", "SHM(1)", "GPS_NMEA(12)", "vans.example.com:123"])
def test_a_device_that_something_is_connected_to_is_an_address(way: str, device: str) -> None:
    assert template(f"{way} {device}, parcel 10") == f"{way} *, parcel *"


@pytest.mark.parametrize("said", ["failed with {}", "changed from UP(1) to {}", "translated to {}", "{} on van"])
def test_a_name_with_a_number_elsewhere_is_one_of_an_enumeration(said: str) -> None:
    names = ("DOWN(2)", "ERRNO(13)", "SQLSTATE(42000)", "ORA(60)")

    assert len({template(said.format(each)) for each in names}) == len(names)


@pytest.mark.parametrize("item", ["vans[1]", "vans[-1]", "vans[1, 2]", "vans[first]"])
def test_an_item_of_a_list_is_no_list_of_hosts(item: str) -> None:
    assert template(f"{item} is lost") != template(f"{item.replace('vans', 'parcels')} is lost")


def test_a_method_is_no_file() -> None:
    assert template("Van.json is not a function") != template("Parcel.json is not a function")


def test_a_secret_at_the_beginning_is_no_header() -> None:
    first, second = (problem_of(f"{number} is lost").identity for number in ("[redacted: card number]", "4111"))

    assert first == second == ("* is lost",)


def test_objects_are_masked_however_deep() -> None:
    assert template("lost Parcel{7 in Van{b at Place{c{d}}}} today") == "lost * today"
    assert template("lost a{b{c{d{e{f}}}}} today") == template("lost a{b{c{d{e{g}}}}} today") == "lost a{*} today"


def test_what_is_remembered_changes_nothing() -> None:
    first = [template(f"parcel {number} of user ann is lost") for number in range(12)]
    forget()

    assert [template(f"parcel {number} of user ann is lost") for number in reversed(range(12))] == first
    assert len(set(first)) == 1
