"""Event files: EventBridge's events as people keep them in JSON files, one or several in each."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class WrongError(Exception):
    """What a person has to fix, one line each."""

    def __init__(self, *lines: str) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines


def read_text(path: Path) -> str:
    """Return a file's text; WrongError says in one line why there is none."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise WrongError(f"{path.name}:{line}: invalid UTF-8") from None
    except (OSError, ValueError) as error:
        raise WrongError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None


def read_json(path: Path) -> Any:
    """Return what a file of JSON holds; WrongError says in one line why that is nothing."""
    try:
        return json.loads(read_text(path))
    except ValueError as error:
        raise WrongError(f"{path.name}: invalid JSON: {error}") from None
    except RecursionError:
        raise WrongError(f"{path.name}: nested too deeply") from None


def events_in(path: Path) -> tuple[dict[str, Any], ...]:
    """Return the events of a file: one, a list of them, or an object whose `events` are such a list.

    WrongError where something in it is no object: that is no event of EventBridge's.
    """
    document = read_json(path)
    return tuple(_each_object(path, _listed(document)))


def _listed(document: Any) -> list[Any]:
    match document:
        case list():
            return document
        case {"events": [*events]} if "detail-type" not in document:
            return events
        case _:
            return [document]


def _each_object(path: Path, events: list[Any]) -> Iterator[dict[str, Any]]:
    if not events:
        raise WrongError(f"{path.name}: there is no event in it")
    for number, each in enumerate(events, 1):
        if not isinstance(each, dict):
            which = f"event {number} of {len(events)}: " if len(events) > 1 else ""
            raise WrongError(
                f"{path.name}: {which}invalid event; expected an object with source, detail-type, account and detail"
            )
        yield each
