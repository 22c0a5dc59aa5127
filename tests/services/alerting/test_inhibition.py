"""What something else explains is announced once at most, whichever came first, and again when the other is over."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert, Status
from chalicelib.domain.notifications.notification import Delivery, Notification, Reason
from chalicelib.domain.routing.inhibitions import Inhibitions, InhibitRule
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.next_evaluation import HELD_BACK, WATCHED
from chalicelib.domain.routing.routes import HOUR
from chalicelib.domain.routing.silences import Silence
from chalicelib.domain.timestamps import DAY
from chalicelib.services.alerting import evaluator
from chalicelib.services.ports import Policies
from tests.examples import examples
from tests.fakes import NOW
from tests.services.world import POLICY, World, alarm, finding

RULE = InhibitRule(
    name="intrusion",
    source=(Matcher(Field.KIND, ("guardduty",)),),
    target=(Matcher(Field.KIND, ("alarm",)),),
    equal=("account", "region"),
)
INHIBITING = replace(POLICY, inhibitions=Inhibitions(rules=(RULE,)))
CRITICAL = 9.5


def a_world(*rules: InhibitRule) -> World:
    return World(policy=replace(POLICY, inhibitions=Inhibitions(rules=rules or (RULE,))))


def about(world: World, kind: str) -> list[Notification]:
    """Return what there was to say of one kind, the oldest first."""
    found = [each for each in world.store.notifications.values() if each.kind == kind]
    return sorted(found, key=lambda each: each.created_at)


def reasons(world: World, kind: str = "alarm") -> list[Reason]:
    return [each.reason for each in about(world, kind)]


def only(world: World, kind: str = "alarm") -> Alert:
    (alert,) = [each for each in world.store.alerts.values() if each.kind == kind]
    return alert


def later(world: World, seconds: int) -> None:
    """Let time pass as the hub does, a minute at a time for the last two."""
    world.clock.sleep(max(seconds - 120, 0))
    for _ in range(3):
        world.next_minute()


def test_what_is_explained_already_is_suppressed_by_what_explains_it() -> None:
    world = a_world()
    explains = world.ingest(finding())
    record = world.ingest(alarm())
    assert (record.outcome.status, record.outcome.reason) == (Delivery.SUPPRESSED, Reason.INHIBITED)
    assert record.outcome.by == f"intrusion:{explains.event.fingerprint}"
    later(world, HOUR)
    assert reasons(world) == []
    assert reasons(world, "guardduty") == [Reason.FIRST]


def test_what_was_announced_before_is_marked_as_explained_and_said_no_more() -> None:
    world = a_world()
    world.ingest(alarm())
    explains = world.ingest(finding(at=NOW))
    world.next_minute()
    mark = only(world).inhibited
    assert mark is not None
    assert (mark.rule, mark.by) == ("intrusion", explains.event.fingerprint)
    world.ingest(alarm(state="INSUFFICIENT_DATA", at=NOW + 60, before="ALARM"))
    later(world, 9 * HOUR)
    assert reasons(world) == [Reason.FIRST]


@pytest.mark.parametrize("announced_before", [False, True])
def test_what_is_still_there_when_its_explanation_ends_is_announced(*, announced_before: bool) -> None:
    world = a_world()
    events = [finding(), alarm()]
    for event in reversed(events) if announced_before else events:
        world.ingest(event)
    later(world, HOUR)
    world.ingest(finding(archived=True, at=world.clock.now()))
    later(world, 0)
    before = [Reason.FIRST] if announced_before else []
    assert reasons(world) == [*before, Reason.RELEASED if announced_before else Reason.FIRST]
    assert only(world).inhibited is None


def test_what_ends_while_it_is_explained_is_over_without_a_word() -> None:
    world = a_world()
    world.ingest(alarm())
    world.ingest(finding(at=NOW))
    record = world.ingest(alarm(state="OK", at=NOW + 1, before="ALARM"))
    assert record.outcome.reason is Reason.INHIBITED
    world.ingest(finding(archived=True, at=NOW + 2))
    later(world, HOUR)
    assert reasons(world) == [Reason.FIRST]
    world.ingest(alarm(at=world.clock.now()))
    assert reasons(world) == [Reason.FIRST, Reason.REGRESSION]


def test_an_end_reaches_whoever_keeps_an_incident_open() -> None:
    world = a_world()
    world.policy = replace(world.policy, status_receivers=frozenset({"monitoring"}))
    world.ingest(alarm())
    world.ingest(finding(at=NOW))
    world.ingest(alarm(state="OK", at=NOW + 1, before="ALARM"))
    assert reasons(world) == [Reason.FIRST, Reason.RESOLVED]


def test_whoever_shows_how_it_stands_shows_once_that_it_is_explained() -> None:
    world = a_world()
    world.policy = replace(world.policy, status_receivers=frozenset({"monitoring"}))
    world.ingest(alarm())
    world.ingest(finding(at=NOW))
    record = world.ingest(alarm(state="INSUFFICIENT_DATA", at=NOW + 1, before="ALARM"))
    assert (record.outcome.status, record.outcome.reason) == (Delivery.SUPPRESSED, Reason.INHIBITED)
    later(world, HOUR)
    assert reasons(world) == [Reason.FIRST, Reason.INHIBITED]


def test_what_is_critical_is_never_held_back_unless_the_rule_says_so() -> None:
    critical = alarm("orders-P1")
    for rule, expected in ((RULE, [Reason.FIRST]), (replace(RULE, critical=True), [])):
        world = a_world(rule)
        world.ingest(finding())
        world.ingest(critical)
        assert reasons(world) == expected


def test_what_gets_critical_is_announced_though_it_was_held_back() -> None:
    swapped = replace(RULE, source=RULE.target, target=RULE.source)
    world = a_world(swapped)
    world.ingest(alarm())
    assert world.ingest(finding(at=NOW)).outcome.reason is Reason.INHIBITED
    assert world.ingest(finding(severity=CRITICAL, at=NOW + 1)).outcome.reason is Reason.FIRST


def test_an_explanation_that_is_silenced_explains_nothing() -> None:
    world = a_world()
    explains = world.ingest(finding()).event.fingerprint
    world.ingest(alarm())
    matchers = (Matcher(Field.FINGERPRINT, (explains,)),)
    world.policy = world.with_silence(
        Silence(id="s", matchers=matchers, starts_at=NOW, ends_at=NOW + DAY, author="a", reason="r")
    )
    later(world, WATCHED)
    assert reasons(world) == [Reason.FIRST]


def test_what_is_silenced_and_explained_is_announced_when_both_are_over() -> None:
    world = a_world()
    matchers = (Matcher(Field.KIND, ("alarm",)),)
    world.policy = world.with_silence(
        Silence(id="s", matchers=matchers, starts_at=NOW, ends_at=NOW + HOUR, author="a", reason="r")
    )
    world.ingest(alarm())
    world.ingest(finding(at=NOW))
    later(world, WATCHED)
    version = only(world).version
    later(world, WATCHED)
    assert only(world).version == version
    later(world, HOUR)
    assert (reasons(world), only(world).inhibited is not None) == ([], True)
    world.ingest(finding(archived=True, at=world.clock.now()))
    later(world, 0)
    assert reasons(world) == [Reason.FIRST]


def test_an_explanation_of_a_day_ago_explains_nothing_any_more() -> None:
    world = a_world()
    world.ingest(finding())
    world.ingest(alarm())
    for _ in range(23):
        later(world, HOUR)
    assert reasons(world) == []
    later(world, HOUR)
    assert reasons(world) == [Reason.FIRST]
    assert world.ingest(alarm("another", at=world.clock.now())).outcome.reason is Reason.FIRST


def test_what_nobody_has_heard_of_explains_nothing() -> None:
    world = a_world()
    record = world.ingest(finding(severity=2.0))
    assert record.outcome.reason is Reason.BELOW_MINIMUM
    assert world.ingest(alarm()).outcome.reason is Reason.FIRST


def test_another_region_explains_nothing() -> None:
    world = a_world()
    world.ingest(finding())
    assert world.ingest(alarm() | {"region": "eu-central-1"}).outcome.reason is Reason.FIRST


def test_what_is_explained_explains_others_and_two_never_explain_each_other() -> None:
    back = replace(RULE, name="back", source=RULE.target, target=RULE.source)
    among = replace(RULE, name="among", source=RULE.target, equal=("region",))
    world = a_world(RULE, back, among)
    first = world.ingest(finding()).event.fingerprint
    second = world.ingest(alarm("one")).outcome
    third = world.ingest(alarm("two", at=NOW)).outcome
    assert [second.by, third.by] == [f"intrusion:{first}"] * 2
    later(world, HOUR)
    world.ingest(finding(archived=True, at=world.clock.now()))
    later(world, 0)
    assert reasons(world, "guardduty") == [Reason.FIRST, Reason.RESOLVED]
    assert reasons(world) == [Reason.FIRST]
    assert len({each.inhibited is None for each in world.store.alerts.values() if each.kind == "alarm"}) == 2


def test_a_run_that_cannot_evaluate_all_that_was_held_back_goes_on_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(evaluator, "READ_AT_ONCE", 2)
    world = a_world()
    world.ingest(finding())
    for number in range(5):
        world.ingest(alarm(f"alarm-{number}"))
    later(world, HOUR)
    world.ingest(finding(archived=True, at=world.clock.now()))
    for _ in range(4):
        world.next_minute()
    assert reasons(world) == [Reason.FIRST] * 5
    assert only(world, "guardduty").due == 0


def test_whoever_did_not_know_of_the_end_makes_it_good_within_15_minutes() -> None:
    world = a_world()
    stale = replace(world.policies(), inhibitions=Inhibitions(rules=(RULE,)))
    world.ingest(finding())
    stale = world.policies()
    world.ingest(finding(archived=True, at=NOW))
    later(world, 0)
    world_with_old_news = World(clock=world.clock, store=world.store, slack=world.slack, policy=world.policy)
    world_with_old_news.policies = Fixed(stale)  # type: ignore[assignment]  # a function that read it a moment ago
    assert world_with_old_news.ingest(alarm(at=world.clock.now())).outcome.reason is Reason.INHIBITED
    later(world, HELD_BACK)
    assert reasons(world) == [Reason.FIRST]


class Fixed(Policies):
    """A policy that never changes."""

    def __init__(self, policy: Any) -> None:
        self._policy = policy

    def __call__(self) -> Any:
        """Return it."""
        return self._policy

    def forget(self) -> None:
        """Remember it all the same."""


# --- In any order

STEPS = ["the explanation", "one", "two", "one again", "two is over", "a minute"]


def play(world: World, steps: Sequence[str]) -> None:
    """Let an explanation and two alarms come in this order; each event has its own time, whenever it comes."""
    raw = {
        "the explanation": finding(at=NOW - 50),
        "one": alarm("one", at=NOW - 40),
        "two": alarm("two", at=NOW - 30),
        "one again": alarm("one", "INSUFFICIENT_DATA", at=NOW - 20, before="ALARM"),
        "two is over": alarm("two", "OK", at=NOW - 10, before="ALARM"),
    }
    for step in steps:
        if step == "a minute":
            world.next_minute()
        else:
            world.ingest(raw[step])


@given(st.permutations(STEPS))
@examples(2)
def test_in_any_order_nothing_is_said_once_both_are_known_but_what_is_there_at_last(
    steps: list[str],
) -> None:
    world = a_world()
    play(world, steps)
    world.next_minute()
    known = {each.id for each in about(world, "alarm")}
    later(world, 5 * HOUR)
    assert {each.id for each in about(world, "alarm")} == known

    world.ingest(finding(archived=True, at=world.clock.now()))
    later(world, HOUR)
    new = [each for each in about(world, "alarm") if each.id not in known]
    assert [each.title for each in new] == ["one: not enough data"]
    titles = [each.title[:3] for each in about(world, "alarm")]
    assert max(titles.count("one"), titles.count("two")) <= 3
    assert [each.status for each in world.store.alerts.values() if each.title.startswith("one")] == [Status.FIRING]


# --- Composite alarms


def test_a_composite_alarm_holds_back_its_children_alone() -> None:
    rule = InhibitRule(
        name="composite", source=(Matcher(Field.KIND, ("alarm",)),), target=(), equal=("account",), children=True
    )
    world = a_world(rule)
    composite = alarm("shop-down")
    composite["detail"] |= {"configuration": {"alarmRule": 'ALARM("checkout-5xx") OR ALARM("cart")'}}
    world.ingest(alarm("cart"))
    world.ingest(composite)
    assert world.ingest(alarm("checkout-5xx", at=NOW)).outcome.reason is Reason.INHIBITED
    assert world.ingest(alarm("another", at=NOW)).outcome.reason is Reason.FIRST
    world.next_minute()
    held_back = {each.title for each in world.store.alerts.values() if each.inhibited}
    assert held_back == {"cart", "checkout-5xx"}
