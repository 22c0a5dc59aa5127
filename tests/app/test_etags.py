"""One object has an ETag, and whoever knows it is told no more than that nothing has changed."""

import pytest

from tests.app.test_agents import ID, beat
from tests.app.test_silences import make
from tests.app.world import World


def paths(world: World) -> list[str]:
    """Return the addresses of one object of each kind."""
    event = world.take().event
    beat(world, "111122223333")
    (notification,) = world.get(f"/events/{event.id}").json_body["notifications"]
    silence = make(world).json_body
    return [
        f"/events/{event.id}",
        f"/alerts/{event.fingerprint}",
        f"/notifications/{notification['id']}",
        f"/silences/{silence['id']}",
        f"/agents/{ID}",
    ]


def test_what_has_not_changed_is_not_sent_again(world: World) -> None:
    for path in paths(world):
        first = world.get(path)
        again = world.call("GET", path, headers={"If-None-Match": first.headers["ETag"]})

        assert first.headers["Cache-Control"] == "private, no-cache"
        assert (again.status_code, again.body) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]


def test_what_has_changed_is_sent_with_another_etag(world: World) -> None:
    event = world.take().event
    path = f"/alerts/{event.fingerprint}"
    known = world.get(path).headers["ETag"]
    world.call("POST", f"{path}/acknowledge")

    answer = world.call("GET", path, headers={"If-None-Match": known})

    assert answer.status_code == 200
    assert answer.json_body["status"] == "acknowledged"
    assert answer.headers["ETag"] != known


@pytest.mark.parametrize(("form", "status"), [("{}", 304), ("W/{}", 304), ('"x", {}', 304), ("*", 304), ('"x"', 200)])
def test_an_etag_is_known_in_whichever_form(world: World, form: str, status: int) -> None:
    path = f"/events/{world.take().event.id}"
    known = world.get(path).headers["ETag"]

    assert world.call("GET", path, headers={"If-None-Match": form.format(known)}).status_code == status


@pytest.mark.parametrize("path", ["/events", "/alerts", "/health"])
def test_a_list_has_no_etag(world: World, path: str) -> None:
    assert "ETag" not in world.get(path).headers
