"""Models read from the values of an item, of which those that are empty are not stored."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from msgspec import NODEFAULT, Struct
from msgspec.structs import FieldInfo, fields


def read[M: Struct](model: type[M], values: Mapping[str, Any], **known: Any) -> M:
    """Build a model whose fields are texts, numbers and their enumerations.

    What is missing is the field's default, or its type's nothing.
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
