"""Foreign text and foreign JSON, made safe to keep: bounded, printable, strict."""

import hashlib
import json
import math
import unicodedata
from collections.abc import Mapping
from typing import Any

# DynamoDB documents and most JSON parsers of our readers give up far earlier than Python does.
DEEPEST = 100
ELLIPSIS = "…"
# As long as an identifier of AWS may be.
LONGEST_WORD = 128


def clean(text: Any, limit: int) -> str:
    """Return `text` on one line of at most `limit` characters, without control, format or surrogate characters."""
    visible = str(text)[: limit * 4]
    if not visible.isprintable():  # which is to say: some character's category is one of C or Z, a space's aside
        visible = "".join([" " if unicodedata.category(char)[0] in "CZ" else char for char in visible])
    return shortened(" ".join(visible.split()), limit)


def word(value: Any, limit: int = LONGEST_WORD) -> str:
    """Return a foreign text, clean; nothing where it is no text."""
    return clean(value, limit) if isinstance(value, str) else ""


def shortened(text: str, limit: int) -> str:
    """Return `text` cut to `limit` characters, an ellipsis in the last place where something was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + ELLIPSIS


def plural(count: int, noun: str) -> str:
    """Write a count and what is counted."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def strict(value: Any, deepest: int = DEEPEST) -> Any:
    """Return `value` as strict JSON: keys are text, numbers are finite, nothing lies deeper than `deepest` levels."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case _ if deepest == 0:
            return f"{ELLIPSIS} nested deeper than {DEEPEST} levels"
        case Mapping():
            return {str(key): strict(each, deepest - 1) for key, each in value.items()}
        case list() | tuple():
            return [strict(each, deepest - 1) for each in value]
        case _:
            return str(value)


def canonical(value: Any) -> bytes:
    """Return strict JSON as bytes that are equal for equal values, whatever the order of their keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def digest(*parts: str) -> str:
    """Return 32 hexadecimal characters that stand for `parts`, the borders between them included."""
    return hashlib.sha256(canonical(parts)).hexdigest()[:32]
