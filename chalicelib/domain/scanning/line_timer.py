"""The line timer: no line of a log may hold up a scan, whatever is in it.

The processor's time counts, so that a busy machine cuts nothing off. A signal interrupts even an expression in the
middle of a search; only the main thread receives signals, and Lambda runs a handler there.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

# A megabyte, which is what CloudWatch Logs takes at most, is read in less.
LONGEST = 5.0


class LineTimeout(Exception):  # noqa: N818 - it says what happened
    """Reading a line took too long."""


@contextmanager
def line_timer() -> Iterator[Callable[[float], object]]:
    """Return what starts the timer for some seconds, after which LineTimeout is raised, and with 0 stops it."""
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
