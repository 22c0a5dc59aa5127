"""Idempotency-Key: a POST that is sent again is answered as before, and done once."""

from typing import Any

import pytest

from tests.app.test_events import problems
from tests.app.test_silences import DRILL
from tests.app.world import BOTH, WRITER, World

KEY = {"Idempotency-Key": "f3b1c7"}


def create(world: World, key: str = KEY["Idempotency-Key"], token: str = BOTH, **changes: Any) -> Any:
    """Create a silence with a key."""
    return world.call("POST", "/silences", token=token, json=DRILL | changes, headers={"Idempotency-Key": key})


def test_the_same_request_again_is_answered_as_before_and_done_once(world: World) -> None:
    first = create(world)
    world.clock.sleep(3_600)

    again = create(world)

    assert (again.status_code, again.json_body) == (201, first.json_body)
    assert again.headers["Location"] == first.headers["Location"]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(world.silences.items) == 1


def test_a_request_without_a_key_is_done_again(world: World) -> None:
    for _ in range(2):
        world.call("POST", "/silences", json=DRILL)
        world.clock.sleep(1)

    assert len(world.silences.items) == 2
    assert world.idempotency.items == {}


def test_a_key_of_another_request_is_refused(world: World) -> None:
    create(world)

    answer = create(world, reason="Another drill.")

    assert answer.status_code == 422
    assert answer.json_body["error"]["code"] == "idempotency_key_reused"
    assert len(world.silences.items) == 1


def test_nobody_gets_what_was_answered_to_somebody_else(world: World) -> None:
    create(world)

    other = create(world, token=WRITER)

    assert other.json_body["author"] == "writer"
    assert len(world.silences.items) == 2


def test_what_failed_may_be_tried_again_with_the_same_key(world: World) -> None:
    fingerprint = world.take().event.fingerprint
    world.store.conflicts = 100
    failed = world.call("POST", f"/alerts/{fingerprint}/resolve", headers=KEY)
    world.store.conflicts = 0

    again = world.call("POST", f"/alerts/{fingerprint}/resolve", headers=KEY)

    assert (failed.status_code, again.status_code) == (409, 200)
    assert again.json_body["status"] == "resolved"


def test_what_is_wrong_with_a_request_uses_up_no_key(world: World) -> None:
    assert create(world, reason="").status_code == 400
    assert world.idempotency.items == {}
    assert create(world).status_code == 201


def test_a_request_that_is_in_progress_is_a_conflict_until_it_must_have_ended(world: World) -> None:
    create(world)
    ((key, attempt),) = world.idempotency.items.items()
    world.idempotency.items[key] = type(attempt)(request=attempt.request, at=world.clock.now())

    assert create(world).status_code == 409
    world.clock.sleep(60)
    assert create(world).status_code == 201


def test_of_two_at_once_one_is_done(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.idempotency, "save", lambda *_: False)

    assert create(world).status_code == 409
    assert world.silences.items == {}


def test_a_key_is_forgotten_after_a_day(world: World) -> None:
    create(world)
    world.clock.sleep(86_400)

    assert create(world, reason="Another drill.").status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "schlüssel"])
def test_a_key_that_cannot_be_is_refused(world: World, key: str) -> None:
    answer = create(world, key=key)

    assert answer.status_code == 400
    assert problems(answer.json_body).keys() == {"Idempotency-Key"}


def test_a_key_means_nothing_where_nothing_is_posted(world: World) -> None:
    assert world.call("GET", "/events", headers=KEY).status_code == 200
    assert world.idempotency.items == {}


def test_who_was_overtaken_leaves_the_answer_of_the_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    find, calls = world.idempotency.find, list[str]()

    def overtaken(key: str) -> Any:
        calls.append(key)
        return None if len(calls) > 1 else find(key)

    monkeypatch.setattr(world.idempotency, "find", overtaken)

    assert create(world).status_code == 201
    ((_, attempt),) = world.idempotency.items.items()
    assert attempt.status == 0
