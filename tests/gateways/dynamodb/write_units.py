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
    """Return the write units of an item in a transaction; an index in which it stays as it is costs nothing.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
    """
    indexes = table_definition()["GlobalSecondaryIndexes"]
    moves = sum(_units_of_moving(in_index(before, each), in_index(after, each), each) for each in indexes)
    return 2 * max(units(before), units(after)) + moves


def _units_of_moving(was: Item, now: Item, index: dict[str, Any]) -> int:
    """Return what an index bills: one write where the place stays and only what is projected changes, else two."""
    if was == now:
        return 0
    keys = [key["AttributeName"] for key in index["KeySchema"]]
    stays = was and now and all(was[key] == now[key] for key in keys)
    return max(units(was), units(now)) if stays else units(was) + units(now)
