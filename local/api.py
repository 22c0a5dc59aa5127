"""The API: a process of its own, with the hub's environment."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from local.aws import LOOPBACK
from local.errors import LocalError

PROJECT = Path(__file__).parent.parent
START, STOP = 30.0, 3.0  # seconds
POLL = 0.1

# Nothing on loopback goes through a proxy.
open_url = build_opener(ProxyHandler({})).open


@dataclass(frozen=True, slots=True)
class Api:
    """The process, its URL and its log."""

    process: "subprocess.Popen[bytes]"
    url: str
    log: Path

    def wait(self) -> None:
        """Wait until it answers; LocalError where it ends instead, or takes too long."""
        patience = time.monotonic() + START
        while time.monotonic() < patience:
            if self.process.poll() is not None:
                raise LocalError(f"The API ended at once, with code {self.process.returncode}; {self._last_words()}")
            if self._responses():
                return
            time.sleep(POLL)
        raise LocalError(f"The API did not answer within {START:.0f} seconds; {self._last_words()}")

    def obituary(self) -> str:
        """Say in one line that it has ended by itself; nothing while it runs."""
        if self.process.poll() is None:
            return ""
        return f"The API has ended, with code {self.process.returncode}; {self._last_words()}"

    def end(self) -> None:
        """End the process, kindly or not."""
        self.process.terminate()
        try:
            self.process.wait(STOP)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _responses(self) -> bool:
        try:
            open_url(f"{self.url}/health", timeout=STOP).close()
        except HTTPError as error:
            error.close()
        except (OSError, HTTPException):
            return False
        return True

    def _last_words(self) -> str:
        lines = [line for line in self.log.read_text("utf-8", errors="replace").splitlines() if line.strip()]
        return f"the last line of {os.path.relpath(self.log)}: {lines[-1]}" if lines else "it said nothing."


@contextmanager
def serve_api(port: int, environment: Mapping[str, str], log: Path) -> Iterator[Api]:
    """Run the API on a free port while the context lasts; yields it at once, before it answers.

    It gets a session of its own: Ctrl-C reaches this process alone, which then ends it.
    """
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(  # noqa: S603 - our own program, with no input from anywhere
            [sys.executable, "-m", "local.api_server", "--port", str(port)],
            cwd=PROJECT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        api = Api(process, f"http://{LOOPBACK}:{port}", log)
        try:
            yield api
        finally:
            api.end()
