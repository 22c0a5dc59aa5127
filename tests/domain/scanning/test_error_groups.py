"""Error groups: many lines, few problems."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.logs.levels import Level
from chalicelib.domain.scanning.error_groups import (
    SAMPLE_LENGTH,
    SAMPLES,
    UNREADABLE,
    ErrorGroup,
    ErrorGroups,
    LogGroup,
    LogLine,
    collect,
)

PAY = LogGroup("/aws/lambda/pay", "lambda", "pay")

LINES = st.lists(
    st.builds(
        LogLine,
        at=st.integers(0, 100),
        log_group=st.sampled_from([PAY.name, "/ecs/ship"]),
        stream=st.sampled_from(["a", "b"]),
        message=st.builds(
            "{} {} {}: {}".format,
            st.sampled_from(["ERROR", "FATAL", "INFO"]),
            st.sampled_from(["parcel", "van"]),
            st.integers(0, 9),
            st.sampled_from(["lost", "late", "broken at 7"]),
        ),
    ),
    max_size=40,
)


def collected(lines: list[LogLine]) -> ErrorGroups:
    groups: ErrorGroups = {}
    collect(groups, lines, {PAY.name: PAY})
    return groups


def test_alike_errors_are_one_group() -> None:
    (group,) = collected(
        [LogLine(at, PAY.name, "s", f"[ERROR] ValueError: parcel {at} is lost") for at in (9, 7, 8, 6)]
    ).values()

    assert (group.count, group.first_at, group.last_at, group.level) == (4, 6, 9, Level.ERROR)
    assert group.title == "ValueError: parcel 6 is lost"
    assert [sample.at for sample in group.samples] == [6, 7, 8]
    assert group.log_group == PAY


def test_a_traceback_groups_by_exception_whatever_line_of_code_moved() -> None:
    trace = 'Traceback (most recent call last):\n  File "/var/task/app.py", line {}, in handler\nKeyError: {}'

    groups = collected([LogLine(1, PAY.name, "s", trace.format(line, key)) for line, key in ((3, "'a'"), (9, "'b'"))])

    assert [group.title for group in groups.values()] == ["KeyError: 'a'"]


def test_what_is_no_error_is_in_no_group() -> None:
    assert collected([LogLine(1, PAY.name, "s", "0 errors")]) == {}


def test_a_line_of_an_unknown_log_group_is_kept() -> None:
    (group,) = collected([LogLine(1, "/else", "s", "Error: lost")]).values()

    assert group.log_group == LogGroup("/else")


def test_the_worst_level_wins() -> None:
    (group,) = collected([LogLine(1, PAY.name, "s", "FATAL lost"), LogLine(0, PAY.name, "s", "ERROR lost")]).values()

    assert group.level is Level.FATAL


@given(lines=LINES, seed=st.randoms())
def test_the_order_of_lines_makes_no_difference(lines: list[LogLine], seed: random.Random) -> None:
    shuffled = list(lines)
    seed.shuffle(shuffled)

    assert collected(shuffled) == collected(lines)


@given(LINES)
def test_every_error_is_counted_once(lines: list[LogLine]) -> None:
    assert sum(group.count for group in collected(lines).values()) == sum("INFO" not in each.message for each in lines)


@given(first=LINES, second=LINES)
def test_collecting_in_two_parts_is_collecting_at_once(first: list[LogLine], second: list[LogLine]) -> None:
    groups = collected(first)

    collect(groups, second, {PAY.name: PAY})

    assert groups == collected(first + second)


@pytest.mark.parametrize("char", ["x", "\x00", "😀", "\ud800", "\n", '"'])
def test_samples_are_bounded_and_can_be_sent(char: str) -> None:
    """Failure 7: 200 log lines made a section of 100,000 characters."""
    groups = collected([LogLine(at, PAY.name, char, "Error: " + char * 100_000) for at in range(10)])

    (group,) = groups.values()
    assert (group.count, len(group.samples)) == (10, SAMPLES)
    assert all(len(sample.message) <= SAMPLE_LENGTH for sample in group.samples)
    assert len(group.title) <= 200
    assert json.dumps([sample.message for sample in group.samples], ensure_ascii=False).encode()


def test_line_breaks_of_a_sample_are_kept() -> None:
    group = ErrorGroup.of(LogLine(1, PAY.name, "s", "Error: lost\n    at handler"), PAY)

    assert group is not None
    assert group.samples[0].message == "Error: lost\n    at handler"


@pytest.mark.parametrize(
    "message",
    [
        json.dumps({"message": "login failed", "status": "9" * 5_000}),
        json.dumps({"message": "login failed", "status": int("9" * 4_000), "path": "/login"}),
        *(
            '{"level":"error","message":"boom","error":' + "[" * deep + "]" * deep + "}"
            for deep in (40, 900, 9_960, 9_980, 9_990, 9_991, 9_992, 9_999, 50_000)
        ),
    ],
    ids=lambda message: f"{message[:40]}-{len(message)}",
)
def test_no_line_keeps_the_others_from_being_counted(message: str) -> None:
    groups: ErrorGroups = {}

    collect(groups, [LogLine(1, "shop", "stream", message), LogLine(2, "shop", "stream", "Error: card refused")], {})

    assert sum(group.count for group in groups.values()) == 2


def test_a_line_that_our_own_reading_fails_on_counts_and_shows_nothing_of_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(ErrorGroup, "of", fail)
    groups: ErrorGroups = {}
    collect(groups, [LogLine(at, "shop", "stream", "password: hunter2") for at in (1, 2)], {})

    ((group,),) = [tuple(groups.values())]
    assert (group.title, group.count, group.level) == (UNREADABLE, 2, Level.ERROR)
    assert "hunter2" not in repr(group)


def test_a_stack_trace_that_came_apart_is_one_error() -> None:
    parts = ("ERROR:root:van lost", '    raise KeyError("weight")', "KeyError: 'weight'")

    (group,) = collected([LogLine(1, PAY.name, "s", part) for part in parts]).values()

    assert (group.title, group.count) == ("KeyError: 'weight'", 1)
    assert group.samples[0].message == "\n".join(parts)


def test_the_lines_of_a_trace_are_found_among_those_of_other_streams() -> None:
    lines = [
        LogLine(1, PAY.name, stream, text)
        for text in ("Error: lost", "    at load (/app/van.js:7:1)")
        for stream in "st"
    ]

    (group,) = collected(lines).values()

    assert (group.count, group.culprit) == (2, "van.js:load")


@pytest.mark.parametrize(("stream", "at"), [("t", 1), ("s", 2)])
def test_a_line_of_another_stream_or_second_is_no_part_of_a_trace(stream: str, at: int) -> None:
    lines = [LogLine(1, PAY.name, "s", "Error: lost"), LogLine(at, PAY.name, stream, '    raise KeyError("weight")')]

    assert [group.title for group in collected(lines).values()] == ["Error: lost"]
