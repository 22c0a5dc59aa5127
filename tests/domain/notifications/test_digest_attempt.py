"""What is known of a receiver's last digest: what it has said, what it may have said, and how often that was tried."""

import pytest

from chalicelib.domain.notifications.digest_attempt import DigestAttempt
from chalicelib.domain.notifications.notification import Notification, Reason
from chalicelib.domain.text import digest
from tests.domain.given import NOON
from tests.domain.notifications.test_waiting import a_notification

NEVER = DigestAttempt()


def some(count: int, first: int = 0) -> list[Notification]:
    """Return notifications about as many problems."""
    numbers = range(first, first + count)
    return [a_notification(str(each), id=digest(str(each))) for each in numbers]


def test_an_attempt_is_read_as_it_was_written() -> None:
    attempt = NEVER.next(some(3), NOON).failed("HTTP 503", may_have_arrived=True)

    assert DigestAttempt.read(attempt.written()) == attempt


@pytest.mark.parametrize("text", ["", "none", '{"progress": "elsewhere"}'])
def test_what_cannot_be_read_is_no_attempt(text: str) -> None:
    assert DigestAttempt.read(text) == NEVER


def test_each_attempt_counts_for_each_notification_that_it_is_about() -> None:
    first = NEVER.next(some(2), NOON).failed("HTTP 503")
    second = first.next(some(3), NOON + 60)

    assert [second.counted(each).attempts for each in some(4)] == [2, 2, 1, 0]
    assert [second.before(each).attempts for each in some(3)] == [1, 1, 0]


def test_a_pending_notification_is_shown_with_what_the_digest_failed_for() -> None:
    (one,) = some(1)
    attempt = NEVER.next([one], NOON).failed("HTTP 503")

    shown = attempt.counted(one)

    assert (shown.attempts, shown.error, shown.settled_at) == (1, "HTTP 503", NOON)
    assert attempt.arrived().counted(one) == one


def test_what_has_arrived_has_been_said_but_not_what_it_left() -> None:
    together = some(3)
    attempt = NEVER.next(together, NOON).arrived(left=[together[2].id])

    assert [attempt.has_said(each) for each in together] == [True, True, False]


def test_what_has_not_arrived_has_said_nothing() -> None:
    together = some(2)
    attempt = NEVER.next(together, NOON)

    assert not any(known.has_said(each) for known in (attempt, attempt.failed("no")) for each in together)


def test_what_was_settled_since_is_wanted_again() -> None:
    (one,) = some(1, 5)
    again = a_notification("5", id=one.id, settled_at=NOON + 1, reason=Reason.FIRST)

    assert not NEVER.next([one], NOON).arrived().has_said(again)


def test_after_one_that_only_began_the_next_about_the_same_is_doubtful() -> None:
    began = NEVER.next(some(3), NOON)

    assert not began.doubtful
    assert began.next(some(3, 2), NOON + 60).doubtful
    assert not began.next(some(3, 3), NOON + 60).doubtful


def test_doubt_stays_until_a_digest_arrives() -> None:
    unknown = NEVER.next(some(2), NOON).failed("no answer", may_have_arrived=True)
    refused = unknown.next(some(2), NOON + 30).failed("HTTP 503")
    third = refused.next(some(2), NOON + 60)

    assert third.doubtful
    assert not third.arrived().next(some(2), NOON + 90).doubtful
    assert not NEVER.next(some(2), NOON).failed("HTTP 503").next(some(2), NOON + 30).doubtful
