"""docs/logs.md says what scan.toml can hold, what an error is and what is redacted, and its examples are true."""

import re
from pathlib import Path

import pytest

from bench.classify import LINES
from chalicelib.config import fields, scan
from chalicelib.config.compiled_scan import SERVICES
from chalicelib.config.models import by_key
from chalicelib.domain.logs.classifier import is_error
from chalicelib.domain.logs.levels import Level
from chalicelib.domain.redaction import redacted
from chalicelib.domain.scanning import rules, safe_regex

TEXT = (Path(__file__).parents[2] / "docs" / "logs.md").read_text(encoding="utf-8")
SECTION = TEXT.partition("\n## scan.toml\n")[2]
KEYS = {
    "log_groups": by_key(scan.LogGroupsTable),
    "error": by_key(scan.ErrorTable),
    "ignore": by_key(scan.IgnoreTable),
    "redaction": by_key(scan.RedactionTable),
}


def test_every_key_is_described_and_no_other() -> None:
    described = set(re.findall(r"^\| `(\w+)` \| `(\w+)` \|", SECTION, re.MULTILINE))

    assert KEYS.keys() == by_key(scan.ScanTables).keys()
    assert described == {(table, key) for table, keys in KEYS.items() for key in keys}


def test_every_word_that_a_key_can_hold_is_reported() -> None:
    assert [each for each in (*SERVICES, *Level) if f"`{each}`" not in SECTION] == []


def test_the_limits_are_those_of_the_code() -> None:
    assert f"first {rules.EXAMINED:,} characters" in SECTION
    assert f"up to {fields.MOST_PATTERNS} in a list" in SECTION
    assert f"There may be {scan.MOST_RULES} rules of each kind" in SECTION
    assert f"more than {safe_regex.MOST_REPETITIONS} repetitions. Up to {safe_regex.LONGEST} characters" in SECTION


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
    assert len(LINES.read_text(encoding="utf-8").splitlines()) > 5_000
    assert "more than 5,000 labelled lines" in TEXT
