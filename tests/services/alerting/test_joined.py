"""An account that joins an open alert is news, whoever else has spoken of it before."""

from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert, Status
from chalicelib.domain.events.envelope import AGENTS_AHEAD
from chalicelib.domain.notifications.notification import Outcome, Reason
from chalicelib.domain.routing.silences import Silence
from chalicelib.services.alerting.silences import Silences
from tests.fake_lists import FakeSilences
from tests.fakes import NOW
from tests.services.alerting.test_affected import END, PAYMENTS, SHOP, errors
from tests.services.world import POLICY, World, envelope, finding

HOUR = 3_600


def take(world: World, account: str, end: int = END, count: int = 3, title: str = "cards are refused") -> Outcome:
    """Take in an error of an account, and return what became of it."""
    raw = errors(account, end, count)
    return world.ingest(raw | {"detail": raw["detail"] | {"title": title}}).outcome


def the_alert(world: World) -> Alert:
    (alert,) = world.store.alerts.values()
    return alert


def silences(world: World) -> Silences:
    return Silences(FakeSilences(world.clock), world.clock)


def silence_from_a_message(world: World, at: int) -> Silence:
    """Silence the alert as a button does in a message of that time."""
    alert = the_alert(world)
    return silences(world).quiet("0" * 16, alert, HOUR, "on-call", world.alerts.accounts_at(alert, at))


def accounts(count: int) -> list[str]:
    return [f"{number:012d}" for number in range(1, count + 1)]


def test_no_account_can_speak_over_the_error_of_another() -> None:
    """Another's event of +23 h had it repeated, kept its own title, and held the alert open."""
    world = World()
    take(world, SHOP, world.clock.now() + 23 * HOUR, count=1, title="nothing to worry about")

    outcome = take(world, PAYMENTS, world.clock.now(), title="cards are charged twice")

    assert (outcome.reason, outcome.status) == (Reason.JOINED, "pending")
    alert = the_alert(world)
    assert (alert.title, alert.account) == ("shop-111122223333: cards are charged twice", PAYMENTS)
    assert alert.last_seen <= world.clock.now() + AGENTS_AHEAD
    (first, joined) = sorted(world.store.notifications.values(), key=lambda each: each.reason)
    assert (joined.reason, joined.account, joined.title) == (Reason.JOINED, PAYMENTS, alert.title)
    assert first.account == SHOP
    for _ in range(180):
        world.next_minute()
    assert the_alert(world).status is Status.RESOLVED


def test_accounts_that_join_are_news_at_growing_steps() -> None:
    world = World()

    reasons = [take(world, account).reason for account in accounts(25)]

    assert [number for number, reason in enumerate(reasons, 1) if reason is Reason.JOINED] == [2, 3, 5, 10, 20]


def own(region: str, account: str = SHOP, number: int = 1) -> dict[str, Any]:
    """Return an event of a team's own, which is one problem wherever it is sent."""
    detail = {"title": "Queue is stuck", "dedup_key": "queue", "status": "firing", "number": number}
    return envelope("custom.shop", "Queue stuck", detail=detail, account=account, region=region)


def test_regions_that_join_are_news_at_the_same_steps_whatever_kind_it_is_of() -> None:
    world = World()

    reasons = [world.ingest(own(f"eu-west-{number}", number=number)).outcome.reason for number in range(1, 25)]

    assert [number for number, reason in enumerate(reasons, 1) if reason is Reason.JOINED] == [2, 3, 5, 10, 20]
    assert world.ingest(own("eu-west-2", number=99)).outcome.reason is Reason.REPEATED
    assert the_alert(world).places == 20


def test_whoever_has_one_message_for_a_problem_hears_of_each_place() -> None:
    world = World()
    world.policy = replace(POLICY, living=frozenset({"monitoring"}))

    outcomes = [world.ingest(own(f"eu-west-{number}", number=number)).outcome for number in range(1, 7)]
    spread = [each for each in world.store.notifications.values() if each.reason is Reason.SPREAD]

    reasons = [each.reason for each in outcomes]
    assert reasons == [Reason.FIRST, *[Reason.JOINED] * 2, Reason.SPREAD, Reason.JOINED, Reason.SPREAD]
    assert sorted(each.places for each in spread) == [4, 6]
    announcement = the_alert(world).announcement
    assert announcement is not None
    assert announcement.places == 5, "what is no announcement moves no step"


def test_the_root_users_doings_are_one_message_in_however_many_regions() -> None:
    world = World()
    world.policy = replace(POLICY, living=frozenset({"monitoring"}))
    for number, region in enumerate(("us-east-1", "eu-west-1", "ap-south-1")):
        raw = finding(number, at=NOW - 60 + number)
        key = {"resourceType": "AccessKey", "accessKeyDetails": {"userName": "Root", "userType": "Root"}}
        raw["detail"] |= {"type": "Policy:IAMUser/RootCredentialUsage", "region": region, "resource": key}
        world.ingest(raw | {"region": region})

    assert len(world.store.records) == 3
    assert the_alert(world).places == 1
    assert len(world.sent()) == 1


