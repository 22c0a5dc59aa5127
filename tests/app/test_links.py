"""GET and POST /links/{token}: to look changes nothing, to confirm does it once, and whatever goes wrong is a page."""

import logging
import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from chalice.test import HTTPResponse

from chalicelib.domain.alerts.alert import Alert, Status
from chalicelib.domain.notifications.action_links import LIFETIME, Action, claims_of
from chalicelib.domain.notifications.notification import Notification, Reason
from chalicelib.domain.timestamps import iso
from chalicelib.services.alerting.policy_provider import REMEMBERED_FOR
from tests.app.world import World
from tests.fakes import NOW
from tests.sources.samples import load

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HOSTILE = "<script>alert('x')</script> \"quoted\" & </style><img src=x onerror=y>"


def alert_of(world: World) -> Alert:
    """Return the one alert of a world."""
    (alert,) = world.store.alerts.values()
    return alert


def tokens_of(world: World, notification: Notification | None = None) -> dict[Action, str]:
    """Return the tokens of the buttons that a message has, by default of the only one that is owed."""
    if notification is None:
        (notification,) = world.store.notifications.values()
    claims = claims_of(notification, world.clock.now())
    return {
        claim.action: world.links.of_alert(claim.fingerprint, [claim]).addresses[0].rpartition("/")[2]
        for claim in claims
    }


def open_link(world: World, token: str, method: str = "GET", **headers: str) -> HTTPResponse:
    """Open a link as a browser or a preview does: without a token of the API."""
    return world.call(method, f"/links/{token}", token="", headers=headers)


def confirm(world: World, token: str, name: str = "Ana Example", **headers: str) -> HTTPResponse:
    """Send the form of a link's page."""
    body = urlencode({"name": name}).encode()
    return world.call("POST", f"/links/{token}", token="", headers=FORM | headers, body=body)


def text_of(answer: HTTPResponse) -> str:
    """Return what a page says."""
    page = re.sub(r"<style>.*?</style>", "", answer.body.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def state_of(world: World) -> tuple[Any, ...]:
    """Return all that a link could change."""
    return dict(world.store.alerts), dict(world.silences.items), dict(world.store.notifications)


@pytest.fixture
def buttons(world: World) -> dict[Action, str]:
    """Return the tokens of the buttons of a message about an event that has just been announced."""
    world.take()
    return tokens_of(world)


# --- to look


@pytest.mark.parametrize("action", [Action.ACKNOWLEDGE, Action.SILENCE])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_to_open_a_link_changes_nothing(world: World, buttons: dict[Action, str], action: Action, method: str) -> None:
    before = state_of(world)

    for agent in ("Slackbot-LinkExpanding 1.0", "Mozilla/5.0"):
        open_link(world, buttons[action], method, **{"User-Agent": agent, "Purpose": "prefetch"})

    assert state_of(world) == before


def test_a_page_says_what_it_is_about_and_what_it_would_do(world: World, buttons: dict[Action, str]) -> None:
    world.clock.sleep(720)

    text = text_of(open_link(world, buttons[Action.ACKNOWLEDGE]))

    for words in ("Acknowledge?", "Order Lost", "111122223333", "eu-west-1", "12 min ago", "1 time", "Reminders stop"):
        assert words in text


def test_a_page_is_a_form_with_an_empty_name_that_posts_to_itself(world: World, buttons: dict[Action, str]) -> None:
    page = open_link(world, buttons[Action.SILENCE]).body.decode()

    assert page.count("<form") == 1
    assert '<form method="post">' in page
    (field,) = re.findall(r"<input[^>]*>", page)
    assert 'name="name"' in field
    assert 'maxlength="64"' in field
    assert "value=" not in field


@pytest.mark.parametrize("act", [open_link, confirm])
@pytest.mark.parametrize("token", ["valid", "tampered"])
def test_every_page_is_private_and_lets_a_browser_do_no_more_than_it_needs(
    world: World, buttons: dict[Action, str], act: Any, token: str
) -> None:
    answer = act(world, buttons[Action.ACKNOWLEDGE] if token == "valid" else "A" * 80)

    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")


def test_a_query_that_somebody_hung_on_is_let_be(world: World, buttons: dict[Action, str]) -> None:
    assert world.call("GET", f"/links/{buttons[Action.SILENCE]}", {"utm_source": "mail"}, token="").status_code == 200


def test_a_hostile_title_is_text(world: World) -> None:
    world.take(fields={"detail-type": HOSTILE, "account": "1" * 12, "region": HOSTILE})

    for answer in (
        open_link(world, tokens_of(world)[Action.SILENCE]),
        confirm(world, tokens_of(world)[Action.SILENCE]),
    ):
        assert answer.status_code == 200
        assert b"<script" not in answer.body
        assert b"<img" not in answer.body
        assert "<script>alert('x')</script>" in text_of(answer)


# --- to confirm


def test_a_confirmed_link_acknowledges_its_alert_in_the_persons_name(world: World, buttons: dict[Action, str]) -> None:
    answer = confirm(world, buttons[Action.ACKNOWLEDGE], "Zoë O'Neil & Söhne")

    assert answer.status_code == 200
    assert "✓ Acknowledged Recorded for Zoë O'Neil & Söhne" in text_of(answer)
    alert = alert_of(world)
    assert alert.status is Status.ACKNOWLEDGED
    assert alert.marked is not None
    assert alert.marked.by == "Zoë O'Neil & Söhne"


def test_a_confirmed_link_silences_its_alert_for_an_hour_and_no_other(world: World, buttons: dict[Action, str]) -> None:
    answer = confirm(world, buttons[Action.SILENCE])
    world.clock.sleep(REMEMBERED_FOR)
    quiet, loud = world.take(NOW + 1), world.take(NOW + 1, {"detail-type": "Order Found"})
    world.clock.sleep(3_600)
    after = world.take(NOW + 3_600)

    assert "✓ Silenced for 1 h" in text_of(answer)
    assert quiet.outcome.reason == "silenced"
    assert loud.outcome.reason == "first"
    assert after.outcome.reason != "silenced"


@pytest.mark.parametrize("action", [Action.ACKNOWLEDGE, Action.SILENCE])
def test_a_link_is_good_for_once(world: World, buttons: dict[Action, str], action: Action) -> None:
    confirm(world, buttons[action])
    before = state_of(world)
    world.clock.sleep(300)

    for again in (confirm(world, buttons[action], "Bob"), open_link(world, buttons[action])):
        assert again.status_code == 200
        assert "already By Ana Example" in text_of(again)
        assert "5 min ago" in text_of(again)
        assert b"<form" not in again.body

    assert state_of(world) == before


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "\x00"])
def test_without_a_fit_name_the_form_is_shown_again(world: World, buttons: dict[Action, str], name: str) -> None:
    before = state_of(world)

    answer = confirm(world, buttons[Action.ACKNOWLEDGE], name)

    assert answer.status_code == 400
    assert b'aria-invalid="true"' in answer.body
    assert b'<form method="post">' in answer.body
    assert state_of(world) == before


