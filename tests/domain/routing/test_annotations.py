"""Annotations add what a team knows to what it is notified of."""

from chalicelib.domain.routing.annotations import NO_ANNOTATION, Annotation, AnnotationRule, Annotations
from chalicelib.domain.routing.matchers import Field, Matcher
from tests.domain.given import NOON, an_alert, an_event

RUNBOOK = "https://wiki.example.com/checkout"
ALARMS = (Matcher(Field.KIND, ("alarm",)),)
STACKS = (Matcher(Field.KIND, ("stack",)),)


def rule(matchers: tuple[Matcher, ...], **said: str) -> AnnotationRule:
    """Return a rule that says this."""
    return AnnotationRule(name="any", matchers=matchers, annotation=Annotation(**said))


def test_each_part_is_of_the_first_rule_that_fits_and_has_it() -> None:
    rules = (
        rule(STACKS, owner="platform"),
        rule(ALARMS, runbook=RUNBOOK),
        rule(ALARMS, owner="payments", runbook="https://wiki.example.com/other"),
        rule((), owner="operations", note="Office hours only."),
    )
    assert Annotations(rules).of(an_event(), NOON) == Annotation(
        runbook=RUNBOOK, owner="payments", note="Office hours only."
    )


def test_what_no_rule_fits_has_no_annotation() -> None:
    assert Annotations((rule(STACKS, owner="platform"),)).of(an_event(), NOON) == NO_ANNOTATION
    assert Annotations().of(an_event(), NOON) is NO_ANNOTATION
    assert not NO_ANNOTATION
    assert all((Annotation(runbook=RUNBOOK), Annotation(owner="payments"), Annotation(note="Any.")))


def test_an_event_is_read_for_the_labels_that_rules_match_and_an_alert_has_them() -> None:
    by_team = rule((Matcher(Field.DETAIL, ("payments",), "team"),), owner="payments")
    annotations = Annotations((by_team,), ("detail.team",))
    event = an_event(detail={"team": "payments"})
    assert annotations.of(event, NOON).owner == "payments"
    assert annotations.of(an_alert(an_event(labels={"detail.team": ("payments",)})), NOON).owner == "payments"
    assert annotations.of(an_alert(event), NOON) == NO_ANNOTATION
