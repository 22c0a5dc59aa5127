"""Signing in to the pages: by a token or a link, once each; what is forged, old or from elsewhere does nothing."""

import json
import re

import pytest

from chalicelib.api.ui.visit import COOKIE
from chalicelib.container.ui import ui_services
from chalicelib.services.operations.sign_in import LIFETIME, LINK_LIFETIME, LinkIssuer, SignIn
from chalicelib.services.operations.sign_in_throttle import FREE_ATTEMPTS, LONGEST_WAIT
from tests.app.browser import Browser
from tests.app.world import BOTH, READER, ROOT, WRITER, World, gateway_event, invoke_raw, token_parameter

KEY = "/monitoring/dev/link-key"


def sign_in_of(world: World) -> SignIn:
    """Return what signs people in."""
    return ui_services(world.hub).sign_in


def link_for(world: World, name: str, lifetime: int = LINK_LIFETIME) -> str:
    """Return what a link for the holder of a token carries."""
    hub = world.hub
    return LinkIssuer(hub.authenticator, sign_in_of(world).signer, hub.clock).link(name, lifetime)


@pytest.fixture
def browser(world: World) -> Browser:
    """Return a browser that nobody has signed in with."""
    return Browser(world)


def test_whoever_is_not_signed_in_is_led_to_the_sign_in(browser: Browser) -> None:
    browser.open("/ui/alerts?tab=all")

    assert browser.address == "/ui/sign-in?next=alerts%3Ftab%3Dall"
    assert browser.text.count("API token") == 1


def test_a_token_pasted_once_leads_to_where_somebody_wanted_to_go(browser: Browser) -> None:
    browser.open("/ui/alerts?tab=all")
    browser.submit("token", token=f" {BOTH}\n")

    assert browser.address == "/ui/alerts?tab=all"
    assert "both Sign out" in browser.text


def test_the_cookie_is_for_this_host_alone_and_out_of_reach_of_scripts(browser: Browser) -> None:
    browser.open("/ui/sign-in")
    answer = browser.world.call(
        "POST",
        "/ui/sign-in",
        token="",
        body=f"token={BOTH}".encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )

    attributes = answer.headers["Set-Cookie"].split("; ")
    assert attributes[0].startswith("__Host-")
    assert attributes[1:] == [f"Max-Age={LIFETIME}", "Path=/", "Secure", "HttpOnly", "SameSite=Lax"]
    assert BOTH not in str(answer.headers)


@pytest.mark.parametrize(
    "onward", ["//evil.example.com", "https://evil.example.com", "../../x", "\\\\evil", "a\r\nb: c"]
)
def test_a_sign_in_leads_to_no_other_site(browser: Browser, onward: str) -> None:
    browser.open("/ui/sign-in")
    browser.submit("token", token=BOTH, next=onward)

    assert browser.address.startswith("/ui")


@pytest.mark.parametrize("token", ["", "guessed", BOTH[:-1], "\ud800".encode("utf-8", "replace").decode()])
def test_a_token_that_is_unknown_opens_nothing(browser: Browser, token: str) -> None:
    browser.open("/ui/sign-in")
    browser.submit("token", token=token)

    assert browser.page.status_code == 403
    assert "This token is not known" in browser.text
    assert not browser.cookie


def test_wrong_sign_ins_are_slowed_for_their_own_network_and_the_right_one_too(browser: Browser) -> None:
    browser.open("/ui/sign-in")
    for _ in range(FREE_ATTEMPTS):
        browser.submit("token", token="guessed")
    browser.submit("token", token=BOTH)
    refused = browser.page.status_code, browser.text

    browser.world.clock.sleep(1)
    browser.submit("token", token=BOTH)

    assert refused[0] == 429
    assert "Try again in 1 seconds" in refused[1]
    assert browser.address == "/ui"


def test_a_wait_grows_and_ends(world: World) -> None:
    waits = []
    for _ in range(20):
        browser = Browser(world)
        browser.open("/ui/sign-in")
        browser.submit("token", token="guessed")
        if found := re.search(r"in (\d+) seconds", browser.text):
            waits.append(int(found[1]))
            world.clock.sleep(int(found[1]))

    assert waits[:4] == [1, 2, 4, 8]
    assert max(waits) == LONGEST_WAIT


