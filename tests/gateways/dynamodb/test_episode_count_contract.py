"""What the stores keep of what is counted of alerts, and when an alert waits to be counted."""

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from chalicelib.domain.alerts.episode_count import COUNTED_EACH, SETTLED_AFTER, EpisodeCount
from chalicelib.domain.notifications.notification import Recording
from chalicelib.domain.text import digest
from tests.domain.given import NOON, an_event
from tests.gateways.dynamodb.stores import Store, a_record, an_unmerged, dynamodb_store
from tests.gateways.dynamodb.test_list_contract import an_alert_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def test_what_is_counted_of_an_alert_comes_back_and_waits_when_it_is_to_go_on(store: Store) -> None:
    counts, fingerprint = store.episode_counts, digest("busy")
    assert (counts.find(fingerprint), counts.waiting(NOON, 9)) == (None, [])
    errors = [an_event(NOON + n, lines=n, account=f"{n % 3:012d}") for n in range(9)]
    count = EpisodeCount(since=NOON, is_second=True).adding(errors)
    counts.save(fingerprint, count, NOON + 60)
    counts.save(digest("another"), EpisodeCount(since=NOON), NOON + 30)
    assert counts.find(fingerprint) == count
    assert counts.waiting(NOON + 29, 9) == []
    assert counts.waiting(NOON + 60, 9) == [digest("another"), fingerprint]
    assert counts.waiting(NOON + 60, 1) == [digest("another")]
    counts.postpone(fingerprint, NOON + 90)
    assert (counts.find(fingerprint), counts.waiting(NOON + 60, 9)) == (count, [digest("another")])
    assert counts.waiting(NOON + 90, 9) == [digest("another"), fingerprint]
    counts.save(fingerprint, count, 0)
    counts.postpone(fingerprint, NOON)
    assert counts.waiting(NOON + 60, 9) == [digest("another")]


def test_an_alert_waits_to_be_counted_when_it_has_many_events_more(store: Store) -> None:
    alert = replace(an_alert_of(1), count=COUNTED_EACH - 1, last_seen=NOON)
    store.ledger.record(a_record(an_event(NOON)), alert, ())
    assert store.episode_counts.waiting(NOON + SETTLED_AFTER, 9) == []
    more = [an_unmerged(an_event(NOON + n)) for n in (1, 2)]
    for each in more:
        store.ledger.keep_unmerged(each)
    after = replace(alert, version=1, count=COUNTED_EACH + 1, last_seen=NOON + 2)
    assert store.merge(more, after) is Recording.RECORDED
    assert store.episode_counts.waiting(NOON + 2 + SETTLED_AFTER, 9) == [alert.fingerprint]
    again = replace(after, version=2, count=2 * COUNTED_EACH, last_seen=NOON + 60)
    store.ledger.record(a_record(an_event(NOON + 60)), again, ())
    assert store.episode_counts.waiting(NOON + 2 + SETTLED_AFTER, 9) == [alert.fingerprint]
    assert store.episode_counts.find(alert.fingerprint) is None


def test_an_alert_of_many_events_waits_to_be_counted_when_one_comes_late(store: Store) -> None:
    alert = replace(an_alert_of(1), count=COUNTED_EACH + 7, last_seen=NOON + 60)
    late = replace(an_event(NOON), received_at=NOON + 2 * SETTLED_AFTER)
    for number, event in enumerate([an_event(NOON + 60), late]):
        assert store.episode_counts.waiting(NOON + 9 * SETTLED_AFTER, 9) == []
        store.ledger.record(a_record(event), replace(alert, version=number), ())
    assert store.episode_counts.waiting(NOON + 3 * SETTLED_AFTER - 1, 9) == []
    assert store.episode_counts.waiting(NOON + 3 * SETTLED_AFTER, 9) == [alert.fingerprint]


def test_an_instance_lets_an_alert_be_counted_once_until_it_was(
    client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.gateways.dynamodb.ledger.MOST_REMEMBERED", 1)
    store, written = dynamodb_store(client), list[str]()
    client.meta.events.register(
        "before-call.dynamodb.UpdateItem",
        lambda params, **_: written.append("count") if b"COUNTED" in params["body"] else None,
    )
    many = replace(an_alert_of(1), count=COUNTED_EACH, last_seen=NOON)
    steps = [
        replace(many, count=n * COUNTED_EACH, last_seen=NOON + at) for n, at in ((1, 0), (2, 9), (3, SETTLED_AFTER))
    ]
    for number, alert in enumerate([*steps, replace(many, fingerprint=digest("another"))]):
        event = an_unmerged(an_event(NOON + number))
        store.ledger.keep_unmerged(event)
        some = store.unmerged.unmerged(store.unmerged.entered(1))
        store.ledger.merge((), replace(alert, version=number if number < 3 else 0), (), merged=some)
    assert len(written) == 3