@pytest.mark.parametrize("body", [b"", b"other=1", b"name", b"%ff=%ff&&==", b"\xff\xfe", b"name=" + b"&name=" * 600])
def test_a_form_that_is_none_does_nothing(world: World, buttons: dict[Action, str], body: bytes) -> None:
    before = state_of(world)

    answer = world.call("POST", f"/links/{buttons[Action.SILENCE]}", token="", headers=FORM, body=body)

    assert answer.status_code == 400
    assert state_of(world) == before


def test_a_form_beyond_every_name_is_too_large(world: World, buttons: dict[Action, str]) -> None:
    assert confirm(world, buttons[Action.SILENCE], "x" * 5_000).status_code == 413


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_form_that_another_site_sends_is_refused(world: World, buttons: dict[Action, str], site: str) -> None:
    before = state_of(world)

    answer = confirm(world, buttons[Action.SILENCE], **{"Sec-Fetch-Site": site, "Origin": "https://evil.example"})

    assert answer.status_code == 403
    assert state_of(world) == before


def test_a_form_of_our_own_page_is_taken(world: World, buttons: dict[Action, str]) -> None:
    """A browser says "null" of the origin of a page that wants no referrer."""
    answer = confirm(world, buttons[Action.SILENCE], **{"Sec-Fetch-Site": "same-origin", "Origin": "null"})

    assert answer.status_code == 200


def test_a_confirmation_that_is_no_form_is_unsupported(world: World, buttons: dict[Action, str]) -> None:
    answer = world.call("POST", f"/links/{buttons[Action.SILENCE]}", token="", json={"name": "Ana"})

    assert answer.status_code == 415
    assert state_of(world)[1] == {}


# --- what is refused


@pytest.mark.parametrize("act", [open_link, confirm])
@pytest.mark.parametrize("action", [Action.ACKNOWLEDGE, Action.SILENCE])
def test_a_link_that_was_tampered_with_is_refused(
    world: World, buttons: dict[Action, str], action: Action, act: Any
) -> None:
    token = buttons[action]
    before = state_of(world)

    for place in range(0, len(token), 7):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        answer = act(world, changed)
        assert answer.status_code == 403
        assert "This link is not valid" in text_of(answer)

    assert state_of(world) == before


