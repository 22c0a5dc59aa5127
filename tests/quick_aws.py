"""AWS's stand-ins as they are, but that what they would find out at each call they find out once."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import botocore.session
from moto.core import models, responses
from moto.core.serialize import XFormedAttributePicker as Picker

_keys_of = Picker.get_possible_keys
_known: dict[tuple[Any, ...], Iterable[str]] = {}


def quicken() -> None:
    """Let them remember; nor need moto listen to `requests`, as whoever is tested here speaks through botocore."""
    _share(botocore.session, "create_loader")  # it parses what a service looks like, for each session
    _share(responses, "method_names_from_class")
    vars(models).update(RESPONSES_METHODS=())
    setattr(Picker, "get_possible_keys", _get_possible_keys)  # noqa: B010 - mypy knows that methods stay


def _share(module: Any, name: str) -> None:
    setattr(module, name, cache(getattr(module, name)))


def _get_possible_keys(picker: Picker, context: Any) -> Iterable[str]:
    """Return the names under which an object may hold what a shape asks for: the same for all objects of a type."""
    about = (context.shape, context.key, type(context.obj))
    if about not in _known:
        _known[about] = tuple(dict.fromkeys(_keys_of(picker, context)))
    return _known[about]
