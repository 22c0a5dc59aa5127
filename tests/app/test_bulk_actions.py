"""POST /alerts/actions: one action on many alerts, each with its own result."""

from typing import Any

import pytest

from chalicelib.domain.notifications.notification import Reason
from chalicelib.services.alerting.policy_provider import REMEMBERED_FOR
from tests.app.test_events import problems
from tests.app.world import READER, World
from tests.fakes import NOW

NOBODY = "0" * 32


def fired(world: World, *kinds: str) -> list[str]:
    """Take in an event of each detail type, and return the fingerprints of their alerts."""
    return [world.take(NOW, {"detail-type": kind}).event.fingerprint for kind in kinds]


def act(world: World, action: str, fingerprints: list[str], **more: Any) -> Any:
    """Act on alerts, and return what is answered."""
    body = {"action": action, "fingerprints": fingerprints} | more
    return world.call("POST", "/alerts/actions", json=body)


@pytest.mark.parametrize(
    ("action", "status"), [("acknowledge", "acknowledged"), ("resolve", "resolved"), ("reopen", "firing")]
)
def test_each_alert_is_changed_as_it_would_be_alone(world: World, action: str, status: str) -> None:
    fingerprints = fired(world, "One", "Two")

    results = act(world, action, fingerprints, note="A drill.").json_body["results"]

    assert [each["fingerprint"] for each in results] == fingerprints
    assert [each["alert"]["status"] for each in results] == [status, status]
    assert [each["error"] for each in results] == [None, None]
    for each in results:
        assert world.get(f"/alerts/{each['fingerprint']}").json_body["last_action"] == each["alert"]["last_action"]


def test_what_cannot_be_done_keeps_no_other_alert_from_it(world: World) -> None:
    first, second = fired(world, "One", "Two")
    act(world, "resolve", [first])

    results = act(world, "acknowledge", [first, NOBODY, second]).json_body["results"]

    assert [each["error"] and each["error"]["code"] for each in results] == ["conflict", "not_found", None]
    assert [each["alert"] is None for each in results] == [True, True, False]


def test_an_alert_that_is_given_twice_is_changed_once(world: World) -> None:
    (fingerprint,) = fired(world, "One")

    assert len(act(world, "silence", [fingerprint, fingerprint]).json_body["results"]) == 1
    assert len(world.silences.items) == 1


def test_each_alert_gets_a_silence_of_its_own(world: World) -> None:
    fingerprints = fired(world, "One", "Two")

    answer = act(world, "silence", [*fingerprints, NOBODY], note="A drill.", duration="30m").json_body

    *made, missing = answer["results"]
    assert [each["silence"]["matchers"][0]["patterns"] for each in made] == [[each] for each in fingerprints]
    assert {(each["silence"]["reason"], each["silence"]["author"]) for each in made} == {("A drill.", "both")}
    assert (missing["silence"], missing["error"]["code"]) == (None, "not_found")
    world.clock.sleep(REMEMBERED_FOR)
    repeated = world.take(NOW + 1, {"detail-type": "One"})
    assert repeated.outcome.reason is Reason.SILENCED


@pytest.mark.parametrize(
    ("fingerprints", "said"),
    [
        ([], {"fingerprints": "must not be empty"}),
        (["x"], {"fingerprints[0]": "must be 32 hexadecimal digits"}),
        ([NOBODY] * 101, {"fingerprints": "must have at most 100"}),
    ],
)
def test_a_list_that_cannot_be_is_refused_in_our_words(
    world: World, fingerprints: list[str], said: dict[str, str]
) -> None:
    answer = act(world, "resolve", fingerprints)

    assert problems(answer.json_body) == said


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"action", "fingerprints"}),
        ({"action": "delete", "fingerprints": [NOBODY]}, {"action"}),
        ({"action": "resolve", "fingerprints": []}, {"fingerprints"}),
        ({"action": "resolve", "fingerprints": [NOBODY] * 101}, {"fingerprints"}),
        ({"action": "resolve", "fingerprints": [NOBODY, "x"]}, {"fingerprints[1]"}),
        ({"action": "resolve", "fingerprints": NOBODY}, {"fingerprints"}),
        ({"action": "silence", "fingerprints": [NOBODY], "duration": "31d"}, {"duration"}),
        ({"action": "silence", "fingerprints": [NOBODY], "until": "tomorrow"}, {"until"}),
    ],
)
def test_an_action_that_cannot_be_is_refused(world: World, body: dict[str, Any], wrong: set[str]) -> None:
    answer = world.call("POST", "/alerts/actions", json=body)

    assert answer.status_code == 400
    assert problems(answer.json_body).keys() == wrong


def test_who_may_only_read_acts_on_nothing(world: World) -> None:
    assert world.call("POST", "/alerts/actions", token=READER, json={}).status_code == 403
