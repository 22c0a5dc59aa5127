"""The structure that keeps the code readable: sizes of modules and functions, and what tests are called."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CODE = sorted(
    [
        ROOT / "app.py",
        *(path for folder in ("bench", "chalicelib", "infra", "local") for path in (ROOT / folder).rglob("*.py")),
    ]
)
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LONGEST_MODULE, LONGEST_TEST_MODULE = 350, 500
LONGEST_FUNCTION = 45
LONGEST_TEST_NAME = 80

type Function = ast.FunctionDef | ast.AsyncFunctionDef


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    """Return a module's syntax tree."""
    return ast.parse(path.read_text())


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, Function.__value__))


def type_names(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.TypeAlias):
            yield node.name.id


def lines(function: Function) -> int:
    """Count a function's lines with its decorators and its docstring."""
    first = min([function.lineno, *(each.lineno for each in function.decorator_list)])
    return (function.end_lineno or first) - first + 1


@pytest.mark.parametrize(("paths", "longest"), [(CODE, LONGEST_MODULE), (TESTS, LONGEST_TEST_MODULE)])
def test_no_module_is_too_long(paths: list[Path], longest: int) -> None:
    counts = {name(path): len(path.read_text().splitlines()) for path in paths}

    assert counts
    assert {path: count for path, count in counts.items() if count > longest} == {}


def test_no_function_is_too_long() -> None:
    counts = {f"{name(path)}: {each.name}": lines(each) for path in CODE for each in functions(path)}

    assert counts
    assert {function: count for function, count in counts.items() if count > LONGEST_FUNCTION} == {}


def test_every_module_says_in_one_sentence_what_it_is() -> None:
    silent = [name(path) for path in (*CODE, *TESTS) if path.read_text() and not ast.get_docstring(tree(path))]

    assert silent == []


def test_the_name_of_a_test_is_a_sentence_of_at_most_80_characters() -> None:
    names = {
        f"{name(path)}: {each.name}" for path in TESTS for each in functions(path) if each.name.startswith("test_")
    }

    assert names
    assert sorted(each for each in names if len(each.split(": ")[1]) > LONGEST_TEST_NAME) == []


def test_no_two_modules_call_a_class_or_an_alias_alike() -> None:
    homes: dict[str, list[str]] = {}
    for path in CODE:
        if path.is_relative_to(ROOT / "chalicelib"):
            for each in type_names(path):
                homes.setdefault(each, []).append(name(path))

    assert homes
    assert {each: modules for each, modules in homes.items() if len(modules) > 1} == {}
