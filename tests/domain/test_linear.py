"""Linear: no expression of the package takes more than time in proportion to a text, whatever the text is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from tests.pumping import Expression, Pump, expressions, is_linear, pumps

# All of these together take longer than all other tests: `make check-properties` runs them.
pytestmark = pytest.mark.slow

EXPRESSIONS = expressions()
SHORT, LONG = 4_000, 100_000


@pytest.mark.parametrize("where", EXPRESSIONS)
def test_no_text_that_an_expression_suggests_takes_longer_than_its_length(where: str) -> None:
    slow = (each for each in pumps(EXPRESSIONS[where].pattern) if not is_linear(EXPRESSIONS[where], each, SHORT))

    assert next(slow, None) is None


@pytest.mark.parametrize("where", EXPRESSIONS)
@given(st.data())
@examples(0.05)
def test_neither_does_a_text_of_100_kb(where: str, data: st.DataObject) -> None:
    suggested = pumps(EXPRESSIONS[where].pattern)
    if suggested:
        assert is_linear(EXPRESSIONS[where], data.draw(st.sampled_from(suggested)), LONG)


@pytest.mark.parametrize(
    "pattern",
    [
        r"log level\s+(?:(?:is|was)\s+)*(?:to)?\s*[=:]?\s*\w+!",
        r"\n[ \t]+at [\w$.<>/]+[\w$>\])]*[ ]?\(",
        *(r"(a+)+b", r"\w+\w+\w+!", r"\s+x", r"(?:a|a)+b", r"\S*\d\S*", r"<[^>]*>", r"a.*b.*c", r"\[[0-9:]*:[0-9:]*\]"),
        *(r"(?=[a-f]*\d)[a-f\d]{6,}", r"(?:\.\d+)+$", r"[^:]+:\d", r"(?:x?y?)*z"),
        *(r"\bword[\w-]*\s-p", r"'(?:\\.|[^'\\])*+'", r"abc[\w-]{8,}+(?:\.[\w-]++)++"),
    ],
)
def test_an_expression_that_takes_longer_is_found(pattern: str) -> None:
    expression = Expression(re.compile(pattern), searched=True)

    assert any(not is_linear(expression, pump, 4 * SHORT) for pump in pumps(expression.pattern))


@pytest.mark.parametrize("pattern", [r"(?<!\s)\s++x", r"(?<![\w.])[\w.]++@", r"<[^<>]*+>", "a", r"\bfor \S++(?= from)"])
def test_an_expression_that_gives_nothing_back_passes(pattern: str) -> None:
    expression = Expression(re.compile(pattern), searched=True)

    assert all(is_linear(expression, pump, LONG) for pump in pumps(expression.pattern))


def test_the_expressions_of_the_package_are_found() -> None:
    names = {where.partition(":")[0] for where in EXPRESSIONS}

    assert names >= {
        "domain.redaction",
        "domain.logs.header_level",
        "domain.scanning.log_owners",
        "gateways.slack.mrkdwn",
    }
    texts = [each.pattern.pattern for each in EXPRESSIONS.values()]
    # In a loop over patterns, as one of two, and within another's replacement.
    assert all(any(word in each for each in texts) for word in ("sshpass", "localhost", "[<>]|[#!]"))
    assert Pump("a", "bc", "d").text(5) == "abcbcd"


def test_beginnings_of_tokens_that_follow_each_other_take_no_longer() -> None:
    found = [each for each in EXPRESSIONS.values() if "eyJ" in each.pattern.pattern]

    assert found
    assert all(is_linear(each, Pump("", "eyJ", "\0"), LONG) for each in found)
