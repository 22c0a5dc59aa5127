"""The fixtures of tests in a browser: the real app on loopback with a hub in memory, and Chromium to open it with.

Without Chromium and its driver these tests are skipped, unless REQUIRE_BROWSER is 1.
"""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from chalice.cli.factory import CLIFactory
from selenium import webdriver

from chalicelib import container
from chalicelib.container import files
from local.api_server import make_server
from local.aws import LOOPBACK, claim_port
from tests.app.world import ROOT, ROUTES, SETTINGS, World, fresh_caches
from tests.ui.chromium import Chromium, open_chromium
from tests.ui.site import Site, furnish


@pytest.fixture(scope="session", params=[True, False], ids=["script", "no-script"])
def opened(request: pytest.FixtureRequest) -> Iterator[tuple[webdriver.Chrome, bool]]:
    """Return a browser that runs scripts, and one that does not, each with whether it does."""
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        reason = "These tests take Chromium: apt install chromium chromium-driver"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with open_chromium(runs_scripts=request.param) as driver:
        yield driver, request.param


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Serve the app once, whatever hub it finds; Chalice's server bends a class that it can bend once only."""
    with serving() as url:
        yield url


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, address: str) -> Iterator[Site]:
    """Serve the app with a hub in memory, full of what its pages can show."""
    monkeypatch.setenv("TABLE_NAME", SETTINGS.table_name)
    monkeypatch.setenv("STAGE", SETTINGS.stage)
    monkeypatch.setattr(files, "ROUTES", ROUTES)
    with fresh_caches():
        world = World()
        monkeypatch.setattr(container, "hub", lambda: world.hub)
        yield furnish(world, address)


@contextmanager
def serving() -> Iterator[str]:
    """Serve the app while the context lasts."""
    port = claim_port(0, "the pages", "")
    config = CLIFactory(str(ROOT)).create_config_obj(chalice_stage_name="dev")
    server = make_server(config.chalice_app, config, port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{port}"
    finally:
        server.shutdown()
        thread.join()
        listening: Any = server
        listening.server.server_close()


@pytest.fixture
def chromium(opened: tuple[webdriver.Chrome, bool], site: Site) -> Iterator[Chromium]:
    """Return a browser that nobody is signed in with; whatever it complained of by the end is an error."""
    browser = Chromium(*opened, site)
    yield browser
    assert browser.complaints() == []
