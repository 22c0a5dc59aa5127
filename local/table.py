"""The table, made from its only definition: the resource `Table` in infra/hub.yaml."""

from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # PyYAML was built where there is no libyaml
    from yaml import SafeLoader  # type: ignore[assignment]

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TEMPLATE = Path(__file__).parent.parent / "infra" / "hub.yaml"
# CloudFormation and CreateTable spell these alike. Recovery, encryption and expiry are AWS's business alone: a copy on
# one machine that deleted by a real clock would surprise everybody whose clock is another.
SHARED = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")


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


def read_template(path: Path = TEMPLATE) -> dict[str, Any]:
    """Return a CloudFormation template as plain data."""
    loader = _Loader(path.read_text())
    try:
        template: dict[str, Any] = loader.get_single_data()
    finally:
        loader.dispose()
    return template


@cache
def table_definition() -> dict[str, Any]:
    """Return the arguments of CreateTable, but for the table's name."""
    properties = read_template()["Resources"]["Table"]["Properties"]
    return {name: properties[name] for name in SHARED}


def create_table(client: "DynamoDBClient", name: str) -> None:
    """Create the table, unless it is there already, and wait until it can be used."""
    with suppress(client.exceptions.ResourceInUseException):
        made = client.create_table(TableName=name, **table_definition())["TableDescription"]
        if made.get("TableStatus") == "ACTIVE":  # as moto's and DynamoDB Local's are at once
            return
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
