"""Annotations add what a team knows to what it is notified of."""

from chalicelib.domain.routing.annotations import NO_ANNOTATION, Annotation, AnnotationRule, annotation_of
from chalicelib.domain.routing.matchers import Field, MatchContext, Matcher
from tests.domain.given import an_event

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
    assert annotation_of(rules, MatchContext(an_event())) == Annotation(
        runbook=RUNBOOK, owner="payments", note="Office hours only."
    )


def test_what_no_rule_fits_has_no_annotation() -> None:
    assert annotation_of((rule(STACKS, owner="platform"),), MatchContext(an_event())) is NO_ANNOTATION
    assert not NO_ANNOTATION
    assert all((Annotation(runbook=RUNBOOK), Annotation(owner="payments"), Annotation(note="Any.")))
