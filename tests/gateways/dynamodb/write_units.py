"""What DynamoDB bills for writing items.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

from typing import Any

from chalicelib.gateways.dynamodb.capacity import units
from chalicelib.gateways.dynamodb.expressions import Item
from local.table import table_definition


def in_index(item: Item, index: dict[str, Any]) -> Item:
    """Return what an index holds of an item; nothing where the item lacks one of its keys."""
    keys = [key["AttributeName"] for key in index["KeySchema"]]
    projected = {"pk", "sk", *keys, *index["Projection"].get("NonKeyAttributes", [])}
    return {name: value for name, value in item.items() if name in projected} if item.keys() >= set(keys) else {}


def units_of_writing(*written: Item) -> int:
    """Return the write units of one transaction, its indexes included."""
    indexes = table_definition()["GlobalSecondaryIndexes"]
    return sum(2 * units(item) + sum(units(in_index(item, index)) for index in indexes) for item in written)


def units_of_rewriting(before: Item, after: Item) -> int:
    """Return the write units of an item in a transaction; an index in which it stays as it is costs nothing."""
    moves = 0
    for index in table_definition()["GlobalSecondaryIndexes"]:
        was, now = in_index(before, index), in_index(after, index)
        moves += units(was) + units(now) if was != now else 0
    return 2 * max(units(before), units(after)) + moves
