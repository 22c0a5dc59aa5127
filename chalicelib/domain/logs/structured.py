"""Records: log messages that are JSON objects, as Lambda and the loggers of many languages write them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

# Of an endless text, what it begins with and, for the exception below a traceback, what it ends with.
_BEGINNING, _END = 12_000, 4_000
# Fields that only errors fill, those first that say most.
_FAULT_FIELDS = (
    *("errortype", "errormessage", "exception", "exc_info", "stacktrace", "stack_trace", "stack", "error", "err"),
    *(
        "thrown",
        "@x",
        "error.type",
        "error.message",
        "error.stack_trace",
        "exception_name",
        "exc_text",
        "error_message",
    ),
    *("errorcode", "errmsg"),
)
_MESSAGE_FIELDS = ("message", "msg", "@m", "@mt", "event", "body", "short_message", "text", "log")
_NOTHING = frozenset({"", "-", "0", "null", "<nil>", "none", "nil", "false", "undefined", "n/a", "{}", "[]"})


def structured(message: str) -> dict[str, Any] | None:
    """Return the JSON object that a message is, or that Lambda's header (time, request, level) stands before."""
    text = message.rsplit("\t", 1)[-1].strip() if "\t{" in message else message.strip()
    if not text.startswith("{"):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return lowered(value)


def lowered(value: Mapping[Any, Any]) -> dict[str, Any]:
    """Return an object with its keys in small letters."""
    return {str(key).lower(): each for key, each in value.items()}


def abridged(text: str) -> str:
    """Return the text or, of an endless one, its beginning and its end: reading takes time."""
    return text if len(text) <= _BEGINNING + _END else f"{text[:_BEGINNING]}\n{text[-_END:]}"


def faults_of(record: Mapping[str, Any]) -> Iterator[Any]:
    """Iterate over what a structured message says in the fields that only errors fill."""
    return (record[name] for name in _FAULT_FIELDS if not _is_nothing(record.get(name)))


def message_of(record: Mapping[str, Any]) -> str:
    """Return what a structured message says to people, or nothing."""
    return next((record[name] for name in _MESSAGE_FIELDS if isinstance(record.get(name), str) and record[name]), "")


def _is_nothing(value: Any) -> bool:
    return not value or (isinstance(value, str) and value.strip().lower() in _NOTHING)
