"""Severity rules say how bad something is, whatever its source says, and whoever decides on it again agrees."""

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.event import ASSUMED, Event, Severity, Signal
from chalicelib.domain.events.labels import labels_of
from chalicelib.domain.notifications.notification import Reason
from chalicelib.domain.routing.decision import Decision, decide
from chalicelib.domain.routing.matchers import Field, MatchContext, Matcher
from chalicelib.domain.routing.notification_policy import Policy
from chalicelib.domain.routing.routes import Route
from chalicelib.domain.routing.severities import SeverityRule, as_sent, severity_explained
from tests.domain.given import NOON, a_notice, a_resolution, an_event

ROUTE = Route(name="monitoring", receivers=("monitoring",), minimum=Severity.HIGH)
PAYMENTS = Matcher(Field.DETAIL, ("payments",), "team")


def a_rule(severity: Severity = Severity.CRITICAL, name: str = "payments", **changes: Any) -> SeverityRule:
    """Return a rule about the team payments, but for what is said."""
    known: dict[str, Any] = {"name": name, "matchers": (PAYMENTS,), "severity": severity}
    return SeverityRule(**(known | changes))


def a_policy(*rules: SeverityRule, routes: Sequence[Route] = (ROUTE,)) -> Policy:
    """Return a policy with these rules, which names the label `detail.team`."""
    return Policy(tuple(routes), severities=rules, labels=("detail.team",))


def paid(at: int = NOON, **changes: Any) -> Event:
    """Return an event of the team payments that its source calls MEDIUM."""
    return an_event(at, **({"severity": Severity.MEDIUM, "detail": {"team": "payments"}} | changes))


def decided(policy: Policy, *events: Event) -> Decision:
    """Decide on events that have no alert yet."""
    return decide(Alert.about(events[0]), events, policy, NOON + 10)


def test_a_rule_gives_event_alert_and_notification_its_severity() -> None:
    decision = decided(a_policy(a_rule()), paid())
    (one,) = decision.events
    assert one.event.severity is decision.alert.severity is decision.pending[0].severity is Severity.CRITICAL
    assert (one.event.severity_by, one.event.source_severity) == ("rule payments", Severity.MEDIUM)
    assert severity_explained(one.event) == "CRITICAL by rule payments; its source says MEDIUM"


def test_a_route_s_minimum_goes_by_the_rule() -> None:
    assert [each.outcome.reason for each in decided(a_policy(), paid()).events] == [Reason.BELOW_MINIMUM]
    assert [each.outcome.reason for each in decided(a_policy(a_rule()), paid()).events] == [Reason.FIRST]
    milder = decided(a_policy(a_rule(Severity.LOW)), paid(severity=Severity.HIGH))
    assert [each.outcome.reason for each in milder.events] == [Reason.BELOW_MINIMUM]


def test_what_no_rule_fits_is_as_bad_as_its_source_says() -> None:
    (one,) = decided(a_policy(a_rule()), paid(detail={"team": "shop"})).events
    assert (one.event.severity, one.event.severity_by) == (Severity.MEDIUM, "")
    assert severity_explained(one.event) == ""


def test_of_several_rules_the_first_that_fits_counts() -> None:
    rules = (a_rule(Severity.LOW, "shop", matchers=(Matcher(Field.DETAIL, ("shop",), "team"),)), a_rule(), a_rule())
    (one,) = decided(a_policy(*rules), paid()).events
    assert one.event.severity_by == "rule payments"


@pytest.mark.parametrize("event", [a_resolution, a_notice])
def test_how_bad_the_end_of_something_is_no_rule_says(event: Any) -> None:
    (one,) = decided(a_policy(a_rule()), event(detail={"team": "payments"}, severity=Severity.LOW)).events
    assert one.event.severity is Severity.LOW


def test_a_rule_matches_what_the_source_says() -> None:
    least = Matcher(Field.SEVERITY, ("MEDIUM",))
    policy = a_policy(a_rule(matchers=(PAYMENTS, least)))
    (once,) = decided(policy, paid()).events
    (again,) = decided(policy, once.event).events
    assert once.event == again.event


def test_a_rule_of_hours_goes_by_when_the_event_came_in() -> None:
    night = Matcher(Field.HOURS, ("00:00-06:00 UTC",))
    policy = a_policy(a_rule(matchers=(night,)))
    (one,) = decide(Alert.about(paid()), [paid()], policy, NOON + 14 * 3_600).events
    assert one.event.severity is Severity.MEDIUM


def test_a_rule_waits_until_it_fired_often_enough() -> None:
    policy = a_policy(a_rule(min_count=3, min_count_window=900))
    events = [paid(NOON + minute * 60) for minute in range(4)]
    decision = decided(policy, *events)
    graded = [each.event.severity.name for each in decision.events]
    assert graded == ["MEDIUM", "MEDIUM", "CRITICAL", "CRITICAL"]
    assert [each.outcome.reason for each in decision.events][2:] == [Reason.FIRST, Reason.REPEATED]
    assert decision.alert.most_within(900) == 4


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_count_makes_one_of_the_events_worse_whatever_their_order(order: Sequence[int]) -> None:
    policy = a_policy(a_rule(min_count=3, min_count_window=900))
    decision = decided(policy, *[paid(NOON + number) for number in order])
    assert decision.alert.severity is Severity.CRITICAL
    assert decision.alert.most_within(900) == 3