def test_the_longest_idle_hour_forgets_what_was_wrong(browser: Browser) -> None:
    browser.open("/ui/sign-in")
    for _ in range(FREE_ATTEMPTS):
        browser.submit("token", token="guessed")
    browser.world.clock.sleep(3_601)
    for _ in range(FREE_ATTEMPTS):
        browser.submit("token", token="guessed")

    assert "not known" in browser.text


# --- sessions


def test_a_session_ends_after_half_a_day(browser: Browser) -> None:
    browser.sign_in()
    browser.world.clock.sleep(LIFETIME - 1)
    assert browser.open("/ui").status_code == 200
    assert browser.address == "/ui"

    browser.world.clock.sleep(1)
    browser.open("/ui")
    assert browser.address.startswith("/ui/sign-in")


@pytest.mark.parametrize("successor", [None, token_parameter("another", "read", "write"), "{}"])
def test_a_session_ends_when_its_token_goes_or_is_another(browser: Browser, successor: str | None) -> None:
    browser.sign_in()
    values = browser.world.secrets.values
    values.pop("both")
    values |= {"both": successor} if successor else {}

    browser.open("/ui")
    assert browser.address.startswith("/ui/sign-in")


def test_a_session_has_the_scopes_that_its_token_has_now(browser: Browser) -> None:
    browser.sign_in()
    browser.world.secrets.values["both"] = token_parameter(BOTH, "write")

    assert browser.open("/ui").status_code == 403
    assert "scope read" in browser.text


def test_whoever_signs_out_is_signed_out_in_every_copy_of_the_cookie(browser: Browser) -> None:
    browser.sign_in()
    copy = browser.cookie
    browser.submit("form_token")
    assert "You are signed out." in browser.text
    assert not browser.cookie

    browser.cookie = copy
    browser.open("/ui")
    assert browser.address.startswith("/ui/sign-in")


def test_a_cookie_that_was_changed_anywhere_is_none(browser: Browser) -> None:
    browser.sign_in()
    whole = browser.cookie
    for place in range(0, len(whole), 5):
        browser.cookie = whole[:place] + ("A" if whole[place] != "A" else "B") + whole[place + 1 :]
        browser.open("/ui")
        # The last digit of base64 holds bits that stand for nothing.
        assert browser.address.startswith("/ui/sign-in") or place == len(whole) - 1


@pytest.mark.parametrize("cookie", ["x", ".", "x.y", "%00", "é", "A" * 5_000, "e30.", "e30.e30"])
def test_a_cookie_that_the_hub_did_not_sign_is_none(browser: Browser, cookie: str) -> None:
    browser.cookie = cookie
    browser.open("/ui")

    assert browser.address.startswith("/ui/sign-in")


def test_a_link_is_no_cookie_and_a_cookie_no_link(browser: Browser) -> None:
    browser.cookie = link_for(browser.world, "both")
    browser.open("/ui")
    assert browser.address.startswith("/ui/sign-in")

    other = Browser(browser.world).sign_in()
    assert browser.open(f"/ui/sign-in/{other.cookie}").status_code == 403


def test_without_a_key_nobody_signs_in_and_the_page_says_what_is_needed(browser: Browser) -> None:
    browser.open("/ui/sign-in")
    browser.world.secrets.elsewhere[KEY] = "short"
    browser.submit("token", token=BOTH)

    assert browser.page.status_code == 503
    assert KEY in browser.text


# --- links


def test_opening_a_link_uses_nothing_up(browser: Browser) -> None:
    address = f"/ui/sign-in/{link_for(browser.world, 'both')}"
    for _ in range(3):
        browser.open(address)
        assert "Sign in as both?" in browser.text
    assert not browser.cookie

    browser.submit_only_form()
    assert browser.address.endswith("/ui")
    assert "both Sign out" in browser.text


