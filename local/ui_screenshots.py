"""Pictures of the hub's own pages, taken by a driven Chromium of a stack that has played its opening."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By

from local.driven_browser import PHONE, WIDTH, driven, resize, shoot
from local.state import State

# Pictures by name, with the page below `/ui`; what is not there by address is reached from one that is.
PAGES = {
    "ui-alerts": "",
    "ui-events": "/events",
    "ui-agents": "/agents",
    "ui-health": "/health",
}
# The problem of the opening that is in three accounts.
SPREAD = "audit-trail"
NAMES = (*PAGES, "ui-alert", "ui-alert-dark", "ui-event", "ui-silences", "ui-routes", "ui-phone")


@contextmanager
def signed_in(chromium: str, here: State) -> Iterator[webdriver.Chrome]:
    """Open a browser that is signed in while the context lasts."""
    with driven(chromium) as driver:
        driver.get(f"{here.api}/ui/sign-in")
        driver.find_element(By.ID, "token").send_keys(here.token)
        _press(driver, "Sign in")
        driver.find_element(By.CSS_SELECTOR, ".who")
        yield driver


def shoot_all(chromium: str, here: State, folder: Path) -> Iterator[str]:
    """Take each picture; yields their names."""
    with signed_in(chromium, here) as driver:
        for name, page in PAGES.items():
            resize(driver, WIDTH)
            driver.get(f"{here.api}/ui{page}")
            yield _shoot(driver, folder, name)
        yield from _shoot_one_problem(driver, here, folder)
        yield from _shoot_forms(driver, here, folder)


def _shoot_one_problem(driver: webdriver.Chrome, here: State, folder: Path) -> Iterator[str]:
    driver.get(f"{here.api}/ui?tab=all&text={SPREAD}")
    driver.find_element(By.CSS_SELECTOR, "[data-open]").click()
    driver.find_element(By.CSS_SELECTOR, ".timeline")
    yield _shoot(driver, folder, "ui-alert")
    resize(driver, WIDTH, scheme="dark")
    yield _shoot(driver, folder, "ui-alert-dark")
    resize(driver, WIDTH)
    driver.find_element(By.CSS_SELECTOR, "main td a").click()
    driver.find_element(By.CSS_SELECTOR, ".steps")
    yield _shoot(driver, folder, "ui-event")


def _shoot_forms(driver: webdriver.Chrome, here: State, folder: Path) -> Iterator[str]:
    driver.get(f"{here.api}/ui/silences?account=payments-*")
    _press(driver, "Show what it would cover")
    driver.find_element(By.CSS_SELECTOR, "[data-preview-result] h2")
    yield _shoot(driver, folder, "ui-silences")
    driver.get(f"{here.api}/ui/routes")
    _press(driver, "Who would be notified?")
    driver.find_element(By.CSS_SELECTOR, ".answer")
    yield _shoot(driver, folder, "ui-routes")
    resize(driver, PHONE)
    driver.get(f"{here.api}/ui")
    yield _shoot(driver, folder, "ui-phone")


def _press(driver: webdriver.Chrome, label: str) -> None:
    driver.find_element(By.XPATH, f"//main//button[normalize-space()='{label}']").click()


def _shoot(driver: webdriver.Chrome, folder: Path, name: str) -> str:
    driver.execute_script("scrollTo(0, 0)")
    return shoot(driver, folder, name)
