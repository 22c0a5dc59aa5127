"""A cold start is short when it does no more than the one job that it is for.

A service, a gateway or a client is made, and what it is made of imported, when it is first used. And as a start makes
very many objects that stay, to look for garbage among them again and again would take a tenth of it: `app.py` imports
this first; when the first job is done, what was made until then is set aside for good.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

gc.disable()


@contextmanager
def without(*modules: str) -> Iterator[None]:
    """Let what is imported meanwhile do without other modules that it could do with, unless they are there already."""
    absent = dict.fromkeys(each for each in modules if each not in sys.modules)
    sys.modules.update(absent)  # type: ignore[arg-type]  # None stands for what cannot be imported
    try:
        yield
    finally:
        for each in absent:
            del sys.modules[each]


# What it would take from there, Python has by now; pydantic brings it along.
with without("typing_extensions"):
    import msgspec  # noqa: F401 - for all who import it later


def is_over() -> None:
    """Look for garbage from now on, among what comes after."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
