"""A cold start is short when it does no more than the one job that it is for.

A service, a gateway or a client is made, and what it is made of imported, when it is first used. And as a start makes
very many objects that stay, to look for garbage among them again and again would take a tenth of it: `app.py` imports
this first; when the first job is done, what was made until then is set aside for good.
"""

import gc
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from importlib import import_module
from types import FunctionType, ModuleType
from typing import Any, Self, cast

gc.disable()

# Slots of a frame of which few are ever touched: the rest of its chunk is for what it calls, some 400 frames deep.
ROOM = 8_000


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


class Later(ModuleType):
    """Stands for a module that others import and seldom use: it is imported when something of it is called or read.

    While it stands in `sys.modules`, what is taken of it can only be called, and later; after that it is the module's.
    """

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is not self:
            return getattr(import_module(self.__name__), name)
        if name.startswith("__"):
            raise AttributeError(name)
        return partial(_call, self.__name__, name)


def _call(module: str, name: str, *args: Any, **named: Any) -> Any:
    return getattr(import_module(module), name)(*args, **named)


@contextmanager
def replaced(modules: Mapping[str, ModuleType | None]) -> Iterator[None]:
    """Let what is imported meanwhile find these instead of modules that are not there already; None is not found."""
    instead = {name: module for name, module in modules.items() if name not in sys.modules}
    sys.modules.update(instead)  # type: ignore[arg-type]  # None stands for what cannot be imported
    try:
        yield
    finally:
        for name, module in instead.items():
            if sys.modules.get(name, ...) is module:
                del sys.modules[name]


def without(*modules: str) -> AbstractContextManager[None]:
    """Let what is imported meanwhile do without other modules that it could do with."""
    return replaced(dict.fromkeys(modules))


def without_using(*modules: str) -> AbstractContextManager[None]:
    """Let what is imported meanwhile import nothing of other modules that it never uses here."""
    return replaced({name: StandIn(name) for name in modules})


def with_room[C: Callable[..., Any]](function: C) -> C:
    """Let all that a function calls find room on Python's stack at once.

    The stack grows by chunks of 16 kB, and a call at the end of one, made again and again, has Linux map a new one and
    unmap it each time: some 400 times while a function imports what it needs. A frame that is large itself gets a chunk
    that is as well.
    """
    code = cast("FunctionType", function)
    code.__code__ = code.__code__.replace(co_stacksize=ROOM)
    return function


def later(*modules: str) -> AbstractContextManager[None]:
    """Let what is imported meanwhile import other modules when it uses them, and not before."""
    return replaced({name: Later(name) for name in modules})


# What it would take from there, Python has by now; pydantic brings it along.
with without("typing_extensions"):
    import msgspec  # noqa: F401 - for all who import it later


def is_over() -> None:
    """Look for garbage from now on, among what comes after."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