def test_a_route_counts_by_the_severity_that_a_rule_sets() -> None:
    pager = Route(
        name="pager",
        receivers=("pager",),
        matchers=(Matcher(Field.SEVERITY, ("CRITICAL",)),),
        min_count=2,
        min_count_window=900,
        minimum=Severity.HIGH,
    )
    rule = a_rule(Severity.HIGH, matchers=(PAYMENTS,))
    critical = a_rule(matchers=(PAYMENTS,))
    assert decided(a_policy(rule, routes=(pager,)), paid()).alert.recent == ()
    assert decided(a_policy(critical, routes=(pager,)), paid()).alert.most_within(900) == 1


def test_rules_that_come_and_go_leave_an_open_alert_as_bad_as_it_was() -> None:
    before = decided(a_policy(a_rule()), paid())
    after = decide(before.alert, [paid(NOON + 60)], a_policy(), NOON + 70)
    assert after.alert.severity is Severity.CRITICAL
    assert [each.outcome.reason for each in after.events] == [Reason.REPEATED]
    over = decide(after.alert, [a_resolution(NOON + 90)], a_policy(), NOON + 100)
    assert [each.outcome.reason for each in over.events] == [Reason.RESOLVED]


def test_a_new_rule_makes_an_open_alert_worse_with_its_next_event() -> None:
    before = decided(a_policy(), paid(severity=Severity.HIGH))
    after = decide(before.alert, [paid(NOON + 60, severity=Severity.HIGH)], a_policy(a_rule()), NOON + 70)
    assert [each.outcome.reason for each in after.events] == [Reason.WORSENED]


def test_an_event_stored_under_another_rule_is_graded_from_its_source() -> None:
    (stored,) = decided(a_policy(a_rule()), paid()).events
    (again,) = decided(a_policy(a_rule(Severity.LOW, "other")), stored.event).events
    assert (again.event.severity, again.event.source_severity) == (Severity.LOW, Severity.MEDIUM)
    assert as_sent(again.event) == as_sent(stored.event)


@pytest.mark.parametrize("setting", [Severity.LOW, Severity.HIGH, None])
def test_a_setting_says_how_bad_what_a_source_only_assumes_is(setting: Severity | None) -> None:
    policy = Policy((ROUTE,), assumed={} if setting is None else {"alarm": setting})
    (one,) = decided(policy, paid(severity=Severity.HIGH, severity_by=ASSUMED)).events
    assert (one.event.severity, one.event.severity_by) == (setting or Severity.HIGH, "")
    (stated,) = decided(policy, paid(severity_by="tag severity=medium")).events
    assert (stated.event.severity, stated.event.severity_by) == (Severity.MEDIUM, "tag severity=medium")


def test_a_rule_counts_before_a_tag_and_a_setting() -> None:
    rule = a_rule(matchers=(Matcher(Field.SEVERITY, ("LOW",)),))
    policy = Policy((ROUTE,), severities=(rule,), assumed={"alarm": Severity.LOW})
    (one,) = decided(policy, paid(severity=Severity.HIGH, severity_by=ASSUMED)).events
    assert severity_explained(one.event) == "CRITICAL by rule payments; its source says LOW"
    (tagged,) = decided(policy, paid(severity=Severity.LOW, severity_by="tag severity=low")).events
    assert tagged.event.severity_by == "rule payments"
    (only_tagged,) = decided(Policy((ROUTE,)), paid(severity_by="tag severity=medium")).events
    assert severity_explained(only_tagged.event) == "MEDIUM by tag severity=medium"


DETAILS: Any = st.dictionaries(
    st.sampled_from(["a", "b"]), st.sampled_from(["x", "y", ["x", "y"], {"b": "x"}, 7, None])
)


@given(DETAILS, st.sampled_from(["a", "b", "a.b"]), st.sampled_from(["x", "?", "7", "*y"]), st.booleans())
def test_an_alert_matches_what_its_event_matched(detail: Any, path: str, pattern: str, negated: bool) -> None:
    matcher = Matcher(Field.DETAIL, (pattern,), path, negated)
    decision = decided(Policy((ROUTE,), labels=(matcher.label,)), paid(detail=detail))
    (one,) = decision.events
    assert one.event.labels == decision.alert.labels == labels_of(detail, [matcher.label])
    on_event, on_alert = (matcher.matches(MatchContext(each)) for each in (one.event, decision.alert))
    assert on_event is on_alert


@given(
    st.lists(st.sampled_from(Severity), min_size=1, max_size=4),
    st.sampled_from(Severity),
    st.sampled_from([Signal.FIRING, Signal.RESOLVED, Signal.NOTICE, Signal.HISTORICAL]),
)
def test_grading_twice_changes_nothing(severities: list[Severity], sent: Severity, signal: Signal) -> None:
    rules = [
        a_rule(each, f"r{number}", matchers=(Matcher(Field.SEVERITY, (each.name,)),))
        for number, each in enumerate(severities)
    ]
    policy, event = a_policy(*rules), paid(severity=sent, signal=signal)
    once = policy.graded(event, Alert.about(event))
    assert policy.graded(once, Alert.about(event)) == once
    assert as_sent(once).severity is sent
