"""Lifecycles as they are stored: to versions of the hub that do not know what is rechecked, it recurs."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.events.lifecycle import Lifecycle


def stored_lifecycle(lifecycle: Lifecycle) -> dict[str, Any]:
    """Return what is stored of a lifecycle: nothing stands for that of most problems.

    An older version fails at a word that it does not know, and with the item at all that it reads together.
    """
    if lifecycle is Lifecycle.RECHECKED:
        return {"lifecycle": Lifecycle.RECURRING, "rechecked": True}
    return {"lifecycle": "" if lifecycle is Lifecycle.CONTINUOUS else lifecycle}


def lifecycle_of(values: Mapping[str, Any]) -> Lifecycle:
    """Read a lifecycle."""
    if values.get("rechecked"):
        return Lifecycle.RECHECKED
    return Lifecycle(values.get("lifecycle", Lifecycle.CONTINUOUS))
