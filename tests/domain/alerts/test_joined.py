"""An alert's item holds the accounts of its episode, as many as fit."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.alerts.joined import (
    MOST_JOINED,
    MOST_LINES,
    JoinedAccount,
    JoinedAccounts,
    join_step_of,
    joining,
    leading,
)
from chalicelib.domain.alerts.timeline import TransitionKind
from tests.domain.given import NOON, an_alert, an_event

FIRED = st.lists(st.tuples(st.integers(min_value=0, max_value=30), st.integers(min_value=1, max_value=10**10)))


def joined(fired: Any) -> JoinedAccounts:
    accounts: JoinedAccounts = ()
    for number, lines in fired:
        accounts = joining(accounts, an_event(account=f"{number:012d}", lines=lines))
    return accounts


@given(FIRED)
def test_accounts_are_bounded_in_order_and_add_up(fired: list[tuple[int, int]]) -> None:
    accounts = joined(fired)

    assert len(accounts) == min(len({number for number, _ in fired}), MOST_JOINED)
    assert list(accounts) == sorted(accounts)
    assert all(0 < each.lines <= min(MOST_LINES, sum(lines for _, lines in fired)) for each in accounts)
    assert leading(accounts) == (max(accounts, key=lambda each: each.lines).account if accounts else "")


@given(st.lists(st.tuples(st.integers(min_value=0, max_value=5), st.integers(min_value=1, max_value=9))), st.randoms())
def test_the_order_of_delivery_does_not_matter(fired: list[tuple[int, int]], random: Any) -> None:
    shuffled = random.sample(fired, len(fired))

    assert joined(fired) == joined(shuffled)


@pytest.mark.parametrize(("account", "lines"), [("", 1), ("11112222333", 1), ("\u0661" * 12, 1), ("111122223333", 0)])
def test_what_is_no_account_or_about_no_lines_joins_nothing(account: str, lines: int) -> None:
    assert joining((), an_event(account=account, lines=lines)) == ()


def test_steps_grow() -> None:
    assert [join_step_of(count) for count in (0, 1, 2, 4, 5, 9, 19, 20)] == [0, 1, 2, 3, 5, 5, 10, 20]


def test_a_late_event_of_an_earlier_time_than_the_episode_joins_nothing() -> None:
    alert = an_alert(an_event(NOON, lines=1), an_event(NOON + 9, lines=1, account="444455556666"))
    resolved = an_alert(an_event(NOON, lines=1)).mark(TransitionKind.RESOLVED, NOON + 5)
    over, _ = resolved.observe(an_event(NOON + 3, lines=1, account="444455556666"))

    assert [each.account for each in alert.accounts] == ["111122223333", "444455556666"]
    assert over.accounts == (JoinedAccount("111122223333", 1),)
