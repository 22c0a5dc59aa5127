"""What every store promises of an alert with all that lies beside it, and that little is asked of the table for it."""

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Mark
from chalicelib.domain.alerts.episode_count import EpisodeCount
from chalicelib.domain.alerts.hourly_counts import HOUR
from chalicelib.domain.alerts.timeline import TransitionKind
from chalicelib.domain.notifications.notification import Delivery, Reason, Recording, completed
from chalicelib.domain.timestamps import DAY
from chalicelib.gateways.dynamodb import alert_details
from chalicelib.services.alerting.affected import AffectedScopeFinder
from chalicelib.services.alerting.alert_page_data import AlertPageReader
from tests.domain.given import NOON, an_alert, an_event
from tests.gateways.dynamodb.stores import Store, a_pending, a_record, dynamodb_store

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FINGERPRINT = an_event().fingerprint
NOTES = [Mark(kind=TransitionKind.NOTED, at=NOON + n, by="ana", note=f"note {n}") for n in range(3)]


def fill(store: Store) -> None:
    """Have an alert of one event with notes, reminders, counts and a notification."""
    store.enqueue(an_event(), "monitoring")
    for number, note in enumerate(NOTES, 1):
        alert = store.ledger.alert(FINGERPRINT)
        reminder = a_pending(number, fingerprint=FINGERPRINT, reason=Reason.REMINDER)
        assert alert is not None
        assert store.ledger.merge([], alert, [reminder], note) is Recording.RECORDED
    store.hourly.add(FINGERPRINT, {NOON // HOUR: 2, NOON // HOUR - 30: 1})
    store.episode_counts.save(FINGERPRINT, EpisodeCount(since=NOON, fired=1), 0)


def test_an_alert_comes_with_all_that_lies_beside_it(store: Store) -> None:
    fill(store)
    found = store.details.find(FINGERPRINT)

    assert found is not None
    assert found.alert == store.alerts.find(FINGERPRINT)
    assert list(found.actions) == NOTES[::-1] == store.alerts.actions(FINGERPRINT, 9)
    assert list(found.reminders) == store.alerts.reminders(FINGERPRINT, 9)
    assert found.count == EpisodeCount(since=NOON, fired=1)
    assert found.hours == {NOON // HOUR: 2, NOON // HOUR - 30: 1}
    store.clock.sleep(91 * DAY)
    kept = store.details.find(FINGERPRINT)
    assert kept is not None
    assert (kept.actions, kept.reminders) == ((), ())


@pytest.mark.parametrize("fingerprint", ["", "x", "x" * 2_000])
def test_of_an_alert_that_there_is_not_nothing_is_found(store: Store, fingerprint: str) -> None:
    assert store.details.find(fingerprint) is None


def test_what_an_alert_leads_to_is_found_at_once(store: Store) -> None:
    (pending,) = store.enqueue(an_event(detail={"a": 1}), "monitoring")
    store.outbox.settle([sent := completed(pending, Delivery.DELIVERED, NOON)])
    hours = range(NOON // HOUR - 2, NOON // HOUR + 1)

    found = store.details.mentioned([sent.id, "0" * 32], [an_event().id, f"{NOON:010d}-none"], ("stack",), hours)

    assert [each.status for each in found.notifications] == [Delivery.DELIVERED]
    assert found.records == {an_event().id: store.archive.find(an_event().id)}
    assert found.records[an_event().id].event.detail == {"a": 1}


def test_a_deployment_in_one_of_the_hours_is_not_overlooked(store: Store) -> None:
    later = NOON + 2 * DAY
    store.add(*(a_record(an_event(at, kind="alarm", received_at=at)) for at in (NOON, later)))
    hours = range(later // HOUR - 2, later // HOUR + 1)

    assert store.details.mentioned([], [], ("alarm", "stack"), hours).has_kinds
    assert not store.details.mentioned([], [], ("stack",), hours).has_kinds


def test_a_deployment_may_be_where_nobody_wrote_in_which_hours_there_are(client: "DynamoDBClient") -> None:
    store = dynamodb_store(client)
    store.add(a_record(an_event()))

    hours = range(NOON // HOUR - 2, NOON // HOUR + 1)
    assert store.details.mentioned([], [], ("stack",), hours).has_kinds


def test_an_alert_behind_very_many_reminders_is_found(
    client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    store = dynamodb_store(client)
    fill(store)
    monkeypatch.setattr(alert_details, "MOST_BESIDE", 5)
    found = store.details.find(FINGERPRINT)

    assert found is not None
    assert (found.actions, len(found.reminders)) == ((NOTES[-1],), 3)


def test_the_page_of_a_busy_alert_is_two_queries_and_a_batch(client: "DynamoDBClient") -> None:
    store = dynamodb_store(client)
    store.add(a_record(an_event(NOON - 2 * DAY, fingerprint="other", received_at=NOON - 2 * DAY)))
    fill(store)
    store.add(*(a_record(an_event(NOON + n)) for n in range(1, 40)))
    scopes = AffectedScopeFinder(store.archive, store.clock, store.episode_counts)
    calls: list[str] = []
    client.meta.events.register("before-call.dynamodb", lambda model, **_: calls.append(model.name), unique_id="calls")

    data = AlertPageReader(store.details, store.archive, scopes, store.clock).read(FINGERPRINT)
    client.meta.events.unregister("before-call.dynamodb", unique_id="calls")

    assert sorted(calls) == ["BatchGetItem", "Query", "Query"]
    assert len(data.records) == 40
    assert data.sample is not None
    assert [each.note for each in data.history if each.note] == ["note 2", "note 1", "note 0"]
    events = (a_record(an_event(NOON + n)).event for n in range(40))
    assert data.alert == replace(an_alert(*events), version=data.alert.version)
