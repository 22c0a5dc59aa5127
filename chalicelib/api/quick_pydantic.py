"""pydantic without what only type checkers read, and without a search for plugins: a seventh of the API's cold start.

Its core describes each form of a schema as a TypedDict, whose 800 annotations `typing` would compile. In Lambda a plain
dictionary stands for them. Elsewhere, and where AWS has imported pydantic before or it comes to need them, nothing is
different.
"""

import os
import typing
from typing import Any

from chalicelib import lambda_runtime


class _Described(dict[str, Any]):
    """Stands for TypedDict: it takes the same options, and no notice of the keys."""

    def __init_subclass__(cls, **_options: bool) -> None:
        """Take `total` as well."""


def load() -> None:
    """Import pydantic's core the quick way; on failure, whoever imports it next gets the error."""
    original = typing.TypedDict
    vars(typing)["TypedDict"] = _Described
    try:
        import pydantic_core  # noqa: F401, PLC0415 - while its annotations are of no use
    except (ImportError, AttributeError, TypeError):
        pass
    finally:
        vars(typing)["TypedDict"] = original


if "_HANDLER" in os.environ:
    load()

# There are none; to look for them in the metadata of all distributions would take a tenth of a cold start.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
with lambda_runtime.without_using("importlib.metadata"):
    from pydantic import TypeAdapter

    TypeAdapter(str)  # the first of them imports what would
