"""Classification: which log messages are errors, in the formats of Lambda's runtimes, of loggers and of plain text.

A message that says its level is believed; one that does not is judged by what it holds: the outcome that a service
reports, fields that only errors fill, or its wording.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from chalicelib.domain.logs.header_level import declared_in
from chalicelib.domain.logs.levels import Level, Silent
from chalicelib.domain.logs.plain_text import level_of_text
from chalicelib.domain.logs.query_filter import may_be_error
from chalicelib.domain.logs.reader import LogRecord, read

# To look through an endless message takes longer than to judge it.
_LONGEST_EXAMINED = 16_000
_STATUS_FIELDS = ("statuscode", "status_code", "http_status", "httpstatus")
_FAILED_STATUS = re.compile(r"5\d\d")
# Fields with an outcome, but for what was so before.
_OUTCOME = re.compile(
    r"(?!(?:old|prev|last|former|from|expected))[\w.-]{0,40}?(?:status|outcome|result|state|conclusion)"
)
_BAD_OUTCOMES = frozenset({"error", "failed", "failure", "fatal", "timeout", "timed_out", "crashed"})
_EXIT_FIELDS = ("exitcode", "exit_code")


def level_of(message: str) -> Level | None:
    """Return how bad an error this message is; None where it is none."""
    if len(message) <= _LONGEST_EXAMINED and not may_be_error(message):
        return None
    record = read(message)
    return level_of_text(message) if record is None else _level_of_record(record)


def is_error(message: str) -> bool:
    """Tell whether a log message is an error."""
    return level_of(message) is not None


def _level_of_record(record: LogRecord) -> Level | None:
    if not record.is_silent:
        return record.level
    if record.header:
        with suppress(Silent):
            return declared_in(record.header)
    if record.event is not None:
        return record.event.level
    if record.errors or any(map(_ended_badly, record.layers)):
        return Level.ERROR
    said = "" if record.message in record.header else record.message
    return level_of_text(record.header + said)


def _ended_badly(fields: Mapping[str, Any]) -> bool:
    """Tell whether the outcome that a record has is a bad one."""
    event = fields.get("event")
    every = {**event, **fields} if isinstance(event, Mapping) else fields
    outcomes = [each for name, each in every.items() if isinstance(each, str) and _OUTCOME.fullmatch(str(name))]
    return (
        any(str(each).lower() in _BAD_OUTCOMES for each in outcomes)
        or str(fields.get("success")).lower() == "false"
        or any(_FAILED_STATUS.fullmatch(str(fields.get(name, ""))) for name in _STATUS_FIELDS)
        or any(isinstance(code := fields.get(name), int) and code != 0 for name in _EXIT_FIELDS)
    )
