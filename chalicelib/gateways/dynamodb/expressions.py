"""DynamoDB's notation: values as attributes, and conditions, updates and key conditions as expressions.

Puts and updates are what a transaction is made of.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Self

from msgspec import Struct, field

type Item = dict[str, Any]
type Key = dict[str, str]


def encode(values: Mapping[str, Any]) -> Item:
    """Write values as the attributes of an item."""
    return {name: _attribute(value) for name, value in values.items()}


def decode(item: Mapping[str, Any]) -> dict[str, Any]:
    """Read the attributes of an item."""
    return {name: _value(attribute) for name, attribute in item.items()}


def _attribute(value: Any) -> dict[str, Any]:
    """Write a value; a lone surrogate, which DynamoDB refuses, becomes a question mark."""
    match value:
        case str():
            return {"S": value.encode(errors="replace").decode()}
        case int():
            return {"N": str(int(value))}
        case bytes():
            return {"B": value}
        case Mapping():
            return {"M": encode(value)}
        case _:
            return {"L": [_attribute(each) for each in value]}


def _value(attribute: Mapping[str, Any]) -> Any:
    ((kind, value),) = attribute.items()
    match kind:
        case "N":
            return int(value)
        case "M":
            return decode(value)
        case "L":
            return [_value(each) for each in value]
        case _:
            return value


class DynamoExpression(Struct):
    """A condition and an update, and their placeholders: many of our words are DynamoDB's own too."""

    condition: str = ""
    sets: list[str] = field(default_factory=list)
    removes: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def absent(cls) -> Self:
        """Expect that there is no such item."""
        return cls("attribute_not_exists(pk)")

    @classmethod
    def at(cls, counter: str, version: int) -> Self:
        """Expect that the item is still at `version`; 0 means that there is none."""
        return cls().expect(counter, "=", version) if version else cls.absent()

    def expect(self, name: str, comparison: str, value: Any) -> Self:
        """Set the condition to a comparison with one attribute."""
        self.condition = f"{self.path(name)} {comparison} {self.value(value)}"
        return self

    def expect_present(self, *places: tuple[str, ...]) -> Self:
        """Set the condition to the presence of each of these attributes, or places within one."""
        self.condition = " AND ".join(f"attribute_exists({self.path(*place)})" for place in places)
        return self

    def update(self, changes: Mapping[str, Any], within: str = "") -> Self:
        """Set each attribute, or each place within one, to its value, and remove those whose value is empty."""
        for name, value in changes.items():
            path = self.path(within, name) if within else self.path(name)
            if value:
                self.sets.append(f"{path} = {self.value(value)}")
            else:
                self.removes.append(path)
        return self

    def path(self, *parts: str) -> str:
        """Return the placeholder of an attribute, or of a place within one."""
        placeholders = []
        for part in parts:
            placeholders.append(f"#{len(self.names)}")
            self.names[placeholders[-1]] = part
        return ".".join(placeholders)

    def value(self, value: Any) -> str:
        """Return the placeholder of a value."""
        placeholder = f":{len(self.values)}"
        self.values[placeholder] = value
        return placeholder

    def arguments(self) -> dict[str, Any]:
        """Return all this as the operation takes it."""
        clauses = (("SET", self.sets), ("REMOVE", self.removes))
        arguments = {
            "ConditionExpression": self.condition,
            "UpdateExpression": " ".join(f"{verb} {', '.join(places)}" for verb, places in clauses if places),
            "ExpressionAttributeNames": self.names,
            "ExpressionAttributeValues": encode(self.values),
        }
        return {name: value for name, value in arguments.items() if value}


class Put(NamedTuple):
    """An item to be put, if the expression's condition holds."""

    item: Item
    expression: DynamoExpression | None = None

    def arguments(self) -> dict[str, Any]:
        """Return the write as DynamoDB takes it, alone or in a transaction."""
        return {"Item": self.item, **(self.expression.arguments() if self.expression else {})}


class Update(NamedTuple):
    """An item to be updated as the expression says, if its condition holds."""

    key: Key
    expression: DynamoExpression

    def arguments(self) -> dict[str, Any]:
        """Return the write as DynamoDB takes it, alone or in a transaction."""
        return {"Key": encode(self.key), **self.expression.arguments()}


type Write = Put | Update


def key_condition(
    keys: tuple[str, str], partition: str, low: str, high: str, attributes: Iterable[str] = ()
) -> dict[str, Any]:
    """Return what a query takes for a span of one partition, both ends included, and for some attributes alone."""
    expression = DynamoExpression()
    hashed, ranged = [expression.path(name) for name in keys]
    span = f"{expression.value(low)} AND {expression.value(high)}"
    condition = f"{hashed} = {expression.value(partition)} AND {ranged} BETWEEN {span}"
    projection = ", ".join([expression.path(name) for name in attributes])
    return {
        "KeyConditionExpression": condition,
        **({"ProjectionExpression": projection} if projection else {}),
        **expression.arguments(),
    }
