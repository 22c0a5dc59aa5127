"""A cold start is short when it does no more than the one job that it is for.

A service, a gateway or a client is made, and what it is made of imported, when it is first used. And as a start makes
very many objects that stay, to look for garbage among them again and again would take a tenth of it: `app.py` imports
this first; when the first job is done, what was made until then is set aside for good.
"""

import gc
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from types import ModuleType
from typing import Self

gc.disable()


class Unused(str):
    """Stands for anything that a module has: it takes whatever it is called with, and is an empty text."""

    __slots__ = ()

    def __new__(cls, *_: object, **__: object) -> Self:
        """Take what it would be made of."""
        return super().__new__(cls)


class StandIn(ModuleType):
    """Stands for a module that others import things of, and use nothing of."""

    def __getattr__(self, name: str) -> type[Unused]:
        if name.startswith("__"):
            raise AttributeError(name)
        return Unused


@contextmanager
def replaced(modules: Mapping[str, ModuleType | None]) -> Iterator[None]:
    """Let what is imported meanwhile find these instead of modules that are not there already; None is not found."""
    instead = {name: module for name, module in modules.items() if name not in sys.modules}
    sys.modules.update(instead)  # type: ignore[arg-type]  # None stands for what cannot be imported
    try:
        yield
    finally:
        for name in instead:
            sys.modules.pop(name, None)


def without(*modules: str) -> AbstractContextManager[None]:
    """Let what is imported meanwhile do without other modules that it could do with."""
    return replaced(dict.fromkeys(modules))


def without_using(*modules: str) -> AbstractContextManager[None]:
    """Let what is imported meanwhile import nothing of other modules that it never uses here."""
    return replaced({name: StandIn(name) for name in modules})


# What it would take from there, Python has by now; pydantic brings it along.
with without("typing_extensions"):
    import msgspec  # noqa: F401 - for all who import it later


def is_over() -> None:
    """Look for garbage from now on, among what comes after."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
