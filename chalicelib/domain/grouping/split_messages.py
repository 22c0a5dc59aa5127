"""Split messages: the lines of one stack trace that awslogs or a container runtime sends as events of their own.

Whether a line belongs to the one before is certain only where no logger begins a message so: it is indented, it is one
of the words that runtimes put between the parts of a trace, or it is the exception that an open traceback ends with. An
event of several lines is whole.

https://docs.docker.com/engine/logging/drivers/awslogs/#awslogs-multiline-pattern
https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md
"""

import re

from chalicelib.domain.grouping.exception_heads import names_exception
from chalicelib.domain.grouping.frames import LONGEST_LINE

MOST_LINES, LONGEST = 500, 32_000

_INDENTED = re.compile(r"(?: {2,}|\t+)\S")
_BETWEEN = re.compile(
    r"Traceback \(most recent call last\):|During handling of the above exception|The above exception was the direct"
    r"|Caused by: |\.\.\. \d+ (?:more|common frames)|--- End of |goroutine \d+ \[|stack backtrace:$|Stack trace:$"
    r"|note: run with `RUST_BACKTRACE|#\d+ |  \+ Exception Group Traceback|(?: *\|| *\+-)"
)
_TRACEBACK = "Traceback (most recent call last):"
_FRAME = ("at ", "... ")


def may_go_on(line: str) -> bool:
    """Tell whether a line looks like one in the middle of a stack trace."""
    return bool(_INDENTED.match(line) or _BETWEEN.match(line))


class SplitMessage:
    """A message of which some lines have come, and maybe not all."""

    def __init__(self, line: str) -> None:
        self._lines = [line]
        self._is_whole = "\n" in line.strip()
        self._length = len(line)
        # Whether Python's source has been shown, and the exception itself has not.
        self._is_traceback = _TRACEBACK in line

    @property
    def text(self) -> str:
        """What has come so far."""
        return "\n".join(self._lines)

    def takes(self, line: str) -> bool:
        """Add a line, and tell whether it is certain to belong here."""
        if self._is_whole or len(self._lines) == MOST_LINES or self._length + len(line) > LONGEST:
            return False
        if "\n" in line.strip() or not self._goes_on(line):
            return False
        self._lines.append(line)
        self._length += len(line)
        return True

    def _goes_on(self, line: str) -> bool:
        if _INDENTED.match(line):
            self._is_traceback = self._is_traceback or not line.lstrip().startswith(_FRAME)
            return True
        if _BETWEEN.match(line):
            self._is_traceback = self._is_traceback or _TRACEBACK in line
            return True
        ends = self._is_traceback and names_exception(line[:LONGEST_LINE])
        self._is_traceback = self._is_traceback and not ends
        return ends
