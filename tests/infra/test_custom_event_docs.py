"""docs/custom-events.md and its schema say what the hub reads of events of one's own."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from chalicelib.sources.custom import CustomEvent, remarks_of
from infra import generate

DOCS = Path(__file__).parent.parent.parent / "docs"
PAGE = (DOCS / "custom-events.md").read_text()
SCHEMA = json.loads((DOCS / "custom-event.schema.json").read_text())
FIELDS = set(CustomEvent.__struct_fields__) - {"names"}


def details() -> list[dict[str, Any]]:
    """Return the details that the page's examples send."""
    escaped = re.findall(r'"Detail": "(\{.*\})"', PAGE)
    python = re.findall(r"^detail = (\{.*?^\})", PAGE, re.MULTILINE | re.DOTALL)
    node = re.findall(r"^const detail = (\{.*\});", PAGE, re.MULTILINE)
    plain = re.findall(r'"detail": (\{.*?\})', PAGE)
    quoted = [re.sub(r"(\w+):", r'"\1":', each) for each in node]
    return [
        *(json.loads(each.replace('\\"', '"')) for each in (*escaped, *quoted, *plain)),
        *map(ast.literal_eval, python),
    ]


def test_the_schema_is_up_to_date() -> None:
    assert generate.CUSTOM_SCHEMA.read_text() == generate.generated()[generate.CUSTOM_SCHEMA], "run: make generate"


def test_page_schema_and_model_have_the_same_fields() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == set(SCHEMA["properties"]) == FIELDS


def test_every_example_is_understood() -> None:
    assert len(details()) == 4
    for detail in details():
        Draft202012Validator(SCHEMA).validate(detail)
        assert remarks_of(detail) == []


@pytest.mark.parametrize(
    "detail",
    [
        {"severity": "urgent"},
        {"status": "odd"},
        {"link": "ftp://example.com"},
        {"title": ""},
        {"dedup_key": ["a"]},
        {"description": {}},
        {"resource": True},
    ],
)
def test_what_the_schema_refuses_is_said_not_to_be_understood(detail: dict[str, Any]) -> None:
    assert not Draft202012Validator(SCHEMA).is_valid(detail)
    assert len(remarks_of(detail)) == 1
