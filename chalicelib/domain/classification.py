"""Classification: which log messages are errors, in the formats of Lambda's runtimes and of plain text.

A message that says its level is believed; one that does not is judged by the exceptions and words in it, after
everything harmless that merely sounds like an error has been taken out.
"""

import json
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

# What an error cannot do without, in a syntax that Logs Insights and Python share. It is the query's filter and the
# first look here, so that nothing is an error that the query would not have found.
SUSPECT = (
    r"error|exception|fatal|critical|severe|panic|emerg|traceback|unhandled|timed out|runtime exited"
    r"|[\"=\[<](err|crit|alert)\b|\"status\":\s*\"(timeout|failure)\"|\"level\":\s*[5-9][0-9]"
)


class Level(StrEnum):
    """How bad a message says it is."""

    ERROR = "error"
    FATAL = "fatal"


_LEVELS = {
    **dict.fromkeys(("error", "err", "severe"), Level.ERROR),
    **dict.fromkeys(("fatal", "critical", "crit", "panic", "emergency", "emerg", "alert"), Level.FATAL),
    **dict.fromkeys(("trace", "debug", "verbose", "info", "information", "informational", "notice"), None),
    **dict.fromkeys(("warn", "warning", "log", "fine", "finer", "finest"), None),
}
_LEVEL_FIELDS = ("level", "levelname", "loglevel", "log_level", "log.level", "severity", "lvl", "@l")
_FAULT_FIELDS = (
    "errortype",
    "errormessage",
    "exception",
    "exc_info",
    "stacktrace",
    "stack_trace",
    "stack",
    "error",
    "err",
)
_MESSAGE_FIELDS = ("message", "msg", "@m", "@mt", "event")
_NOTHING = frozenset({"", "0", "null", "none", "nil", "false", "undefined"})
# pino and bunyan count so; smaller numbers may be syslog's, which count the other way round.
_FATAL_NUMBER, _ERROR_NUMBER, _LEAST_NUMBER = 60, 50, 10

_SUSPECT = re.compile(SUSPECT, re.IGNORECASE)
# Lambda writes these about every invocation; what fails there has a line of its own.
_PLATFORM = re.compile(r"(?:START|END|REPORT|INIT_START|INIT_REPORT|RESTORE_\w+|EXTENSION|TELEMETRY)\s")
_PLATFORM_FAULT = re.compile(r"\bTask timed out after [\d.]+ seconds|\bRuntime\.ExitError\b|\bRuntime exited\b")
_FRAME = re.compile(
    r"\s*(?:at\s+\S|File \"|\.\.\. \d+ (?:more|common frames)|Caused by:|Traceback \(most recent call last\):"
    r"|During handling of the above|The above exception was|\^+\s*$)"
)
_DECLARED = re.compile(
    r"\b(?P<capital>TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|FATAL|CRITICAL|PANIC|EMERG)\b(?!=)"
    r"|[\[<](?P<bracketed>trace|debug|info|notice|warn|warning|error|err|crit|critical|alert|emerg|fatal)[\]>]"
    r"|\b(?:level|lvl|severity)=\"?(?P<pair>[a-zA-Z]+)"
)
_HEADER_LENGTH = 120
# Of an endless text, what it begins with and, for the exception below a traceback, what it ends with.
_BEGINNING, _END = 12_000, 4_000
_HARMLESS = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,15}://\S+"
    r"|(?<![\w.])/[\w.,/%?=&:+-]+"
    r"|\b(?:0|no|zero|without|any)\s+(?:[a-z]+\s+)?(?:errors?|exceptions?|failures?)\b"
    r"|\b(?:errors?|exceptions?|fatal)(?:[ _-]?(?:count|total|rate|code|message))?[\"']?"
    r"(?:\s*=\s*(?:[\"']{2}|[\"']?(?:0(?:\.0+)?%?|null|none|nil|false|undefined)[\"']?)(?![\w.-])"
    r"|\s*:\s*(?:[\"']{2}|[\"']?(?:0(?:\.0+)?%?|null|none|nil|false|undefined)[\"']?)"
    r"(?=\s*(?:$|[,;.|)}\]]|[\w.]+\s*[=:])))"
    r"|\berrors?[ _-](?:handler|handling|handled|page|budget|rate|boundary|reporting|recovery|correction)s?\b"
    r"|\b(?:with the exception of|exception to)\b",
    re.IGNORECASE | re.MULTILINE,
)
_FAULT = re.compile(
    r"\b(?:[A-Za-z_]\w*)?(?:Error|Exception|Errors|Exceptions)\b|\b(?:errors?|exception|fatal|traceback|unhandled)\b"
    r"|\b(?:ERRORS?|EXCEPTION|FATAL|Traceback|Unhandled)\b|\bpanic:"
)


def level_of(message: str) -> Level | None:
    """Return how bad an error this message is; None where it is none."""
    if not _SUSPECT.search(message):
        return None
    record = structured(message)
    return _level_of_text(message) if record is None else _level_of_record(record, message)


def is_error(message: str) -> bool:
    """Tell whether a log message is an error."""
    return level_of(message) is not None


def structured(message: str) -> dict[str, Any] | None:
    """Return the JSON object that a message is, or that Lambda's header (time, request, level) stands before."""
    text = message.rsplit("\t", 1)[-1].strip() if "\t{" in message else message.strip()
    if not text.startswith("{"):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
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


def _level_of_record(record: Mapping[str, Any], message: str) -> Level | None:
    if str(record.get("type", "")).startswith("platform."):
        return _level_of_platform(record)
    nested = record.get("log")
    fields = {**nested, **record} if isinstance(nested, Mapping) else record
    stated = next((fields[name] for name in _LEVEL_FIELDS if name in fields), None)
    if isinstance(stated, str) and stated.lower() in _LEVELS:
        return _LEVELS[stated.lower()]
    if isinstance(stated, int) and stated >= _LEAST_NUMBER:
        return Level.FATAL if stated >= _FATAL_NUMBER else Level.ERROR if stated >= _ERROR_NUMBER else None
    if any(True for _ in faults_of(record)):
        return Level.ERROR
    header = message.partition("{")[0]
    return _level_of_text(header + message_of(record))


def _level_of_platform(record: Mapping[str, Any]) -> Level | None:
    """Judge what Lambda's platform says of an invocation; one that raised has told so itself."""
    details = record.get("record")
    if record["type"] != "platform.report" or not isinstance(details, Mapping):
        return None
    return Level.FATAL if details.get("status") in {"timeout", "failure"} else None


def _level_of_text(whole: str) -> Level | None:
    text = abridged(whole)
    if _PLATFORM.match(text):
        return None
    if _PLATFORM_FAULT.search(text):
        return Level.FATAL
    relevant = _HARMLESS.sub(" ", text)
    if declared := _DECLARED.search(relevant.partition("\n")[0][:_HEADER_LENGTH]):
        return _LEVELS.get(next(filter(None, declared.groups())).lower())
    if _FRAME.match(text) and len(text.strip().splitlines()) == 1:
        return None
    return Level.ERROR if _FAULT.search(relevant) else None