def test_a_link_works_once(browser: Browser) -> None:
    link = link_for(browser.world, "both")
    browser.open(f"/ui/sign-in/{link}")
    browser.submit_only_form()

    another = Browser(browser.world)
    assert another.post(f"/ui/sign-in/{link}", b"").status_code == 410
    assert another.open(f"/ui/sign-in/{link}").status_code == 410
    assert "has been used" in another.text
    assert not another.cookie


def test_a_link_expires_and_goes_with_its_token(browser: Browser) -> None:
    old, orphan = link_for(browser.world, "both"), link_for(browser.world, "reader", LIFETIME)
    browser.world.clock.sleep(LINK_LIFETIME)
    browser.world.secrets.values.pop("reader")

    assert browser.open(f"/ui/sign-in/{old}").status_code == 410
    assert browser.open(f"/ui/sign-in/{orphan}").status_code == 410


@pytest.mark.parametrize("link", ["x", "x.y", "%2e%2e", "%00", "A" * 5_000])
def test_what_is_no_link_is_refused(browser: Browser, link: str) -> None:
    assert browser.open(f"/ui/sign-in/{link}").status_code in {403, 404}


# --- forms


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
@pytest.mark.parametrize("path", ["/ui/sign-in", "/ui/sign-out", "/ui/alerts"])
def test_a_form_of_another_site_is_refused(browser: Browser, site: str, path: str) -> None:
    browser.sign_in()
    before = browser.cookie
    session = sign_in_of(browser.world).session(before)
    assert session
    body = f"token={READER}&form_token={session.form_token}&action=resolve"

    answer = browser.post(path, body.encode(), **{"Sec-Fetch-Site": site})

    assert answer.status_code == 403
    assert browser.cookie == before
    assert sign_in_of(browser.world).session(before)


@pytest.mark.parametrize("token", ["", "x", "é"])
def test_a_form_without_the_session_s_token_is_refused(browser: Browser, token: str) -> None:
    browser.sign_in()

    assert browser.post("/ui/sign-out", f"form_token={token}".encode()).status_code == 403
    assert sign_in_of(browser.world).session(browser.cookie)


def test_a_form_of_another_session_of_the_same_token_is_refused(world: World) -> None:
    ours, theirs = Browser(world).sign_in(), Browser(world).sign_in()
    token = next(value for name, value in theirs.parsed.forms[0].fields if name == "form_token")

    assert ours.post("/ui/sign-out", f"form_token={token}".encode()).status_code == 403


@pytest.mark.parametrize(("token", "path"), [(WRITER, "/ui"), (READER, "/ui/alerts")])
def test_scopes_are_respected(browser: Browser, token: str, path: str) -> None:
    browser.sign_in(token)
    session = sign_in_of(browser.world).session(browser.cookie)
    assert session
    is_post = path.endswith("alerts")

    answer = browser.post(path, f"form_token={session.form_token}".encode()) if is_post else browser.open(path)

    assert answer.status_code == 403
    assert "lacks the scope" in browser.text


def test_a_bearer_token_opens_no_page(world: World) -> None:
    assert world.call("GET", "/ui", token=BOTH).status_code == 303


def test_a_form_beyond_every_size_is_refused(browser: Browser) -> None:
    assert browser.post("/ui/sign-in", b"a=1&" * 2_000).status_code == 413
    assert browser.post("/ui/sign-in", b"a" * 3_100_000).status_code == 413


# --- every page


def test_a_page_that_there_is_not_is_a_page(browser: Browser) -> None:
    browser.sign_in()

    assert browser.open("/ui/nowhere").status_code == 404
    assert "no such page" in browser.text


