"""A storm over a channel of the Slack app: nothing is lost, and one message for each problem."""

from collections import Counter
from typing import Any

import pytest

from bench.storm import Storm
from bench.stormy_app import StormyApp
from chalicelib.domain.notifications.notification import Delivery


@pytest.mark.parametrize("seed", [6, 8])
def test_a_storm_over_the_app_loses_nothing_and_posts_one_message_a_problem(seed: int) -> None:
    storm = Storm(events=300, seed=seed, make_slack=StormyApp)

    storm.play()

    store, app = storm.store, storm.slack
    assert isinstance(app, StormyApp)
    announced = {each.id for _, message in app.posts for each in message.notifications}
    assert storm.left() == 0
    assert {record.outcome.status for record in store.records.values()} == {Delivery.DELIVERED, Delivery.SUPPRESSED}
    assert announced == set(store.notifications)
    assert app.failed > 0
    known = [store.notifications[each.metadata["event_payload"]["id"]] for each in app.slack.roots() if each.metadata]
    singles = Counter(
        each.fingerprint for each, root in zip(known, app.slack.roots(), strict=True) if _is_one(root.payload)
    )
    assert sum(singles.values()) - len(singles) <= app.unknown
    posts = Counter(_id(each.metadata) for each in app.slack.messages)
    assert sum(posts.values()) - len(posts) <= app.unknown


def _id(metadata: Any) -> str:
    """Return by what a message is found again."""
    found: str = metadata["event_payload"]["id"]
    return found


def _is_one(payload: dict[str, object]) -> bool:
    """Tell whether a message is about one problem."""
    return "alerts at once" not in str(payload["text"]) and "notifications about" not in str(payload["text"])
