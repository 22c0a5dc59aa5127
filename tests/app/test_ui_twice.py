"""Forms that are sent twice, late, with nothing ticked or odd values; and pages that are opened some time later."""

from urllib.parse import quote

import pytest

from chalicelib.domain.alerts.alert import Status
from tests.app.browser import FORM, Browser
from tests.app.ui_world import HOSTILE, PAYMENTS, finding, register, spread_error
from tests.app.world import World

ODD = ("", HOSTILE, "日本語🙂\u202e", "a" * 5_000, "\0[?*", "-1", "١٢٣", "\r\nX: y", "9" * 400)
PARAMETERS = (
    *("tab", "sort", "severity", "kind", "account", "region", "team", "receiver", "text", "cursor", "done", "n", "at"),
    *("failed", "of", "fingerprint", "refused", "left", "lost", "next", "reason", "tag", "title", "resource"),
)
FIELDS = (
    "note",
    "duration",
    "silence",
    "of",
    "back",
    "event",
    "account",
    "title",
    "reason",
    "hours",
    "starts",
    "until",
)
ACTIONS = ("acknowledge", "silence", "send", "preview", "create", "extend", "undo-silence", "reopen", "")


@pytest.fixture
def browser(world: World) -> Browser:
    """Return the browser of somebody who may do everything."""
    return Browser(world).sign_in()


def test_what_is_sent_after_its_session_ended_is_said_to_be_not_done(browser: Browser) -> None:
    fingerprint = finding(browser.world, 1).event.fingerprint
    browser.open(f"/ui/alerts/{fingerprint}")
    browser.world.clock.sleep(13 * 3_600)
    browser.submit("note", button="acknowledge")

    assert "Your session had ended, so nothing was changed. Sign in and try again." in browser.text
    assert f"next=alerts%2F{fingerprint}" in browser.address
    assert browser.world.store.alerts[fingerprint].status is Status.FIRING
    Browser.sign_in(browser)
    assert "session had ended" not in browser.text


def test_a_page_says_what_a_form_did_for_some_minutes_only(browser: Browser) -> None:
    fingerprint = finding(browser.world, 1).event.fingerprint
    for page in (f"/ui/alerts/{fingerprint}", "/ui?tab=all"):
        browser.open(page)
        browser.submit("note", ("of", fingerprint), button="acknowledge" if "alerts" in page else "resolve")
        assert 'class="notice"' in browser.page.body.decode()
        done = browser.address
        browser.world.clock.sleep(301)
        browser.open(done)
        assert 'class="notice"' not in browser.page.body.decode()


def test_undo_is_offered_while_nobody_else_has_acted(browser: Browser) -> None:
    fingerprint = finding(browser.world, 1).event.fingerprint
    browser.open(f"/ui/alerts/{fingerprint}")
    browser.submit("note", button="acknowledge")
    assert "Acknowledged. Undo" in browser.text

    browser.world.hub.alerts.resolve(fingerprint, "ana")
    browser.open(browser.address)
    assert "Undo" not in browser.text


@pytest.mark.parametrize(("page", "action"), [("/ui/alerts", "resolve"), ("/ui/events", "send")])
def test_a_form_without_a_tick_says_what_is_missing(browser: Browser, page: str, action: str) -> None:
    finding(browser.world, 1)
    browser.open("/ui")
    token = browser.parsed.forms[0].fields[0][1]
    browser.post(page, f"form_token={token}&action={action}".encode())

    assert "Nothing was selected" in browser.text


def test_an_event_whose_receiver_has_it_says_that_it_was_not_sent_again(browser: Browser) -> None:
    event = finding(browser.world, 1).event
    (known,) = browser.world.store.notifications
    browser.open("/ui")
    token = browser.parsed.forms[0].fields[0][1]
    browser.world.store.notifications.clear()
    browser.post("/ui/events", f"form_token={token}&action=send&event={event.id}&of={known}".encode())

    assert "It could not be sent again" in browser.text


def test_a_silence_that_is_sent_twice_is_made_once(browser: Browser) -> None:
    fingerprint = finding(browser.world, 1).event.fingerprint
    kept = browser.world.silences.items
    for page, fields, button in (
        (f"/ui/alerts/{fingerprint}", {"note": "on its page", "duration": "3600"}, "silence"),
        ("/ui?tab=all", {"note": "in the list", "duration": "7200"}, "silence"),
        ("/ui/silences", {"account": "payments-*", "reason": "by the form"}, "create"),
    ):
        before = len(kept)
        for _ in range(2):
            browser.open(page)
            # Whoever looks at the silenced alert has no button any more; a second click comes of the page before.
            form = "note" if "note" in fields else "reason"
            if "alerts/" in page:
                token = browser.parsed.forms[0].fields[0][1]
                body = f"form_token={token}&action=silence&note=on+its+page&duration=3600".encode()
                browser.post(page, body)
            else:
                browser.submit(form, ("of", fingerprint), button=button, **fields)
            browser.world.clock.sleep(2)
        assert len(kept) == before + 1, page
    browser.world.clock.sleep(60)
    browser.open("/ui/silences")
    browser.submit("reason", button="create", account="payments-*", reason="by the form")
    assert len(kept) == before + 2


def test_whatever_stands_in_an_address_or_a_form_is_answered(browser: Browser) -> None:
    world = browser.world
    register(world, name=HOSTILE[:40])
    event = finding(world, 1, title=HOSTILE).event
    spread_error(world, PAYMENTS)
    silence = world.hub.silences.silence_alert(world.hub.alerts.get(event.fingerprint), 3_600, "ana", HOSTILE)
    browser.open("/ui")
    token = browser.parsed.forms[0].fields[0][1]
    one = (f"/alerts/{event.fingerprint}", f"/silences/{silence.id}")
    answered = []
    for odd, action in zip(map(quote, ODD), ACTIONS, strict=True):
        query = "&".join(f"{name}={odd}" for name in PARAMETERS)
        pages = ("", "/events", "/silences", "/agents", "/routes", "/health", f"/events/{event.id}", *one)
        answered += [browser.open(f"/ui{page}?{query}") for page in pages]
        answered += [browser.open(f"/ui/{page}/{odd}x") for page in ("alerts", "events", "silences", "agents", "icon")]
        filled = "&".join((f"form_token={token}&action={action}", *(f"{name}={odd}" for name in FIELDS)))
        for page in ("/alerts", "/events", "/silences", "/routes", *one):
            answered.append(browser.post(f"/ui{page}", filled.encode(), **FORM))
    assert {each.status_code for each in answered} <= {200, 400, 404}
    assert all(b"<img src=x" not in each.body for each in answered)
