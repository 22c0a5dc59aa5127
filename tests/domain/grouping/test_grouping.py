"""Grouping: lines of logs of many kinds fall into the groups that a person would make."""

import json
from pathlib import Path

import pytest

from bench import traces
from bench.grouping import accuracies_of, main, read
from chalicelib.domain.grouping.fingerprint import problem_of

# Made up after what servers, databases, brokers, kernels and applications write; each paragraph is one group.
PARAGRAPHS = Path(__file__).with_name("log_lines.txt").read_text().strip().split("\n\n")
LINES = [(line, number) for number, paragraph in enumerate(PARAGRAPHS) for line in paragraph.splitlines()]


@pytest.mark.parametrize(
    ("predicted", "accuracy", "f1"),
    [
        (["a", "a", "b", "b"], 1.0, 1.0),
        (["a", "b", "c", "c"], 0.5, 0.4),
        (["a", "a", "a", "b"], 0.0, 0.0),
        (["a", "b", "b", "b"], 0.0, 0.0),
    ],
)
def test_accuracy_counts_the_groups_that_are_wholly_right(predicted: list[str], accuracy: float, f1: float) -> None:
    assert accuracies_of(predicted, ["1", "1", "2", "2"]) == (accuracy, f1)


def test_lines_of_many_kinds_of_logs_are_grouped_as_a_person_would() -> None:
    """Two lines a group, so that each name that looks like a word (a player called Steve) costs a whole one."""
    accuracy, _ = accuracies_of([problem_of(line).identity for line, _ in LINES], [number for _, number in LINES])

    assert accuracy >= 0.85


@pytest.mark.parametrize(
    ("sample", "wrong"),
    [
        (None, "there is no *_2k.log_structured.csv"),
        ("Content,Event\nlost,1\n", "the columns Content and EventId are missing"),
        ("Content,EventId\n", "there are no rows"),
    ],
)
def test_a_directory_without_samples_is_reported_so(
    tmp_path: Path, sample: str | None, wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if sample is not None:
        (tmp_path / "Shop_2k.log_structured.csv").write_text(sample)

    assert main([str(tmp_path)]) == 2
    assert wrong in capsys.readouterr().err


def test_accuracy_below_the_goal_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Shop_2k.log_structured.csv").write_text("Content,EventId\nparcel 7 lost,1\nparcel 8 lost,2\n")

    assert main([str(tmp_path), "--turns", "1"]) == 1
    said = capsys.readouterr()
    assert "missed: GA 0.000 < 0.96" in said.err
    assert json.loads(said.out.splitlines()[-1])["GA"] == 0.0


def test_raw_lines_stand_beside_their_messages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample = tmp_path / "Shop_2k.log_structured.csv"
    sample.write_text("Content,EventId\nparcel lost,1\nparcel found,2\n")
    (tmp_path / "Shop_2k.log").write_text("10:00:00 parcel lost\n10:00:07 parcel found\n")

    assert read(sample, raw=True) == (["10:00:00 parcel lost", "10:00:07 parcel found"], ["1", "2"])
    main([str(tmp_path), "--raw", "--turns", "1"])
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["GA"] == 1.0


@pytest.mark.parametrize(("raw", "wrong"), [(None, "there is no such file"), ("parcel lost\n" * 3, "3 raw lines")])
def test_raw_lines_that_do_not_fit_are_refused(
    tmp_path: Path, raw: str | None, wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Shop_2k.log_structured.csv").write_text("Content,EventId\nparcel lost,1\nparcel found,2\n")
    if raw:
        (tmp_path / "Shop_2k.log").write_text(raw)

    assert main([str(tmp_path), "--raw"]) == 2
    assert wrong in capsys.readouterr().err


PAIR = {"changed": "type", "language": "node", "trace": "lost"}
LOST, LATE = (f"{kind}: van\n    at load (/app/van.js:7:1)" for kind in ("LostError", "LateError"))


@pytest.mark.parametrize(
    ("second", "relation", "found"),
    [(LOST, "same", (1, 1)), (LATE, "same", (0, 1)), (LATE, "different", (1, 1)), (LOST, "different", (1, 0))],
)
def test_pairs_of_traces_are_distinguished_or_not(
    tmp_path: Path, second: str, relation: str, found: tuple[int, int], capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "traces.jsonl"
    file.write_text(json.dumps({**PAIR, "relation": relation, "a": LOST, "b": second}) + "\n")

    status = traces.main([str(file), "--wrong"])

    lines = capsys.readouterr().out.splitlines()
    assert json.loads(lines[-1]) == {"same": found[0], "different": found[1]}
    assert status == (0 in found)
    assert (f"node: lost: type: should be {relation}" in lines) == (status == 1)
