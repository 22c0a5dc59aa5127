"""Headlines: the one line of a log message that says what went wrong, and the stack trace that it shows."""

import re
from collections.abc import Iterator

from chalicelib.domain.grouping.frames import LONGEST_LINE
from chalicelib.domain.grouping.stacktrace import PYTHON
from chalicelib.domain.logs.logged_errors import LoggedError
from chalicelib.domain.logs.reader import LogRecord, read
from chalicelib.domain.logs.service_events import timed_out
from chalicelib.domain.logs.structured import abridged

_EXCEPTION = re.compile(
    r"(?:Caused by: |Exception in thread \"[^\"\n]*\" )?"
    r"(?P<type>[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*?)(?P<said>:\s.*|:?$)"
)
_EXCEPTION_NAME = re.compile(r".*(?:Error|Exception|Throwable|Fault|Timeout|Interrupt|Exit)$")
_LEVEL = r"(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|FATAL|CRITICAL)"
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_TIME = r"\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"
# Time, request, level, thread and logger, which loggers write before what somebody wanted to say.
_HEADER = re.compile(
    rf"(?:(?:{_TIME}|RequestId:\s*{_UUID}|{_UUID}|{_LEVEL}(?=[\s:\]-])|\[(?!redacted: )[^\]\n]{{1,200}}\]"
    r"|Uncaught Exception|Invoke Error|Unhandled exception\.|Unhandled Promise Rejection"
    r"|Exception in thread \"[^\"\n]*\")[\s:|-]*+)++"
)
# What stands below a better line: the cause of what was raised, and the platform's own word for a runtime that died.
_LESS_TELLING = ("Caused by", "Runtime.")
_RUBY = re.compile(r"[^:]+:\d+:in [`'][^']+': (?P<said>.+) \((?P<type>[A-Z][\w:]*)\)$")
# Who writes `level=` writes `msg=` too.
_LEVEL_KEY = re.compile(r"\b(?:level|lvl|severity)=")
EMPTY = "(empty message)"
_REPORTS = ("REPORT ", "INIT_REPORT ")
_REPORT = re.compile(
    r"(?P<init>INIT_)?REPORT [^\n]{0,200}?Duration: (?P<milliseconds>\d+(?:\.\d+)?) ms[^\n]{0,400}?"
    r"\tStatus: (?:timeout|(?:error|failure)\tError Type: (?P<type>[\w.]+))"
)
_PAIR = re.compile(r"\b(?:msg|message|error|err)=(?:\"(?P<quoted>(?:[^\"\\\n]|\\.)+)\"|(?P<plain>[^\s\"]+))")


def is_plain(message: str) -> bool:
    """Tell whether a message is one line of text: no record, and without room for a stack trace."""
    return "{" not in message and "\n" not in message and "\r" not in message


def headline(message: str) -> str:
    """Return the one line that says what went wrong: the exception where there is one, without times and ids before."""
    if is_plain(message):
        return headline_of_line(message)
    record = read(message)
    return headline_of_text(message) if record is None else headline_of_record(record) or message.strip()


def headline_of_text(text: str) -> str:
    """Return what a text of several lines says."""
    return next((line for line in _lines_of_text(text) if line.strip()), text.strip() or EMPTY)


def headline_of_record(record: LogRecord) -> str:
    """Return what a structured message says, nothing where it says nothing to people.

    That is the innermost error of which the type is known, else the message with the error behind it, else what a
    service says.
    """
    return next((line for line in _lines_of_record(record) if line.strip()), "")


def _lines_of_record(record: LogRecord) -> Iterator[str]:
    message = next(_lines_of_text(record.message), "")
    for error in reversed(record.errors):
        yield _line_of_error(error, message)
    said = next((each.message for each in reversed(record.errors) if each.message), "")
    parts = (message, record.event.headline if record.event else said)
    yield ": ".join(dict.fromkeys(filter(None, parts))) if said not in message or record.event else message
    yield from (line for error in record.errors for line in _lines_in(error.stack)[:1])


def _line_of_error(error: LoggedError, message: str) -> str:
    """Return an error's type and message, which the record or its stack has; nothing where neither has a type."""
    if error.type and error.message:
        return error.message if error.message.startswith(error.type) else error.said
    line = next(_raised_in(error.stack), "")
    return line or ": ".join(filter(None, (error.type, message))) if line or error.type else ""


def _raised_in(stack: str) -> Iterator[str]:
    """Iterate over the lines of a stack that name its exception, the best first."""
    lines = _lines_in(stack)
    if PYTHON in stack:
        yield from _raised(lines)
    named = (line for line in lines if _names_exception(line) and not line.startswith(_LESS_TELLING))
    yield from map(_line_without_header, named)
    if lines and (first := _EXCEPTION.match(lines[0])) and first["said"].startswith(": "):
        yield lines[0]


def headline_of_line(line: str) -> str:
    """Return what a plain line says."""
    text = line.strip()
    if text.startswith(_REPORTS) and (report := _REPORT.match(text)):
        return _reported(report)
    return _line_without_header(text) or text or EMPTY


def _lines_of_text(text: str) -> Iterator[str]:
    lines = _lines_in(text)
    if PYTHON in text:
        yield from _raised(lines)
    if len(lines) > 1:
        yield from (line for line in lines[1:] if _names_exception(line) and not line.startswith(_LESS_TELLING))
    if lines:
        if ruby := _RUBY.match(lines[0][:LONGEST_LINE]):
            yield f"{ruby['type']}: {ruby['said']}"
        yield _line_without_header(lines[0].lstrip())
        yield lines[0]


def _lines_in(text: str) -> list[str]:
    return [line.rstrip() for line in abridged(text).splitlines() if line.strip()]


def _reported(report: re.Match[str]) -> str:
    """Say what Lambda's report of an invocation says in figures: of a timeout, the same as its other line."""
    if report["type"]:
        return report["type"]
    return timed_out(float(report["milliseconds"]) / 1_000, is_start=report["init"] is not None)


def _line_without_header(line: str) -> str:
    """Return what a line says, without what its logger wrote before; of `key=value` pairs, the message."""
    header = _HEADER.match(line)
    said = line[header.end() :] if header else line
    if "=" in said and _LEVEL_KEY.search(said) and (pair := _PAIR.search(said)):
        return pair["quoted"] or pair["plain"] or said
    return said


def _raised(lines: list[str]) -> Iterator[str]:
    """Yield the exception below the last traceback: the first line there that is not indented."""
    last = max((at for at, line in enumerate(lines) if line.endswith(PYTHON)), default=len(lines))
    yield from (line for line in lines[last + 1 :] if not line[0].isspace() and _EXCEPTION.match(line))


def _names_exception(line: str) -> bool:
    found = _EXCEPTION.match(line)
    return bool(found and _EXCEPTION_NAME.match(found["type"]))
