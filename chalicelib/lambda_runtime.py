"""The Lambda runtime: keeps cold starts short, as each does no more than one job needs.

Services, gateways and clients are created, and their modules imported, on first use. A start creates very many objects
that stay, and repeated garbage collection would take a tenth of it: so `app.py` imports this first, and after the first
job everything created until then is exempt from collection for good.
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
    """A stand-in for anything in a module: it accepts any call, and is an empty text."""

    __slots__ = ()

    def __new__(cls, *_: object, **__: object) -> Self:
        """Accept any arguments."""
        return super().__new__(cls)


class StandIn(ModuleType):
    """A stand-in for a module whose contents others import and never use."""

    def __getattr__(self, name: str) -> type[Unused]:
        if name.startswith("__"):
            raise AttributeError(name)
        return Unused


class Later(ModuleType):
    """A stand-in for a module that is seldom used: it is imported when something in it is called or read.

    While it is in `sys.modules`, its attributes can only be called, and later; after that they are the module's.
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
    """Replace modules that are not imported yet, for imports in this context; None makes an import fail."""
    instead = {name: module for name, module in modules.items() if name not in sys.modules}
    sys.modules.update(instead)  # type: ignore[arg-type]  # None stands for what cannot be imported
    try:
        yield
    finally:
        for name, module in instead.items():
            if sys.modules.get(name, ...) is module:
                del sys.modules[name]


def without(*modules: str) -> AbstractContextManager[None]:
    """Make imports of these optional modules fail in this context."""
    return replaced(dict.fromkeys(modules))


def without_using(*modules: str) -> AbstractContextManager[None]:
    """Replace these modules by stand-ins in this context, as they are imported but never used here."""
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
    """Delay imports of these modules, in this context, until they are used."""
    return replaced({name: Later(name) for name in modules})


# What it would take from there, Python has by now; pydantic brings it along.
with without("typing_extensions"):
    import msgspec  # noqa: F401 - for all who import it later


def is_over() -> None:
    """Start garbage collection, for objects created from now on."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
