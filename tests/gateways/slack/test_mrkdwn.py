"""Foreign text in Slack's markup: harmless, whole where it fits, and never cut in half where it does not."""

import re
from html import unescape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.text import clean
from chalicelib.gateways.slack.blocks import cut
from chalicelib.gateways.slack.mrkdwn import (
    NOTHING,
    Mrkdwn,
    bold,
    code,
    code_block,
    date,
    duration,
    line,
    link,
    number,
    safe_url,
)

FOREIGN = st.text(alphabet=st.one_of(st.sampled_from("&<>`*|\n\t\x00!@#~_^ ab"), st.characters()), max_size=60)


@given(FOREIGN)
def test_a_line_reads_as_the_clean_text_did(text: str) -> None:
    shown = str(line(text))
    assert not re.search(r"[<>\n]", shown)
    assert unescape(shown) == clean(text, 500).replace("```", "'''")


@given(FOREIGN, st.integers(10, 60))
def test_a_line_keeps_its_limit_after_escaping(text: str, limit: int) -> None:
    assert len(line(text * 5, limit)) <= limit
    assert not re.search(r"&(?!amp;|lt;|gt;)", line(text * 5, limit))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (1.5, "1.5"),
        ({"a": [1, "ü"]}, '{"a": [1, "ü"]}'),
        ("a\n\tb\x00c\u202e", "a b c"),
        ("a & <b>", "a &amp; &lt;b&gt;"),
        ('it\'s "so"', 'it\'s "so"'),
        (Mrkdwn("*bold*"), "*bold*"),
        ("``` fence", "''' fence"),
    ],
)
def test_any_value_is_one_line(value: Any, text: str) -> None:
    assert line(value) == text


@given(FOREIGN)
def test_code_has_no_backtick_but_its_own(text: str) -> None:
    assert code(text).count("`") in {0, 2}


@given(FOREIGN)
def test_bold_has_no_asterisk_but_its_own(text: str) -> None:
    assert bold(text).count("*") in {0, 2}


@given(FOREIGN)
def test_nothing_breaks_out_of_a_code_block(text: str) -> None:
    block = code_block(f"a{text}``` b")
    assert block.startswith("```\n")
    assert block.endswith("\n```")
    assert block.count("```") == 2
    assert not re.search(r"[<>]", block)


def test_a_code_block_keeps_beginning_and_end() -> None:
    block = code_block("\n".join(f"line {number}" for number in range(100_000)))
    rows = block.splitlines()[1:-1]
    assert len(rows) == 12
    assert (rows[0], rows[-1]) == ("line 0", "line 99999")
    assert rows[7] == "… 99,989 lines left out"


def test_a_code_block_keeps_indentation_and_drops_empty_lines() -> None:
    assert code_block("a\n\n\tb\n  c  \n \x00") == "```\na\n    b\n  c\n```"


def test_a_code_block_of_nothing_is_nothing() -> None:
    assert code_block(" \n\x00 ") == NOTHING


def test_a_code_block_shows_json_indented() -> None:
    assert code_block({"a": 1}) == '```\n{\n  "a": 1\n}\n```'


def test_one_long_row_may_be_longer_than_each_of_many() -> None:
    assert len(code_block("x" * 5_000)) > 1_000
    assert max(map(len, code_block("\n".join(["x" * 5_000] * 30)).splitlines())) == 200


@pytest.mark.parametrize(
    ("url", "label", "text"),
    [
        ("https://example.com/a?b=1&c=2", "open", "<https://example.com/a?b=1&amp;c=2|open>"),
        ("https://example.com/a|b>c<d e", "x|y>", "<https://example.com/a%7Cb%3Ec%3Cd%20e|x¦y&gt;>"),
        ("https://example.com/%7C", "open", "<https://example.com/%7C|open>"),
        ("javascript:alert(1)", "open", "open"),
        ("https://user:pw@example.com/", "open", "open"),
        ("https://exa|mple.com/", "open", "open"),
        ("https://[::1", "open", "open"),
        ("https://example.com/" + "x" * 3_000, "open", "open"),
        (None, "open", "open"),
        ("https://example.com/", "", ""),
    ],
)
def test_a_link_leads_where_it_says_or_nowhere(url: Any, label: str, text: str) -> None:
    assert link(url, label) == text


@given(st.text())
def test_a_safe_url_holds_nothing_that_ends_a_link(text: str) -> None:
    assert not re.search(r"[|<>\s\x00-\x1f]", safe_url(f"https://example.com/{text}"))


def test_a_url_of_lone_surrogates_is_none() -> None:
    assert safe_url("https://example.com/\ud800") == ""


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (1_772_452_800, "<!date^1772452800^{date_short_pretty}, {time}|2026-03-02 12:00 UTC>"),
        (0, "1970-01-01 00:00 UTC"),
        (-86_400, "1969-12-31 00:00 UTC"),
        (10**15, "1000000000000000"),
        (True, "true"),
        ("<soon>", "&lt;soon&gt;"),
        (None, ""),
    ],
)
def test_a_date_is_written_for_the_readers_clock(time: Any, text: str) -> None:
    assert date(time) == text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (45, "45 s"),
        (60, "1 min"),
        (3_599, "59 min"),
        (3_600, "1 h"),
        (12_000, "3 h 20 min"),
        (86_400, "1 d"),
        (187_200, "2 d 4 h"),
        (10**9, "11,574 d 1 h"),
        ("x", ""),
        (None, ""),
    ],
)
def test_a_duration_is_reported_in_its_two_largest_units(seconds: Any, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(("value", "text"), [(1_234_567, "1,234,567"), (1.5, "1.5"), (True, ""), ("7", ""), (None, "")])
def test_a_number_has_thousands_separators(value: Any, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    "text",
    [
        "&amp;" * 30,
        "<!date^1772452800^{date}|2026-03-02>" * 5,
        "```\n" + "x" * 100 + "\n```",
        "before ```\ncode\n``` after " + "y" * 100,
    ],
)
def test_a_cut_leaves_no_half_of_anything(text: str) -> None:
    for limit in range(12, 90):
        short = cut(text, limit)
        assert len(short) <= limit
        assert not re.search(r"&(?!amp;)", short)
        assert short.count("<") == short.count(">")
        assert short.count("```") % 2 == 0
        assert not re.search(r"(?<!`)`{1,2}(?!`)", short)


def test_what_fits_is_not_cut() -> None:
    assert cut("x" * 12, 12) == "x" * 12


def test_joining_escapes_as_slack_requires_and_no_further() -> None:
    assert Mrkdwn("*a* ") + "it's <b>" == "*a* it's &lt;b&gt;"
    assert Mrkdwn(", ").join(["'a'", Mrkdwn("<!date^1^x|y>")]) == "'a', <!date^1^x|y>"
