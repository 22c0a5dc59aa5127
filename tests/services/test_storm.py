"""A small storm, with everything that can fail failing; the big one is `make bench-storm`."""

import pytest

from bench.storm import Storm
from bench.storm_plan import Plan
from chalicelib.domain.notifications.notification import Delivery


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_storm_loses_nothing_counts_exactly_and_says_it_in_few_messages(seed: int) -> None:
    storm = Storm(Plan(events=600), seed)

    storm.play()

    store = storm.store
    announced = {each.id for _, message in storm.slack.posts for each in message.notifications}
    assert storm.left() == 0
    assert {record.outcome.status for record in store.records.values()} == {Delivery.DELIVERED, Delivery.SUPPRESSED}
    assert sum(alert.count for alert in store.alerts.values()) == storm.plan.events
    assert announced == set(store.notifications)
    assert len(storm.slack.posts) < len(store.notifications) / 5
    assert storm.function.crashes > 0
