"""What every store of agents promises: the fake that other tests rely on, moto's, and AWS's own DynamoDB Local."""

import pytest
from msgspec.structs import replace

from chalicelib.domain.agents.agent import Agent, AgentStatus
from chalicelib.domain.agents.coverage import AgentCoverage
from chalicelib.domain.errors import Conflict
from chalicelib.domain.pagination import Cursor, Page
from chalicelib.domain.queries import AgentQuery
from chalicelib.domain.scanning.budget import Spend
from chalicelib.domain.scanning.gaps import Gap, GapReason
from chalicelib.domain.scanning.windows import Window
from chalicelib.domain.timestamps import DAY
from tests.domain.given import NOON
from tests.gateways.dynamodb.stores import Store


def an_agent(account: str = "111122223333", region: str = "eu-west-1", **changes: object) -> Agent:
    return replace(Agent(account=account, region=region, created_at=NOON), **changes)


def test_an_agent_comes_back_as_it_was_saved_one_revision_on(store: Store) -> None:
    agent = an_agent(
        name="Checkout",
        status=AgentStatus.ACTIVE,
        deployment="UPDATE_COMPLETE",
        deployed_at=NOON,
        stack_id="arn:aws:cloudformation:eu-west-1:111122223333:stack/monitoring-agent/1",
        coverage=AgentCoverage(
            since=NOON - 600,
            watermark=NOON,
            gaps=(Gap(Window(NOON - 600, NOON - 300), ("/a",), GapReason.THROTTLED),),
            spend=Spend(midnight=NOON // DAY * DAY, bytes=10**12),
        ),
        heartbeat_at=NOON,
        heartbeat_seconds=600,
        version="1.2.0",
        log_group_count=12,
        scan_tag="team=shop",
    )
    store.agents.save(agent)
    assert store.agents.find("111122223333", "eu-west-1") == replace(agent, revision=1)


def test_two_regions_of_an_account_are_two_agents(store: Store) -> None:
    store.agents.save(an_agent(region="eu-west-1", log_group_count=1))
    store.agents.save(an_agent(region="us-east-1", log_group_count=2))
    found = [store.agents.find("111122223333", region) for region in ("eu-west-1", "us-east-1", "eu-west-2")]
    assert [agent and agent.log_group_count for agent in found] == [1, 2, None]


def test_agents_are_listed_by_account_and_region_from_either_side(store: Store) -> None:
    for account in ("111122223333", "444455556666", "777788889999"):
        for region in ("eu-west-1", "us-east-1"):
            store.agents.save(an_agent(account, region))
    page = store.agents.page(AgentQuery(limit=1, account="444455556666"))
    assert page.next
    further = store.agents.page(AgentQuery(limit=1, cursor=page.next, account="444455556666"))
    assert [each.id for each in (*page.items, *further.items)] == ["444455556666-eu-west-1", "444455556666-us-east-1"]
    assert further.next is None
    assert further.previous
    assert store.agents.page(AgentQuery(limit=1, cursor=further.previous, account="444455556666")).items == page.items
    assert [each.account for each in store.agents.page(AgentQuery(limit=2, region="us-east-1")).items] == [
        "111122223333",
        "444455556666",
    ]
    assert store.agents.page(AgentQuery(limit=2, account="444455556666", region="eu-west-2")).items == ()


def test_an_agent_that_has_changed_meanwhile_is_not_overwritten(store: Store) -> None:
    store.agents.save(an_agent())
    read = store.agents.find("111122223333", "eu-west-1")
    assert read is not None
    store.agents.save(replace(read, log_group_count=1))
    for late in (read, an_agent(), replace(read, revision=9)):
        with pytest.raises(Conflict, match="111122223333-eu-west-1"):
            store.agents.save(late)
    assert store.agents.find("111122223333", "eu-west-1") == an_agent(log_group_count=1, revision=2)


def test_a_removed_agent_is_gone_removing_it_again_is_no_error_and_saving_it_is_one(store: Store) -> None:
    store.agents.save(an_agent())
    store.agents.delete(an_agent())
    store.agents.delete(an_agent())
    assert store.agents.find("111122223333", "eu-west-1") is None
    with pytest.raises(Conflict):
        store.agents.save(an_agent(revision=1))


def test_agents_beyond_the_hundredth_are_listed_page_by_page_and_back(store: Store) -> None:
    ids = [f"{account:012d}" for account in range(110)]
    for account in reversed(ids):
        store.agents.save(an_agent(account))
    first = store.agents.page(AgentQuery(limit=100))
    second = store.agents.page(AgentQuery(limit=100, cursor=first.next))
    assert [agent.account for agent in (*first.items, *second.items)] == ids
    assert (first.previous, second.next) == (None, None)
    back = store.agents.page(AgentQuery(limit=100, cursor=second.previous))
    assert (back.items, back.previous) == (first.items, None)
    assert store.agents.page(AgentQuery(limit=100, cursor=back.next)) == second


def test_agents_before_the_first_and_behind_the_last_lead_back(store: Store) -> None:
    store.agents.save(an_agent())
    (agent,) = store.agents.page(AgentQuery(limit=1)).items
    behind = store.agents.page(AgentQuery(limit=1, cursor=Cursor(agent.id, forward=True)))
    before = store.agents.page(AgentQuery(limit=1, cursor=Cursor(agent.id, forward=False)))
    assert behind.items == before.items == ()
    assert (
        store.agents.page(AgentQuery(limit=1, cursor=behind.previous)).items
        == store.agents.page(AgentQuery(limit=1, cursor=before.next)).items
        == (agent,)
    )


def test_no_agents_are_an_empty_page(store: Store) -> None:
    assert store.agents.page(AgentQuery(limit=10)) == Page(())


def test_an_accounts_name_is_its_first_named_agents(store: Store) -> None:
    store.agents.save(an_agent(region="eu-west-1"))
    store.agents.save(an_agent(region="eu-west-2", name="Checkout"))
    store.agents.save(an_agent(region="us-east-1", name="Old checkout"))
    store.agents.save(an_agent("444455556666", name="Search"))
    names = [store.names.name(account) for account in ("111122223333", "444455556666", "777788889999", "")]
    assert names == ["Checkout", "Search", "", ""]


def test_accounts_are_found_by_the_names_that_their_agents_have(store: Store) -> None:
    for account, region, name in (("1", "a", "shop"), ("1", "b", "till"), ("2", "a", "shop"), ("3", "a", "")):
        store.agents.save(Agent(account=account * 12, region=region, name=name))
    assert store.names.named("shop") == {"1" * 12, "2" * 12}
    assert store.names.named("till") == {"1" * 12}
    assert store.names.named("nobody") == set()


@pytest.mark.parametrize(
    ("query", "accounts"),
    [
        (AgentQuery(name="shop"), ["1", "2"]),
        (AgentQuery(statuses=(AgentStatus.STALE, AgentStatus.REMOVED)), ["2"]),
        (AgentQuery(name="shop", statuses=(AgentStatus.EXPECTED,)), ["1"]),
    ],
)
def test_agents_are_listed_by_name_and_status(store: Store, query: AgentQuery, accounts: list[str]) -> None:
    store.agents.save(Agent(account="1" * 12, region="a", name="shop"))
    store.agents.save(Agent(account="2" * 12, region="a", name="shop", status=AgentStatus.STALE))
    store.agents.save(Agent(account="3" * 12, region="a", name="till"))
    assert [each.account[0] for each in store.agents.page(query).items] == accounts
