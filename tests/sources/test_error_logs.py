"""Errors that the hub's own scanner found in logs."""

import re
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.events.event import LINK_LENGTH, Severity, Signal
from chalicelib.sources.error_logs import ANY_ERROR, MOST_LINES, QUERY, jsurl
from tests.sources.samples import alike, altered, load, read, without

PYTHON = "error_logs-python"
SUFFIXES = {"111122223333": "aB3dE5fG7hI9", "444455556666": "1A2B3C4D5E6F7"}


def unstarred(text: str) -> str:
    """Read text in JSURL, the way the console does."""
    units = re.sub(
        r"\*\*([0-9a-f]{4})|\*([0-9a-f]{2})", lambda it: chr(int(it[1] or it[2], 16)), text.replace("!", "$")
    )
    return units.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "surrogatepass")


@pytest.mark.parametrize(
    ("name", "severity", "title", "resource"),
    [
        (PYTHON, Severity.HIGH, "checkout: KeyError: 'basket'", "checkout"),
        (
            "error_logs-nodejs",
            Severity.HIGH,
            "orders: TypeError: Cannot read properties of undefined (reading 'id')",
            "orders",
        ),
        (
            "error_logs-java",
            Severity.CRITICAL,
            "ledger: java.lang.IllegalStateException: account 4711 is locked",
            "ledger",
        ),
    ],
)
def test_errors_fire_under_the_name_of_what_failed(name: str, severity: Severity, title: str, resource: str) -> None:
    event = read(name)
    assert (event.severity, event.signal) == (severity, Signal.FIRING)
    assert (event.title, event.resource) == (title, resource)


def test_the_time_is_the_end_of_the_window() -> None:
    assert read(load(PYTHON) | {"time": "2026-03-02T10:07:00Z"}).published_at == 1_772_445_600


def test_a_window_that_is_scanned_again_makes_the_same_event() -> None:
    again = altered(PYTHON, "count", to=15) | {"id": "another", "time": "2026-03-02T10:07:00Z"}
    assert alike(read(PYTHON), read(again))


def test_the_next_window_makes_another_event_of_the_same_problem() -> None:
    later = altered(PYTHON, "idempotency_key", to="another")
    later["detail"]["window"] = {"start": 1_772_445_600, "end": 1_772_445_900}
    assert read(later).fingerprint == read(PYTHON).fingerprint
    assert read(later).id > read(PYTHON).id


def test_nobody_can_speak_for_another_account() -> None:
    forged = altered(PYTHON, "account", to="444455556666")
    forged["detail"] |= {"region": "us-east-1", "accountId": "444455556666"}
    assert (read(forged).account, read(forged).region) == ("111122223333", "eu-west-1")


@pytest.mark.parametrize("elsewhere", [{"account": "444455556666"}, {"region": "us-east-1"}])
def test_the_same_error_elsewhere_is_another_event_of_the_same_problem(elsewhere: dict[str, str]) -> None:
    other = read(load(PYTHON) | elsewhere)
    assert other.id != read(PYTHON).id
    assert other.fingerprint == read(PYTHON).fingerprint


def test_a_copy_that_is_named_after_its_account_is_the_same_resource() -> None:
    names = {account: f"shop-{account}-Api-{suffix}" for account, suffix in SUFFIXES.items()}
    raw = [altered(PYTHON, "resource", to=name) | {"account": account} for account, name in names.items()]
    assert len({read(each).fingerprint for each in raw}) == 1
    assert [read(each).resource for each in raw] == list(names.values())


@pytest.mark.parametrize("field", ["service", "resource", "fingerprint"])
def test_what_failed_and_how_are_problems_of_their_own(field: str) -> None:
    assert read(altered(PYTHON, field, to="another")).fingerprint != read(PYTHON).fingerprint


def test_a_resource_that_writes_to_another_log_group_has_the_same_problem() -> None:
    assert read(altered(PYTHON, "log_group", to="/shared")).fingerprint == read(PYTHON).fingerprint


@pytest.mark.parametrize(("count", "lines"), [(14, 14), (10**40, MOST_LINES)])
def test_an_event_stands_for_all_lines_of_its_group(count: int, lines: int) -> None:
    assert read(altered(PYTHON, "count", to=count)).lines == lines


