"""Signing in to the pages with a company's account: away, back, and where somebody wanted to go; nothing forged."""

import re
from urllib.parse import urlencode

import pytest
from msgspec.structs import replace

from chalicelib.api.ui.single_sign_on import COOKIE
from tests.app.browser import Browser
from tests.app.ui_world import finding
from tests.app.world import World
from tests.services.operations.openid import CLIENT, FakeOpenIdProvider

BASE = "/monitoring/dev/base-url"


class Person:
    """Somebody with a browser, and an account at the company."""

    def __init__(self, world: World, **claims: str | list[str]) -> None:
        self.provider, self.browser = FakeOpenIdProvider(**claims), Browser(world)
        world.hub.settings = replace(world.hub.settings, openid_client=CLIENT)
        world.secrets.elsewhere[BASE] = "https://hub.example.com/api"
        vars(world.hub)["openid_provider"] = self.provider

    def leave(self, page: str = "/ui") -> str:
        """Press the button of the sign-in that a page leads to; returns what the browser keeps meanwhile."""
        self.browser.open(page)
        (link,) = [each for each in self.browser.links if "/oidc" in each]
        away = self.browser.world.call("GET", link, token="")
        assert away.status_code == 303
        self.back = self.provider.visited(away.headers["Location"])
        cookie = re.fullmatch(rf"{COOKIE}=([^;]+); Max-Age=600; (.+)", away.headers["Set-Cookie"])
        assert cookie
        assert cookie[2] == "Path=/; Secure; HttpOnly; SameSite=Lax"
        return cookie[1]

    def return_with(self, cookie: str, **answer: str) -> None:
        """Come back from the provider."""
        query = urlencode(self.back | answer)
        self.browser.open(f"/ui/oidc/callback?{query}", Cookie=f"{COOKIE}={cookie}", **{"Sec-Fetch-Site": "cross-site"})


def test_somebody_comes_back_to_where_they_wanted_to_go_and_acts_under_their_name(world: World) -> None:
    fingerprint = finding(world, 1).event.fingerprint
    ana = Person(world)
    ana.return_with(ana.leave("/ui/alerts?tab=all"))

    assert ana.browser.address.endswith("/ui/alerts?tab=all")
    assert "ana@example.com Sign out" in ana.browser.text
    ana.browser.submit("action", ("of", fingerprint), button="acknowledge")
    marked = world.hub.alerts.get(fingerprint).marked
    assert marked
    assert marked.by == "ana@example.com"

    ana.browser.submit("form_token")
    assert "You are signed out." in ana.browser.text


def test_whoever_only_sees_may_not_act(world: World) -> None:
    guest = Person(world, groups=["staff"])
    guest.return_with(guest.leave())
    token = re.findall(r'name="form_token" value="([^"]+)"', guest.browser.page.body.decode())[0]

    assert guest.browser.post("/ui/alerts", f"form_token={token}&action=resolve".encode()).status_code == 403


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"state": "forged"}, "begin again"),
        ({"error": "access_denied", "error_description": "<b>evil"}, "you cancelled"),
        ({"code": "guessed"}, "did not accept"),
    ],
)
def test_what_goes_wrong_is_said_where_one_can_try_again(world: World, answer: dict[str, str], words: str) -> None:
    ana = Person(world)
    ana.return_with(ana.leave(), **answer)

    assert words in ana.browser.text
    assert ana.browser.page.status_code in {403, 502}
    assert [each for each in ana.browser.links if "/oidc" in each]
    assert not ana.browser.cookie
    assert "evil" not in ana.browser.text


def test_an_answer_without_the_browser_that_left_is_refused(world: World) -> None:
    victim, attacker = Person(world), Person(world)
    attacker.leave()
    victim.back = attacker.back
    victim.return_with("")

    assert "begin again" in victim.browser.text
    assert not victim.browser.cookie


@pytest.mark.parametrize(
    "onward", ["//evil.example.com", "https://evil.example.com", "../../x", "é", '"' * 700, "x" * 3_000]
)
def test_nobody_is_led_to_another_site(world: World, onward: str) -> None:
    ana = Person(world)
    ana.return_with(ana.leave(f"/ui/sign-in?{urlencode({'next': onward})}"))

    assert ana.browser.address.startswith("/ui")
    assert "Sign out" in ana.browser.text


def test_a_provider_that_cannot_be_reached_leaves_the_other_ways_open(world: World) -> None:
    ana = Person(world)
    ana.provider.error = "Your company's sign-in cannot be reached just now."
    ana.browser.open("/ui/oidc?next=health")

    assert ana.browser.page.status_code == 502
    assert "cannot be reached" in ana.browser.text
    assert [value for tag, each in ana.browser.parsed.tags for value in [each.get("name")] if value == "token"]


@pytest.mark.parametrize("path", ["/ui/oidc", "/ui/oidc/callback?state=x&code=y"])
def test_without_a_provider_there_is_no_such_way(world: World, path: str) -> None:
    browser = Browser(world)

    assert browser.open(path).status_code == 404
    assert "company" not in Browser(world).open("/ui/sign-in").body.decode()


def test_nothing_else_lies_below_the_page(world: World) -> None:
    assert Person(world).browser.open("/ui/oidc/elsewhere").status_code == 404
