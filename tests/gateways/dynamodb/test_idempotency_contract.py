"""What every store promises of the attempts at requests with an idempotency key."""

from chalicelib.services.operations.ports import Attempt
from tests.domain.given import NOON
from tests.gateways.dynamodb.stores import Store

FIRST = Attempt(request="a request", at=NOON)
ANSWERED = Attempt(request="a request", at=NOON, status=201, headers={"Location": "x"}, body='{"id": "ü"}')


def test_an_attempt_comes_back_as_it_was_written(store: Store) -> None:
    assert store.attempts.find("key") is None
    assert store.attempts.save("key", FIRST, None)
    assert store.attempts.find("key") == FIRST
    assert store.attempts.save("key", ANSWERED, FIRST)
    assert store.attempts.find("key") == ANSWERED


def test_who_knows_no_attempt_or_an_older_one_writes_none(store: Store) -> None:
    store.attempts.save("key", Attempt(request="a request", at=NOON + 60), None)

    assert not store.attempts.save("key", FIRST, None)
    assert not store.attempts.save("key", ANSWERED, FIRST)
    found = store.attempts.find("key")
    assert found is not None
    assert found.at == NOON + 60


def test_what_is_forgotten_may_be_tried_again(store: Store) -> None:
    store.attempts.save("key", FIRST, None)
    store.attempts.delete("key")
    store.attempts.delete("another")

    assert store.attempts.find("key") is None
    assert store.attempts.save("key", FIRST, None)
