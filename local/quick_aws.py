"""AWS's stand-ins as they are, but that what they would find out at each call they find out once."""

import os
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any

import botocore.session
import jsonpath_ng.ext
from botocore.hooks import EventAliaser
from moto import backends
from moto.core import models, responses, utils
from moto.core.serialize import XFormedAttributePicker as Picker

_alias_of = getattr(EventAliaser, "_alias_event_name")  # noqa: B009 - its stubs do not know it
_aliases: dict[str, str] = {}
_keys_of = Picker.get_possible_keys
_known: dict[tuple[Any, ...], Iterable[str]] = {}


@cache
def quicken() -> None:
    """Let them remember; nor need moto know hundreds of machine images, or hear what `requests` sends, as nothing does.

    Call it before the first of moto's services is asked for.
    """
    os.environ["MOTO_AMIS_PATH"] = str(resources.files("local") / "no_images.json")
    for module in (botocore.session, utils):
        _share(module, "create_loader")  # for each session it parses what a service looks like, and lists all there are
    services = tuple(backends.list_of_moto_modules())
    vars(backends).update(list_of_moto_modules=lambda: services)
    _share(responses, "method_names_from_class")
    _share(jsonpath_ng.ext, "parse")  # it makes a grammar of its own for each path in an event
    vars(models).update(RESPONSES_METHODS=())
    setattr(EventAliaser, "_alias_event_name", _alias_event_name)  # noqa: B010 - mypy knows that methods stay
    setattr(Picker, "get_possible_keys", _get_possible_keys)  # noqa: B010 - the same


def _share(module: Any, name: str) -> None:
    setattr(module, name, cache(getattr(module, name)))


def _alias_event_name(aliaser: EventAliaser, name: str) -> str:
    """Return what botocore calls an event today, whose names it would look up for each session and client."""
    if name not in _aliases:
        _aliases[name] = _alias_of(aliaser, name)
    return _aliases[name]


def _get_possible_keys(picker: Picker, context: Any) -> Iterable[str]:
    """Return the names under which an object may hold what a shape asks for: the same for all objects of a type."""
    about = (context.shape, context.key, type(context.obj))
    if about not in _known:
        _known[about] = tuple(dict.fromkeys(_keys_of(picker, context)))
    return _known[about]
