"""CloudFormation's templates as plain data, with their short forms spelt out."""

from pathlib import Path
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # PyYAML was built where there is no libyaml
    from yaml import SafeLoader  # type: ignore[assignment]


class _Loader(SafeLoader):
    """Reads YAML with CloudFormation's short forms spelt out: `!Sub x` becomes {"Fn::Sub": "x"}."""


def _spelt_out(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    match node:
        case yaml.SequenceNode():
            value: Any = loader.construct_sequence(node, deep=True)
        case yaml.MappingNode():
            value = loader.construct_mapping(node, deep=True)
        case _ if suffix == "GetAtt":
            value = node.value.split(".", 1)
        case _:
            value = node.value
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _spelt_out)


def read_template(path: Path) -> dict[str, Any]:
    """Return a CloudFormation template as plain data."""
    loader = _Loader(path.read_text())
    try:
        template: dict[str, Any] = loader.get_single_data()
    finally:
        loader.dispose()
    return template
