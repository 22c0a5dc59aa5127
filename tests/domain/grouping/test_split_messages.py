"""Split messages: lines of one stack trace belong together, where that is certain."""

import pytest

from chalicelib.domain.grouping.split_messages import LONGEST, MOST_LINES, SplitMessage, may_go_on

PYTHON = [
    "ERROR:root:van lost",
    "Traceback (most recent call last):",
    '  File "/app/van.py", line 7, in load',
    '    raise KeyError("weight")',
    "KeyError: 'weight'",
    "During handling of the above exception, another exception occurred:",
    "Traceback (most recent call last):",
    "    raise LostError(7)",
    "shop.LostError: 7",
]
JAVA = ["java.lang.Error: lost", "\tat shop.Van.load(Van.java:7)", "Caused by: java.io.IOException: gone", "... 3 more"]
NODE = ["Error: lost", "    at load (/app/van.js:7:1)", "    at node:internal/main:1:1"]
GROUP = ["ERROR: lost", "  + Exception Group Traceback (most recent call last):", "  | ValueError: 7", "  +-----------"]


def joined(lines: list[str]) -> list[str]:
    messages = [SplitMessage(lines[0])]
    for line in lines[1:]:
        if not messages[-1].takes(line):
            messages.append(SplitMessage(line))
    return [each.text for each in messages]


@pytest.mark.parametrize("lines", [PYTHON, JAVA, NODE, GROUP, [PYTHON[0], PYTHON[3], PYTHON[4]]])
def test_the_lines_of_a_trace_are_one_message(lines: list[str]) -> None:
    assert joined(lines) == ["\n".join(lines)]


@pytest.mark.parametrize(
    "line",
    [
        "ERROR:root:another van lost",
        "shop.LateError: 8",
        "a van is late",
        "Error: late",
        "2026-03-02 10:00:00 ERROR late\n    at shop.Van.load(Van.java:7)",
    ],
)
@pytest.mark.parametrize("lines", [PYTHON, JAVA, NODE])
def test_what_could_be_another_message_is_one(lines: list[str], line: str) -> None:
    assert joined([*lines, line]) == ["\n".join(lines), line]


def test_an_event_of_several_lines_is_whole() -> None:
    assert joined(["Error: lost\n    at load (/app/van.js:7:1)", "    at late (/app/van.js:9:1)"]) != []
    assert len(joined(["Error: lost\n    at load (/app/van.js:7:1)", "    at late (/app/van.js:9:1)"])) == 2


def test_no_message_grows_for_ever() -> None:
    assert len(joined(["Error: lost", *["    at load (/app/van.js:7:1)"] * MOST_LINES])) == 2
    assert len(joined(["Error: lost", "    at " + "x" * LONGEST])) == 2


@pytest.mark.parametrize(("line", "is_in_a_trace"), [(JAVA[1], True), (JAVA[2], True), (JAVA[0], False)])
def test_a_line_in_the_middle_of_a_trace_is_seen_to_be_one(line: str, is_in_a_trace: bool) -> None:
    assert may_go_on(line) == is_in_a_trace
