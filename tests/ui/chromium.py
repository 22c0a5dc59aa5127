"""Chromium, driven: what it shows, what it asked for, and what it complained of."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from local import npm_packages
from tests.ui.site import Site

AXE, AXE_VERSION = "axe-core", "4.14.1"
PATIENCE = 30
# Nobody waits for hosts that are not there.
OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", OFFLINE)
# Chromium's preference: 2 blocks scripts of pages; what a test runs by the driver is none of those.
SCRIPTS = "profile.managed_default_content_settings.javascript"
# Advice of the browser's, and no complaint.
ADVICE = ("DEBUG", "INFO")


@cache
def axe() -> str:
    """Return the source of axe-core."""
    return npm_packages.fetch(AXE, AXE_VERSION, "axe.min.js").read_text("utf-8")


@contextmanager
def open_chromium(*, runs_scripts: bool) -> Iterator[webdriver.Chrome]:
    """Open a browser while the context lasts."""
    options = webdriver.ChromeOptions()
    for each in OPTIONS:
        options.add_argument(each)
    if not runs_scripts:
        options.add_experimental_option("prefs", {SCRIPTS: 2})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    try:
        yield driver
    finally:
        driver.quit()


class Chromium:
    """A browser on a site."""

    def __init__(self, driver: webdriver.Chrome, runs_scripts: bool, site: Site) -> None:
        self.driver, self.runs_scripts, self.site = driver, runs_scripts, site
        self.driver.get("about:blank")
        self.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
        self._log("browser")
        self._log("performance")

    def sign_in(self) -> "Chromium":
        """Sign in by a link, as somebody does who was sent one."""
        self.driver.get(self.site.sign_in_link())
        self.press("Sign in")
        self.wait_for("Sign out")
        return self

    def open(self, page: str = "") -> None:
        """Open a page below `/ui`."""
        self.driver.get(f"{self.site.address}/ui{page}")

    def resize(self, width: int, scheme: str) -> None:
        """Be so wide, and light or dark."""
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    def press(self, label: str, number: int = 0) -> None:
        """Press a button by what stands on it, once it is there."""
        path = f"//main//button[normalize-space()='{label}']"
        self._await(lambda: self.driver.find_elements(By.XPATH, path)[number:], label)[0].click()

    def find(self, selector: str) -> WebElement:
        """Return an element of the page, once it is there."""
        return self._await(lambda: self.driver.find_element(By.CSS_SELECTOR, selector), selector)

    def find_all(self, selector: str) -> list[WebElement]:
        """Return the elements of the page."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    @property
    def text(self) -> str:
        """What the page says."""
        return " ".join(self._await(lambda: [self.driver.find_element(By.TAG_NAME, "body").text], "a page")[0].split())

    def wait_for(self, text: str) -> None:
        """Wait until the page says something."""
        self._await(lambda: text in self.text, text)

    def is_too_wide(self) -> bool:
        """Return whether the page is wider than the window."""
        wider: bool = self.driver.execute_script("return document.documentElement.scrollWidth > innerWidth")
        return wider

    def barriers(self) -> list[str]:
        """Return what axe-core finds wrong for people who see, hear or move otherwise; it is a script itself."""
        if not self.runs_scripts:
            return []
        self.driver.execute_script(axe())
        found: dict[str, Any] = self.driver.execute_async_script("axe.run().then(arguments[0])")
        return [f"{each['id']}: {[node['html'][:200] for node in each['nodes'][:3]]}" for each in found["violations"]]

    def complaints(self) -> list[str]:
        """Return what the console says, reports of the policy among it, and what was asked of another host."""
        said = [each["message"] for each in self._log("browser") if each["level"] not in ADVICE]
        ours = urlsplit(self.site.address).netloc
        events = [json.loads(each["message"])["message"] for each in self._log("performance")]
        requested = [
            each["params"]["request"]["url"] for each in events if each["method"] == "Network.requestWillBeSent"
        ]
        return said + [each for each in requested if each.startswith("http") and urlsplit(each).netloc != ours]

    def _await[Found](self, find: Callable[[], Found], what: str) -> Found:
        """Return what `find` finds as soon as it finds anything; while a page loads, the driver raises all sorts."""
        wait = WebDriverWait(self.driver, PATIENCE, ignored_exceptions=[WebDriverException])
        return wait.until(lambda _: find(), what)

    def _log(self, name: str) -> list[dict[str, Any]]:
        """Return what a log has since it was last read."""
        driver: Any = self.driver
        entries: list[dict[str, Any]] = driver.get_log(name)
        return entries
