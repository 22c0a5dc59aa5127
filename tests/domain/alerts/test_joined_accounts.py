"""An alert's item holds the accounts of its episode, as many as fit."""

from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.alerts.joined_accounts import (
    MOST_JOINED,
    MOST_LINES,
    JoinedAccounts,
    code_of,
    count_places,
    join_step_of,
    joined_by,
    joining,
    leading,
)
from chalicelib.domain.alerts.timeline import TransitionKind
from tests.domain.given import NOON, an_alert, an_event

REGIONS = ("eu-west-1", "us-east-1", "")
FIRED = st.lists(
    st.tuples(
        st.integers(min_value=0, max_value=30), st.integers(min_value=0, max_value=10**10), st.sampled_from(REGIONS)
    )
)


def joined(fired: Any) -> JoinedAccounts:
    accounts: JoinedAccounts = ()
    for number, lines, region in fired:
        accounts = joining(accounts, an_event(account=f"{number:012d}", lines=lines, region=region))
    return accounts


@given(FIRED)
def test_accounts_are_bounded_in_order_and_add_up(fired: list[tuple[int, int, str]]) -> None:
    accounts = joined(fired)

    assert len(accounts) == min(len({number for number, _, _ in fired}), MOST_JOINED)
    assert list(accounts) == sorted(accounts)
    assert all(each.lines <= min(MOST_LINES, sum(lines for _, lines, _ in fired)) for each in accounts)
    assert sum(len(each.regions) for each in accounts) <= MOST_JOINED
    assert all(each.regions == tuple(sorted(set(each.regions))) for each in accounts)


@given(FIRED)
def test_the_account_with_most_lines_leads_and_without_lines_none(fired: list[tuple[int, int, str]]) -> None:
    accounts = joined(fired)
    most = max((each.lines for each in accounts), default=0)

    assert (leading(accounts) == "") == (most == 0)
    assert most == 0 or (leading(accounts), most) in {(each.account, each.lines) for each in accounts}


FEW = st.lists(
    st.tuples(st.integers(min_value=0, max_value=5), st.integers(min_value=0, max_value=9), st.sampled_from(REGIONS))
)


@given(FEW)
def test_each_region_of_each_account_is_a_place(fired: list[tuple[int, int, str]]) -> None:
    regions: dict[int, set[str]] = {}
    for number, _, region in fired:
        regions.setdefault(number, set()).update({region} - {""})

    assert count_places(joined(fired)) == sum(max(1, len(each)) for each in regions.values())


@given(FEW, st.randoms())
def test_the_order_of_delivery_does_not_matter(fired: list[tuple[int, int, str]], random: Any) -> None:
    shuffled = random.sample(fired, len(fired))

    assert joined(fired) == joined(shuffled)


@pytest.mark.parametrize("account", ["", "*", "11112222333", "\u0661" * 12])
def test_what_is_no_account_joins_nothing(account: str) -> None:
    assert joining((), an_event(account=account, lines=1)) == joined_by(account, "eu-west-1") == ()


def test_what_is_everywhere_joins_in_no_region() -> None:
    accounts: JoinedAccounts = ()
    for region in ("eu-west-1", "us-east-1", "us-west-2"):
        accounts = joining(accounts, an_event(region=region, everywhere=True))

    assert count_places(accounts) == 1


def test_no_two_regions_of_aws_have_one_code() -> None:
    session = boto3.Session()
    found = [session.get_available_regions("ec2", each) for each in session.get_available_partitions()]
    regions = {region for some in found for region in some}

    assert len({code_of(each) for each in regions}) == len(regions) > 30


def test_steps_grow() -> None:
    assert [join_step_of(count) for count in (0, 1, 2, 4, 5, 9, 19, 20)] == [0, 1, 2, 3, 5, 5, 10, 20]


def test_a_late_event_joins_the_episode_that_it_belongs_to() -> None:
    alert = an_alert(an_event(NOON, lines=1), an_event(NOON + 9, lines=1, account="444455556666"))
    resolved = an_alert(an_event(NOON, lines=1)).mark(TransitionKind.RESOLVED, NOON + 5)
    over, _ = resolved.observe(an_event(NOON + 3, lines=1, account="444455556666"))
    anew, _ = resolved.observe(an_event(NOON + 9, lines=1, account="444455556666"))

    assert alert.accounts == over.accounts
    assert [each.account for each in alert.accounts] == ["111122223333", "444455556666"]
    assert [each.account for each in anew.accounts] == ["444455556666"]
    late, _ = anew.observe(an_event(NOON + 4, lines=1, account="777788889999"))
    assert late.accounts == anew.accounts
