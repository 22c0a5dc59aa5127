"""Capacity: how many bytes DynamoDB counts for an item, and how many write units it bills.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

from collections.abc import Mapping
from typing import Any

# Bytes that one write unit covers.
UNIT = 1_024


def bytes_of(item: Mapping[str, Any]) -> int:
    """Return the bytes of an item, including the names of its attributes."""
    return sum(len(name.encode()) + size_of(value) for name, value in item.items())


def size_of(attribute: dict[str, Any]) -> int:
    """Return the bytes of one attribute's value."""
    ((kind, value),) = attribute.items()
    match kind:
        case "S":
            return len(value.encode())
        case "N":
            return (len(value.lstrip("-")) + 1) // 2 + 1
        case "B":
            return len(value)
        case "M":
            return 3 + len(value) + bytes_of(value)
        case "SS":
            return 3 + sum(1 + len(each.encode()) for each in value)
        case _:
            return 3 + sum(1 + size_of(each) for each in value)


def units(item: Mapping[str, Any]) -> int:
    """Return the write units of an item; in a transaction it costs twice as many."""
    return -(-bytes_of(item) // UNIT)
