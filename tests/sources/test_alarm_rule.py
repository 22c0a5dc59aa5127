"""The rule of a composite alarm names its children, in each way that AWS lets people write it."""

from typing import Any

import pytest

from chalicelib.domain.events.event import CHILD, MOST_CHILDREN, fingerprint_of
from chalicelib.sources.alarm_rule import LONGEST_RULE, children_of
from tests.sources.samples import load, read

HERE = ("111122223333", "eu-west-1")
ARN = "arn:aws:cloudwatch:us-east-1:444455556666:alarm:far away"


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        ('ALARM("one") OR ALARM("two")', ["one", "two"]),
        ("ALARM(one) AND (ALARM( 'two' ) OR OK(three))", ["one", "two"]),
        ('ALARM("one") AND NOT ALARM("deploying")', ["one"]),
        ("alarm(one) and not\n  alarm(two)", ["one"]),
        ("ALARM(one) AND NOT (ALARM(deploying) OR ALARM(patching)) AND ALARM(two)", ["one", "two"]),
        ("NOT (OK(zero) AND NOT (NOT ALARM(three) OR NOT NOT ALARM(four)))", ["four"]),
        ("ALARM(one)) AND NOT OK(two) AND (ALARM(three)", ["one", "three"]),
        ("ALARM(\"with (brackets) and 'quotes'\")", ["with (brackets) and 'quotes'"]),
        ('ALARM("not:alarm:an ARN")', ["not:alarm:an ARN"]),
        ('INSUFFICIENT_DATA("one") OR TRUE', []),
        ('ALARM("") OR ALARM(', []),
        ("", []),
    ],
)
def test_children_are_the_alarms_that_the_rule_wants_in_alarm(rule: str, names: list[str]) -> None:
    assert list(children_of(rule, *HERE)) == [(*HERE, name) for name in names]


def test_a_child_that_is_named_by_its_arn_is_where_the_arn_says() -> None:
    assert list(children_of(f'ALARM("{ARN}")', *HERE)) == [("444455556666", "us-east-1", "far away")]


def test_a_rule_that_is_longer_than_aws_takes_is_not_read_to_its_end() -> None:
    assert len(list(children_of("ALARM(a) OR " * LONGEST_RULE, *HERE))) == LONGEST_RULE // 12


def test_a_composite_alarm_knows_what_it_sums_up_up_to_a_hundred() -> None:
    raw: Any = load("alarm-composite-alarm")
    assert read("alarm-composite-alarm").children == (fingerprint_of("alarm", *HERE, "checkout-5xx")[:CHILD],)
    raw["detail"]["configuration"]["alarmRule"] = " OR ".join(f"ALARM(a{number})" for number in range(150))
    assert len(read(raw).children) == MOST_CHILDREN
