"""The lines of the log that somebody has to act on: constant texts, each with a row in the runbook."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
# What nobody need do anything about.
QUIET = {"debug", "info"}
MODULES = sorted([ROOT / "app.py", *(ROOT / "chalicelib").rglob("*.py")])
TREES = {path: ast.parse(path.read_text()) for path in MODULES}
CONSTANTS = {
    target.id: each.value.value
    for tree in TREES.values()
    for each in tree.body
    if isinstance(each, ast.Assign) and isinstance(each.value, ast.Constant) and isinstance(each.value.value, str)
    for target in each.targets
    if isinstance(target, ast.Name)
}


def calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Iterate over the calls that write a line."""
    for each in ast.walk(tree):
        if isinstance(each, ast.Call) and ast.unparse(each.func) in {f"log.{level}" for level in LEVELS}:
            yield each


def text_of(call: ast.Call) -> str | None:
    """Return a line's text; None where it is no constant."""
    text = call.args[0]
    if isinstance(text, ast.Name):
        return CONSTANTS.get(text.id)
    return text.value if isinstance(text, ast.Constant) and isinstance(text.value, str) else None


def runbook() -> set[str]:
    """Return the lines that the runbook explains."""
    section = (ROOT / "docs/operate.md").read_text().partition("\n## What a line of the log means\n")[2]
    rows = re.findall(r"^\| (.*?) \|", section.partition("\n## ")[0], re.MULTILINE)
    return {line for row in rows for line in re.findall(r"`([^`]+)`", row)}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_line_is_a_constant_text_with_fields(path: Path) -> None:
    for call in calls(TREES[path]):
        assert len(call.args) == 1, ast.unparse(call)
        is_chosen = isinstance(call.args[0], ast.Name) and call.func.attr in QUIET  # type: ignore[attr-defined]
        text = text_of(call)
        assert is_chosen or (text and "%" not in text and not text.endswith(".")), ast.unparse(call)


def test_each_line_that_somebody_has_to_act_on_is_in_the_runbook() -> None:
    loud = {
        text_of(call)
        for tree in TREES.values()
        for call in calls(tree)
        if call.func.attr not in QUIET  # type: ignore[attr-defined]
    }

    assert loud == runbook()
