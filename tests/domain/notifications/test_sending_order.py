"""What is sent first, and what with it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Notification, Reason
from chalicelib.domain.notifications.sending_order import problems_in_order, sent_together, worst_first


def a_notification(name: str, **changes: Any) -> Notification:
    """Return a notification."""
    values: dict[str, Any] = {"reason": Reason.FIRST, "severity": Severity.HIGH, "created_at": 1} | changes
    return Notification(id=name, receiver="pager", kind="alarm", title=name, **values)


NOTIFICATIONS = st.lists(
    st.builds(
        a_notification,
        st.uuids().map(str),
        fingerprint=st.sampled_from(["", "a", "b", "c"]),
        episode=st.integers(1, 3),
        created_at=st.integers(1, 5),
        severity=st.sampled_from(Severity),
        reason=st.sampled_from([Reason.FIRST, Reason.WORSENED, Reason.RESOLVED]),
    )
)


def test_the_worst_is_sent_first_and_what_is_over_last() -> None:
    over = a_notification("over", severity=Severity.CRITICAL, reason=Reason.RESOLVED)
    late, early = a_notification("late", created_at=2), a_notification("early")

    assert worst_first([over, late, early]) == [early, late, over]


def test_what_came_about_first_is_sent_first_and_the_end_behind_its_second() -> None:
    begun = a_notification("z", fingerprint="a", episode=1)
    worse = a_notification("y", fingerprint="a", episode=1, created_at=2, severity=Severity.CRITICAL)
    over = a_notification("x", fingerprint="a", episode=1, created_at=2, reason=Reason.RESOLVED)
    back = a_notification("w", fingerprint="a", episode=2, created_at=2)

    assert problems_in_order([back, over, worse, begun]) == [begun, worse, over, back]


def test_the_worst_problem_is_sent_first() -> None:
    minor = a_notification("minor", fingerprint="a", severity=Severity.LOW)
    grave = [a_notification(f"{at}", fingerprint="b", created_at=at, severity=Severity(at)) for at in (2, 3, 4)]

    assert problems_in_order([minor, *reversed(grave)]) == [*grave, minor]


@given(NOTIFICATIONS)
def test_every_problem_keeps_its_order_and_nothing_is_left_out(pending: list[Notification]) -> None:
    ordered = problems_in_order(pending)

    assert sorted(each.id for each in ordered) == sorted(each.id for each in pending)
    for problem in {each.fingerprint for each in pending} - {""}:
        places = [number for number, each in enumerate(ordered) if each.fingerprint == problem]
        course = [(ordered[place].episode, ordered[place].created_at) for place in places]
        assert places == list(range(places[0], places[0] + len(places)))
        assert course == sorted(course)


def test_only_what_is_of_a_group_is_sent_together() -> None:
    alone, one, other = a_notification("0"), a_notification("1", group="g"), a_notification("2", group="g")

    assert list(sent_together([alone, one, other])) == [alone]
    assert list(sent_together([one, alone, other])) == [one, other]


def test_all_about_a_problem_is_sent_together_where_that_is_wanted() -> None:
    first, other, second = (a_notification(str(n), fingerprint=fp) for n, fp in enumerate(("a", "b", "a")))

    assert list(sent_together([first, other, second])) == [first]
    assert list(sent_together([first, other, second], by_problem=True)) == [first, second]
    assert list(sent_together([a_notification("3"), a_notification("4")], by_problem=True)) == [a_notification("3")]
