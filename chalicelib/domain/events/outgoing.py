"""Entries: what we put on the event bus ourselves."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct


class Entry(Struct, frozen=True):
    """One event before EventBridge has given it an id; `time` is in epoch seconds, `detail` strict JSON."""

    source: str
    detail_type: str
    time: int
    detail: Mapping[str, Any]
