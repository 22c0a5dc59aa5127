"""Signing in with a company's account, in a browser, at a provider that others wrote: npm's oidc-provider."""

import os
import time
from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from selenium import webdriver
from selenium.webdriver.common.keys import Keys

from chalicelib.domain.openid_client import OpenIdClient
from local.npm_packages import UnfetchableError
from tests.app.ui_world import finding
from tests.ui.chromium import Chromium
from tests.ui.company import SECRET, signing_in
from tests.ui.site import Site

pytestmark = pytest.mark.browser


@pytest.fixture(params=[True, False], ids=["in-token", "on-request"])
def chromium(request: pytest.FixtureRequest, opened: tuple[webdriver.Chrome, bool], site: Site) -> Iterator[Chromium]:
    """Return a browser on pages that know the company; the provider's own pages complain of what is not there."""
    world = site.world
    world.clock.sleep(int(time.time()) - world.clock.now())
    world.secrets.elsewhere |= {
        "/monitoring/dev/base-url": site.address,
        "/monitoring/dev/oidc-client-secret": SECRET,
    }
    try:
        with signing_in(f"{site.address}/ui/oidc/callback", in_token=request.param) as issuer:
            client = OpenIdClient(issuer=issuer, client_id="hub", read_groups=("staff",), write_groups=("on call",))
            world.hub.settings = replace(world.hub.settings, openid_client=client)
            yield Chromium(*opened, site)
    except UnfetchableError as error:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            raise
        pytest.skip(str(error))


def sign_in(chromium: Chromium, person: str, page: str = "") -> None:
    """Leave a page for the provider, say who one is there, and agree."""
    chromium.open(page)
    chromium.find("a.primary").click()
    chromium.find("[name=login]").send_keys(person)
    chromium.find("[name=password]").send_keys("any", Keys.ENTER)
    chromium.find("[name=prompt][value=consent]")
    chromium.find("button[type=submit]").click()


def test_people_come_back_to_where_they_wanted_to_go_and_do_what_their_groups_may(chromium: Chromium) -> None:
    event = finding(chromium.site.world, 50)
    sign_in(chromium, "ana", f"/alerts/{event.event.fingerprint}?x=1")
    chromium.wait_for("ana@example.com")
    assert chromium.driver.current_url.endswith(f"/alerts/{event.event.fingerprint}?x=1")
    chromium.press("Acknowledge")
    chromium.wait_for("ana@example.com has it")

    chromium.find(".who button").click()
    chromium.wait_for("You are signed out.")
    chromium.open()
    chromium.wait_for("Sign in with your company account")


def test_whoever_may_only_see_finds_nothing_to_press(chromium: Chromium) -> None:
    sign_in(chromium, "ben")
    chromium.wait_for("ben@example.com")

    assert chromium.find_all("[data-key]")
    assert chromium.find_all("[name=of]") == []


def test_whoever_is_in_no_group_reads_why(chromium: Chromium) -> None:
    sign_in(chromium, "eve")
    chromium.wait_for("Your company knows you as eve@example.com, but none of your groups may see these pages.")

    chromium.open()
    chromium.wait_for("Sign in with your company account")


def test_whoever_cancels_and_whoever_comes_twice_may_begin_again(chromium: Chromium) -> None:
    chromium.open()
    chromium.find("a.primary").click()
    chromium.find("[name=login]")
    chromium.find("a[href$=abort]").click()
    chromium.wait_for("you cancelled it")

    chromium.driver.refresh()
    chromium.wait_for("Please begin again.")
    chromium.find("a.primary").click()
    chromium.find("[name=login]")
