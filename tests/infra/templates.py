"""Reads the templates as plain data, with CloudFormation's short forms spelt out."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from infra.template import read_template

INFRA = Path(__file__).parent.parent.parent / "infra"
TEMPLATES = sorted(INFRA.glob("*.yaml"), key=lambda path: path.name)

type Resource = dict[str, Any]


@cache
def read(name: str) -> dict[str, Any]:
    """Return a template of infra/."""
    return read_template(INFRA / name)


def resources(name: str, kind: str) -> dict[str, Resource]:
    """Return the resources of one type by their logical ids."""
    return {key: each for key, each in read(name)["Resources"].items() if each["Type"] == kind}


def statements(policy: Resource) -> Iterator[dict[str, Any]]:
    """Iterate over the statements of a resource policy."""
    yield from policy["Properties"]["PolicyDocument"]["Statement"]
