"""What waits is sent together; nobody is told the end before the beginning, and CRITICAL waits for nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import BEGINNINGS, Notification, Reason
from chalicelib.domain.notifications.waiting import due, passed_by
from tests.domain.given import NOON


def a_notification(name: str = "a", **changes: Any) -> Notification:
    """Return a notification about a problem that is called so."""
    known: dict[str, Any] = {
        "id": f"{name}-{changes.get('reason', Reason.FIRST)}",
        "receiver": "monitoring",
        "kind": "alarm",
        "reason": Reason.FIRST,
        "severity": Severity.HIGH,
        "title": name,
        "created_at": NOON,
        "fingerprint": name,
        "episode": 1,
    }
    return Notification(**(known | changes))


def never(_group: str) -> int:
    """No message about any group was ever sent."""
    return 0


def names(pending: list[Notification], now: int = NOON) -> list[str]:
    """Return what may be sent by then."""
    return [each.title for each in due(pending, now, never)]


def test_what_waits_is_held_back_until_its_time() -> None:
    waiting = a_notification(send_at=NOON + 10)
    assert names([waiting], NOON + 9) == []
    assert names([waiting], NOON + 10) == ["a"]


def test_once_one_has_waited_long_enough_all_that_wait_go_with_it() -> None:
    pending = [a_notification(name, send_at=NOON + 10 + number) for number, name in enumerate("abc")]
    assert names(pending, NOON + 9) == []
    assert names(pending, NOON + 10) == ["a", "b", "c"]


def test_what_need_not_wait_takes_nothing_with_it() -> None:
    pending = [a_notification("a", send_at=NOON + 10), a_notification("b", reason=Reason.STEP)]
    assert names(pending) == ["b"]


def test_the_end_waits_for_the_beginning() -> None:
    pending = [a_notification("a", send_at=NOON + 10), a_notification("a", reason=Reason.RESOLVED)]
    assert names(pending) == []
    assert names(pending, NOON + 10) == ["a", "a"]


def test_what_has_become_critical_waits_no_longer() -> None:
    worse = a_notification("a", reason=Reason.WORSENED, severity=Severity.CRITICAL)
    assert names([a_notification("a", send_at=NOON + 10), worse, a_notification("b", send_at=NOON + 10)]) == ["a", "a"]


def test_a_group_keeps_a_distance_from_its_last_message() -> None:
    held = a_notification("a", group="g", group_interval=300)
    other = a_notification("b", group="h", group_interval=300)
    last = {"g": NOON - 100}
    assert [each.title for each in due([held, other], NOON, lambda group: last.get(group, 0))] == ["b"]
    assert due([held], NOON + 200, last.__getitem__) == [held]
    passing = a_notification("c", send_at=NOON - 1)
    assert [each.title for each in due([held, passing], NOON, lambda group: last.get(group, 0))] == ["c"]


@pytest.mark.parametrize(
    ("reasons", "is_passed"),
    [
        ((Reason.FIRST, Reason.RESOLVED), True),
        ((Reason.REGRESSION, Reason.STEP, Reason.RESOLVED), True),
        ((Reason.FIRST, Reason.STEP), False),
        ((Reason.STEP, Reason.RESOLVED), False),
        ((Reason.RESOLVED,), False),
        ((), False),
    ],
)
def test_what_began_and_ended_before_it_was_sent_has_passed_by(reasons: tuple[Reason, ...], is_passed: bool) -> None:
    assert passed_by(a_notification(reason=each) for each in reasons) is is_passed


def test_two_problems_or_episodes_have_not_passed_by_together() -> None:
    over = a_notification("a", reason=Reason.RESOLVED)
    assert not passed_by([a_notification("b"), over])
    assert not passed_by([a_notification("a", episode=2), over])


PENDING = st.builds(
    lambda name, reason, severity, wait: a_notification(
        name, reason=reason, severity=severity, send_at=NOON + wait if reason in BEGINNINGS else 0
    ),
    st.sampled_from("abc"),
    st.sampled_from([Reason.FIRST, Reason.WORSENED, Reason.RESOLVED, Reason.STEP]),
    st.sampled_from([Severity.HIGH, Severity.CRITICAL]),
    st.integers(-5, 20),
)


@given(st.lists(PENDING, unique_by=lambda each: each.id), st.integers(0, 30))
def test_a_problem_is_sent_whole_or_not_at_all(pending: list[Notification], later: int) -> None:
    sent = due(pending, NOON + later, never)
    assert {each.title for each in sent}.isdisjoint(each.title for each in pending if each not in sent)
    critical = {
        each.title for each in pending if each.severity is Severity.CRITICAL and each.reason is not Reason.RESOLVED
    }
    assert critical <= {each.title for each in sent}
    assert due(pending, NOON + 20, never) == pending
