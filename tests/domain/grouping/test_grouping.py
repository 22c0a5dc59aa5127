"""Grouping: lines of logs of many kinds fall into the groups that a person would make."""

from pathlib import Path

import pytest

from bench.grouping import accuracy_of, main
from chalicelib.domain.grouping.fingerprint import problem_of

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


def test_lines_of_many_kinds_of_logs_are_grouped_as_a_person_would() -> None:
    """Two lines a group, so that each name that looks like a word (a player called Steve) costs a whole one."""
    accuracy = accuracy_of([problem_of(line).identity for line, _ in LINES], [number for _, number in LINES])

    assert accuracy >= 0.85


@pytest.mark.parametrize(
    ("sample", "wrong"),
    [
        (None, "there is no *_2k.log_structured.csv"),
        ("Content,Event\nlost,1\n", "the columns Content and EventId are missing"),
        ("Content,EventId\n", "there are no rows"),
    ],
)
def test_a_directory_without_samples_is_told_so(
    tmp_path: Path, sample: str | None, wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if sample is not None:
        (tmp_path / "Shop_2k.log_structured.csv").write_text(sample)

    assert main([str(tmp_path)]) == 2
    assert wrong in capsys.readouterr().err


def test_accuracy_below_the_goal_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Shop_2k.log_structured.csv").write_text("Content,EventId\nparcel 7 lost,1\nparcel 8 lost,2\n")

    assert main([str(tmp_path), "--turns", "1"]) == 1
    assert "missed: accuracy 0.000 < 0.85" in capsys.readouterr().err
