"""The scan file says what is scanned and what an error is, and where it is wrong it is told so by the line."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.config.compiled_scan import ScanFile
from chalicelib.config.scan import LONGEST_FILTER, MOST_RULES, read
from chalicelib.domain.errors import Invalid, Violation
from chalicelib.domain.logs.levels import Level
from chalicelib.domain.logs.query_filter import filter_expression
from chalicelib.domain.scanning.rules import Rules, query_filter

PACKAGED = Path(__file__).parent.parent.parent / "chalicelib" / "config" / "scan.toml"

WHOLE = r"""
[log_groups]
services = ["lambda", "rds"]
include = ["/app/*", "legacy"]
exclude = ["/app/noisy*"]
tags = { team = "payments", stage = ["prod", "pre*"], monitored = "*" }

[[error]]
name = "out-of-stock"
match = 'out of stock: \w+'
log_groups = ["/aws/lambda/shop-*"]
level = "fatal"

[[error]]
name = "no-route"
match = "no route to /host"

[[ignore]]
name = "health"
match = '^\[health\]'

[redaction]
emails = true
"""


def parse(text: str) -> ScanFile:
    return read(text, "scan.toml")


def outcome(text: str) -> tuple[ScanFile, tuple[Violation, ...]]:
    """Return what a text says, and what is wrong with it."""
    try:
        return parse(text), ()
    except Invalid as error:
        return ScanFile(), error.violations


def mistakes(text: str) -> list[str]:
    """Return what is wrong with a text, as an operator reads it."""
    with pytest.raises(Invalid) as error:
        parse(text)
    return [f"{each.field}: {each.message}" for each in error.value.violations]


def a_rule(match: str) -> str:
    """Return a file with one rule, its expression in line 3."""
    return f"[[error]]\nname = 'one'\nmatch = '''{match}'''"


def test_a_file_says_which_log_groups_are_scanned() -> None:
    file = parse(WHOLE)

    assert file.services == ("lambda", "rds")
    assert (file.include, file.exclude) == (("/app/*", "legacy"), ("/app/noisy*",))
    assert file.tags == {"team": ("payments",), "stage": ("prod", "pre*"), "monitored": ("*",)}
    assert file.redact_emails


def test_a_file_says_what_an_error_is() -> None:
    file = parse(WHOLE)

    assert [(each.name, each.level, each.log_groups) for each in file.errors] == [
        ("out-of-stock", Level.FATAL, ("/aws/lambda/shop-*",)),
        ("no-route", Level.ERROR, ()),
    ]
    assert [(each.name, each.match.pattern) for each in file.ignored] == [("health", r"^\[health\]")]
    assert file.rules == Rules(file.errors, file.ignored, redact_emails=True)


def test_an_empty_file_scans_all_services() -> None:
    assert parse("") == ScanFile()


def test_the_packaged_file_says_what_an_empty_one_does() -> None:
    assert parse(PACKAGED.read_text(encoding="utf-8")) == ScanFile()


def test_the_examples_in_the_packaged_file_can_be_taken_as_they_stand() -> None:
    text = PACKAGED.read_text(encoding="utf-8")

    file = parse(re.sub(r"^# (?=\[\[|\w+ = )", "", text, flags=re.MULTILINE))

    assert (len(file.errors), len(file.ignored)) == (1, 1)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("groups = 1", "1: groups: unknown key; expected one of log_groups, error, ignore, redaction"),
        ("log_groups = 1", "1: log_groups: expected a table"),
        (
            "[log_groups]\nservices = ['ec2']",
            "2: services: invalid services 'ec2'; expected one of lambda, ecs, apigateway",
        ),
        ("[log_groups]\nservices = ['ecs', 'ecs']", "2: services: 'ecs' is listed more than once"),
        ("[log_groups]\nincluded = []", "2: included: unknown key; expected one of services, include, exclude, tags"),
        ("[log_groups]\ninclude = 7", "2: include: invalid value 7; expected text"),
        ("[log_groups]\nexclude = ['*']", "2: exclude: '*' fits everything"),
        ("[log_groups]\ntags = 'a'", "2: tags: expected a table"),
        ("[log_groups]\ntags = { a = 1 }", "2: a: invalid value 1; expected text"),
        ("[error]\nname = 'a'", "1: error: expected [[error]], once for each"),
        ("error = [1]", "1: error: expected a table"),
        ("[[error]]\nname = 'a'", "1: match: required (a regular expression on the message"),
        ("[[ignore]]\nmatch = 'a'", "1: name: required"),
        ("[[error]]\nname = 'My rule'", "2: name: invalid name 'My rule'; expected"),
        ("[[error]]\nlevel = 'bad'", "2: level: invalid level 'bad'; expected one of warning, error or fatal"),
        ("[[error]]\nlevel = []", "2: level: invalid level []; expected one of warning, error or fatal"),
        ("[[ignore]]\nlevel = 'error'", "2: level: unknown key; expected one of name, match, log_groups"),
        ("[[error]]\nlog_groups = []", "2: log_groups: must not be empty"),
        ("[[error]]\nmatch = 7", "2: match: invalid regular expression 7; expected text, in quotes"),
        ("[redaction]\nemails = 'yes'", "2: emails: invalid value 'yes'; expected true or false, without quotes"),
        ("[redaction]\nemail = true", "2: email: unknown key; expected one of emails"),
        ("emails = true", "1: emails: unknown key"),
        ("a = ", "1: invalid TOML"),
        (a_rule("a(b"), "3: match: invalid regular expression 'a(b': missing ), unterminated subpattern at position 1"),
        (a_rule("a[b"), r"3: match: '[' has no end; write \[ for the sign itself"),
        (a_rule("a)"), "3: match: invalid regular expression 'a)': unbalanced parenthesis"),
        (a_rule("a{2,1}"), "3: match: invalid regular expression 'a{2,1}': min repeat greater than max repeat"),
        (a_rule("a{99999999999}"), "3: match: invalid regular expression 'a{99999999999}': "),
        (a_rule("a**"), "3: match: invalid regular expression 'a**': multiple repeat"),
        (a_rule(""), "3: match: expected one line of 1 to 200 characters"),
        (a_rule("x" * 201), "3: match: expected one line of 1 to 200 characters"),
        (a_rule("a\nb"), "3: match: expected one line"),
        (a_rule("lost|"), "3: match: 'lost|' fits everything"),
        (a_rule("(?=a)"), "3: match: '(?=' is not portable; of groups write (...) or (?:...)"),
        (a_rule("(?<!a)b"), "3: match: '(?<' is not portable"),
        (a_rule("(?P<n>a)"), "3: match: '(?P' is not portable"),
        (a_rule("(?i)a"), "3: match: '(?i' is not portable"),
        (a_rule(r"(a)\1"), r"3: match: '\1' is not portable; of letters escape d, D, w"),
        (a_rule(r"[\p{L}]"), r"3: match: '\p' is not portable"),
        (a_rule("[[:alpha:]]"), "3: match: '[[:alpha:]' is not portable"),
        (a_rule("[a-z&&b]"), "3: match: '[a-z&&b]' is not portable"),
        (a_rule("a++"), "3: match: '++' is not portable; write +"),
        (a_rule("a{,3}"), r"3: match: '{' has no end; write \{ for the sign itself"),
        (a_rule("(a+)+"), "3: match: '+' repeats a group that repeats something itself, which may take for ever"),
        (a_rule("(?:b(a*)c){2,}"), "3: match: '{2,}' repeats a group that repeats"),
        (
            a_rule("a.*b.*c"),
            "3: match: '.*' and '.*' may take for ever to share a text; write between them what neither fits",
        ),
        (a_rule("a[^x]+b\\S{2,}c"), "3: match: '[^x]+' and '\\S{2,}' may take for ever to share"),
        (a_rule("a+" * 7), "3: match: there are 7 repetitions; there may be 6"),
    ],
)
def test_a_mistake_is_reported_with_its_line_and_what_is_allowed(text: str, mistake: str) -> None:
    assert any(each.startswith(f"scan.toml:{mistake}") for each in mistakes(text)), mistakes(text)


def test_all_mistakes_are_reported_at_once_from_top_to_bottom() -> None:
    text = WHOLE.replace('"rds"', '"rdbms"').replace("shop-*", "*").replace('"/aws/lambda/*"', '"*"')
    text = text.replace(r"\w+", r"\w++").replace("emails = true", "emails = 1")

    assert [each.split(":")[1] for each in mistakes(text)] == ["3", "10", "11", "23"]


def test_two_rules_of_one_name_are_refused() -> None:
    rule = "[[{}]]\nname = 'one'\nmatch = 'a'\n"
    assert mistakes(rule.format("error") * 2 + rule.format("ignore") * 2) == [
        "scan.toml:5: name: there is a rule in error 'one' already",
        "scan.toml:11: name: there is a rule in ignore 'one' already",
    ]


def test_there_are_no_more_rules_than_can_be_filtered_by() -> None:
    rules = [f"[[error]]\nname = 'r{number}'\nmatch = 'a'\n" for number in range(MOST_RULES + 1)]
    assert mistakes("".join(rules)) == [
        f"scan.toml:151: error: there are {MOST_RULES + 1} rules; there may be {MOST_RULES}"
    ]


def test_the_expressions_of_all_rules_fit_one_query() -> None:
    rules = [f"[[error]]\nname = 'r{number}'\nmatch = '{number}{'x' * 198}'\n" for number in range(MOST_RULES)]
    (mistake,) = mistakes("".join(rules))
    assert re.fullmatch(
        rf"scan.toml:1: error: all match together take \d+ characters; there may be {LONGEST_FILTER}", mistake
    )


@pytest.mark.parametrize(
    "match",
    [
        *("lost", "a.*b", "(?:lost|late) at [0-9]{2,}", r"^\[x\] \d+$", r"a{3}(b|c)?", r"\{a\}", r"[]x]+", "a/b", "é"),
        *(r"\bgone\b.{0,50}again", r"(a?b)+", "(?:a+b)?c", r"[^\]]", "a*?b", "[{]", r"a\/b"),
    ],
)
def test_what_all_dialects_read_alike_is_taken(match: str) -> None:
    (rule,) = parse(a_rule(match)).errors
    assert rule.match.pattern == match


def test_the_query_also_searches_for_what_a_rule_calls_an_error() -> None:
    condition = query_filter(parse(WHOLE).rules)

    assert condition == rf"{query_filter()} or @message like /(?i)(out of stock: \w+|no route to \x2Fhost)/"
    assert query_filter() == filter_expression()


def rule_in(rules: Rules) -> str:
    """Return the expression that a query has for the rules of errors, between its slashes."""
    begun = f"{filter_expression()} or @message like /"
    condition = query_filter(rules)
    assert condition.startswith(begun)
    assert condition.endswith("/")
    return condition.removeprefix(begun).removesuffix("/")


@pytest.mark.parametrize("match", ["a/b", r"a\/b", r"a\\/b", "[/x]", r"[\\/]", "//"])
def test_no_expression_ends_the_query_s(match: str) -> None:
    (rule,) = parse(a_rule(match)).errors
    expression = rule_in(Rules((rule,)))

    assert "/" not in expression
    for text in ("a/b", r"a\/b", "/", "//", "\\", "ab"):
        assert bool(re.search(expression, text)) == bool(rule.match.search(text))


EXPRESSIONS = st.text("ab.*+?{}[]()|\\d/^$,02:=&-", min_size=1, max_size=12)


@given(EXPRESSIONS, st.text("ab02/.-{", max_size=20))
def test_any_expression_is_refused_or_found_alike_by_the_query(match: str, text: str) -> None:
    file, violations = outcome(a_rule(match))
    assert {each.field for each in violations} <= {"scan.toml:3"}
    for rule in file.errors:
        expression = rule_in(file.rules)
        assert "/" not in expression
        assert not rule.match.search(text) or re.search(expression, text)


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "*", "ecs", "fatal", "a.*"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)
KEYS = re.findall(r"^([a-z_]+) =", WHOLE, re.MULTILINE)


@given(st.sampled_from(["log_groups", "[error]", "[ignore]", "redaction"]), st.sampled_from(KEYS), VALUES)
def test_any_value_anywhere_is_read_or_refused_by_its_line(table: str, key: str, value: Any) -> None:
    written = re.sub(r'"([ab])": ', r"\1 = ", str(value).replace("'", '"')).replace("True", "true")
    _, violations = outcome(f"[{table}]\n{key} = {written.replace('False', 'false')}\n")
    assert all(re.fullmatch(r"scan\.toml:[12]", each.field) for each in violations)
