"""Grouping: lines of logs that no mask was made for fall into the groups that a person would make."""

from pathlib import Path

import pytest

from bench.grouping import accuracy_of
from chalicelib.domain.problem import problem_of

# Made up after what servers, databases, brokers, kernels and applications write; each paragraph is one group.
PARAGRAPHS = Path(__file__).with_name("log_lines.txt").read_text().strip().split("\n\n")
LINES = [(line, number) for number, paragraph in enumerate(PARAGRAPHS) for line in paragraph.splitlines()]


@pytest.mark.parametrize(
    ("predicted", "accuracy"),
    [
        (["a", "a", "b", "b"], 1.0),
        (["a", "b", "c", "c"], 0.5),
        (["a", "a", "a", "b"], 0.0),
        (["a", "b", "b", "b"], 0.0),
    ],
)
def test_accuracy_counts_the_messages_of_groups_that_are_wholly_right(predicted: list[str], accuracy: float) -> None:
    assert accuracy_of(predicted, ["1", "1", "2", "2"]) == accuracy


def test_lines_that_nobody_tuned_for_are_grouped_as_a_person_would() -> None:
    """Two lines a group, so that each name that looks like a word (a player called Steve) costs a whole one."""
    accuracy = accuracy_of([problem_of(line).identity for line, _ in LINES], [number for _, number in LINES])

    assert accuracy >= 0.85
