"""Pictures of the Slack app on the look-alike's page: the living message, the form of a silence, a command, a phone."""

from collections.abc import Iterator
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By

from local.driven_browser import PHONE, driven, resize, shoot
from local.living_message import FUNCTION
from local.receivers.demo import LIVING
from local.state import State

NAMES = ("slack-app-message", "slack-app-form", "slack-app-command", "slack-app-phone")
WIDTH, HEIGHT, TALL = 1_000, 660, 860
COMMAND = "/monitoring status"
# What the page shows of one problem begins at the top of the window.
AT_TOP = "arguments[0].scrollIntoView({block: 'start'})"
PRESS_LAST = "[...document.querySelectorAll('[data-action=silence_more]')].at(-1).click()"


def shoot_all(chromium: str, here: State, folder: Path) -> Iterator[str]:
    """Take each picture of a stack that has played its opening; yields their names."""
    with driven(chromium) as driver:
        resize(driver, WIDTH, TALL)
        _open(driver, here)
        yield shoot(driver, folder, "slack-app-message")
        resize(driver, WIDTH, HEIGHT)
        driver.execute_script(PRESS_LAST)
        driver.find_element(By.XPATH, "//dialog//*[contains(text(), 'It covers')]")
        yield shoot(driver, folder, "slack-app-form")
        driver.find_element(By.CSS_SELECTOR, "[data-close]").click()
        driver.find_element(By.CSS_SELECTOR, "body:not(:has(dialog[open]))")
        _type(driver, COMMAND)
        yield shoot(driver, folder, "slack-app-command")
        resize(driver, PHONE, TALL, scheme="dark")
        _open(driver, here)
        yield shoot(driver, folder, "slack-app-phone")


def _open(driver: webdriver.Chrome, here: State) -> None:
    """Open the channel, at the message of the problem whose story the opening has."""
    driver.get("about:blank")
    driver.get(f"{here.slack}/#{LIVING}")
    message = driver.find_element(By.XPATH, f"//article[.//h3[contains(., '{FUNCTION}')]]")
    driver.execute_script(AT_TOP, message)


def _type(driver: webdriver.Chrome, command: str) -> None:
    field = driver.find_element(By.CSS_SELECTOR, "#command input")
    field.send_keys(command)
    field.submit()
    driver.find_element(By.CSS_SELECTOR, ".whisper:not([hidden])")
    driver.execute_script("document.getElementById('log').scrollTop = 1e6")
