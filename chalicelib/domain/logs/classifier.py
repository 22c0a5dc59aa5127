"""Classification: which log messages are errors, in the formats of Lambda's runtimes, of loggers and of plain text.

A message that says its level is believed; one that does not is judged by what it holds: the outcome that a service
reports, fields that only errors fill, or its wording.
"""

import re
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.logs.levels import Level, Silent, stated_in
from chalicelib.domain.logs.plain_text import level_of_text
from chalicelib.domain.logs.structured import faults_of, lowered, message_of, structured

# What an error cannot do without, in a syntax that Logs Insights and Python share. It is the query's filter and the
# first look here, so that nothing is an error that the query would not have found.
SUSPECT = (
    r"error|exception|fatal|critical|severe|panic|emerg|traceback|unhandled|uncaught|timed ?out"
    r"|i.o timeout|connection reset|broken pipe|deadlock|runtime exited"
    r"|fail|crash|abort|unable to|could ?n.t|could not|cannot|can.t "
    r"|undefined (method|local)|is not (a func|defined|iter)|refused|denied|killed|terminat|out of memory"
    r"|core dumped|oom.?kill|no space left|command not found|got signal|exec format|sig(segv|abrt|bus|kill)"
    r"|ora-[0-9]{5}|default_5xx|(\b|[0-9:])(err|eror|ftl|crit|alert)\b|status: timeout|\"status\":\s*\"timeout\""
    r"|\"?status( ?code)?\"?\s*[:=]\s*\"?5[0-9][0-9]|HTTP.[0-9.]+\" 5[0-9][0-9]"
    r"|\bexit(ed|s|ing)? (with|before|code|status)"
    r"|\"level(no)?\":\s*\"?(40|[5-9][0-9]|[45][0-9][0-9]|[0-3])\b|severity_?number\":\s*\"?(1[7-9]|2[0-4])\b"
    r"|\"severity\":\s*\"?[0-3]\b|^<[0-9]{1,3}>|[ef][0-9]{4} [0-9:]{8}|\[[ec] [0-9]{6}|\b[efa], \["
)

# To look through an endless message takes longer than to judge it.
_LONGEST_LOOK = 16_000
_SUSPECT = re.compile(SUSPECT, re.IGNORECASE)
# A record may hold a record as text, as container runtimes and log routers wrap what they are given.
_DEEPEST = 3
# https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
_PLATFORM_FAULTS = {
    "platform.report": {"timeout", "failure"},
    "platform.initReport": {"timeout", "failure", "error"},
}
# https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
_STEP_FAILED = re.compile(r"[A-Z]\w*(?:Failed|TimedOut)$")
_STEP = frozenset({"execution_arn", "previous_event_id"})
# A status of HTTP; what is longer is something else, and may be longer than any number.
_STATUS = re.compile(r"[1-9]\d\d")
_STATUS_FIELDS = ("status", "statuscode", "status_code", "responsestatus", "response_status", "http_status")
_REQUEST_FIELDS = frozenset(
    {"method", "httpmethod", "routekey", "resourcepath", "path", "uri", "url", "protocol", "remote_ip", "ip"}
)
_OUTCOME_FIELDS = ("status", "outcome", "result", "event.outcome")
_BAD_OUTCOMES = frozenset({"error", "failed", "failure", "fatal", "timeout", "timed_out", "crashed"})
_SERVER_ERROR = 500


def level_of(message: str) -> Level | None:
    """Return how bad an error this message is; None where it is none."""
    if len(message) <= _LONGEST_LOOK and not _SUSPECT.search(message):
        return None
    return _level_of(message, _DEEPEST)


def is_error(message: str) -> bool:
    """Tell whether a log message is an error."""
    return level_of(message) is not None


def _level_of(message: str, deepest: int) -> Level | None:
    record = structured(message) if deepest else None
    if record is None:
        return level_of_text(message)
    header = message.partition("{")[0] if "\t{" in message else ""
    return _level_of_record(record, header, deepest)


def _level_of_record(record: Mapping[str, Any], header: str, deepest: int) -> Level | None:
    kind = str(record.get("type", ""))
    if kind.startswith("platform."):
        return _level_of_platform(kind, record.get("record"))
    if _STEP_FAILED.search(kind):
        return Level.ERROR
    if _STEP & record.keys():
        return None
    try:
        return _stated(record)
    except Silent:
        return _level_of_silent(record, header, deepest)


def _stated(record: Mapping[str, Any]) -> Level | None:
    """Return the level that a record says it has, itself or in the part about the log; Silent if it says none."""
    try:
        return stated_in(record)
    except Silent:
        parts = (record.get(name) for name in ("log", "record"))
        return stated_in({key: each for part in parts if isinstance(part, Mapping) for key, each in part.items()})


def _level_of_silent(record: Mapping[str, Any], header: str, deepest: int) -> Level | None:
    """Judge a record that does not say its level."""
    said = (str(record.get(name, "")) for name in _STATUS_FIELDS)
    status = next((int(each) for each in said if _STATUS.fullmatch(each)), None)
    if status is not None and _REQUEST_FIELDS & record.keys():
        return Level.ERROR if status >= _SERVER_ERROR else None
    if any(True for _ in faults_of(record)) or _has_errors(record.get("errors")):
        return Level.ERROR
    if any(str(record.get(name, "")).lower() in _BAD_OUTCOMES for name in _OUTCOME_FIELDS):
        return Level.ERROR
    if isinstance(inner := record.get("message"), Mapping):
        return _level_of_record(lowered(inner), header, deepest - 1) if deepest else None
    return _level_of(header + message_of(record), deepest - 1)


def _has_errors(value: Any) -> bool:
    return isinstance(value, list) and any(value)


def _level_of_platform(kind: str, details: Any) -> Level | None:
    """Judge what Lambda's platform says of an invocation; one that raised has told so itself."""
    if not isinstance(details, Mapping):
        return None
    return Level.FATAL if details.get("status") in _PLATFORM_FAULTS.get(kind, ()) else None
