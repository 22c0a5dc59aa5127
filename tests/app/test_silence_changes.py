"""PATCH /silences/{silence_id} and POST /silences/preview."""

from typing import Any

import pytest

from chalicelib.domain.errors import Conflict
from chalicelib.domain.notifications.notification import Reason
from chalicelib.domain.timestamps import DAY, iso
from tests.app.test_events import problems
from tests.app.test_silences import HOUR, PASSED, SHOP, make
from tests.app.world import READER, WRITER, World
from tests.fakes import NOW


def change(world: World, silence: dict[str, Any], **body: Any) -> Any:
    return world.call("PATCH", f"/silences/{silence['id']}", json=body)


@pytest.mark.parametrize(
    ("body", "ends_at"),
    [
        ({"duration": "4h"}, NOW + HOUR + 4 * HOUR),
        ({"ends_at": iso(NOW + 2 * DAY)}, NOW + 2 * DAY),
        ({"ends_at": NOW + HOUR + 1}, NOW + HOUR + 1),
    ],
)
def test_a_silence_can_be_extended_and_shortened(world: World, body: dict[str, Any], ends_at: int) -> None:
    silence = make(world).json_body
    world.clock.sleep(HOUR)

    changed = change(world, silence, **body)

    assert changed.status_code == 200
    assert changed.json_body == silence | {"ends_at": iso(ends_at)}
    assert world.get(f"/silences/{silence['id']}").json_body == changed.json_body


def test_a_silence_that_begins_later_lasts_from_its_start(world: World) -> None:
    silence = make(world, starts_at=NOW + DAY).json_body

    assert change(world, silence, duration="1h").json_body["ends_at"] == iso(NOW + DAY + HOUR)


def test_a_silence_that_has_ended_stays_so(world: World) -> None:
    silence = make(world).json_body
    world.clock.sleep(3 * HOUR)

    answer = change(world, silence, duration="4h")

    assert answer.status_code == 409
    assert "ended" in answer.json_body["error"]["message"]
    assert world.take(NOW).outcome.reason is Reason.FIRST


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"ends_at"}),
        ({"duration": "1h", "ends_at": NOW + HOUR}, {"ends_at"}),
        ({"duration": "31d"}, {"duration"}),
        ({"duration": "soon"}, {"duration"}),
        ({"ends_at": NOW}, {"ends_at"}),
        ({"ends_at": NOW + 31 * DAY}, {"ends_at"}),
        ({"duration": "1h", "reason": "Another."}, {"reason"}),
    ],
)
def test_an_end_that_cannot_be_is_refused(world: World, body: dict[str, Any], wrong: set[str]) -> None:
    silence = make(world).json_body

    answer = change(world, silence, **body)

    assert answer.status_code == 400
    assert problems(answer.json_body).keys() == wrong


def test_a_silence_still_ends_after_its_hours_have_come(world: World) -> None:
    silence = make(world, matchers=[PASSED], duration="1d").json_body

    answer = change(world, silence, duration="2h")

    assert answer.status_code == 400
    assert problems(answer.json_body).keys() == {"duration"}
    assert change(world, silence, duration="23h").status_code == 200


def test_a_silence_that_changes_again_and_again_is_a_conflict(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    silence = make(world).json_body

    def lose(_: object) -> None:
        raise Conflict("It has changed meanwhile.")

    monkeypatch.setattr(world.silences, "save", lose)

    assert change(world, silence, duration="4h").status_code == 409


def preview(world: World, token: str = READER, **body: Any) -> Any:
    return world.call("POST", "/silences/preview", token=token, json={"duration": "1h", "reason": "A drill."} | body)


def test_a_preview_shows_what_would_be_covered_and_silences_nothing(world: World) -> None:
    wanted = world.take().event
    world.take(fields={"source": "custom.billing"})
    over = world.take(fields={"detail-type": "Order Found"}).event
    world.call("POST", f"/alerts/{over.fingerprint}/resolve")

    shown = preview(world, matchers=[SHOP]).json_body

    assert [each["fingerprint"] for each in shown["alerts"]] == [wanted.fingerprint]
    assert (shown["count"], shown["complete"]) == (1, True)
    assert preview(world, everything=True).json_body["count"] == 2
    assert world.silences.items == {}


def test_a_preview_knows_accounts_by_their_names(world: World) -> None:
    world.call("POST", "/agents", json={"account": "111122223333", "region": "eu-west-1", "name": "Shop"})
    world.take()

    assert preview(world, matchers=[{"field": "account", "patterns": "Shop"}]).json_body["count"] == 1
    assert preview(world, matchers=[{"field": "account", "patterns": "Till"}]).json_body["count"] == 0


def test_a_preview_says_what_is_wrong_as_creating_would(world: World) -> None:
    answer = preview(world, everything=True, duration="2 hours")

    assert answer.status_code == 400
    assert problems(answer.json_body).keys() == {"duration"}


def test_a_preview_of_very_many_alerts_says_that_it_is_incomplete(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.services.alerting.silence_preview.MOST_PAGES", 1)
    monkeypatch.setattr("chalicelib.services.alerting.open_alerts.LARGEST_LIMIT", 2)
    for number in range(3):
        world.take(fields={"detail-type": f"Order {number}"})

    shown = preview(world, everything=True).json_body

    assert (shown["count"], shown["complete"]) == (2, False)


def test_who_may_only_write_sees_no_preview(world: World) -> None:
    assert preview(world, token=WRITER, everything=True).status_code == 403


def test_a_change_without_a_body_is_no_change(world: World) -> None:
    silence = make(world).json_body

    answer = world.call("PATCH", f"/silences/{silence['id']}")

    assert answer.status_code == 415
    assert world.get(f"/silences/{silence['id']}").json_body == silence
