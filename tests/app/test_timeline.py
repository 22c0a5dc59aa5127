"""GET /alerts/{fingerprint}/timeline: everything that happened to an alert, not only what was last."""

from typing import Any

import pytest

from chalicelib.domain.timestamps import iso
from tests.app.world import World
from tests.fakes import NOW


def timeline(world: World, fingerprint: str) -> Any:
    return world.get(f"/alerts/{fingerprint}/timeline").json_body


def test_a_timeline_has_episodes_actions_and_notifications(world: World) -> None:
    event = world.take().event
    world.clock.sleep(60)
    for act, note in (("acknowledge", "on it"), ("resolve", "a rollback")):
        world.call("POST", f"/alerts/{event.fingerprint}/{act}", json={"note": note})
        world.clock.sleep(60)
    world.hub.sweep()

    shown = timeline(world, event.fingerprint)

    assert [each["type"] for each in shown["entries"]] == [
        "notified",
        "episode_ended",
        "resolved",
        "acknowledged",
        "notified",
        "episode_began",
    ]
    assert shown["complete"] is True
    announced, _, resolved, acknowledged, first, began = shown["entries"]
    assert (began["at"], began["event_id"], began["severity"]) == (iso(NOW), event.id, "UNKNOWN")
    assert (acknowledged["by"], acknowledged["note"], acknowledged["notification"]) == ("both", "on it", None)
    assert (resolved["by"], resolved["note"]) == ("both", "a rollback")
    assert (first["notification"]["reason"], first["notification"]["status"]) == ("first", "delivered")
    assert (announced["notification"]["reason"], announced["notification"]["resolved_by"]) == ("resolved", "both")


def test_what_the_hub_ends_by_itself_is_done_by_nobody(world: World) -> None:
    fingerprint = world.take().event.fingerprint
    world.clock.sleep(86_400)
    world.hub.sweep()

    entries = timeline(world, fingerprint)["entries"]

    (ended,) = [each for each in entries if each["type"] == "resolved"]
    assert (ended["by"], ended["event_id"]) == (None, None)


def test_actions_of_several_episodes_are_all_kept(world: World) -> None:
    for _ in range(3):
        world.clock.sleep(60)
        fingerprint = world.take(world.clock.now()).event.fingerprint
        world.call("POST", f"/alerts/{fingerprint}/resolve")

    types = [each["type"] for each in timeline(world, fingerprint)["entries"]]

    assert (types.count("episode_began"), types.count("resolved")) == (3, 3)


@pytest.mark.parametrize("fingerprint", ["0" * 32, "nonsense"])
def test_what_is_no_alert_has_no_timeline(world: World, fingerprint: str) -> None:
    assert world.get(f"/alerts/{fingerprint}/timeline").status_code == 404
