"""What is equal in two alerts, and which alerts a rule is about."""

from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.accounts import Account
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.routing.inhibitions import LASTS, NAMED, NAMESPACE, NO_INHIBITIONS, Inhibitions, InhibitRule
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.notification_policy import Policy
from chalicelib.domain.routing.routes import Route
from chalicelib.domain.routing.silences import Silence
from tests.domain.given import NOON, a_resolution, an_alert, an_event

ANYTHING = Matcher(Field.TITLE, ("*?",))
RULE = InhibitRule(name="rule", source=(ANYTHING,), target=(ANYTHING,))


def accounts(account: str) -> Account:
    """Tag two accounts with their team, and a third with another."""
    teams = {"1" * 12: "shop", "2" * 12: "shop", "3" * 12: "bank"}
    return Account(tags={"team": teams[account]} if account in teams else {})


def of(fingerprint: str, **changes: Any) -> Alert:
    return replace(an_alert(an_event()), fingerprint=fingerprint, **changes)


@pytest.mark.parametrize(
    ("equal", "source", "target", "explains"),
    [
        ("account", {"account": "1" * 12}, {"account": "1" * 12}, True),
        ("account", {"account": "1" * 12}, {"account": "2" * 12}, False),
        ("account", {"account": "*"}, {"account": "2" * 12}, True),
        ("account", {"account": "1" * 12}, {"account": "*"}, False),
        ("resource", {"resource": ""}, {"resource": ""}, False),
        ("tag.team", {"account": "1" * 12}, {"account": "2" * 12}, True),
        ("tag.team", {"account": "1" * 12}, {"account": "3" * 12}, False),
        ("tag.team", {"account": "8" * 12}, {"account": "9" * 12}, False),
        ("detail.a", {"labels": {"detail.a": ("x", "y")}}, {"labels": {"detail.a": ("y", "z")}}, True),
        ("detail.a", {"labels": {"detail.a": ("x",)}}, {"labels": {}}, False),
        ("service", {"labels": {NAMED: ("EC2",)}}, {"labels": {NAMESPACE: ("AWS/EC2",)}}, True),
        ("service", {"labels": {NAMED: ("LAMBDA",)}}, {"labels": {NAMED: ("lambda",)}}, True),
        ("service", {"labels": {NAMED: ("EC2",)}}, {"labels": {NAMESPACE: ("EC2", "Shop/EC2")}}, False),
        (
            "service",
            {"labels": {NAMED: ("ELASTICLOADBALANCING",)}},
            {"labels": {NAMESPACE: ("Shop", "AWS/ApplicationELB")}},
            True,
        ),
    ],
)
def test_two_alerts_are_equal_in_what_both_have(
    equal: str, source: dict[str, Any], target: dict[str, Any], *, explains: bool
) -> None:
    rule = replace(RULE, equal=(equal,))
    assert rule.explains(of("a", **source), of("b", **target), accounts) is explains


def test_nothing_explains_itself() -> None:
    assert RULE.explains(of("a"), of("b"), accounts)
    assert not RULE.explains(of("a"), of("a"), accounts)


def test_a_source_is_open_and_less_than_a_day_old() -> None:
    inhibitions = Inhibitions(rules=(RULE,))
    alert = an_alert(an_event())
    assert inhibitions.is_source(alert, NOON + LASTS - 1)
    assert not inhibitions.is_source(alert, NOON + LASTS)
    assert not inhibitions.is_source(an_alert(an_event(), a_resolution(NOON + 1)), NOON + 2)
    assert not NO_INHIBITIONS.is_source(alert, NOON)


def test_labels_that_are_compared_are_named() -> None:
    assert replace(RULE, equal=("region", "tag.team")).labels == frozenset()
    assert replace(RULE, equal=("service", "alarm_tag.a")).labels == {NAMED, NAMESPACE, "alarm_tag.a"}


def test_what_is_gone_is_no_link_of_a_chain() -> None:
    inhibitions = Inhibitions(rules=(RULE,)).knowing([of("a")], NOON)
    assert inhibitions.inhibited(of("b"), NOON, lambda _: False) is None
    assert Policy((), inhibitions=inhibitions).boundaries(of("b"), NOON) == {NOON + LASTS}


def test_what_holds_back_another_may_be_silenced_later_and_so_hold_it_back_no_more() -> None:
    source = Matcher(Field.FINGERPRINT, ("a",))
    silence = Silence(id="s", matchers=(source,), starts_at=NOON + 60, ends_at=NOON + 600, author="", reason="")
    others = replace(silence, matchers=(Matcher(Field.FINGERPRINT, ("c",)),), starts_at=NOON + 99)
    inhibitions = Inhibitions(rules=(RULE,)).knowing([of("a")], NOON)
    policy = Policy((Route(name="all", receivers=("team",)),), (silence, others), inhibitions=inhibitions)
    assert policy.boundaries(of("b"), NOON) == {NOON + 60, NOON + 600, NOON + LASTS}