@pytest.mark.parametrize("act", [open_link, confirm])
@pytest.mark.parametrize("token", ["x", "%2e%2e", "%00", "A" * 5_000, "<script>", "{{7*7}}"])
def test_what_is_no_link_is_refused(world: World, token: str, act: Any) -> None:
    answer = act(world, token)

    assert answer.status_code in {403, 404}
    assert b"<script" not in answer.body


@pytest.mark.parametrize("act", [open_link, confirm])
def test_a_link_that_has_expired_is_refused(world: World, buttons: dict[Action, str], act: Any) -> None:
    world.clock.sleep(LIFETIME)
    before = state_of(world)

    answer = act(world, buttons[Action.ACKNOWLEDGE])

    assert answer.status_code == 410
    assert "This link has expired It is more than 3 days old." in text_of(answer)
    assert state_of(world) == before


@pytest.mark.parametrize("act", [open_link, confirm])
def test_a_link_of_a_past_episode_is_refused(world: World, act: Any) -> None:
    finding = {"source": "aws.guardduty", "detail-type": "GuardDuty Finding"}
    detail = {"id": "f", "title": "Finding", "severity": 8.0, "accountId": "111122223333", "region": "eu-west-1"}
    for at, archived in ((NOW - 3, False), (NOW - 2, True), (NOW - 1, False)):
        service = {"service": {"archived": archived}, "updatedAt": f"2025-10-09T08:53:{20 + at - NOW:02}Z"}
        world.take(at, finding | {"detail": detail | service})
    first = min(world.store.notifications.values(), key=lambda each: each.episode)
    before = state_of(world)

    answer = act(world, tokens_of(world, first)[Action.ACKNOWLEDGE])

    assert answer.status_code == 410
    assert "begun again" in text_of(answer)
    assert state_of(world) == before


@pytest.mark.parametrize("act", [open_link, confirm])
def test_a_link_of_one_alert_does_nothing_to_another(world: World, act: Any) -> None:
    world.take()
    world.take(fields={"detail-type": "Order Found"})
    ours, theirs = (tokens_of(world, each)[Action.ACKNOWLEDGE] for each in world.store.notifications.values())
    before = state_of(world)

    assert act(world, ours[:48] + theirs[48:]).status_code == 403
    assert state_of(world) == before


@pytest.mark.parametrize("act", [open_link, confirm])
def test_a_link_of_an_alert_that_is_no_longer_kept_is_refused(
    world: World, buttons: dict[Action, str], act: Any
) -> None:
    world.store.alerts.clear()

    answer = act(world, buttons[Action.ACKNOWLEDGE])

    assert answer.status_code == 404
    assert "This alert is no longer kept" in text_of(answer)


def test_what_goes_wrong_on_our_side_is_a_page_too(
    world: World, buttons: dict[Action, str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret-table")

    monkeypatch.setattr(world.alerts, "find", fail)

    answer = open_link(world, buttons[Action.ACKNOWLEDGE])

    assert answer.status_code == 500
    assert "Something went wrong on our side" in text_of(answer)
    assert b"secret-table" not in answer.body
    assert "secret-table" in caplog.text


# --- the log


def test_the_log_knows_who_did_what_and_never_the_token(
    world: World, buttons: dict[Action, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = buttons[Action.ACKNOWLEDGE]

    open_link(world, token)
    confirm(world, token)
    confirm(world, token[:-1] + "x")

    ours = [vars(line) for line in caplog.records if line.name.startswith("chalicelib")]
    assert any(line.get("person") == "Ana Example" and line.get("action") == "acknowledge" for line in ours)
    assert any(line.get("path") == "/links/{token}" for line in ours)
    assert token[:40] not in str(ours)


def test_a_page_about_an_error_in_many_accounts_says_that_it_is_for_all_of_them(world: World) -> None:
    for number in range(3):
        world.hub.ingest(load("error_logs-python") | {"account": f"{number:012d}", "time": iso(NOW)})
    first = next(each for each in world.store.notifications.values() if each.reason is Reason.FIRST)

    page = text_of(open_link(world, tokens_of(world, first)[Action.ACKNOWLEDGE]))

    assert re.search(r"account 0{11}\d · eu-west-1 and 2 more accounts", page)


def test_what_was_done_reaches_the_channel_that_had_the_message(world: World, buttons: dict[Action, str]) -> None:
    for action in (Action.ACKNOWLEDGE, Action.SILENCE):
        confirm(world, buttons[action])
        confirm(world, buttons[action])
    said = [each for each in world.store.notifications.values() if each.by == "Ana Example"]

    assert [(each.receiver, each.reason) for each in said] == [
        ("monitoring", Reason.ACKNOWLEDGED),
        ("monitoring", Reason.SILENCED),
    ]
