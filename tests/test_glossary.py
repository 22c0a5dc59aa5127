"""docs/glossary.md and the code use the same terms, and neither uses the words that the glossary refuses."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "glossary.md").read_text()
FOLDERS = ("bench", "chalicelib", "infra", "local", "tests")
MODULES = sorted([ROOT / "app.py", *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))])
TEMPLATES = sorted((ROOT / "templates").rglob("*.j2"))
REFUSED = frozenset(
    word
    for row in re.findall(
        r"^\| ([a-z, ]+) \| [a-z, -]+ \|$", PAGE.partition("## Words that are not used")[2], re.MULTILINE
    )
    for word in row.split(", ")
) - {"word"}  # the table's head
TERMS = re.findall(r"^\| [\w -]+ \| .+ \| `([\w.]+)` \|$", PAGE, re.MULTILINE)
LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}


@cache
def tree(path: Path) -> ast.Module:
    """Return a module's syntax tree."""
    return ast.parse(path.read_text())


def words(name: str) -> set[str]:
    """Cut an identifier into its words: `lookAfter`, `LOOK_AFTER` and `look_after` have two."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def names(path: Path) -> Iterator[str]:
    """Iterate over what a module and everything defined in it are called."""
    yield from path.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(tree(path)):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.alias(asname=str(name)):
                yield name


def log_calls(path: Path) -> Iterator[ast.Call]:
    """Iterate over the calls that log something."""
    for node in ast.walk(tree(path)):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="log"), attr=level)) if level in LEVELS:
                yield node


def enum_values(path: Path) -> Iterator[str]:
    """Iterate over the values of enumerations: kinds, reasons and states as people see them."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ClassDef) and any("Enum" in ast.unparse(base) for base in node.bases):
            yield from (
                each.value.value
                for each in node.body
                if isinstance(each, ast.Assign)
                and isinstance(each.value, ast.Constant)
                and isinstance(each.value.value, str)
            )


def api_fields() -> Iterator[str]:
    """Iterate over what docs/openapi.json says that a request or a response can hold; its tests keep it to the code."""
    document = json.loads((ROOT / "docs" / "openapi.json").read_text())
    for schema in document["components"]["schemas"].values():
        yield from schema.get("properties", {})
    for methods in document["paths"].values():
        for operation in methods.values():
            yield from (each["name"] for each in operation.get("parameters", []))


def where(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_the_glossary_refuses_words() -> None:
    assert {"manager", "nets", "owed", "told", "whereabouts"} <= REFUSED


@pytest.mark.parametrize("term", TERMS)
def test_what_a_term_is_called_in_the_code_is_there(term: str) -> None:
    package, _, name = term.rpartition(".")
    if name[:1].isupper():
        assert hasattr(import_module(package), name)
    else:
        assert import_module(term)


def test_no_name_has_a_word_that_is_refused() -> None:
    found = {f"{where(path)}: {name}" for path in MODULES for name in names(path) if words(name) & REFUSED}

    assert sorted(found) == []


def test_no_name_is_marked_as_an_interface_or_an_application_service() -> None:
    found = {
        f"{where(path)}: {name}"
        for path in MODULES
        for name in names(path)
        if re.match(r"I[A-Z][a-z]", name) or "use_case" in name
    }

    assert sorted(found) == []


def test_no_kind_reason_or_state_is_a_word_that_is_refused() -> None:
    found = {f"{where(path)}: {value}" for path in MODULES for value in enum_values(path) if words(value) & REFUSED}

    assert sorted(found) == []


def test_no_field_of_the_api_has_a_word_that_is_refused() -> None:
    fields = set(api_fields())

    assert {"fingerprint", "severity"} <= fields
    assert sorted(field for field in fields if words(field) & REFUSED) == []


def test_a_log_message_is_constant_and_has_no_word_that_is_refused() -> None:
    """A message has no values in it, neither by an f-string nor by a `%s`: they are fields."""
    calls = [(path, call) for path in MODULES if where(path).startswith("chalicelib") for call in log_calls(path)]
    messages = {
        f"{where(path)}: {ast.unparse(call.args[-1])}"
        for path, call in calls
        if not isinstance(call.args[-1], ast.Constant | ast.Name)
        or "%" in ast.unparse(call)
        or words(ast.unparse(call.args[-1])) & REFUSED
    }

    assert calls
    assert sorted(messages) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=where)
def test_no_template_has_a_word_that_is_refused(path: Path) -> None:
    assert words(path.read_text()) & REFUSED == set()
