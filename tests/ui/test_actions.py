"""What people do on the pages in a real browser, with and without script; and what the script adds."""

import pytest
from selenium.webdriver.common.keys import Keys

from chalicelib.domain.alerts.alert import Status
from chalicelib.domain.notifications.notification import Delivery
from tests.app.ui_world import finding
from tests.fakes import NOW
from tests.ui.chromium import Chromium

pytestmark = pytest.mark.browser


def statuses(chromium: Chromium) -> list[Status]:
    """Return how the alerts stand."""
    return [each.status for each in chromium.site.world.store.alerts.values()]


def keys(chromium: Chromium, text: str) -> None:
    """Press keys on the page."""
    chromium.find("body").send_keys(text)


def test_alerts_are_ticked_acknowledged_and_given_back(chromium: Chromium) -> None:
    chromium.sign_in()
    for each in chromium.find_all("[name=of]")[:2]:
        each.click()
    chromium.find("details.act summary").click()
    chromium.press("Acknowledge")
    chromium.wait_for("Acknowledged 2 alerts.")
    assert statuses(chromium).count(Status.ACKNOWLEDGED) == 3

    chromium.press("Undo")
    chromium.wait_for("Reopened 2 alerts.")
    assert statuses(chromium).count(Status.ACKNOWLEDGED) == 1


def test_an_alert_is_acknowledged_silenced_and_resolved_on_its_page(chromium: Chromium) -> None:
    chromium.sign_in()
    chromium.open(chromium.site.pages[5])
    chromium.find("[name=note]").send_keys("My turn.")
    chromium.press("Acknowledge")
    chromium.wait_for("both has it")
    chromium.wait_for("My turn.")
    chromium.press("Undo")
    chromium.wait_for("Reopened.")
    chromium.press("Silence")
    chromium.wait_for("Silenced.")
    chromium.press("Resolve")
    chromium.wait_for("Resolved by both")
    chromium.press("Reopen")
    chromium.wait_for("Reopened.")


def test_a_search_is_in_the_address(chromium: Chromium) -> None:
    chromium.sign_in()
    chromium.find("[data-search]").send_keys("Finding 1", Keys.ENTER)
    chromium.wait_for("Finding 1")
    assert "text=Finding+1" in chromium.driver.current_url
    assert ("region=" in chromium.driver.current_url) is not chromium.runs_scripts
    chromium.find(".chip").click()
    assert "text=" not in chromium.driver.current_url


def test_a_silence_is_tried_made_extended_and_ended(chromium: Chromium) -> None:
    chromium.sign_in()
    chromium.open("/silences?account=payments-*")
    chromium.press("Show what it would cover")
    chromium.wait_for("It would cover")
    chromium.find("[name=reason]").send_keys("They test.")
    chromium.press("Silence")
    chromium.wait_for("The silence is made.")
    chromium.press("Extend")
    chromium.wait_for("It lasts longer now.")
    chromium.press("End it now")
    chromium.wait_for("Has ended")


def test_what_was_not_sent_is_sent_again(chromium: Chromium) -> None:
    chromium.sign_in()
    chromium.open("/events?tab=failed")
    chromium.find("[name=of]").click()
    chromium.press("Send selected again")
    chromium.wait_for("1 will be sent again within a minute.")
    assert chromium.site.world.store.notifications["f" * 32].status is Delivery.PENDING


def test_an_event_is_pasted_and_explained(chromium: Chromium) -> None:
    chromium.sign_in()
    chromium.open("/routes")
    chromium.press("Who would be notified?")
    chromium.wait_for("would be notified, as")


# --- what the script adds


@pytest.fixture
def scripted(chromium: Chromium) -> Chromium:
    """Return the browser that runs scripts, signed in."""
    if not chromium.runs_scripts:
        pytest.skip("needs the script")
    return chromium.sign_in()


