"""docs/grouping.md says how errors are grouped, and its examples are true."""

import re
from pathlib import Path

import pytest

from chalicelib.domain.grouping.fingerprint import problem_of
from chalicelib.domain.grouping.parameterization import template
from chalicelib.domain.grouping.stacktrace import COUNTED

TEXT = (Path(__file__).parents[3] / "docs" / "grouping.md").read_text()
ROWS = re.findall(r"^\| `(.+?)` \| `(.+?)` \|$", TEXT, re.MULTILINE)


@pytest.mark.parametrize(("headline", "counts"), ROWS)
def test_what_counts_of_a_headline_is_as_the_table_says(headline: str, counts: str) -> None:
    assert template(headline) == counts


def test_the_trace_is_known_as_the_page_says() -> None:
    trace = re.search(r"```\n(.*?)```", TEXT, re.DOTALL)
    said = re.search(r"^is `(.+)` in `(.+)`\. What counts", TEXT, re.MULTILINE)
    assert trace
    assert said

    problem = problem_of(trace[1])

    assert (problem.title, problem.culprit) == said.groups()


def test_the_page_says_how_many_places_count() -> None:
    assert COUNTED == 3
    assert "three nearest places" in TEXT
    assert len(ROWS) >= 5
