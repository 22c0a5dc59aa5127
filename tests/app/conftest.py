"""The app's fixtures: a hub in memory in the place of the one on AWS."""

import logging
from collections.abc import Iterator

import pytest

from chalicelib import container
from chalicelib.container import files
from tests.app.world import ROUTES, SETTINGS, RequestIds, World, fresh_caches


@pytest.fixture(autouse=True)
def _fresh_caches() -> Iterator[None]:
    with fresh_caches():
        yield


@pytest.fixture(autouse=True)
def _routes_of_these_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the routes file beside these tests in the place of the one that is deployed."""
    monkeypatch.setattr(files, "ROUTES", ROUTES)


@pytest.fixture
def request_ids(caplog: pytest.LogCaptureFixture) -> Iterator[set[str]]:
    """Return the request ids under which our own lines are logged, as they come."""
    caplog.set_level(logging.INFO, "chalicelib")
    handler = RequestIds()
    logging.getLogger("chalicelib").addHandler(handler)
    yield handler.seen
    logging.getLogger("chalicelib").removeHandler(handler)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """Return a hub in memory that the app's handlers find."""
    monkeypatch.setenv("TABLE_NAME", SETTINGS.table_name)
    monkeypatch.setenv("GROUP_WAIT_SECONDS", "0")
    monkeypatch.setenv("STAGE", SETTINGS.stage)
    world = World()
    monkeypatch.setattr(container, "hub", lambda: world.hub)
    return world