@pytest.mark.parametrize(
    ("level", "severity"),
    [
        ("error", Severity.HIGH),
        ("critical", Severity.CRITICAL),
        ("fatal", Severity.CRITICAL),
        ("odd", Severity.UNKNOWN),
        (None, Severity.HIGH),
    ],
)
def test_the_level_decides_the_severity(level: Any, severity: Severity) -> None:
    assert read(altered(PYTHON, "level", to=level)).severity is severity


@pytest.mark.parametrize("field", ["title", "level", "count", "first_at", "last_at", "samples"])
def test_errors_that_say_little_are_still_announced_as_errors(field: str) -> None:
    event = read(without(PYTHON, field))
    assert (event.kind, event.fingerprint, event.id) == ("error_logs", read(PYTHON).fingerprint, read(PYTHON).id)


def test_without_a_resource_the_log_group_is_named() -> None:
    raw = without(PYTHON, "resource")
    del raw["detail"]["title"]
    assert read(raw).title == "/aws/lambda/checkout: errors in the logs"
    assert read(raw | {"account": "444455556666"}).fingerprint == read(raw).fingerprint


@pytest.mark.parametrize("field", ["idempotency_key", "log_group", "fingerprint", "window"])
def test_errors_that_cannot_be_distinguished_are_unknown(field: str) -> None:
    assert read(without(PYTHON, field)).kind == "unknown"
    assert read(altered(PYTHON, field, to="")).kind == "unknown"


@pytest.mark.parametrize("end", [0, -1, 10**18, "soon"])
def test_a_window_beyond_all_time_is_unknown(end: Any) -> None:
    assert read(altered(PYTHON, "window", "end", to=end)).kind == "unknown"


def test_the_link_queries_logs_insights_for_the_window_and_the_log_group() -> None:
    query = 'fields @timestamp, @logStream, @message\n| filter @message like "KeyError"\n| sort @timestamp asc'
    start, fragment = read(PYTHON).link.split("#")
    assert start == "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1"
    assert fragment == (
        "logsV2:logs-insights$3FqueryDetail$3D~(end~'2026-03-02T09*3a59*3a59.999Z~start~'2026-03-02T09*3a55*3a00.000Z"
        f"~timeType~'ABSOLUTE~tz~'UTC~editorString{jsurl(query)}~source~(~'*2faws*2flambda*2fcheckout))"
    )


def test_lines_that_share_no_words_are_searched_for_as_any_error() -> None:
    link = read(altered(PYTHON, "title", to="4711")).link
    assert jsurl(QUERY.format(ANY_ERROR)) in link
    assert read(without(PYTHON, "samples")).link == link


def test_the_link_covers_late_lines_but_not_any_time_that_a_detail_claims() -> None:
    late = altered(PYTHON, "first_at", to=1_772_445_000)
    assert "start~'2026-03-02T09*3a50*3a00.000Z" in read(late).link
    late["detail"]["last_at"] = 10**10
    assert "(end~'2026-03-02T09*3a59*3a59.999Z" in read(late).link


@given(st.text())
def test_whatever_a_title_says_the_link_stays_one(title: str) -> None:
    raw = altered(PYTHON, "title", to=title)
    raw["detail"]["samples"] = [{"message": title}]
    link = read(raw).link
    assert re.fullmatch(r"https://[\w.-]+/cloudwatch/home\?region=eu-west-1#[\w.*!$~'():-]+", link, re.ASCII)


def test_the_link_of_the_longest_log_group_still_fits() -> None:
    name = "/aws/lambda/" + "a" * 500
    assert 0 < len(read(altered(PYTHON, "log_group", to=name)).link) <= LINK_LENGTH


@given(st.text())
def test_text_survives_the_consoles_notation(text: str) -> None:
    written = jsurl(text)
    assert written.startswith("~'")
    assert unstarred(written[2:]) == text


@given(st.text())
def test_the_consoles_notation_may_stand_in_an_address(text: str) -> None:
    written = jsurl(text)
    assert re.fullmatch(r"~'[\w.*!-]*", written, re.ASCII)
    assert unquote(urlsplit(f"https://console.invalid/#{written}").fragment) == written


def test_lists_and_objects_nest_in_the_consoles_notation() -> None:
    assert jsurl({"a": "x y", "b": ["1", "$"]}) == "~(a~'x*20y~b~(~'1~'!))"
