"""Schemas: what editors know of what people write, as JSON Schema made from the models that read it."""

import json
from typing import Any

from chalicelib.config.routes import RoutesTables
from chalicelib.config.scan import ScanTables
from chalicelib.config.sources import SourcesTables
from chalicelib.config.toml_reader import Table
from chalicelib.domain.events.event import Severity
from chalicelib.gateways.webhook import body
from chalicelib.sources.custom import FIRING, LINK_LENGTH, RESOLVED

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# What a key is that is left out, and which TOML cannot write.
NULL = {"type": "null"}


def routes() -> str:
    """Return the schema of routes.toml."""
    return _schema(RoutesTables, "routes.toml")


def scan() -> str:
    """Return the schema of scan.toml."""
    return _schema(ScanTables, "scan.toml")


def sources() -> str:
    """Return the schema of sources.toml, and of the catalogue."""
    return _schema(SourcesTables, "sources.toml")


def custom_event() -> str:
    """Return the schema of the detail of an event of one's own."""
    text = {"type": ["string", "number"], "minLength": 1}
    names = [each.name for each in Severity]
    properties = {
        "severity": _described("How bad it is; UNKNOWN if left out.", {"enum": [*names, *map(str.lower, names)]}),
        "status": _described("`resolved` ends the problem; firing if left out.", {"enum": [FIRING, RESOLVED]}),
        "title": _described("What the message begins with, up to 200 characters.", text),
        "dedup_key": _described("What makes two events of an account the same problem.", text),
        "resource": _described("What it is about, such as a job's name.", text),
        "link": _described("Where to read on.", {"type": "string", "pattern": "^https?://", "maxLength": LINK_LENGTH}),
        "description": _described("What the message says, up to 700 characters.", text),
    }
    schema = {
        "$schema": DIALECT,
        "title": "the detail of an event whose source begins with custom.",
        "type": "object",
        "properties": properties,
        "additionalProperties": True,
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _described(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description} | schema


def webhook() -> str:
    """Return the schema of what a webhook is sent."""
    schema = {"$schema": DIALECT, "title": "webhook", **body.schema()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _schema(model: type[Table], name: str) -> str:
    schema = {"$schema": DIALECT} | model.model_json_schema() | {"title": name}
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
