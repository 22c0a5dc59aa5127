"""The base of all response models: they copy attributes, and empty values are null."""

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.domain import pagination, queries
from chalicelib.domain.aws_console import Console
from chalicelib.domain.routing.annotations import NOT_ANNOTATED, Annotations


class Context(NamedTuple):
    """What responses need besides their subject: account names, console links, the time, annotations."""

    account_name: Callable[[str], str]
    console: Console
    now: int
    annotations: Annotations = NOT_ANNOTATED


class Model(BaseModel):
    """An object in a response."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True, validate_by_name=True)

    @classmethod
    def copied(cls, subject: object, **known: Any) -> Self:
        """Return a model from `known` values and the subject's attributes of the same names as its fields."""
        names = [name for name in cls.model_fields if name not in known and hasattr(subject, name)]
        return cls(**{name: getattr(subject, name) for name in names}, **known)


class Addressable(Model):
    """An object with its own address, whose response has an ETag."""


class ResourcePage(Model):
    """A page of a list, with its items in `items`."""

    limit: Annotated[int, Field(description="The maximum number of items.", examples=[50])]
    next: Annotated[
        str | None,
        Field(description="The cursor to the next page; null at the end of the list.", examples=["WyIxNzYiLHRydWVd"]),
    ]
    previous: Annotated[str | None, Field(description="The cursor to the previous page; null on the first page.")]

    @classmethod
    def around(cls, items: tuple[Any, ...], page: pagination.Page[Any], query: queries.ListQuery) -> Self:
        """Return a page of items; its cursors are bound to the filters of its query."""
        cursors = {"next": page.next, "previous": page.previous}
        bound = {name: cursor and cursor.encode(query.filters) for name, cursor in cursors.items()}
        return cls(items=items, limit=query.limit, **bound)  # type: ignore[call-arg]  # each kind of page has items
