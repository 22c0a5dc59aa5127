"""botocore without what writes its clients' documentation: a twentieth of a cold start, and nobody reads it in Lambda.

Elsewhere, and where AWS's own botocore wants more of it than it does today, all of it is imported.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Self

SESSION, DOCS, TEXTS = "botocore.session", "botocore.docs", "botocore.docs.docstring"


class Docstring(str):
    """Stands for the text about a method, and is empty."""

    __slots__ = ()

    def __new__(cls, *_: object, **__: object) -> Self:
        """Take what the text would be about."""
        return super().__new__(cls)


class Docstrings(ModuleType):
    """Stands for the module that has such texts, whatever it calls them."""

    def __getattr__(self, name: str) -> type[Docstring]:
        if name.startswith("__"):
            raise AttributeError(name)
        return Docstring


def load() -> None:
    """Import botocore, in Lambda the quick way."""
    if "_HANDLER" in os.environ and DOCS not in sys.modules:
        try:
            with _without_documentation():
                import_module(SESSION)
        except (ImportError, AttributeError, TypeError):
            for name in [each for each in sys.modules if each.partition(".")[0] == "botocore"]:
                del sys.modules[name]
    import_module(SESSION)


@contextmanager
def _without_documentation() -> Iterator[None]:
    package = ModuleType(DOCS)
    # A few of its modules are needed all the same, and found there.
    package.__path__ = [str(Path(str(import_module("botocore").__file__)).parent / "docs")]
    stand_ins = {DOCS: package, TEXTS: Docstrings(TEXTS)}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name in stand_ins:
            del sys.modules[name]


load()
