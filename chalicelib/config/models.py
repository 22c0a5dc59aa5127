"""Models: the written names of their fields, and the model at a path within another."""

from collections.abc import Iterable, Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo


def by_key(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return a model's fields by their keys in the file."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def model_at[M: BaseModel](model: type[M], path: Iterable[str | int]) -> type[M]:
    """Return the model at a path of another, or the last one on the way there."""
    for key in path:
        field = by_key(model).get(str(key))
        model = next(_models_in(field.annotation), model) if field else model
    return model


def _models_in(annotation: Any) -> Iterator[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for each in get_args(getattr(annotation, "__value__", annotation)):  # of what an alias stands for
        yield from _models_in(each)
