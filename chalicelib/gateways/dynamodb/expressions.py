"""DynamoDB's notation: values and models as attributes, conditions and updates as expressions.

Transactions consist of the writes defined here.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from msgspec import NODEFAULT, Struct, field
from msgspec.structs import FieldInfo, fields

type Item = dict[str, Any]
type Key = dict[str, str]


class StringSet(tuple[str, ...]):
    """A set of texts, which DynamoDB can add to."""

    __slots__ = ()


def encode(values: Mapping[str, Any]) -> Item:
    """Write values as the attributes of an item."""
    return {name: _attribute(value) for name, value in values.items()}


def decode(item: Mapping[str, Any]) -> dict[str, Any]:
    """Read the attributes of an item."""
    return {name: _value(attribute) for name, attribute in item.items()}


def read[M: Struct](model: type[M], values: Mapping[str, Any], **known: Any) -> M:
    """Build a model from values; its fields are texts, numbers and enumerations.

    A missing value becomes the field's default, or its type's empty value.
    """
    for each in _fields(model):
        if each.name not in known:
            kind: Any = each.type
            nothing = (0 if issubclass(kind, int) else "") if each.default is NODEFAULT else each.default
            known[each.name] = kind(values.get(each.name, nothing))
    return model(**known)


@cache
def _fields(model: type[Struct]) -> tuple[FieldInfo, ...]:
    return fields(model)


def _attribute(value: Any) -> dict[str, Any]:
    """Write a value; a lone surrogate, which DynamoDB rejects, becomes a question mark."""
    match value:
        case str():
            return {"S": value.encode(errors="replace").decode()}
        case int():
            return {"N": str(int(value))}
        case bytes():
            return {"B": value}
        case StringSet():
            return {"SS": list(value)}
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


# What can be expected of an attribute, or of a path within one.
IS, PRESENT, MISSING = "{path} = {value}", "attribute_exists({path})", "attribute_not_exists({path})"
# A missing number counts as lower than any.
BELOW, AT_MOST = f"({MISSING} OR {{path}} < {{value}})", f"({MISSING} OR {{path}} <= {{value}})"


class Expected(NamedTuple):
    """A condition on one attribute, or a path `within` it."""

    form: str
    name: str
    value: Any = None
    within: str = ""


ABSENT = (Expected(MISSING, "pk"),)
"""There is no such item."""


def at_version(counter: str, version: int) -> tuple[Expected, ...]:
    """Return the conditions that an item is still at `version`; 0 means that there is none."""
    return (Expected(IS, counter, version),) if version else ABSENT


class Put(NamedTuple):
    """An item to put if all conditions hold."""

    item: Item
    expected: Sequence[Expected] = ()

    def arguments(self) -> dict[str, Any]:
        """Return the write as DynamoDB takes it, alone or in a transaction."""
        return {"Item": self.item, **(_Expression().writing(self.expected) if self.expected else {})}


class Update(NamedTuple):
    """An item to update if all conditions hold: attributes get their values, or are removed where these are empty.

    `within` are such changes of paths within an attribute. `added` are amounts added to numbers, from 0 on, or to sets.
    """

    key: Key
    changes: Mapping[str, Any]
    expected: Sequence[Expected] = ()
    within: Mapping[str, Mapping[str, Any]] = {}
    added: Mapping[str, int | StringSet] = {}

    def arguments(self) -> dict[str, Any]:
        """Return the write as DynamoDB takes it, alone or in a transaction."""
        expression = _Expression()
        changed: list[tuple[tuple[str, ...], Any]] = [((name,), value) for name, value in self.changes.items()]
        changed += [((name, path), value) for name, paths in self.within.items() for path, value in paths.items()]
        clauses = {
            "SET": [f"{expression.path(*path)} = {expression.value(value)}" for path, value in changed if value],
            "REMOVE": [expression.path(*path) for path, value in changed if not value],
            "ADD": [f"{expression.path(name)} {expression.value(value)}" for name, value in self.added.items()],
        }
        return {"Key": encode(self.key), **expression.writing(self.expected, clauses)}


class Delete(NamedTuple):
    """An item to delete if all conditions hold."""

    key: Key
    expected: Sequence[Expected] = ()

    def arguments(self) -> dict[str, Any]:
        """Return the write as DynamoDB takes it, alone or in a transaction."""
        return {"Key": encode(self.key), **_Expression().writing(self.expected)}


type Write = Put | Update | Delete


class _Expression(Struct):
    """The placeholders of expressions, as many of our attribute names are reserved words of DynamoDB."""

    names: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    def path(self, *parts: str) -> str:
        """Return the placeholder of an attribute, or of a path within one."""
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

    def writing(
        self, expected: Sequence[Expected], clauses: Mapping[str, Sequence[str]] | None = None
    ) -> dict[str, Any]:
        """Return the condition and the update of a write."""
        conditions = [self._condition(each) for each in expected]
        updates = [f"{verb} {', '.join(paths)}" for verb, paths in (clauses or {}).items() if paths]
        return self.arguments(ConditionExpression=" AND ".join(conditions), UpdateExpression=" ".join(updates))

    def arguments(self, **expressions: str) -> dict[str, Any]:
        """Return expressions with the names and values of their placeholders, as an operation takes them."""
        placeholders = {"ExpressionAttributeNames": self.names, "ExpressionAttributeValues": encode(self.values)}
        return {name: value for name, value in {**expressions, **placeholders}.items() if value}

    def _condition(self, expected: Expected) -> str:
        path = self.path(expected.within, expected.name) if expected.within else self.path(expected.name)
        needs_value = "{value}" in expected.form
        return expected.form.format(path=path, value=self.value(expected.value) if needs_value else "")
