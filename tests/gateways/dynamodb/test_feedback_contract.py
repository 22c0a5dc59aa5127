"""What every store promises of what people say of messages."""

from typing import TYPE_CHECKING

from chalicelib.domain.timestamps import WEEK, week_of
from tests.domain.given import NOON
from tests.feedback_fakes import FEEDBACK, said
from tests.gateways.dynamodb.stores import KEPT, Store, dynamodb_store

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def test_of_a_person_the_last_word_on_an_episode_counts(store: Store) -> None:
    store.feedback.save(FEEDBACK)
    store.feedback.save(FEEDBACK)
    store.feedback.save(said(useful=True, at=NOON + 9))

    assert store.feedback.in_week(week_of(NOON), 10) == [said(useful=True, at=NOON + 9)]


def test_people_problems_episodes_and_weeks_are_counted_apart(store: Store) -> None:
    others = [said(person_id="U2"), said(fingerprint="another"), said(episode=2), said(at=NOON + WEEK)]
    for each in (FEEDBACK, *others):
        store.feedback.save(each)

    assert len(store.feedback.in_week(week_of(NOON), 10)) == 4
    assert len(store.feedback.in_week(week_of(NOON), 3)) == 3
    assert store.feedback.in_week(week_of(NOON) + WEEK, 10) == [said(at=NOON + WEEK)]


def test_what_was_said_is_forgotten_after_a_while(client: "DynamoDBClient") -> None:
    store = dynamodb_store(client)
    store.feedback.save(FEEDBACK)
    store.clock.sleep(KEPT)

    assert store.feedback.in_week(week_of(NOON), 10) == []
