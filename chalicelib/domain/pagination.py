"""Pagination: pages of a long list, and the opaque cursor that leads through it."""

import base64
import binascii
import json
from enum import StrEnum
from typing import Self

from msgspec import Struct

from chalicelib.domain.errors import Invalid, Violation

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 100


class Direction(StrEnum):
    """The order of a list by time."""

    ASC = "asc"
    DESC = "desc"


class Cursor(Struct, frozen=True):
    """A position in a list: just after (`forward`) or just before the item at `position`, such as an event's id."""

    position: str
    forward: bool = True

    def encode(self, filters: str) -> str:
        """Write the cursor as URL-safe base64, bound to the filters it belongs to."""
        text = json.dumps([self.position, self.forward, filters], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, filters: str) -> Self:
        """Read a cursor; Invalid where it is damaged or belongs to other filters."""
        try:
            position, forward, bound = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True))
        except (binascii.Error, ValueError, TypeError, RecursionError) as error:
            raise _bad_cursor("is damaged; use `next` or `previous` as the list returned it") from error
        if not (isinstance(position, str) and position.isascii() and position and isinstance(forward, bool)):
            raise _bad_cursor("is damaged; use `next` or `previous` as the list returned it")
        if bound != filters:
            raise _bad_cursor("belongs to a query with other filters; start again without it")
        return cls(position, forward)


class Page[T](Struct, frozen=True):
    """Some items of a list, in its order, and cursors to the next and previous ones (None: none)."""

    items: tuple[T, ...]
    next: Cursor | None = None
    previous: Cursor | None = None


def _bad_cursor(message: str) -> Invalid:
    return Invalid("The cursor cannot be used.", Violation("cursor", message, "query"))
