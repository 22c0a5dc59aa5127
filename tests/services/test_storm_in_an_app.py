"""A storm over a channel of the Slack app: nothing is lost, and one message for each problem."""

from collections import Counter

import pytest

from bench.storm import Storm
from bench.storm_plan import Plan
from bench.stormy_app import StormyApp
from chalicelib.domain.notifications.notification import Delivery


@pytest.mark.parametrize("seed", [1, 2])
def test_a_storm_over_the_app_loses_nothing_and_posts_one_message_a_problem(seed: int) -> None:
    storm = Storm(Plan(events=300, app=True), seed)

    storm.play()

    store, app = storm.store, storm.slack
    assert isinstance(app, StormyApp)
    announced = {each.id for _, message in app.posts for each in message.notifications}
    assert storm.left() == 0
    assert {record.outcome.status for record in store.records.values()} == {Delivery.DELIVERED, Delivery.SUPPRESSED}
    assert announced == set(store.notifications)
    own = Counter(app.problems_with_messages())
    assert own.total() - len(own) <= app.unknown
    posts = Counter(each.metadata["event_payload"]["id"] for each in app.slack.messages if each.metadata)
    assert posts.total() - len(posts) <= app.unknown
