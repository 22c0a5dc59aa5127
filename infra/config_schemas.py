"""Schemas: what editors know of routes.toml and scan.toml, as JSON Schema made from their models."""

import json
from typing import Any

from chalicelib.config.routes import RoutesTables
from chalicelib.config.scan import ScanTables
from chalicelib.config.toml_reader import Table

# What a key is that is left out, and which TOML cannot write.
NULL = {"type": "null"}


def routes() -> str:
    """Return the schema of routes.toml."""
    return _schema(RoutesTables, "routes.toml")


def scan() -> str:
    """Return the schema of scan.toml."""
    return _schema(ScanTables, "scan.toml")


def _schema(model: type[Table], name: str) -> str:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | model.model_json_schema() | {"title": name}
    return json.dumps(_plain(schema), indent=2, ensure_ascii=False) + "\n"


def _plain(node: Any) -> Any:
    """Return a schema without titles and defaults of single keys: editors would show them instead of what counts."""
    if isinstance(node, dict):
        if NULL in node.get("anyOf", ()):
            (kind,) = (each for each in node["anyOf"] if each != NULL)
            node = {key: each for key, each in node.items() if key != "anyOf"} | kind
        return {key: _plain(each) for key, each in node.items() if not _is_noise(key, node)}
    return [_plain(each) for each in node] if isinstance(node, list) else node


def _is_noise(key: str, node: dict[str, Any]) -> bool:
    return (key == "title" and "$schema" not in node and isinstance(node[key], str)) or (
        key == "default" and "description" in node
    )
