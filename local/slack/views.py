"""The modals that an app opens: a trigger lets it open one, once, within three seconds."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

# https://docs.slack.dev/reference/views/modal-views
TITLE, BLOCKS, PRIVATE_METADATA = 24, 100, 3_000
REQUIRED = {"type", "title", "blocks"}


class Views:
    """Triggers that were given out, and the modals that are open, by their ids."""

    def __init__(self) -> None:
        self.triggers: set[str] = set()
        self.open: dict[str, dict[str, Any]] = {}

    def trigger(self) -> str:
        """Give out a trigger."""
        trigger = uuid4().hex
        self.triggers.add(trigger)
        return trigger

    def take(self, method: str, arguments: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Open or update a modal; returns the error's word, or the modal with its id."""
        view = arguments.get("view")
        if not isinstance(view, dict) or not view.keys() >= REQUIRED or view["type"] != "modal" or not _fits(view):
            return "invalid_arguments", {}
        if method == "views.open":
            if arguments.get("trigger_id") not in self.triggers:
                return "expired_trigger_id", {}
            self.triggers.discard(str(arguments["trigger_id"]))
            view_id = f"V{uuid4().hex[:10].upper()}"
        else:
            view_id = str(arguments.get("view_id", ""))
            if view_id not in self.open:
                return "not_found", {}
        self.open[view_id] = view
        return "", {"id": view_id, **view}


def _fits(view: Mapping[str, Any]) -> bool:
    title = view["title"].get("text", "")
    return (
        0 < len(title) <= TITLE
        and 0 < len(view["blocks"]) <= BLOCKS
        and len(view.get("private_metadata", "")) <= PRIVATE_METADATA
        and (view.get("submit") is not None or not any(each["type"] == "input" for each in view["blocks"]))
    )
