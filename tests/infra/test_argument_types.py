"""Arguments of commands: what cannot be ends them with a line, before anything is done."""

import sys
from argparse import ArgumentTypeError
from pathlib import Path

import pytest

from infra import check_rules, merge
from infra.argument_types import at_least_one, existing_file, refuse_arguments
from local.cli import parser


def test_a_number_is_a_whole_one_from_1_on() -> None:
    assert at_least_one("07") == 7
    for each in ("0", "-1", "1.5", "x", "", "\N{ARABIC-INDIC DIGIT THREE}", "1_0"):
        with pytest.raises(ArgumentTypeError, match="expected a whole one from 1 on"):
            at_least_one(each)


def test_a_file_is_one_that_is_there(tmp_path: Path) -> None:
    assert existing_file(__file__) == Path(__file__)
    for each in (tmp_path, tmp_path / "none"):
        with pytest.raises(ArgumentTypeError, match="there is no file"):
            existing_file(str(each))


def test_a_command_without_arguments_refuses_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["generate.py", "everything"])

    with pytest.raises(SystemExit, match="2"):
        refuse_arguments("infra.generate", "Generate: all.")
    assert "error: unrecognized arguments: everything" in capsys.readouterr().err


def test_a_stage_that_there_is_not_has_no_merge_template(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        merge.main(["--stage", "nope"])
    assert "'nope'" in capsys.readouterr().err


def test_rules_are_checked_by_a_python_that_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["/nowhere/python"]):
        with pytest.raises(SystemExit, match="2"):
            check_rules.main(arguments)
    assert "there is no file '/nowhere/python'" in capsys.readouterr().err


@pytest.mark.parametrize("pace", ["-1", "nan", "inf", "1e9", "soon"])
def test_a_pause_is_some_seconds(pace: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        parser().parse_args([f"--pace={pace}"])
    assert f"invalid pause '{pace}'; expected seconds from 0 to 3600" in capsys.readouterr().err