def test_accounts_that_are_known_are_no_news() -> None:
    world = World()
    for account in accounts(2):
        take(world, account)

    assert [take(world, account, END + 300).reason for account in accounts(2)] == [Reason.REPEATED] * 2


def test_an_account_that_joins_what_is_acknowledged_is_news() -> None:
    world = World()
    for account in accounts(6):
        take(world, account)
    fingerprint = the_alert(world).fingerprint
    world.alerts.acknowledge(fingerprint, "on-call")

    assert [take(world, account, END + 300).reason for account in accounts(6)] == [Reason.ACKNOWLEDGED] * 6
    assert take(world, PAYMENTS, END + 300).reason is Reason.JOINED
    assert the_alert(world).status is Status.FIRING
    assert take(world, SHOP, END + 300).reason is Reason.REPEATED
    assert world.alerts.acknowledge(fingerprint, "on-call").status is Status.ACKNOWLEDGED
    assert take(world, SHOP, END + 600).reason is Reason.ACKNOWLEDGED


def test_a_silence_from_a_message_covers_the_accounts_that_the_alert_was_in() -> None:
    world = World()
    take(world, PAYMENTS)
    world.policy = world.with_silence(silence_from_a_message(world, world.clock.now()))

    assert take(world, PAYMENTS, END + 300).reason is Reason.SILENCED
    assert take(world, SHOP, END + 300).reason is Reason.JOINED


def test_a_silence_from_a_message_about_very_many_accounts_covers_all() -> None:
    world = World()
    for account in accounts(20):
        take(world, account)
    world.policy = world.with_silence(silence_from_a_message(world, world.clock.now()))

    assert take(world, PAYMENTS, END + 300).reason is Reason.SILENCED


@pytest.mark.parametrize(("count", "title"), [(2, "cards"), (3, "cards"), (4, "noise")])
def test_the_title_is_that_of_the_account_with_most_lines(count: int, title: str) -> None:
    world = World()
    take(world, PAYMENTS, count=3, title="cards")
    take(world, SHOP, END + 100, count=count, title="noise")

    assert the_alert(world).title.endswith(f": {title}")


def test_the_next_episode_begins_with_the_account_where_it_fires_again() -> None:
    world = World()
    take(world, PAYMENTS)
    take(world, SHOP)
    world.alerts.resolve(the_alert(world).fingerprint, "on-call")
    world.clock.time = END + 900

    assert take(world, SHOP, END + 900).reason is Reason.REGRESSION
    assert [each.account for each in the_alert(world).accounts] == [SHOP]
    assert take(world, PAYMENTS, END + 900).reason is Reason.JOINED


def test_an_account_that_joined_unannounced_is_news_with_the_next_event() -> None:
    world = World()
    take(world, PAYMENTS)
    silence = silences(world).silence_alert(the_alert(world), 100, "on-call")
    policy, world.policy = world.policy, world.with_silence(silence)
    assert take(world, SHOP, END + 10).reason is Reason.SILENCED
    world.policy = policy

    assert take(world, PAYMENTS, END + 300).reason is Reason.JOINED


def test_a_silence_from_an_older_message_covers_what_that_message_showed() -> None:
    world = World()
    take(world, PAYMENTS)
    shown_at = world.clock.now()
    world.clock.sleep(60)
    take(world, SHOP, END + 10)
    world.policy = world.with_silence(silence_from_a_message(world, shown_at))

    assert take(world, PAYMENTS, END + 300).reason is Reason.SILENCED
    assert take(world, SHOP, END + 300).reason is not Reason.SILENCED


def test_an_acknowledgement_of_an_older_message_covers_what_that_message_showed() -> None:
    world = World()
    take(world, PAYMENTS)
    shown_at = world.clock.now()
    world.clock.sleep(60)
    take(world, SHOP, END + 10)
    alert = the_alert(world)
    shown = world.alerts.accounts_at(alert, shown_at)
    assert shown == {PAYMENTS}

    assert world.alerts.acknowledge(alert.fingerprint, "on-call", shown=shown).status is Status.ACKNOWLEDGED
    assert take(world, SHOP, END + 300).reason is Reason.JOINED
    assert the_alert(world).status is Status.FIRING


def test_an_acknowledgement_of_the_newest_message_covers_all_of_them() -> None:
    world = World()
    take(world, PAYMENTS)
    take(world, SHOP, END + 10)
    alert = the_alert(world)
    shown = world.alerts.accounts_at(alert, world.clock.now())

    world.alerts.acknowledge(alert.fingerprint, "on-call", shown=shown)
    assert take(world, SHOP, END + 300).reason is Reason.ACKNOWLEDGED
    assert take(world, PAYMENTS, END + 300).reason is Reason.ACKNOWLEDGED
