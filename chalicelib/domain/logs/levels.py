"""Levels: how bad a message says it is, in the words and numbers of the loggers that there are."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How bad an error is, the least bad first; a rule alone makes one of a warning."""

    WARNING = "warning"
    ERROR = "error"
    FATAL = "fatal"


ERROR_WORDS = ("error", "err", "eror", "erro", "fail", "failure", "severe", "e")
FATAL_WORDS = (
    *(
        "fatal",
        "fata",
        "ftl",
        "critical",
        "crit",
        "crt",
        "panic",
        "pani",
        "pnc",
        "dpanic",
        "emergency",
        "emerg",
        "alert",
    ),
    *("f", "c"),
)
HARMLESS_WORDS = (
    *("trace", "trce", "trc", "debug", "dbug", "dbg", "verbose", "vrb", "fine", "finer", "finest", "config", "silly"),
    *("info", "inf", "information", "informational", "notice", "note", "log", "http", "success", "system", "default"),
    *("warn", "warning", "wrn", "deprecated", "debu", "trac", "w", "i", "d", "t", "v", "n"),
)
LEVELS: Mapping[str, Level | None] = {
    **dict.fromkeys(ERROR_WORDS, Level.ERROR),
    **dict.fromkeys(FATAL_WORDS, Level.FATAL),
    **dict.fromkeys(HARMLESS_WORDS, None),
}
_FIELDS = (
    *("level", "levelname", "loglevel", "log_level", "log.level", "level_name", "levelno", "severity", "lvl", "@l"),
    *("severitytext", "severity_text", "severitynumber", "severity_number", "severitylevel", "@level", "priority"),
    # https://www.elastic.co/docs/reference/logstash/plugins/plugins-inputs-syslog
    *("error_severity", "severity_label", "level_value", "s", "label"),
)
# Fields with a name that many use for something else: they are a level beside these of journald, Falco, MongoDB's log
# and MySQL's as JSON (any of the fields).
_BESIDE = {
    "priority": ("_systemd_unit", "_hostname", "_pid", "syslog_identifier", "__realtime_timestamp", "output_fields"),
    "s": ("ctx",),
    "label": ("err_symbol", "sql_state"),
}
# From which number on it is an error, and from which it is worse.
_OPEN_TELEMETRY, _PYTHON, _MONOLOG, _PINO = (17, 21), (40, 50), (400, 500), (50, 60)
_APPLICATION_INSIGHTS, _NEXTCLOUD, _LOGBACK = (3, 4), (3, 4), (40_000, 50_000)
# Serilog leaves the level out where it is Information: https://clef-json.org
_SERILOG_TIME, _SERILOG_TEXTS = "@t", ("@m", "@mt")
# Syslog counts the other way round: https://www.rfc-editor.org/rfc/rfc5424#section-6.2.1
_SYSLOG_ERROR, _SYSLOG_CRITICAL, _SYSLOG_DEBUG = 3, 2, 7
_SCALES = {
    **dict.fromkeys(("severitynumber", "severity_number"), _OPEN_TELEMETRY),
    **dict.fromkeys(("levelno", "no"), _PYTHON),
    "severitylevel": _APPLICATION_INSIGHTS,
    "level_value": _LOGBACK,
}
_SYSLOG_NAMES = ("severity", "priority")
_WORD = re.compile(r"[a-z]+")


class Silent(Exception):  # noqa: N818 - it is no error that a message says nothing
    """The message does not say how bad it is."""


def stated_in(record: Mapping[str, Any]) -> Level | None:
    """Return the level that a structured message says it has, None where that is harmless; Silent if it says none."""
    for name in _FIELDS:
        if name in record and (name not in _BESIDE or any(each in record for each in _BESIDE[name])):
            try:
                return _read(name, record[name], record)
            except Silent:
                continue
    if _SERILOG_TIME in record and any(name in record for name in _SERILOG_TEXTS):
        return None
    raise Silent


def stated_by(word: str) -> Level | None:
    """Return the level that a word such as `WARN` or `ERROR+4` stands for; Silent if it is none."""
    found = _WORD.match(word.strip().lower())
    if not found or found[0] not in LEVELS:
        raise Silent
    return LEVELS[found[0]]


def of_syslog(number: int) -> Level | None:
    """Return the level of a severity from 0 to 7."""
    if number <= _SYSLOG_CRITICAL:
        return Level.FATAL
    return Level.ERROR if number == _SYSLOG_ERROR else None


def _read(name: str, value: Any, record: Mapping[str, Any]) -> Level | None:
    match value:
        case Mapping():  # loguru and log4j name and number it
            return stated_in({"level": value.get("name", value.get("value")), "levelno": value.get("no")})
        case bool():
            raise Silent
        case str() if value.strip().isdecimal() and len(value) < len("1000000"):
            return _numbered(name, int(value.strip()), record)
        case str():
            return stated_by(value)
        case int():
            return _numbered(name, value, record)
        case _:
            raise Silent


def _numbered(name: str, number: int, record: Mapping[str, Any]) -> Level | None:
    if name in _SYSLOG_NAMES or "short_message" in record:  # GELF's level is syslog's
        if not 0 <= number <= _SYSLOG_DEBUG:
            raise Silent
        return of_syslog(number)
    scale = _SCALES.get(name)
    if name == "level" and "reqid" in record and "remoteaddr" in record:
        scale = _NEXTCLOUD
    if number < (0 if scale else 10):
        raise Silent
    error, fatal = scale or (_MONOLOG if number >= 100 else _PINO)  # noqa: PLR2004 - so does Monolog
    if number >= fatal:
        return Level.FATAL
    return Level.ERROR if number >= error else None
