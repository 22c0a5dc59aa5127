"""The line timer: no log line may hold up a scan, whatever it contains.

Processor time counts, so that nothing is cut off on a busy machine. A signal even interrupts a regular expression
during a search; only the main thread receives signals, and Lambda runs handlers there.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

# A megabyte, the most that CloudWatch Logs takes, is read in less.
LONGEST = 5.0


class LineTimeout(Exception):  # noqa: N818 - it says what happened
    """Reading a line took too long."""


@contextmanager
def line_timer() -> Iterator[Callable[[float], object]]:
    """Return a function that starts the timer with some seconds, after which LineTimeout is raised; 0 stops it."""
    if threading.current_thread() is not threading.main_thread():
        yield lambda _: None
        return
    before = signal.signal(signal.SIGVTALRM, _interrupt)
    try:
        yield lambda seconds: signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise LineTimeout
