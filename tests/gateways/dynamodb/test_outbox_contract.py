"""What every outbox promises, with its receivers and leases: the fake, moto's, and AWS's own DynamoDB Local."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace

from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.hourly_cap import NO_CAP, HourlyCap
from chalicelib.domain.notifications.lease import LeaseTimes
from chalicelib.domain.notifications.notification import (
    Delivery,
    Notification,
    Outcome,
    Reason,
    completed,
)
from chalicelib.domain.queries import EventQuery
from tests.domain.given import NOON, an_event
from tests.gateways.dynamodb.stores import Store, a_pending, a_record

# --- The outbox


def test_the_oldest_notifications_come_first_and_each_receivers_alone(store: Store) -> None:
    for n in (3, 1, 2):
        store.outbox.enqueue(a_pending(n))
    store.outbox.enqueue(a_pending(0, receiver="deployment"))
    assert store.outbox.pending("monitoring", 2) == [a_pending(1), a_pending(2)]
    assert store.outbox.pending("deployment", 2) == [a_pending(0, receiver="deployment")]
    assert store.outbox.pending("nobody", 2) == []


def test_what_is_wanted_is_found_however_many_others_are_more_urgent(store: Store) -> None:
    wanted = [a_pending(n, severity=Severity.LOW) for n in (1, 2)]
    for each in [*wanted, *(a_pending(n, severity=Severity.CRITICAL) for n in range(3, 9))]:
        store.outbox.enqueue(each)
    assert store.outbox.pending("monitoring", 2, is_wanted={each.id for each in wanted}.__contains__) == wanted
    store.outbox.settle([completed(wanted[0], Delivery.DELIVERED, NOON)])
    assert store.outbox.pending("monitoring", 2, is_wanted={each.id for each in wanted}.__contains__) == wanted[1:]


def test_what_was_just_written_is_enqueued_once_and_no_longer_than_it_is_pending(store: Store) -> None:
    pending = a_pending(1)
    store.outbox.enqueue(pending)
    assert store.outbox.pending("monitoring", 10, [pending]) == [pending]
    store.outbox.settle([completed(pending, Delivery.DELIVERED, NOON)])
    assert store.outbox.pending("monitoring", 10, [pending]) == []


def test_a_notification_is_enqueued_once_whatever_became_of_it(store: Store) -> None:
    report = a_pending(1, body='{"events": 12}')
    assert store.outbox.enqueue(report)
    store.outbox.settle([completed(report, Delivery.DELIVERED, NOON)])
    assert not store.outbox.enqueue(replace(report, created_at=NOON + 60))
    assert store.outbox.pending("monitoring", 10) == []


@pytest.mark.parametrize("status", [Delivery.DELIVERED, Delivery.FAILED, Delivery.SUPPRESSED])
def test_the_event_shows_what_became_of_its_notification(store: Store, status: Delivery) -> None:
    event = an_event()
    (pending,) = store.enqueue(event, "monitoring")
    store.outbox.settle([completed(pending, status, NOON + 60, "why")])
    record = store.archive.find(event.id)
    assert record == a_record(
        event,
        outcome=replace(Outcome.pending(Reason.FIRST, [], "everything"), deliveries={"monitoring": status}),
        updated_at=NOON + 60,
    )
    for query in (EventQuery(account=event.account), EventQuery(fingerprint=event.fingerprint)):
        (shown,) = store.archive.page(query, NOON).items
        assert shown.outcome.status is status
    assert store.outbox.pending("monitoring", 10) == []


def test_the_most_urgent_are_found_first_however_many_are_older(store: Store) -> None:
    resolved = a_pending(0, severity=Severity.CRITICAL, reason=Reason.RESOLVED)
    medium = [a_pending(n, severity=Severity.MEDIUM) for n in range(1, 30)]
    critical = a_pending(40, severity=Severity.CRITICAL)
    for each in (resolved, *medium, critical):
        store.outbox.enqueue(each)

    assert store.outbox.pending("monitoring", 3) == [critical, *medium[:2]]
    assert store.outbox.pending("monitoring", 50) == [critical, *medium, resolved]


def test_what_could_not_be_sent_keeps_its_place_and_says_why(store: Store) -> None:
    first, second = a_pending(1), a_pending(2)
    store.outbox.enqueue(first)
    store.outbox.enqueue(second)
    tried = completed(first, Delivery.PENDING, NOON + 60, "HTTP 503")
    store.outbox.settle([tried])
    assert store.outbox.pending("monitoring", 10) == [tried, second]


def test_what_is_settled_stays_as_it_is(store: Store) -> None:
    event = an_event()
    (pending,) = store.enqueue(event, "monitoring")
    store.outbox.settle([completed(pending, Delivery.DELIVERED, NOON + 60)])
    settled_once = store.archive.find(event.id)
    store.outbox.settle([completed(pending, Delivery.FAILED, NOON + 90, "a second sender")])
    assert store.archive.find(event.id) == settled_once
    assert store.outbox.count(Delivery.FAILED, ["monitoring"]) == {"monitoring": 0}


def test_one_that_is_settled_already_holds_up_no_other(store: Store) -> None:
    pending = [
        *store.enqueue(an_event(), "monitoring"),
        *store.enqueue(an_event(NOON + 1, fingerprint="b"), "monitoring"),
    ]
    store.outbox.settle([completed(pending[0], Delivery.DELIVERED, NOON)])
    store.outbox.settle([completed(each, Delivery.FAILED, NOON) for each in pending])
    assert statuses(store, pending) == [Delivery.DELIVERED, Delivery.FAILED]


def test_both_receivers_of_one_event_can_be_settled_together(store: Store) -> None:
    event = an_event()
    pending = store.enqueue(event, "monitoring", "deliveries")
    store.outbox.settle([completed(each, Delivery.DELIVERED, NOON) for each in pending])
    assert statuses(store, pending) == [Delivery.DELIVERED]
    assert store.outbox.count(Delivery.PENDING, ["monitoring", "deliveries"]) == {"monitoring": 0, "deliveries": 0}


def test_one_receiver_delivered_leaves_the_other_pending(store: Store) -> None:
    event = an_event()
    first, second = store.enqueue(event, "monitoring", "security.team of 'one'")
    store.outbox.settle([completed(first, Delivery.DELIVERED, NOON)])
    record = store.archive.find(event.id)
    assert record is not None
    assert record.outcome.deliveries == {first.receiver: Delivery.DELIVERED, second.receiver: Delivery.PENDING}
    assert store.outbox.pending(second.receiver, 10) == [second]


def test_a_notification_outlives_its_event(store: Store) -> None:
    kept, deleted = an_event(), an_event(NOON + 1, fingerprint="b")
    pending = [*store.enqueue(deleted, "monitoring"), *store.enqueue(kept, "monitoring")]
    store.delete_event(deleted.id)
    store.outbox.settle([completed(each, Delivery.DELIVERED, NOON) for each in pending])
    assert store.outbox.count(Delivery.PENDING, ["monitoring"]) == {"monitoring": 0}
    assert store.archive.find(deleted.id) is None
    assert statuses(store, pending[1:]) == [Delivery.DELIVERED]


def test_an_event_hears_nothing_of_a_receiver_it_was_not_enqueued_for(store: Store) -> None:
    store.add(record := a_record(an_event()))
    stray = a_pending(1, event_id=record.event.id)
    store.outbox.enqueue(stray)
    store.outbox.settle([completed(stray, Delivery.DELIVERED, NOON)])
    assert store.archive.find(record.event.id) == record
    assert store.outbox.pending("monitoring", 10) == []


def test_more_than_a_transaction_holds_is_settled_in_several(store: Store) -> None:
    pending = [a_pending(n) for n in range(60)]
    for each in pending:
        store.outbox.enqueue(each)
    store.outbox.settle([completed(each, Delivery.FAILED, NOON) for each in pending])
    assert store.outbox.count(Delivery.PENDING, ["monitoring"]) == {"monitoring": 0}
    assert store.outbox.count(Delivery.FAILED, ["monitoring", "nobody"]) == {"monitoring": 60, "nobody": 0}


def statuses(store: Store, pending: Iterable[Notification]) -> list[Delivery]:
    """Return the outcome of each event that the notifications are about, once."""
    records = map(store.archive.find, dict.fromkeys(each.event_id for each in pending))
    return [record.outcome.status for record in records if record]


# --- The roster


def test_receivers_are_remembered_once(store: Store) -> None:
    assert store.roster.names() == frozenset()
    for name in ("monitoring", "report", "monitoring"):
        store.roster.add(name)
    assert store.roster.names() == {"monitoring", "report"}


# --- The leases


def test_a_lease_is_one_senders_until_it_is_given_back(store: Store) -> None:
    lease = store.leases.acquire("monitoring", NOON, NOON + 60)
    assert lease is not None
    assert store.leases.acquire("monitoring", NOON + 59, NOON + 99) is None
    assert store.leases.times("monitoring") == LeaseTimes(NOON + 60)
    assert store.leases.times("deployment") == LeaseTimes()
    store.leases.release(lease, NOON + 2)
    assert store.leases.times("monitoring") == LeaseTimes(0, NOON + 2)
    assert store.leases.times("monitoring").free_at == NOON + 2
    assert store.leases.acquire("monitoring", NOON + 1, NOON + 61) is None
    assert store.leases.acquire("monitoring", NOON + 2, NOON + 62) is not None


def test_what_is_not_urgent_waits_for_the_next_digest_beyond_a_cap(store: Store) -> None:
    lease = store.leases.acquire("monitoring", NOON, NOON + 60, urgent=False)
    assert lease is not None
    assert lease.cap == NO_CAP
    cap = HourlyCap.reached(NOON, 20)
    store.leases.release(replace(lease, cap=cap), NOON + 2)

    assert store.leases.acquire("monitoring", cap.digest_at - 1, NOON + 999, urgent=False) is None
    urgent = store.leases.acquire("monitoring", NOON + 2, NOON + 60)
    assert urgent is not None
    assert urgent.cap == cap
    store.leases.release(urgent, NOON + 4)
    assert store.leases.acquire("monitoring", cap.digest_at, NOON + 999, urgent=False) is not None


def test_a_lease_remembers_when_its_receiver_last_took_a_message(store: Store) -> None:
    first = store.leases.acquire("monitoring", NOON, NOON + 60)
    assert first is not None
    assert first.delivered_at == 0
    store.leases.release(replace(first, delivered_at=NOON), NOON + 2)
    abandoned = store.leases.acquire("monitoring", NOON + 2, NOON + 3)
    assert abandoned is not None

    later = store.leases.acquire("monitoring", NOON + 3, NOON + 60)

    assert later is not None
    assert (abandoned.delivered_at, later.delivered_at) == (NOON, NOON)


def test_who_has_a_lease_that_was_abandoned_with_an_error_knows_it(store: Store) -> None:
    first = store.leases.acquire("monitoring", NOON, NOON + 60)
    assert first is not None
    store.leases.release(replace(first, abandoned=True), NOON + 2)

    second = store.leases.acquire("monitoring", NOON + 2, NOON + 60)
    assert second is not None
    store.leases.release(replace(second, abandoned=False), NOON + 4)
    third = store.leases.acquire("monitoring", NOON + 4, NOON + 60)

    assert third is not None
    assert (second.abandoned, third.abandoned) == (True, False)


def test_a_patient_sender_has_the_lease_early_and_knows_when_it_may_send(store: Store) -> None:
    first = store.leases.acquire("monitoring", NOON, NOON + 60)
    assert first is not None
    assert first.send_at == 0
    assert store.leases.acquire("monitoring", NOON, NOON + 60, patience=9) is None
    store.leases.release(first, NOON + 2)

    assert store.leases.acquire("monitoring", NOON, NOON + 60, patience=1) is None
    second = store.leases.acquire("monitoring", NOON, NOON + 60, patience=2)

    assert second is not None
    assert second.send_at == NOON + 2


def test_a_sender_that_died_at_the_first_lease_blocks_nobody_for_longer(store: Store) -> None:
    assert store.leases.acquire("monitoring", NOON, NOON + 60)

    assert store.leases.acquire("monitoring", NOON + 60, NOON + 120)


def test_each_receiver_has_a_lease_of_its_own(store: Store) -> None:
    assert store.leases.acquire("monitoring", NOON, NOON + 60)
    assert store.leases.acquire("deployment", NOON, NOON + 60)


def test_a_lapsed_lease_is_somebody_elses_and_giving_it_back_changes_nothing(store: Store) -> None:
    lapsed = store.leases.acquire("monitoring", NOON, NOON + 60)
    later = store.leases.acquire("monitoring", NOON + 60, NOON + 120)
    assert lapsed is not None
    assert later is not None
    assert later != lapsed
    store.leases.release(lapsed, 0)
    assert store.leases.acquire("monitoring", NOON + 61, NOON + 121) is None


def test_a_lease_is_given_back_once(store: Store) -> None:
    lease = store.leases.acquire("monitoring", NOON, NOON + 60)
    assert lease is not None
    store.leases.release(lease, NOON + 30)
    store.leases.release(lease, 0)
    assert store.leases.acquire("monitoring", NOON + 29, NOON + 99) is None


def test_of_many_senders_at_once_one_gets_the_lease(atomic_store: Store) -> None:
    with ThreadPoolExecutor(8) as threads:
        leases = list(threads.map(lambda _: atomic_store.leases.acquire("monitoring", NOON, NOON + 60), range(24)))
    assert sum(lease is not None for lease in leases) == 1
