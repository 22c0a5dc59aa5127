"""A share of a CPU: a process is stopped for the rest of each period once it has computed for its part of it.

So does the scheduler of Linux, and so does Lambda, whose functions get a share by their memory:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
"""

import os
import signal
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

# A whole CPU comes with so many megabytes.
MEGABYTES_PER_CPU = 1_769
# As long as one of Lambda's, in seconds, and how often the clock of the process is read within one.
PERIOD = 0.020
STEP = 0.000_5


def cpu_seconds(pid: int) -> float:
    """Return how long a process and its threads have computed; 0 where only Linux could tell."""
    try:
        return time.clock_gettime((~pid << 3) | 2)  # the clock of another process, as clock_getcpuclockid(3) makes it
    except OSError:
        return 0.0


class Throttle:
    """Keeps a process to a share of one CPU for as long as it is used as a context."""

    def __init__(self, pid: int, share: float) -> None:
        self._pid, self._quota = pid, share * PERIOD
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        if self._quota < PERIOD:
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._is_over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        used = cpu_seconds(self._pid)
        allowed = used
        with suppress(ProcessLookupError):
            while not self._is_over.is_set():
                # What was too much in one period is missing in the next; what was not used is lost.
                allowed = min(allowed + self._quota, used + self._quota)
                used = self._one_period(allowed)
            os.kill(self._pid, signal.SIGCONT)

    def _one_period(self, allowed: float) -> float:
        ends_at = time.perf_counter() + PERIOD
        used = cpu_seconds(self._pid)
        while used < allowed and time.perf_counter() < ends_at:
            time.sleep(STEP)
            used = cpu_seconds(self._pid)
        if used >= allowed:
            os.kill(self._pid, signal.SIGSTOP)
            time.sleep(max(0.0, ends_at - time.perf_counter()))
            used = cpu_seconds(self._pid)  # it takes a moment until all threads have stopped
            os.kill(self._pid, signal.SIGCONT)
        return used
