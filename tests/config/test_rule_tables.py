"""Rules of severity and annotation, and matchers of tags and details: what they say, and where they are wrong."""

import pytest

from chalicelib.config.fields import LONGEST_NOTE
from chalicelib.config.routes import MOST_WINDOWS
from chalicelib.domain.events.event import Severity
from chalicelib.domain.events.labels import MOST_LABELS
from chalicelib.domain.routing.annotations import Annotation, AnnotationRule
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.severities import SeverityRule
from tests.config.test_routes import LEAST, mistakes, parse

WHOLE = """
[[severity]]
name = "payments"
match.alarm_tags.team = "payments"
match.resource_tags = { "cost.center" = ["7", "8*"] }
match.detail."resource.type" = "AccessKey"
not.service = "EC2"
not.event_type_code = "AWS_EC2_*"
min_count = 3
min_count_window = "15m"
set = "CRITICAL"

[[severity]]
name = "all-others"
set = "LOW"

[[annotation]]
name = "payments"
match.account = "payments-*"
runbook = "https://wiki.example.com/payments?page=1"
owner = "Payments team"
note = "Call the bank first."
"""


def table(array: str, *lines: str) -> str:
    """Return a file with one table that has these lines from line 5 on."""
    return "\n".join((LEAST, f"[[{array}]]", *lines))


def test_a_file_says_how_bad_things_are() -> None:
    payments, others = parse(LEAST + WHOLE).severities
    assert payments == SeverityRule(
        name="payments",
        matchers=(
            Matcher(Field.ALARM_TAG, ("payments",), "team"),
            Matcher(Field.RESOURCE_TAG, ("7", "8*"), "cost.center"),
            Matcher(Field.DETAIL, ("AccessKey",), "resource.type"),
            Matcher(Field.DETAIL, ("AWS_EC2_*",), "eventTypeCode", negated=True),
            Matcher(Field.DETAIL, ("EC2",), "service", negated=True),
        ),
        severity=Severity.CRITICAL,
        min_count=3,
        min_count_window=900,
    )
    assert (others.matchers, others.severity, others.min_count) == ((), Severity.LOW, 1)


def test_a_file_says_what_messages_add() -> None:
    assert parse(LEAST + WHOLE).annotations == (
        AnnotationRule(
            name="payments",
            matchers=(Matcher(Field.ACCOUNT, ("payments-*",)),),
            annotation=Annotation(
                runbook="https://wiki.example.com/payments?page=1", owner="Payments team", note="Call the bank first."
            ),
        ),
    )


def test_a_file_knows_the_labels_that_its_rules_match() -> None:
    silence = '[[silence]]\nname = "s"\nreason = "Any."\nmatch.detail.region = "eu"\n'
    route = '[[route]]\nname = "r"\nreceivers = "a"\nmatch.alarm_tags.stage = "prod"\n'
    assert parse(LEAST + WHOLE + silence + route).labels == {
        "alarm_tag.team",
        "alarm_tag.stage",
        "resource_tag.cost.center",
        "detail.resource.type",
        "detail.service",
        "detail.eventTypeCode",
        "detail.region",
    }
    assert parse(LEAST).labels == frozenset()


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (table("severity", 'name = "a"'), "routes.toml:4: set: required (the severity of what fits)"),
        (
            table("severity", 'name = "a"', 'set = "FATAL"'),
            "routes.toml:6: set: invalid set 'FATAL'; expected one of LOW, MEDIUM, HIGH or CRITICAL",
        ),
        (
            table("severity", 'name = "a"', 'set = "LOW"', 'min_count_window = "1h"'),
            "routes.toml:7: min_count_window: has no effect without min_count",
        ),
        (
            table("severity", 'name = "a"', 'set = "LOW"', 'receivers = "x"'),
            "routes.toml:7: receivers: unknown key; expected one of match, not, name, set, min_count, min_count_window",
        ),
        (table("annotation", 'name = "a"'), "routes.toml:4: annotation: expected runbook, owner or note"),
        (
            table("annotation", 'name = "a"', 'runbook = "wiki"'),
            "routes.toml:6: runbook: invalid address 'wiki'; expected one such as https://wiki.example.com/runbook",
        ),
        (
            table("annotation", 'name = "a"', f'note = "{"x" * (LONGEST_NOTE + 1)}"'),
            f"routes.toml:6: note: expected at most {LONGEST_NOTE} characters",
        ),
        (
            table("annotation", 'name = "a"', 'note = "two  spaces"'),
            "routes.toml:6: note: expected one line of text, without spaces around it",
        ),
        (
            table("severity", 'name = "a"', 'set = "LOW"', 'match.detail.a.b = "x"'),
            'routes.toml:7: a: write the whole path in quotes, such as match.detail."resource.type"',
        ),
        (
            table("severity", 'name = "a"', 'set = "LOW"', 'match.detail."a..b" = "x"'),
            """routes.toml:7: a..b: invalid path 'a..b'; expected up to 10 keys, such as "resource.type\"""",
        ),
        (
            table("severity", 'name = "a"', 'set = "LOW"', "match.detail.severity = 8"),
            "routes.toml:7: severity: invalid value 8; expected text, in quotes",
        ),
        (
            table("severity", 'name = "a"', 'set = "LOW"', 'match.alarm_tags.team = "*"'),
            "routes.toml:7: team: '*' fits everything; leave the line out, or write '[*]' for the character itself",
        ),
        (
            table("severity", 'name = "a"', 'set = "LOW"', 'alarm_tags.team = "x"'),
            "routes.toml:7: alarm_tags: unknown key; write match.alarm_tags",
        ),
    ],
)
def test_a_wrong_rule_is_reported_by_its_line(text: str, mistake: str) -> None:
    assert mistakes(text) == [mistake]


@pytest.mark.parametrize(("array", "what"), [("severity", "a severity"), ("annotation", "an annotation")])
def test_two_rules_of_one_name_are_refused(array: str, what: str) -> None:
    lines = 'name = "a"\nset = "LOW"\n' if array == "severity" else 'name = "a"\nowner = "x"\n'
    assert mistakes(LEAST + 2 * f"[[{array}]]\n{lines}") == [f"routes.toml:7: name: there is {what} 'a' already"]


def test_more_labels_than_an_alert_keeps_are_refused() -> None:
    rules = [
        f'[[annotation]]\nname = "r{number}"\nowner = "x"\nmatch.alarm_tags.t{number} = "x"\n'
        for number in range(MOST_LABELS + 1)
    ]
    assert len(parse(LEAST + "".join(rules[:-1])).labels) == MOST_LABELS
    assert mistakes(LEAST + "".join(rules)) == [
        "routes.toml:43: there are more than 10 different tags and paths of details in all"
    ]


def test_windows_of_severities_count_with_those_of_routes() -> None:
    rules = [
        f'[[severity]]\nname = "r{number}"\nset = "LOW"\nmin_count = 2\nmin_count_window = "{number + 1}h"\n'
        for number in range(MOST_WINDOWS + 1)
    ]
    assert mistakes(LEAST + "".join(rules))[0].endswith("there may be 3")
