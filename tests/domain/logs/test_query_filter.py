"""The query's filter: that it finds every error, leaves what says that it is harmless, and fits a query."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.logs.query_filter import SUSPECT, filter_expression, may_be_error
from tests.domain.logs.test_classifier import ERRORS, FATAL
from tests.pumping import Expression, is_linear, pumps

FILTER = re.compile(
    r"\(@message like /(?P<suspect>[^/]+)/ and \(@message not like /(?P<harmless>[^/]+)/"
    r" or @message like /(?P<severe>[^/]+)/\)\)(?: or @message like /(?P<more>[^/]+)/)?"
)
LONGEST = 1_500


def meets(condition: str, message: str) -> bool:
    """Tell whether a message meets a condition, as a query would."""
    found = FILTER.fullmatch(condition)
    assert found
    fits = {name: bool(re.search(pattern, message)) for name, pattern in found.groupdict().items() if pattern}
    return (fits["suspect"] and (not fits["harmless"] or fits["severe"])) or fits.get("more", False)


FAILED = [
    'haproxy[9]: 192.0.2.4:5 [now] web pool/w 0/0/1/-1/30 502 209 - - SH-- 2/2/1/0/0 0/0 "GET / HTTP/1.1"',
    "GET /stock => generated 12 bytes in 7 msecs (HTTP/1.1 500) 2 headers",
    'h2 2026-02-04T11:12:13Z app/w 192.0.2.4:9 192.0.2.9:8 0.1 0.1 0.1 502 - 0 0 "GET https://x/ HTTP/2.0" "-"',
    '{"success":false,"parcel":7}',
    '{"PRIORITY":"3","MESSAGE":"gone","_PID":"7"}',
    "ERRO[0003] gone",
    "FATA[0003] gone",
    "1771234567.120 12 192.0.2.4 TCP_MISS/503 41 GET http://shop.example.org/ - HIER_DIRECT/192.0.2.9 text/html",
    '192.0.2.4 - 04/Feb/2026:11:12:13 +0000 "GET /stock" 500',
    "the parcels' service responded 504",
    '{"van":7,"success":"false"}',
    "02-04 11:12:13.001  17  18 E VanService: gone",
    "iptables: No chain/target/match by that name.",
    "bind: address already in use",
    "accept: too many open files",
    "certificate has expired",
    "com.acme.Gone: none\n\tat com.acme.Van.go(Van.java:7)",
    '{"level":"INFO","message":"{\\"level\\":50,\\"msg\\":\\"van lost\\"}"}',
    '{"level":"INFO","message":{"level":"error","msg":"van lost"}}',
]  # fmt: skip


@pytest.mark.parametrize("message", [*ERRORS, *FATAL, *FAILED])
def test_every_error_is_fetched(message: str) -> None:
    assert meets(filter_expression(), message)


@pytest.mark.parametrize(
    "message",
    [
        *(
            "van 7 arrived",
            "INFO van 7 failed over",
            "[WARNING] 11:12:13 van lost, error",
            "W0204 11:12:13.1 7 van.go:7] lost",
        ),
        *(
            "2026-02-04 11:12:13,001 DEBUG [main] Van - an error that was mended",
            "level=warn msg=failed",
            "info: 0 errors",
        ),
        *(
            "REPORT Duration: 3.00 ms\tMemory Size: 512 MB\tMax Memory Used: 71 MB",
            "sent 502 bytes",
            "served in 503 ms",
        ),
        *(
            '{"level":"notice","msg":"error page served"}',
            '{"t":{},"s":"I","c":"COMMAND","msg":"Slow query","ns":"errors"}',
        ),
        *('{"level": "info", "msg": "0 errors"}', '{"level":30,"msg":"error"}', '{"Level":"Information","error":null}'),
        *(
            '{"time":"now","severity":"DEBUG","message":"no error"}',
            "2026/02/04 [notice] 7#7: exited",
            "WARN[0003] failed",
        ),
    ],
)
def test_what_says_that_it_is_harmless_is_left_with_aws(message: str) -> None:
    assert not meets(filter_expression(), message)


@pytest.mark.parametrize("message", ["WARN of a kind: van sold", "a kind of van: van sold"])
def test_what_a_rule_calls_an_error_is_fetched_whatever_it_says(message: str) -> None:
    assert not meets(filter_expression(), message)
    assert meets(filter_expression("van sold", "van sold", "van away"), message)
    assert filter_expression("a", "a", "b").endswith("/(?i)(a|b)/")


WORDS = st.sampled_from(
    [
        "INFO",
        "ERROR",
        "error",
        "level=",
        "info",
        '"level":',
        "warn",
        "50",
        " ",
        "\n",
        "{",
        '"',
        "failed",
        "[error]",
        "<3>",
    ]
)


@given(st.lists(WORDS | st.text(max_size=5), max_size=12).map("".join))
def test_classification_sees_what_the_query_finds(message: str) -> None:
    assert may_be_error(message) == meets(filter_expression(), message)


def test_it_fits_a_query_in_a_syntax_that_all_dialects_share() -> None:
    condition = filter_expression()
    found = FILTER.fullmatch(condition)
    assert found
    suspect, *others = (each or "" for each in found.groups())

    assert len(condition) <= LONGEST
    for expression in (suspect.removeprefix("(?i)"), *others):
        assert "(?" not in expression
        assert not re.search(r"[^\\][*+?}]\+", expression)


@pytest.mark.slow
def test_no_text_that_the_filter_suggests_takes_longer_than_its_length() -> None:
    expression = Expression(re.compile(SUSPECT), searched=True)

    assert all(is_linear(expression, pump, 4_000) for pump in pumps(expression.pattern))
