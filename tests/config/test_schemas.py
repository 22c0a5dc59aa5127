"""The schemas in docs/ take what the readers take, and refuse what they refuse as far as a schema can."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from infra.generate import PROJECT, ROUTES_SCHEMA, SCAN_SCHEMA, SOURCES_SCHEMA
from tests.config import test_routes, test_scan
from tests.examples import examples
from tests.services.test_properties import files

VALIDATORS = {
    path.name.partition(".")[0]: Draft202012Validator(json.loads(path.read_text()))
    for path in (ROUTES_SCHEMA, SCAN_SCHEMA, SOURCES_SCHEMA)
}
CATALOGUE = PROJECT / "chalicelib" / "sources" / "catalogue"
FILES = [
    *CATALOGUE.glob("*.toml"),
    *(PROJECT / "chalicelib" / "config").glob("*.toml"),
    *(PROJECT / "docs").glob("*.toml"),
]


def schema_of(path: Path) -> str:
    return "sources" if path.parent == CATALOGUE else path.name.partition(".")[0]


def is_valid(name: str, text: str) -> bool:
    """Return whether the schema of a file takes a text."""
    return bool(VALIDATORS[name].is_valid(tomllib.loads(text)))


@pytest.mark.parametrize("name", VALIDATORS)
def test_each_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(VALIDATORS[name].schema)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_file_names_its_schema_and_fits_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    (named,) = re.findall(r"\A#:schema (\S+)$", text, re.MULTILINE)

    assert (path.parent / named).resolve() == PROJECT / "docs" / f"{schema_of(path)}.schema.json"
    assert is_valid(schema_of(path), text)


def test_what_is_whole_is_taken() -> None:
    assert is_valid("routes", test_routes.WHOLE)
    assert is_valid("scan", test_scan.WHOLE)


@examples(0.3)
@given(files())
def test_whatever_the_reader_takes_the_schema_takes(text: str) -> None:
    assert is_valid("routes", text)


@pytest.mark.parametrize(("before", "after"), [(before, after) for before, after, _ in test_routes.DAMAGES])
def test_a_mistake_that_a_schema_can_see_is_marked(before: str, after: str) -> None:
    assert not is_valid("routes", test_routes.WHOLE.replace(before, after))


def keys_of(node: Any) -> list[dict[str, Any]]:
    """Return what a schema says of each key, anywhere."""
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    own = list(node["properties"].values()) if isinstance(node, dict) and "properties" in node else []
    return own + [each for child in inner for each in keys_of(child)]


@pytest.mark.parametrize("name", VALIDATORS)
def test_every_key_is_described(name: str) -> None:
    keys = keys_of(VALIDATORS[name].schema)

    assert len(keys) > 10
    assert [each for each in keys if not each.get("description")] == []
