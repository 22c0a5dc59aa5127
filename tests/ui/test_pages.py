"""Every page in a real browser: with and without script, light and dark, on a phone and a desk, for everybody."""

import pytest

from tests.ui.chromium import Chromium

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1_440])
def test_each_page_fits_and_is_open_to_everybody(chromium: Chromium, width: int, scheme: str) -> None:
    chromium.resize(width, scheme)
    chromium.open("/sign-in")
    barriers = {"sign-in": chromium.barriers()}
    chromium.sign_in()
    wide = []

    for page in chromium.site.pages:
        chromium.open(page)
        chromium.wait_for("Sign out")
        barriers[page] = chromium.barriers()
        wide += [page] if chromium.is_too_wide() else []

    assert {page: found for page, found in barriers.items() if found} == {}
    assert wide == []


def test_every_tab_and_order_is_in_sight_on_a_phone(chromium: Chromium) -> None:
    chromium.resize(390, "light")
    chromium.sign_in()
    for page in ("", "/events", "/silences"):
        chromium.open(page)
        chromium.find(".tabs a")
        ends = [each.rect["x"] + each.rect["width"] for each in chromium.find_all(".tabs a, .orders a, nav.main a")]
        assert max(ends) <= 390, page


def test_somebody_who_pastes_a_token_gets_in_and_out(chromium: Chromium) -> None:
    chromium.open("/agents")
    chromium.find("#token").send_keys("both-token")
    chromium.press("Sign in")
    chromium.wait_for("Agents and coverage")

    chromium.find(".who button").click()
    chromium.wait_for("You are signed out.")
    chromium.open()
    chromium.wait_for("API token")


def test_what_is_stored_runs_nowhere(chromium: Chromium) -> None:
    """The hostile text of `tests/app/ui_world.py` would open a dialog, which no driver overlooks."""
    chromium.sign_in()
    for page in chromium.site.pages:
        chromium.open(page)
        assert chromium.find_all("main img, main script, main iframe") == []
