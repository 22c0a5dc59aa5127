"""The table, made from its only definition: the resource `Table` in infra/hub.yaml."""

from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.template import read_template

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TEMPLATE = Path(__file__).parent.parent / "infra" / "hub.yaml"
# CloudFormation and CreateTable spell these alike. Recovery, encryption and expiry are AWS's business alone: a copy on
# one machine that deleted by a real clock would surprise everybody whose clock is another.
SHARED = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")


@cache
def table_definition() -> dict[str, Any]:
    """Return the arguments of CreateTable, but for the table's name."""
    properties = read_template(TEMPLATE)["Resources"]["Table"]["Properties"]
    return {name: properties[name] for name in SHARED}


def create_table(client: "DynamoDBClient", name: str) -> None:
    """Create the table, unless it is there already, and wait until it can be used."""
    with suppress(client.exceptions.ResourceInUseException):
        made = client.create_table(TableName=name, **table_definition())["TableDescription"]
        if made.get("TableStatus") == "ACTIVE":  # as moto's and DynamoDB Local's are at once
            return
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
