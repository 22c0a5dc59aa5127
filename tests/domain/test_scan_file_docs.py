"""docs/logs.md says what scan.toml can hold, what an error is and what is redacted, and its examples are true."""

import re
from pathlib import Path

import pytest

from bench.classify import LINES
from chalicelib.domain import expression, routes_values, rules, scan_file
from chalicelib.domain.classification import is_error
from chalicelib.domain.level import Level
from chalicelib.domain.redaction import redacted

TEXT = (Path(__file__).parents[2] / "docs" / "logs.md").read_text(encoding="utf-8")
SECTION = TEXT.partition("\n## scan.toml\n")[2]
KEYS = {
    "log_groups": scan_file.LOG_GROUPS,
    "error": scan_file.FINDING,
    "ignore": scan_file.IGNORING,
    "redaction": scan_file.REDACTION,
}


def test_every_key_is_described_and_no_other() -> None:
    described = set(re.findall(r"^\| `(\w+)` \| `(\w+)` \|", SECTION, re.MULTILINE))

    assert KEYS.keys() == set(scan_file.TABLES)
    assert described == {(table, key) for table, keys in KEYS.items() for key in keys}


def test_every_word_that_a_key_can_hold_is_told() -> None:
    assert [each for each in (*scan_file.SERVICES, *Level) if f"`{each}`" not in SECTION] == []


def test_the_limits_are_those_of_the_code() -> None:
    assert f"first {rules.LOOKED_AT:,} characters" in SECTION
    assert f"up to {routes_values.MOST_PATTERNS} in a list" in SECTION
    assert f"There may be {scan_file.MOST_RULES} rules of each kind" in SECTION
    assert f"more than {expression.MOST_REPETITIONS} repetitions. Up to {expression.LONGEST} characters" in SECTION


ROWS = re.findall(r"^\| `(.+)` \| (yes|no) \|$", TEXT, re.MULTILINE)


@pytest.mark.parametrize(("line", "answer"), ROWS)
def test_a_line_is_judged_as_the_page_says(line: str, answer: str) -> None:
    assert is_error(line) == (answer == "yes")


REPLACED = re.findall(r"^\| `(.+)` \| `(.*\[redacted: .+)` \|$", TEXT, re.MULTILINE)


@pytest.mark.parametrize(("found", "becomes"), REPLACED)
def test_a_secret_becomes_what_the_page_says(found: str, becomes: str) -> None:
    assert redacted(found) == becomes


def test_there_are_examples_and_as_many_labelled_lines_as_the_page_says() -> None:
    assert len(ROWS) >= 8
    assert len(REPLACED) >= 10
    assert len(LINES.read_text(encoding="utf-8").splitlines()) > 800
    assert "more than 800 labelled lines" in TEXT
