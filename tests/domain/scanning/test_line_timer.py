"""The line timer: a line that takes too long is an error of its own name, and the lines behind it are read."""

import re
import signal
import threading

import pytest

from chalicelib.domain.scanning import error_groups
from chalicelib.domain.scanning.error_groups import TOO_LONG, ErrorGroups, LogGroup, LogLine, collect
from chalicelib.domain.scanning.line_timer import LineTimeout, line_timer
from chalicelib.domain.scanning.rules import Rule, Rules

PAY = LogGroup("/aws/lambda/pay", "lambda", "pay")
# Nobody can write such a rule in scan.toml; here it stands for whatever might take for ever.
ENDLESS = Rules(errors=(Rule("endless", re.compile("(a|a)+$")),))


def lines(*messages: str) -> list[LogLine]:
    return [LogLine(at, PAY.name, "stream", message) for at, message in enumerate(messages)]


def test_a_line_that_takes_too_long_is_an_error_of_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(error_groups, "LONGEST", 0.05)
    groups: ErrorGroups = {}

    collect(groups, lines("a" * 60 + "!", "ERROR lost", "a" * 70 + "!"), {PAY.name: PAY}, ENDLESS)

    assert sorted((each.title, each.count) for each in groups.values()) == [(TOO_LONG, 2), ("lost", 1)]
    assert all("aaa" not in sample.message for each in groups.values() for sample in each.samples)


def test_the_timer_leaves_nothing_behind() -> None:
    before = signal.getsignal(signal.SIGVTALRM)

    with line_timer() as run_for:
        run_for(100)

    assert signal.getsignal(signal.SIGVTALRM) == before
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)


def test_other_threads_read_without_a_timer() -> None:
    """Signals reach the main thread alone; every expression is linear all the same."""
    groups: ErrorGroups = {}
    thread = threading.Thread(target=collect, args=(groups, lines("ERROR lost"), {PAY.name: PAY}))

    thread.start()
    thread.join()

    assert [each.title for each in groups.values()] == ["lost"]


def test_what_runs_over_is_interrupted() -> None:
    with line_timer() as run_for:
        run_for(0.01)
        with pytest.raises(LineTimeout):
            re.search("(a|a)+$", "a" * 60 + "!")
