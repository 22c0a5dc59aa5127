"""What every test can rely on: no way to a real AWS, and servers that start once and only where they are asked for."""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from importlib import import_module

import pytest

from local import dynamodb_local as emulator
from tests import examples

# Set before anything makes a client: whatever this machine is allowed to do, its tests are not.
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ |= {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}

examples.choose("quick")

# What has lived for long is looked through for garbage again and again, and most of it is modules: let that be rare.
gc.set_threshold(*gc.get_threshold()[:2], 1_000)


def pytest_collection(session: pytest.Session) -> None:
    """Let each worker compile its share before all of them read all: in a first run, each would compile all.

    What cannot be imported is told when it is collected.
    """
    if worker := getattr(session.config, "workerinput", None):
        root = session.config.rootpath
        requested = (root / each.partition("::")[0] for each in session.config.args)
        files = sorted(file for each in requested for file in ([each] if each.is_file() else each.rglob("test_*.py")))
        for file in files[int(worker["workerid"].removeprefix("gw")) :: worker["workercount"]]:
            with suppress(Exception):
                import_module(".".join(file.relative_to(root).with_suffix("").parts))


def pytest_collection_finish() -> None:
    """Spare time where tests need AWS; the others need not wait for its stand-ins."""
    if "moto" in sys.modules:
        from local.quick_aws import quicken  # noqa: PLC0415 - see above

        quicken()


@pytest.fixture(scope="session")
def dynamodb_local() -> Iterator[str]:
    """Yield the URL of AWS's own DynamoDB Local; skips where it can't be had, fails if REQUIRE_DYNAMODB_LOCAL is 1."""
    with ExitStack() as stack:
        try:
            url = stack.enter_context(emulator.running())
        except emulator.Unavailable as reason:
            if os.environ.get("REQUIRE_DYNAMODB_LOCAL") == "1":
                pytest.fail(str(reason))
            pytest.skip(str(reason))
        yield url
