"""Stored lifecycles: each is read as it was written, and none is a word at which an older version would fail."""

from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.gateways.dynamodb import items
from chalicelib.gateways.dynamodb.content import unpack
from chalicelib.gateways.dynamodb.expressions import decode
from tests.domain.given import an_alert, an_event
from tests.gateways.dynamodb.stores import KEPT, a_pending, a_record

# Those of versions that store events in four shards.
KNOWN_BEFORE = {"", "recurring", "planned", "point"}


def stored(lifecycle: Lifecycle) -> list[dict[str, Any]]:
    """Return an alert, a notification, and events as they are stored: beside the alert, and alone."""
    event = an_event(lifecycle=lifecycle)
    return [
        items.alert_item(an_alert(event), KEPT),
        items.notification_item(a_pending(1, lifecycle=lifecycle), KEPT),
        items.event_item(a_record(event)),
        items.event_item(a_record(event), "entry"),
    ]


@pytest.mark.parametrize("lifecycle", Lifecycle)
def test_a_lifecycle_is_read_as_it_was_written(lifecycle: Lifecycle) -> None:
    alert, notification, *events = stored(lifecycle)
    assert items.alert_of(alert).lifecycle is lifecycle
    assert items.notification_of(notification).lifecycle is lifecycle
    assert [items.record_of(each).event.lifecycle for each in events] == [lifecycle] * 2
    without_content = {name: value for name, value in events[1].items() if name != "content"}
    assert items.record_of(without_content).event.lifecycle is lifecycle


@pytest.mark.parametrize("lifecycle", Lifecycle)
def test_an_older_version_knows_each_word_that_is_stored(lifecycle: Lifecycle) -> None:
    values = [decode(each) for each in stored(lifecycle)]
    contents = [unpack(each["content"]) for each in values if "content" in each]
    assert len(contents) == 2
    assert {each.get("lifecycle", "") for each in (*values, *contents)} <= KNOWN_BEFORE


def test_what_was_stored_under_its_own_name_is_still_read() -> None:
    item = items.alert_item(an_alert(an_event()), KEPT) | {"lifecycle": {"S": "rechecked"}}
    assert items.alert_of(item).lifecycle is Lifecycle.RECHECKED


def test_what_is_no_longer_rechecked_is_stored_without_that() -> None:
    alert = an_alert(an_event(lifecycle=Lifecycle.RECHECKED))
    assert "rechecked" in items.alert_item(alert, KEPT)
    assert "rechecked" not in items.alert_item(replace(alert, lifecycle=Lifecycle.RECURRING), KEPT)
