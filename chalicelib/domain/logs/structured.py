"""Structured messages: the JSON object that a log message is, or that stands behind what others wrote before it."""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from chalicelib.domain.logs.headers import header_end

# Of an endless text, what it begins with and, for the exception below a traceback, what it ends with.
_BEGINNING, _END = 12_000, 4_000
# What a container runtime or syslog writes before a message that is JSON: Docker Compose, the container runtime
# interface (https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md), RFC 3164,
# and what says that JSON follows there.
_PREFIX = re.compile(
    r"[\w.-]{1,100} {0,40}\| {0,4}|\S{1,40} (?:stdout|stderr) [FP] |@cee: ?"
    r"|(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d [\d:]{8}|\d{4}-\d\d-\d\dT\S{1,30}) \S{1,100} [^\s:]{1,100}: (?:@cee: ?)?"
)
_LONGEST_PREFIX = 300
# Who writes records without a library lets lines end within a text.
_DECODER = json.JSONDecoder(strict=False)


class Structured(NamedTuple):
    """The fields of a JSON object, their names in small letters, and the text before it."""

    header: str
    fields: dict[str, Any]


def structured(message: str) -> Structured | None:
    """Return the JSON object that a message is, or that stands behind a logger's, a column's or syslog's header."""
    text = message.strip()
    start = _start_of(text)
    if start is None:
        return None
    try:
        value = _DECODER.decode(text[start:])
    except (ValueError, RecursionError):
        return None
    return Structured(text[:start], lowered(value))


def _start_of(text: str) -> int | None:
    if text.startswith("{"):
        return 0
    if "\t{" in text:
        return text.index("\t{") + 1
    start = text.find("{", 0, _LONGEST_PREFIX)
    if start <= 0 or not text.endswith("}"):
        return None
    return start if _PREFIX.fullmatch(text, 0, start) or header_end(text) == start else None


def lowered(value: Mapping[Any, Any]) -> dict[str, Any]:
    """Return an object with its keys in small letters."""
    return {str(key).lower(): each for key, each in value.items()}


def abridged(text: str) -> str:
    """Return the text or, of an endless one, its beginning and its end: reading takes time."""
    return text if len(text) <= _BEGINNING + _END else f"{text[:_BEGINNING]}\n{text[-_END:]}"
