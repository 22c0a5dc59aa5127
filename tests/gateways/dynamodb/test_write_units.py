"""What an event costs, computed from the sizes of items as DynamoDB counts them; its local edition counts wrongly.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from chalicelib.config.routes import MOST_WINDOWS
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.joined_accounts import MOST_JOINED, MOST_LINES, JoinedAccount
from chalicelib.domain.alerts.timeline import REMEMBERED, TransitionKind
from chalicelib.domain.alerts.window_count import HIGHEST_COUNT
from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Event
from chalicelib.domain.notifications.notification import Outcome, Reason, notifications_of, record_announcement
from chalicelib.domain.text import digest
from chalicelib.gateways.dynamodb import items
from chalicelib.gateways.dynamodb.capacity import bytes_of, units
from chalicelib.sources import registry
from local.table import table_definition
from tests.domain.given import NOON, an_alert, an_event
from tests.gateways.dynamodb.stores import KEPT, a_record
from tests.gateways.dynamodb.write_units import units_of_rewriting, units_of_writing

SAMPLES = Path(__file__).parent.parent.parent / "samples"
ORDINARY = ["alarm-metric-ok", "guardduty-ec2", "health-scheduled-change-open", "stack-update-complete"]


def event_of(sample: str) -> Event:
    """Return the event that a sample of up to about two kilobytes makes."""
    raw = json.loads((SAMPLES / f"{sample}.json").read_text())
    assert len(json.dumps(raw)) < 2_200
    return registry.interpret(Envelope.parse(raw, NOON))


def units_of_event(event: Event, before: Alert | None, after: Alert) -> int:
    """Return what an event costs, its content and its alert included."""
    item, content = items.event_items(a_record(event))
    known = items.alert_item(before, KEPT) if before else {}
    alert = units_of_rewriting(known, items.alert_item(after, KEPT))
    return units_of_writing(item) + alert + (units(content) if content else 0)


def an_old_alert(event: Event) -> Alert:
    """Return an alert that remembers as much as it can: many events, who was told, who acknowledged it, what is due."""
    events = (
        replace(event, id=f"{event.published_at - n:010d}-{digest(str(n))}", published_at=event.published_at - n)
        for n in range(3 * REMEMBERED, 0, -1)
    )
    alert = an_alert(*events).mark(TransitionKind.ACKNOWLEDGED, NOON, "on-call")
    alert = record_announcement(alert, Outcome.pending(Reason.FIRST, ["monitoring", "security-team"], "all"), NOON)
    return replace(alert, due=NOON + 14_400, version=1_000)


@pytest.mark.parametrize("sample", ORDINARY)
def test_an_event_of_up_to_two_kilobytes_costs_at_most_seven_write_units(sample: str) -> None:
    event = event_of(sample)
    alert = an_old_alert(event)
    assert units_of_event(event, alert, alert.observe(event)[0]) <= 7


def test_counts_within_the_most_windows_cost_one_more_unit_of_an_alert() -> None:
    event = event_of("guardduty-ec2")
    alert, windows = an_old_alert(event), range(900, 900 + MOST_WINDOWS)
    for second in range(0, 1_800, 60):
        at = event.published_at + second
        alert = alert.counting(replace(event, published_at=at, lines=HIGHEST_COUNT), windows, windows)
    assert units(items.alert_item(alert, KEPT)) <= 2


@pytest.mark.parametrize("sample", ORDINARY)
def test_the_first_event_of_a_problem_costs_two_more(sample: str) -> None:
    """Its alert enters two indexes, which the events that follow leave as they are."""
    event = event_of(sample)
    alert = record_announcement(an_alert(event), Outcome.pending(Reason.FIRST, ["monitoring"], "all"), NOON)
    assert units_of_event(event, None, replace(alert, due=NOON + 14_400)) <= 9


def test_the_accounts_of_an_alert_cost_their_bytes_and_no_more() -> None:
    alert = an_old_alert(event_of("guardduty-ec2"))
    spread = replace(alert, accounts=tuple(JoinedAccount(f"{n:012d}", MOST_LINES, (n,)) for n in range(MOST_JOINED)))
    few = replace(alert, accounts=spread.accounts[:3])

    def bytes_of_alert(alert: Alert) -> int:
        return bytes_of(items.alert_item(alert, KEPT))

    assert bytes_of_alert(spread) - bytes_of_alert(alert) == len("accounts") + 12 * MOST_JOINED
    assert "accounts" not in items.alert_item(alert, KEPT), "what is in one place says so already"
    assert units(items.alert_item(few, KEPT)) == 1


def test_an_alert_that_is_announced_again_moves_in_one_index() -> None:
    alert = an_old_alert(event_of("guardduty-ec2"))
    before, after = (items.alert_item(each, KEPT) for each in (alert, replace(alert, due=alert.due + 14_400)))
    assert units_of_rewriting(before, after) == 4


@pytest.mark.parametrize("kilobytes", [1, 10, 100])
def test_content_lies_apart_only_where_that_costs_less(kilobytes: int) -> None:
    words = [digest(str(number)) for number in range(kilobytes * 32)]
    record = a_record(an_event(detail=words))
    together = items.event_item(record)
    apart, content = items.event_items(record)
    assert content is not None
    assert units_of_writing(apart) + units(content) < units_of_writing(together)


@pytest.mark.parametrize("sample", ORDINARY)
def test_to_enqueue_a_notification_costs_three(sample: str) -> None:
    event = event_of(sample)
    (pending,) = notifications_of(an_alert(event), event, a_record(event, "monitoring").outcome, NOON)
    assert units_of_writing(items.notification_item(pending, KEPT)) == 3


def test_an_index_holds_what_a_list_shows_and_never_the_content() -> None:
    by_account, by_fingerprint, by_status, work = table_definition()["GlobalSecondaryIndexes"]
    for index in (by_account, by_fingerprint):
        listed = {key["AttributeName"] for key in index["KeySchema"]} | set(index["Projection"]["NonKeyAttributes"])
        assert listed == {"id", *items.LISTED}
    assert by_status["Projection"] == work["Projection"] == {"ProjectionType": "KEYS_ONLY"}
