"""A digest accounts for every notification, and puts what is worst first."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.digest import ACCOUNTS, LINES, Digest
from chalicelib.domain.notifications.notification import Notification, Reason
from tests.domain.given import NOON

PENDING = Notification(
    id="n",
    receiver="monitoring",
    kind="alarm",
    reason=Reason.FIRST,
    severity=Severity.HIGH,
    title="checkout-5xx",
    created_at=NOON,
    fingerprint="f",
    account="111122223333",
    region="eu-west-1",
    count=1,
    since=NOON,
)


@given(
    st.lists(
        st.builds(
            replace,
            st.just(PENDING),
            id=st.uuids().map(str),
            reason=st.sampled_from(Reason),
            severity=st.sampled_from(Severity),
            title=st.sampled_from([f"title {number}" for number in range(30)]),
            fingerprint=st.sampled_from(["", *(f"f{number}" for number in range(30))]),
            account=st.sampled_from([f"{number:012d}" for number in range(25)]),
            created_at=st.integers(NOON, NOON + 100),
        ),
        max_size=150,
    )
)
def test_every_notification_is_accounted_for_once(pending: list[Notification]) -> None:
    digest = Digest.of(pending)
    rest = digest.rest
    assert sum(line.messages for line in digest.lines) + rest.messages == digest.messages == len(pending)
    assert sum(count for _, count in rest.firing) + rest.resolved == rest.messages
    assert sum(count for _, count in rest.accounts) + rest.elsewhere == rest.messages
    assert len(digest.lines) <= LINES
    assert len(rest.accounts) <= ACCOUNTS


def of_hosts(count: int) -> list[Notification]:
    """Return a notification about each of so many hosts that have the same problem."""
    return [
        replace(PENDING, id=f"{n}", fingerprint=f"{n}", title=f"i-0a1b2c3d4e5f6789{n:x} does not respond")
        for n in range(count)
    ]


def test_many_resources_with_one_problem_are_one_line_and_few_are_named() -> None:
    (line,) = Digest.of([*of_hosts(10)]).lines
    few = Digest.of(of_hosts(2)).lines

    assert (line.title, line.alerts, line.messages) == ("i-* does not respond", 10, 10)
    assert [each.title for each in few] == [each.title for each in of_hosts(2)]


def test_the_worst_comes_first_and_what_is_over_last() -> None:
    pending = [
        replace(PENDING, id=severity.name, fingerprint=severity.name, title=severity.name, severity=severity)
        for severity in Severity
    ]
    over = replace(
        PENDING, id="over", fingerprint="over", title="over", severity=Severity.CRITICAL, reason=Reason.RESOLVED
    )
    digest = Digest.of([over, *pending])
    assert [line.title for line in digest.lines] == ["CRITICAL", "HIGH", "MEDIUM", "LOW", "UNKNOWN", "over"]
    assert digest.worst is Severity.CRITICAL


def test_an_alert_is_reported_as_its_newest_notification_says() -> None:
    fired = replace(PENDING, id="1", created_at=NOON)
    over = replace(PENDING, id="2", created_at=NOON + 60, reason=Reason.RESOLVED, title="checkout-5xx")
    (line,) = Digest.of([over, fired]).lines
    assert (line.title, line.over, line.messages, line.alerts) == ("checkout-5xx", True, 2, 1)


def test_the_same_trouble_in_many_accounts_is_one_line() -> None:
    pending = [
        replace(
            PENDING, id=str(number), fingerprint=str(number), account=f"{number:012d}", count=2, since=NOON - number
        )
        for number in range(312)
    ]
    (line,) = Digest.of(pending).lines
    assert (line.alerts, line.messages, line.count, len(line.accounts)) == (312, 312, 624, 312)
    assert line.since == NOON - 311


def test_what_has_no_fingerprint_stands_for_itself() -> None:
    pending = [replace(PENDING, id=str(number), fingerprint="") for number in range(3)]
    assert Digest.of(pending).alerts == 3


def test_what_no_line_is_left_for_is_counted_by_severity_and_account() -> None:
    pending = [
        replace(
            PENDING,
            id=str(number),
            fingerprint=str(number),
            title=f"t{number:02d}",
            account=f"{number % 15:012d}",
            severity=Severity.HIGH if number < LINES else Severity.LOW,
            reason=Reason.RESOLVED if number >= 40 else Reason.FIRST,
        )
        for number in range(50)
    ]
    rest = Digest.of(pending).rest
    assert (rest.messages, rest.firing, rest.resolved) == (50 - LINES, ((Severity.LOW, 40 - LINES),), 10)
    assert rest.accounts[0] == ("000000000000", 3)
    assert (len(rest.accounts), rest.other_accounts) == (ACCOUNTS, 5)
    assert rest.elsewhere == 50 - LINES - sum(count for _, count in rest.accounts)


def test_all_resolved_has_no_worst() -> None:
    assert Digest.of([replace(PENDING, reason=Reason.RESOLVED)]).worst is None


def test_a_digest_of_nothing_is_empty() -> None:
    digest = Digest.of([])
    assert (digest.messages, digest.lines, digest.oldest) == (0, (), 0)


def test_it_knows_how_long_the_first_has_waited() -> None:
    assert Digest.of([PENDING, replace(PENDING, id="2", created_at=NOON - 600)]).oldest == NOON - 600