def test_a_new_alert_comes_in_above_without_moving_what_is_read(scripted: Chromium) -> None:
    scripted.resize(390, "light")
    scripted.open()
    scripted.driver.execute_script("scrollTo(0, 400)")
    row = "document.querySelectorAll('[data-key]')[3]"
    scripted.driver.execute_script(f"window.kept = {row}")
    before = scripted.driver.execute_script("return kept.getBoundingClientRect().top")
    scripted.site.world.take(NOW + 20)
    scripted.driver.execute_script("lastTouched = 0; refresh()")
    scripted.wait_for("Order Lost")

    assert scripted.driver.execute_script("return kept.isConnected")
    assert abs(scripted.driver.execute_script("return kept.getBoundingClientRect().top") - before) < 2
    assert scripted.driver.title.startswith("(8)")
    assert scripted.find_all("link[rel=icon][href$='/icon/8.svg']")


@pytest.mark.parametrize("reading", ["document.querySelector('[name=of]').click()", "pausedByHand = true", "help()"])
def test_nothing_changes_while_somebody_is_at_it(scripted: Chromium, reading: str) -> None:
    finding(scripted.site.world, 41)
    scripted.driver.execute_script(f"{reading}; lastTouched = 0; return refresh()")

    assert "Finding 41" not in scripted.text
    assert "Updates pause while you read" in scripted.text


def test_keys_walk_tick_and_act(scripted: Chromium) -> None:
    keys(scripted, "jjk")
    assert scripted.find_all("[data-key]:first-child.here")
    keys(scripted, "x")
    assert scripted.find("[data-selected]").text in {"", "(1)"}
    keys(scripted, "a")
    assert scripted.driver.switch_to.active_element.text == "Acknowledge"
    scripted.driver.switch_to.active_element.send_keys(Keys.ENTER)
    scripted.wait_for("Acknowledged 1 alert.")

    keys(scripted, "/")
    assert scripted.driver.switch_to.active_element.get_attribute("name") == "text"
    scripted.driver.switch_to.active_element.send_keys("j?")
    assert scripted.find_all("dialog") == []


def test_the_keys_are_listed_and_can_be_turned_off(scripted: Chromium) -> None:
    keys(scripted, "?")
    assert "next, previous" in scripted.find("dialog").text
    assert scripted.barriers() == []
    scripted.find("dialog input").click()
    scripted.find("dialog button").click()
    keys(scripted, "j")
    assert scripted.find_all(".here") == []
    scripted.driver.execute_script("localStorage.clear()")


def test_enter_opens_what_is_chosen(scripted: Chromium) -> None:
    keys(scripted, "jo")
    scripted.wait_for("What happened")


def test_a_preview_follows_the_form(scripted: Chromium) -> None:
    scripted.open("/silences?region=eu-west-1")
    scripted.find("[name=title]").send_keys("Finding 1*")
    scripted.wait_for("It would cover")
    assert "Finding 1" in scripted.find("[data-preview-result]").text


def test_a_button_that_is_pressed_twice_sends_its_form_once(scripted: Chromium) -> None:
    scripted.open(scripted.site.pages[5])
    pressed = """
        let sent = 0;
        addEventListener("submit", (event) => { sent += event.defaultPrevented ? 0 : 1; event.preventDefault(); });
        const button = document.querySelector("button[value=note]");
        button.click();
        button.click();
        return sent;
    """
    assert scripted.driver.execute_script(pressed) == 1


def test_a_sample_is_copied(scripted: Chromium) -> None:
    scripted.open(scripted.site.pages[5])
    permission = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"], "origin": scripted.site.address}
    scripted.driver.execute_cdp_cmd("Browser.grantPermissions", permission)
    scripted.find(".copy").click()
    scripted.wait_for("Copied")


def test_a_session_that_ends_leads_to_the_sign_in(scripted: Chromium) -> None:
    scripted.site.world.secrets.values.pop("both")
    scripted.driver.execute_script("lastTouched = 0; return refresh()")
    scripted.wait_for("API token")
