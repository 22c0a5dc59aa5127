"""The interpreter: a Python that cannot run the commands says so in one line."""

import sys

import pytest

from infra import interpreter


def test_a_suitable_python_is_let_through() -> None:
    interpreter.check()


def test_an_old_python_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))

    with pytest.raises(SystemExit, match=r"^This is Python 3\.9: run the command with \.venv/bin/python.*$"):
        interpreter.check()


def test_a_python_without_the_project_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "NEEDED", "no_such_module")

    with pytest.raises(SystemExit, match=r"^The project is not installed in this Python: run .*\.$"):
        interpreter.check()
