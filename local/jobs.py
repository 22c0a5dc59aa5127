"""What a command needs to run a job of the hub beside a stack, without all that a stack is made of."""

import contextlib
from collections.abc import Iterator
from typing import TextIO
from uuid import uuid4

from chalicelib import container
from chalicelib.domain.reports.daily import Report


def report_today() -> str:
    """Send the report of the day so far, and say so; in AWS the day before is reported at midnight, once."""
    hub = container.hub()
    sent = hub.reports.send(hub.clock.now(), again=uuid4().hex)
    return f"{sent.title} of the day so far: {count_events(sent.body)} events."


def report_week() -> str:
    """Send the report of the week so far, and say so; in AWS the week before is reported on Mondays, once."""
    hub = container.hub()
    sent = hub.weekly_reports.send(hub.clock.now(), again=uuid4().hex)
    return f"{sent.title} of the week so far: {sent.count} messages."


def count_events(report: str) -> int:
    """Read from a report how many events it counts."""
    return Report.from_json(report).events.count


@contextlib.contextmanager
def logging_to(file: TextIO) -> Iterator[None]:
    """Let what configures its log now write to a file instead of the terminal."""
    with contextlib.redirect_stderr(file), contextlib.redirect_stdout(file):
        yield
