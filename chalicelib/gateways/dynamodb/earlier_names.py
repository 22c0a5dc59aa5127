"""Earlier names: what 0.2.0 called some of what it stored, so that this version reads its items after an update."""

from collections.abc import Mapping
from typing import Any

REASONS = {"unfolded": "processing", "settled": "stable"}
SIGNALS = {"history": "historical", "news": "informational"}
# Of an alert, of what was done to it, and of an agent.
ATTRIBUTES = {
    "moments": "history",
    "happening": "kind",
    "state": "status",
    "interval": "heartbeat_seconds",
    "scans": "log_group_count",
}
# In the index `work`, the events that wait for `merge`.
UNMERGED = "UNFOLDED"


def with_present_names(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item's values under the names that they have now."""
    return {ATTRIBUTES.get(name, name): value for name, value in values.items()}


def with_present_words(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event's or a notification's values, the reason and the signal as they are called now."""
    words = {"reason": REASONS, "signal": SIGNALS}
    return {name: words[name].get(value, value) if name in words else value for name, value in values.items()}
