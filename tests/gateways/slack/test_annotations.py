"""Messages say what the team's rules add: how bad it is by which rule, a runbook, an owner, a note."""

from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.accounts import Account
from chalicelib.domain.events.event import ASSUMED, Severity
from chalicelib.domain.notifications.notification import Reason
from chalicelib.domain.routing.annotations import Annotation, AnnotationRule, Annotations
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.gateways.plain_messages.composer import PlainComposer
from chalicelib.gateways.slack.blocks import SlackMessage
from chalicelib.gateways.slack.messages import ComposerContext, SlackComposer
from tests.domain.given import NOON, an_event
from tests.fakes import FakeClock
from tests.gateways.notifier_contexts import a_context
from tests.gateways.slack.messages import Names, an_announcement, judge, words

RUNBOOK = "https://wiki.example.com/checkout?a=1&b=2"
WHOLE = Annotation(runbook=RUNBOOK, owner="Shop <!channel>", note="Call *them*.")
BY_RULE: dict[str, Any] = {
    "severity": Severity.HIGH,
    "severity_by": "rule checkout",
    "source_severity": Severity.MEDIUM,
}


def no_accounts(_account: str) -> Account:
    """Fail, as a table that cannot be reached."""
    raise TimeoutError


def saying(annotation: Annotation, *matchers: Matcher) -> Annotations:
    """Return annotations that say this of what fits."""
    return Annotations((AnnotationRule(name="any", matchers=matchers, annotation=annotation),), (), no_accounts)


def announced(annotations: Annotations) -> SlackMessage:
    """Compose a message, and judge it as Slack would."""
    context = ComposerContext(annotations=annotations)
    message = SlackComposer(Names(), FakeClock(NOON + 60), composer_context=context).announcement(
        *an_announcement(an_event(), Reason.FIRST)
    )
    judge(message)
    return message


def test_a_message_links_the_runbook_and_names_owner_and_note() -> None:
    text = words(announced(saying(WHOLE)))
    assert "📖 <https://wiki.example.com/checkout?a=1&amp;b=2|Runbook> · *Owner* Shop &lt;!channel&gt; · Call" in text


@pytest.mark.parametrize(
    ("annotation", "said"),
    [
        (Annotation(runbook=RUNBOOK), "|Runbook>\n"),
        (Annotation(owner="Shop"), "📖 *Owner* Shop\n"),
        (Annotation(note="Any."), "📖 Any.\n"),
        (Annotation(owner="Shop", note="Any."), "📖 *Owner* Shop · Any.\n"),
        (Annotation(runbook=RUNBOOK, note="Any."), "|Runbook> · Any.\n"),
    ],
)
def test_what_is_not_known_leaves_no_trace(annotation: Annotation, said: str) -> None:
    assert said in f"{words(announced(saying(annotation)))}\n"


def test_annotations_that_cannot_be_read_cost_the_message_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    by_name = saying(WHOLE, Matcher(Field.ACCOUNT, ("payments-*",)))
    assert "📖" not in words(announced(by_name))
    plain = PlainComposer(a_context(annotations=by_name)).of(*an_announcement(an_event()))
    assert "Owner" not in dict(plain.facts)
    assert caplog.messages == ["Annotations not readable"] * 2


def test_an_event_that_is_no_longer_kept_has_no_annotation() -> None:
    composer = SlackComposer(Names(), FakeClock(NOON), composer_context=ComposerContext(annotations=saying(WHOLE)))
    notification, _ = an_announcement(an_event())
    assert "📖" not in words(composer.announcement(notification, None))
    assert PlainComposer(a_context(annotations=saying(WHOLE))).of(notification, None).links == ()


def test_a_message_says_which_rule_gave_the_severity() -> None:
    text = words(SlackComposer(Names(), FakeClock(NOON)).announcement(*an_announcement(an_event(**BY_RULE))))
    assert "· Severity HIGH by rule checkout; its source says MEDIUM" in text
    assumed = an_announcement(replace(an_event(), severity_by=ASSUMED))
    assert "Severity" not in words(SlackComposer(Names(), FakeClock(NOON)).announcement(*assumed))


def test_a_brief_has_runbook_owner_note_and_what_gave_the_severity() -> None:
    plain = PlainComposer(a_context(annotations=saying(WHOLE))).of(*an_announcement(an_event(**BY_RULE)))
    facts = dict(plain.facts)
    assert [each.url for each in plain.links if each.label == "Runbook"] == [RUNBOOK]
    assert (facts["Owner"], facts["Note"]) == ("Shop <!channel>", "Call *them*.")
    assert facts["Severity"] == "HIGH by rule checkout; its source says MEDIUM"