def test_what_goes_wrong_is_a_page_that_says_nothing_of_it(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    browser.sign_in()

    def fail(*_: object) -> None:
        raise RuntimeError("secret-table")

    monkeypatch.setattr(browser.world.alerts, "page", fail)

    assert browser.open("/ui").status_code == 500
    assert "secret-table" not in browser.text
    assert "secret-table" in caplog.text


def test_a_page_may_do_no_more_than_it_needs(browser: Browser) -> None:
    browser.sign_in()
    headers = browser.open("/ui").headers

    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; ")
    assert not re.search(r"unsafe|http|\*|data:", policy)
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert not re.search(r"<[^>]+ (style|on\w+)=|javascript:", browser.page.body.decode())


def test_a_page_that_is_known_is_not_sent_again(browser: Browser) -> None:
    browser.sign_in()
    etag = browser.open("/ui").headers["ETag"]

    known = browser.open("/ui", **{"If-None-Match": etag})
    browser.world.take()
    changed = browser.open("/ui", **{"If-None-Match": etag})

    assert (known.status_code, known.body) == (304, b"")
    assert changed.status_code == 200


def test_assets_are_kept_for_ever_under_the_name_of_their_content(browser: Browser) -> None:
    browser.sign_in()
    browser.open("/ui")
    page = browser.page.body.decode()
    named = re.findall(r'(?:href|src)="(ui/assets/[^"]+)"', page)

    assert len(named) == 2
    for each in named:
        answer = browser.open(f"/{each}")
        assert "immutable" in answer.headers["Cache-Control"]
        other = browser.open(re.sub(r"\.\w{12}\.", ".000000000000.", f"/{each}"))
        assert (other.body, other.headers["Cache-Control"]) == (answer.body, "no-cache")


@pytest.mark.parametrize("name", ["ui.py", "%2e%2e", "frame.j2", "ui.css.j2", "x.css"])
def test_no_other_file_is_an_asset(browser: Browser, name: str) -> None:
    assert browser.open(f"/ui/assets/{name}").status_code == 404


@pytest.mark.parametrize(("name", "text"), [("0.svg", ""), ("7.svg", ">7<"), ("1000.svg", ">99+<")])
def test_the_icon_shows_how_many_fire(browser: Browser, name: str, text: str) -> None:
    answer = browser.open(f"/ui/icon/{name}")

    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert text in answer.body.decode()


@pytest.mark.parametrize("name", ["x.svg", "10000.svg", "-1.svg", "\N{SUPERSCRIPT TWO}.svg", ".svg"])
def test_there_is_no_other_icon(browser: Browser, name: str) -> None:
    assert browser.open(f"/ui/icon/{name}").status_code == 404


def test_the_script_is_small_and_evaluates_nothing() -> None:
    script = (ROOT / "templates" / "ui" / "ui.js").read_text()

    assert len(script.encode()) <= 15_000
    assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(|https?:", script)


@pytest.mark.parametrize(
    ("path", "resource", "root"),
    [
        ("/api/ui", "/ui", "ui"),
        ("/ui", "/ui", "ui"),
        ("/api/ui/", "/ui", "../ui"),
        ("/api/ui/alerts", "/ui/{page}", "../ui"),
        ("/hub/v1/ui/alerts/abc", "/ui/{page}/{item}", "../../ui"),
    ],
)
def test_links_lead_below_whatever_path_was_called(world: World, path: str, resource: str, root: str) -> None:
    names = dict(zip(("page", "item"), path.partition("/ui")[2].strip("/").split("/"), strict=False))
    event = gateway_event("GET", resource, pathParameters=names if "{" in resource else {})
    event["requestContext"]["path"] = path

    answer = invoke_raw(event)

    assert answer["statusCode"] == 303
    assert answer["headers"]["Location"].startswith(f"{root}/sign-in")


def test_the_log_knows_who_did_what(browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    browser.sign_in()
    caplog.set_level("INFO")
    browser.open("/ui/agents")

    (line,) = [vars(line) for line in caplog.records if line.msg == "Request answered"]
    assert (line["path"], line["caller"], line["status"]) == ("/ui/{page}", "both", 200)


def test_the_log_knows_who_signed_in_and_never_how(browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    browser.sign_in()
    browser.open(f"/ui/sign-in/{link_for(browser.world, 'both')}")
    browser.submit_only_form()

    ours = [vars(line) for line in caplog.records if line.name.startswith("chalicelib")]
    assert [line["token"] for line in ours if line["msg"] == "Signed in"] == ["both", "both"]
    assert BOTH not in str(ours)
    assert browser.cookie not in str(ours)
    assert json.dumps(COOKIE) not in str(ours)
