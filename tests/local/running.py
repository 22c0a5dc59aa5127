"""A stack that runs as a process, as a user starts it."""

import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from local.cli import ANY_PORTS

PROJECT = Path(__file__).parent.parent.parent
# A machine that is busy with other things may be slow; one that hangs is ended.
PATIENCE = 300.0


@dataclass(frozen=True)
class Stack:
    """A stack that runs as a process, and what it has printed so far."""

    process: "subprocess.Popen[str]"
    state: Path
    printed: list[str]

    @property
    def output(self) -> IO[str]:
        """Its standard output."""
        assert self.process.stdout
        return self.process.stdout

    def read_until(self, *wanted: str) -> None:
        """Read lines until each of `wanted` has stood in one of them."""
        missing = [each for each in wanted if not any(each in line for line in self.printed)]
        while missing:
            line = self.output.readline()
            assert line, f"{missing} missing in:\n{''.join(self.printed)}"
            self.printed.append(line)
            missing = [each for each in missing if each not in line]

    def word_after(self, label: str) -> str:
        """Return what stands behind a label in the welcome."""
        return next(line.split()[1] for line in self.printed if line.split()[:1] == [label])

    def command(self, *arguments: str) -> str:
        """Run a command against the stack; returns what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "local", "--state", str(self.state), *arguments],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return done.stdout

    def children(self) -> Sequence[int]:
        """Return the ids of the processes that it has started."""
        listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        pairs = (line.split() for line in listed.splitlines())
        return [int(pid) for pid, parent in pairs if int(parent) == self.process.pid]


@contextmanager
def running_stack(folder: Path, *options: str, patience: float = PATIENCE) -> Iterator[Stack]:
    """Run a stack on free ports while the context lasts, and for so many seconds at most."""
    state = folder / "local.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "local", *ANY_PORTS, "--state", str(state), *options],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    watchdog = threading.Timer(patience, process.kill)
    watchdog.start()
    try:
        yield Stack(process, state, [])
    finally:
        watchdog.cancel()
        process.terminate()
        process.communicate()
