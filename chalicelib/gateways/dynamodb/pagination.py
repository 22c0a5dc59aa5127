"""Pagination: turns spans of keys into pages with cursors in both directions."""

from collections.abc import Iterable, Mapping
from itertools import islice

from chalicelib.domain.pagination import Cursor, Direction, Page
from chalicelib.domain.queries import ListQuery
from chalicelib.gateways.dynamodb.table import HIGHEST, LOWEST, Span

# A page examines at most so many items, however rare what it looks for.
MOST_EXAMINED = 1_000
# Items read at a time while a page looks for something rare.
STRIDE = 100
# The first ten digits of a position in a list by time are its time.
LATEST = 9_999_999_999
# No id and no other key is longer; DynamoDB answers longer ones with an error.
LONGEST_KEY = 128
# Cursors come from outside; a sort key has at most 1,024 bytes and is never empty.
LONGEST_POSITION = 256


def seconds(start: int | None, end: int | None) -> tuple[str, str]:
    """Return the bounds of positions for a time span, both seconds included; None: unbounded."""
    low = LOWEST if start is None else f"{min(start, LATEST):010d}"
    high = HIGHEST if end is None else f"{min(end, LATEST):010d}{HIGHEST}"
    return low, high


def span_of(query: ListQuery) -> Span:
    """Return the query's time span, on its cursor's side; reversed where the cursor leads back."""
    forward = query.cursor is None or query.cursor.forward
    return Span(*seconds(query.start, query.end), ascending=(query.direction is Direction.ASC) is forward)


def fill[T](found: Iterable[tuple[str, T | None]], query: ListQuery, most: int = MOST_EXAMINED) -> Page[T]:
    """Return a page of what was found, each with its position, having examined `most`.

    None is one that does not match.
    """
    listed: dict[str, T] = {}
    examined, onward = 0, ""
    for position, each in islice(found, most):
        if each is not None:
            if len(listed) == query.limit:
                break
            listed[position] = each
        examined, onward = examined + 1, position
    else:
        onward = onward if examined == most else ""
    return page_of(listed, onward, query.cursor, span_of(query))


def position_of(cursor: Cursor | None) -> str:
    """Return the cursor's position as a sort key; nothing where there is no cursor."""
    return cursor.position[:LONGEST_POSITION] or LOWEST if cursor else ""


def page_of[T](listed: Mapping[str, T], onward: str, cursor: Cursor | None, span: Span) -> Page[T]:
    """Return what was listed, by id and in the order of `span`, as a page in the order of the list.

    `onward` is the last id examined, or empty at the end. A page begun by a cursor always has a page on the cursor's
    other side: if nothing was listed, that is found from the last id, or the span's end, backwards.
    """
    forward = cursor is None or cursor.forward
    ahead = Cursor(onward, forward) if onward else None
    back = Cursor(next(iter(listed), onward) or span.end, not forward) if cursor else None
    found = tuple(listed.values())
    if forward:
        return Page(found, next=ahead, previous=back)
    return Page(found[::-1], next=back, previous=ahead)
