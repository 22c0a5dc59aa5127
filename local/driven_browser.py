"""A driven Chromium: opened for a while, of a size and colour scheme, and asked for pictures."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars")
WIDTH, HEIGHT, PHONE = 1_200, 860, 390
# Seconds until an element is there.
PATIENCE = 20


@contextmanager
def driven(chromium: str) -> Iterator[webdriver.Chrome]:
    """Open a browser while the context lasts."""
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for each in OPTIONS:
        options.add_argument(each)
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    driver.implicitly_wait(PATIENCE)
    try:
        yield driver
    finally:
        driver.quit()


def resize(driver: webdriver.Chrome, width: int, height: int = HEIGHT, *, scheme: str = "light") -> None:
    """Give the page a size, in pixels, and a colour scheme."""
    metrics: dict[str, Any] = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width == PHONE}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    feature = {"name": "prefers-color-scheme", "value": scheme}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


def shoot(driver: webdriver.Chrome, folder: Path, name: str) -> str:
    """Take a picture of what is in the window; returns the file's name."""
    driver.execute_script("document.activeElement.blur()")
    driver.save_screenshot(str(folder / f"{name}.png"))
    return f"{name}.png"
