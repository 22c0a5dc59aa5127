"""Inhibitions of the routes file: what they say, and where they are wrong."""

import pytest

from chalicelib.domain.events.labels import MOST_LABELS
from chalicelib.domain.routing.inhibitions import NAMED, NAMESPACE, InhibitRule
from chalicelib.domain.routing.matchers import Field, Matcher
from tests.config.test_routes import LEAST, mistakes, parse
from tests.config.test_rule_tables import table

WHOLE = """
[[inhibit]]
name = "outage"
source.match = { kind = "health", service = "EC2" }
source.not.title = "*test*"
target.match.kind = ["alarm", "error_logs"]
equal = ["region", "service", "tags.team", "alarm_tags.team", "detail.a.b"]
critical = true

[[inhibit]]
name = "composite"
source.match.kind = "alarm"
children = true
"""


def test_a_file_says_what_explains_what() -> None:
    file = parse(LEAST + WHOLE)
    assert file.inhibitions == (
        InhibitRule(
            name="outage",
            source=(
                Matcher(Field.DETAIL, ("EC2",), "service"),
                Matcher(Field.KIND, ("health",)),
                Matcher(Field.TITLE, ("*test*",), negated=True),
            ),
            target=(Matcher(Field.KIND, ("alarm", "error_logs")),),
            equal=("region", "service", "tag.team", "alarm_tag.team", "detail.a.b"),
            critical=True,
        ),
        InhibitRule(name="composite", source=(Matcher(Field.KIND, ("alarm",)),), target=(), children=True),
    )
    assert file.labels == {NAMED, NAMESPACE, "alarm_tag.team", "detail.a.b"}


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (['name = "a"'], "source: required (what explains others, while it goes on, for a day at most)"),
        (['name = "a"', "source = {}", "children = true"], "source: expected match"),
        (['name = "a"', 'source.match.kind = "alarm"'], "target: expected match, or else children = true"),
        (
            ['name = "a"', 'source.match.kind = "alarm"', "children = true", 'source.match.hours = "00:00-06:00 UTC"'],
            "hours: an inhibition holds at all hours",
        ),
        (
            ['name = "a"', 'source.match.kind = "alarm"', "children = true", 'equal = "titel"'],
            (
                "equal: invalid field 'titel'; expected one of account, region, kind, source, resource, service, or a "
                "path such as tags.team, alarm_tags.team or detail.a.b"
            ),
        ),
        (['name = "a"', 'source.kind = "alarm"', "children = true"], "kind: unknown key; write match.kind"),
    ],
)
def test_what_is_wrong_with_an_inhibition_is_said(lines: list[str], complaint: str) -> None:
    assert complaint in [each.partition(": ")[2] for each in mistakes(table("inhibit", *lines))]


def test_two_inhibitions_of_one_name_are_a_mistake() -> None:
    one = '[[inhibit]]\nname = "a"\nsource.match.kind = "alarm"\nchildren = true\n'
    assert any("there is an inhibition 'a' already" in each for each in mistakes(LEAST + one + one))


def test_labels_that_are_compared_count_among_those_that_an_alert_keeps() -> None:
    equal = ", ".join(f'"detail.{number}"' for number in range(MOST_LABELS + 1))
    lines = ('name = "a"', 'source.match.kind = "alarm"', "children = true", f"equal = [{equal}]")
    assert any("different tags and paths" in each for each in mistakes(table("inhibit", *lines)))
