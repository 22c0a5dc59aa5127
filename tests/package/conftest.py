"""The package's fixtures: unpacked and read-only, what Lambda lays beside it, and a world to work in.

Without PACKAGE, the path of a deployment package, none of these tests is collected.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from bench import runtime
from bench.runtime import Function
from bench.world import World
from bench.world import world as make_world

PACKAGE = os.environ.get("PACKAGE", "")
collect_ignore_glob = [] if PACKAGE else ["test_*.py"]

type Start = Callable[..., AbstractContextManager[Function]]


@pytest.fixture(scope="session")
def package() -> Path:
    """Return the path of the package."""
    return Path(PACKAGE)


@pytest.fixture(scope="session")
def task(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the folder in which the package is unpacked; it must be as it was when the tests are over."""
    folder = runtime.unpack(package, tmp_path_factory.mktemp("var") / "task")
    before = set(folder.rglob("*"))
    yield folder
    assert set(folder.rglob("*")) == before
    runtime.remove(folder)


@pytest.fixture(scope="session")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with what Lambda brings."""
    return runtime.link_runtime(tmp_path_factory.mktemp("var") / "runtime")


@pytest.fixture(scope="session")
def one_world() -> Iterator[World]:
    """Start the world once."""
    with ExitStack() as stack:
        yield stack.enter_context(make_world())


@pytest.fixture
def world(one_world: World) -> World:
    """Return the world with nothing in it."""
    one_world.begin_anew()
    return one_world


@pytest.fixture
def start(task: Path, beside: Path, world: World) -> Start:
    """Return what starts a function of the package by its name; keywords are variables, None takes one away."""

    def start(handler: str, **variables: str | None) -> Function:
        environment: Mapping[str, str | None] = {**world.environment, **variables}
        return Function(f"app.{handler}", task, beside, {k: v for k, v in environment.items() if v is not None})

    return start
