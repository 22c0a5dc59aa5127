"""Lifecycles as stored: older versions of the hub read `rechecked` as `recurring`."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.events.lifecycle import Lifecycle


def stored_lifecycle(lifecycle: Lifecycle) -> dict[str, Any]:
    """Return the attributes of a lifecycle; none for that of most problems.

    An older version fails on a word that it does not know, and so on every item that it reads with it.
    """
    if lifecycle is Lifecycle.RECHECKED:
        return {"lifecycle": Lifecycle.RECURRING, "rechecked": True}
    return {"lifecycle": "" if lifecycle is Lifecycle.CONTINUOUS else lifecycle}


def lifecycle_of(values: Mapping[str, Any]) -> Lifecycle:
    """Read a lifecycle."""
    if values.get("rechecked"):
        return Lifecycle.RECHECKED
    return Lifecycle(values.get("lifecycle", Lifecycle.CONTINUOUS))
