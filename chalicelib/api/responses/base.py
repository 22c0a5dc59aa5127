"""What all models of responses have in common: they are made of what the hub knows, and empty values are null."""

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.domain import pagination, queries
from chalicelib.domain.aws_console import Console
from chalicelib.domain.routing.annotations import NOT_ANNOTATED, Annotations


class Context(NamedTuple):
    """What a response needs besides its subject: accounts' names, the way into AWS's console, the time, annotations."""

    account_name: Callable[[str], str]
    console: Console
    now: int
    annotations: Annotations = NOT_ANNOTATED


class Model(BaseModel):
    """An object of a response."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True, validate_by_name=True)

    @classmethod
    def copied(cls, subject: object, **known: Any) -> Self:
        """Return a model with what is known, and with those of the subject's attributes that have a field's name."""
        names = [name for name in cls.model_fields if name not in known and hasattr(subject, name)]
        return cls(**{name: getattr(subject, name) for name in names}, **known)


class Addressable(Model):
    """An object with an address of its own; whoever shows it again may ask whether it has changed."""


class ResourcePage(Model):
    """A page of a list; what it holds is in `items`."""

    limit: Annotated[int, Field(description="How many items the page may have.", examples=[50])]
    next: Annotated[
        str | None,
        Field(description="The cursor to the next page; null at the end of the list.", examples=["WyIxNzYiLHRydWVd"]),
    ]
    previous: Annotated[str | None, Field(description="The cursor to the page before; null on the first page.")]

    @classmethod
    def around(cls, items: tuple[Any, ...], page: pagination.Page[Any], query: queries.ListQuery) -> Self:
        """Return a page of items; its cursors are bound to the filters of its query."""
        cursors = {"next": page.next, "previous": page.previous}
        bound = {name: cursor and cursor.encode(query.filters) for name, cursor in cursors.items()}
        return cls(items=items, limit=query.limit, **bound)  # type: ignore[call-arg]  # each kind of page has items
