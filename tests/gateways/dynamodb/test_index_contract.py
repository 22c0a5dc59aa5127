"""What every store promises of the worst alerts, and of notes beside an alert."""

from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Mark, Status
from chalicelib.domain.alerts.timeline import TransitionKind
from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Recording
from chalicelib.domain.queries import AlertQuery
from tests.domain.given import NOON, an_event
from tests.gateways.dynamodb.stores import Store, a_record
from tests.gateways.dynamodb.test_list_contract import an_alert_of, keep


def test_the_worst_alerts_come_first_and_of_those_the_newest(store: Store) -> None:
    severities = [Severity.LOW, Severity.CRITICAL, Severity.HIGH, Severity.CRITICAL, Severity.MEDIUM]
    for number, severity in enumerate(severities):
        store.add(a_record(an_event(NOON + number, severity=severity, fingerprint=f"{number:032x}")))

    found, complete = store.counter.worst(AlertQuery(limit=3, statuses=(Status.FIRING,)), NOON + 60)
    assert [int(each.fingerprint, 16) for each in found] == [3, 1, 2]
    assert complete

    found, _ = store.counter.worst(AlertQuery(limit=3, severities=(Severity.LOW, Severity.MEDIUM)), NOON + 60)
    assert [int(each.fingerprint, 16) for each in found] == [4, 0]
    assert store.counter.worst(AlertQuery(statuses=(Status.RESOLVED,)), NOON + 60) == ((), True)


def test_several_notes_of_one_second_all_stay(store: Store) -> None:
    alert = keep(store, an_alert_of(1))
    for words in ("One.", "Two.", "Two."):
        noted = Mark(at=NOON, kind=TransitionKind.NOTED, by="ana", note=words)
        assert store.ledger.merge([], alert, (), noted) is Recording.RECORDED
        alert = replace(alert, version=alert.version + 1)

    assert {each.note for each in store.alerts.actions(alert.fingerprint, 10)} == {"One.", "Two."}
