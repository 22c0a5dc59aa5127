"""The same error in many accounts is one alert, which knows where it is and what it came with."""

from typing import Any

from msgspec.structs import replace

from chalicelib.domain.events.event import Event
from chalicelib.domain.notifications.notification import Reason
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.notification_policy import Policy
from chalicelib.domain.routing.routes import Route
from chalicelib.domain.timestamps import iso
from chalicelib.services.alerting.affected import MOST_EVENTS
from tests.fakes import NOW
from tests.services.world import POLICY, World, envelope, finding

PAYMENTS, SHOP = "111122223333", "444455556666"
END = NOW - NOW % 300


def errors(account: str = PAYMENTS, end: int = END, count: int = 3, region: str = "eu-west-1") -> dict[str, Any]:
    """Return what the scan finds in one window of a function that every account has."""
    detail = {
        "idempotency_key": f"{account}/{region}/{end}",
        "log_group": f"/aws/lambda/shop-{account}",
        "resource": f"shop-{account}",
        "service": "lambda",
        "fingerprint": "9b1de1f4",
        "title": "Task timed out",
        "count": count,
        "first_at": end - 100,
        "window": {"start": end - 300, "end": end},
    }
    return envelope("monitoring.agent.logs", "Error Logs", account=account, region=region, detail=detail)


def stack(at: int, account: str = PAYMENTS, name: str = "shop", status: str = "UPDATE_COMPLETE") -> dict[str, Any]:
    arn = f"arn:aws:cloudformation:eu-west-1:{account}:stack/{name}/1"
    detail = {"stack-id": arn, "status-details": {"status": status}}
    kind = "CloudFormation Stack Status Change"
    return envelope("aws.cloudformation", kind, account=account, time=iso(at), detail=detail)


def take(world: World, *raw: dict[str, Any]) -> Event:
    """Take events in, and return the last."""
    return [world.ingest(each).event for each in raw][-1]


def test_an_error_in_37_accounts_is_one_alert_announced_by_steps() -> None:
    world = World()
    for number in range(37):
        world.ingest(errors(f"{number:012d}"))
    (alert,) = world.store.alerts.values()
    where = world.affected_scopes.of(alert.fingerprint, alert.since)
    assert (len(where.places), where.complete) == (37, True)
    assert {(place.events, place.lines) for place in where.places} == {(1, 3)}
    assert {each.reason for each in world.store.notifications.values()} == {Reason.FIRST, Reason.JOINED}


def test_the_owner_of_an_account_is_notified_when_the_error_gets_there() -> None:
    routes = (
        Route(name="payments", receivers=("monitoring",), matchers=(Matcher(Field.ACCOUNT, (PAYMENTS,)),)),
        Route(name="shop", receivers=("deployment",), matchers=(Matcher(Field.ACCOUNT, (SHOP,)),)),
    )
    world = World(policy=Policy(routes, quiet=POLICY.quiet))
    for end in (END, END + 300):
        take(world, errors(PAYMENTS, end), errors(SHOP, end))
    assert [(each.receiver, each.reason) for each in world.store.notifications.values()] == [
        ("monitoring", Reason.FIRST),
        ("deployment", Reason.FIRST),
    ]


def test_what_is_known_of_an_alert_says_where_it_is_by_the_accounts_names() -> None:
    world = World()
    world.store.agents.items["x"] = world.agents.create(PAYMENTS, "eu-west-1", "payments")
    event = take(world, errors(PAYMENTS, count=2), errors(SHOP, count=5))
    whole = world.alerts.inspect(event.fingerprint)
    assert [(place.account, whole.names[place.account], place.lines) for place in whole.shown] == [
        (SHOP, "", 5),
        (PAYMENTS, "payments", 2),
    ]


def test_only_the_newest_episode_is_examined() -> None:
    world = World()
    event = take(world, errors(SHOP))
    world.alerts.resolve(event.fingerprint, "on-call")
    world.clock.time = END + 900
    take(world, errors(PAYMENTS, END + 900))
    whole = world.alerts.inspect(event.fingerprint)
    assert [place.account for place in whole.where.places] == [PAYMENTS]


def test_an_event_at_hand_counts_before_the_index_shows_it() -> None:
    world = World()
    event = take(world, errors())
    del world.store.records[event.id]
    assert world.affected_scopes.of(event.fingerprint, END, event).began == event
    assert world.affected_scopes.of(event.fingerprint, END + 1, event).began is None


def test_of_very_many_events_the_newest_are_counted_and_the_rest_is_not_denied() -> None:
    world = World()
    for number in range(MOST_EVENTS + 1):
        event = take(world, errors(end=END - number * 300, count=1))
    where = world.affected_scopes.of(event.fingerprint, 0)
    assert (where.complete, where.places[0].events) == (False, MOST_EVENTS)


def names(world: World, event: Event) -> list[str]:
    """Return what was deployed before an event's alert, as the alert's resource has it."""
    return [each.name for each in world.alerts.inspect(event.fingerprint).deploys]


def test_an_error_that_comes_back_names_the_deploys_that_it_came_back_after() -> None:
    world = World()
    event = take(world, errors())
    world.alerts.resolve(event.fingerprint, "on-call")
    world.clock.time = END + 3_000
    later = stack(END + 2_760, name="network")
    take(world, stack(END + 2_660), later, stack(END + 2_700, SHOP, "other"), errors(end=END + 3_000))
    deploys = world.alerts.inspect(event.fingerprint).deploys
    assert [(each.name, each.operation, each.seconds_before) for each in deploys] == [
        ("network", "updated", 140),
        ("shop", "updated", 240),
    ]
    assert "stackinfo" in deploys[0].link


def test_an_alert_of_any_kind_names_what_was_deployed_before_it() -> None:
    world = World()
    event = take(world, stack(END - 300), stack(END - 200, SHOP, "other"), finding(at=END))
    assert names(world, event) == ["shop"]
    assert world.affected_scopes.deploys_before(world.alerts.get(event.fingerprint))[0].seconds_before == 300


def test_a_failed_stack_does_not_name_itself() -> None:
    world = World()
    take(world, stack(END - 60, status="UPDATE_IN_PROGRESS"), stack(END - 40, name="network"))
    event = take(world, stack(END, status="UPDATE_ROLLBACK_IN_PROGRESS"))
    assert names(world, event) == ["network"]


def test_what_was_deployed_too_long_before_or_elsewhere_is_not_named() -> None:
    world = World()
    event = take(world, stack(END - 100 - 1_801), stack(END - 100, SHOP), errors())
    assert names(world, event) == []


def test_what_is_about_no_account_names_no_deploys() -> None:
    world = World()
    take(world, stack(END - 60))
    public = replace(world.alerts.get(take(world, finding(at=END)).fingerprint), account="*")
    assert world.affected_scopes.deploys_before(public) == ()
    assert world.affected_scopes.deploys_before(replace(public, account=PAYMENTS, since=0)) == ()


def test_an_agents_own_stack_explains_only_what_the_hub_says_of_agents() -> None:
    world = World()
    take(world, stack(END - 200, name="StackSet-monitoring-agent-3f1c", status="CREATE_COMPLETE"))
    event = take(world, errors())
    assert names(world, event) == []
    stale = replace(world.alerts.get(event.fingerprint), kind="agent_state", fingerprint="another")
    (deploy,) = world.affected_scopes.deploys_before(stale)
    assert deploy.name == "StackSet-monitoring-agent-3f1c"
