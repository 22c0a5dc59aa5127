"""The machine's clock."""

import time


class SystemClock:
    """The time in whole seconds."""

    def now(self) -> int:
        """Return the epoch seconds."""
        return int(time.time())

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
