"""Headlines: the one line of a log message that says what went wrong, and the stack trace that it shows."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.domain.grouping.frames import LONGEST_LINE
from chalicelib.domain.grouping.stacktrace import PYTHON
from chalicelib.domain.logs.structured import abridged, faults_of, message_of, structured

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
# Where Lambda, Powertools, pino, logback, log4j and Serilog put a stack, and what Elastic and OpenTelemetry call it.
_STACK_FIELDS = (
    *("stacktrace", "stack_trace", "stack", "exception", "exc_info", "exc_text", "error", "err", "thrown", "@x"),
    *("error.stack_trace", "error.stack", "exception.stacktrace", "extendedstacktrace", "frames"),
)
# What Lambda, Elastic and OpenTelemetry call an exception's type and message.
_RAISED_FIELDS = tuple((f"{name}type", f"{name}message") for name in ("error", "error.", "exception."))
_RUBY = re.compile(r"[^:]+:\d+:in [`'][^']+': (?P<said>.+) \((?P<type>[A-Z][\w:]*)\)$")
# Who writes `level=` writes `msg=` too.
_LEVEL_KEY = re.compile(r"\b(?:level|lvl|severity)=")
EMPTY = "(empty message)"
_REPORTS = ("REPORT ", "INIT_REPORT ")
_REPORT = re.compile(
    r"(?P<init>INIT_)?REPORT [^\n]{0,200}?Duration: (?P<milliseconds>\d+(?:\.\d+)?) ms[^\n]{0,400}?"
    r"\tStatus: (?:timeout|(?:error|failure)\tError Type: (?P<type>[\w.]+))"
)
_DEEPEST, _MOST_FRAMES = 3, 200
_PAIR = re.compile(r"\b(?:msg|message|error|err)=(?:\"(?P<quoted>(?:[^\"\\\n]|\\.)+)\"|(?P<plain>[^\s\"]+))")


def is_plain(message: str) -> bool:
    """Tell whether a message is one line of text: no record, and without room for a stack trace."""
    return "{" not in message and "\n" not in message and "\r" not in message


def headline(message: str) -> str:
    """Return the one line that says what went wrong: the exception where there is one, without times and ids before."""
    if is_plain(message):
        return headline_of_line(message)
    record = structured(message)
    lines = _lines_of_text(message) if record is None else _lines_of_record(record)
    return next((line for line in lines if line.strip()), message.strip() or EMPTY)


def stacks(message: str) -> Iterator[str]:
    """Iterate over the texts in a message that may show a stack trace, the likeliest first."""
    record = structured(message)
    if record is None:
        yield abridged(message)
    else:
        yield from map(abridged, _stacks_in(record, _DEEPEST))
        yield abridged(message_of(record))


def _stacks_in(record: Mapping[str, Any], deepest: int) -> Iterator[str]:
    fields = {str(key).lower(): each for key, each in record.items()}
    for name in _STACK_FIELDS:
        match fields.get(name):
            case str() as text:
                yield text
            case list() as lines:
                ends = lines if len(lines) <= _MOST_FRAMES else lines[: _MOST_FRAMES // 2] + lines[-_MOST_FRAMES // 2 :]
                yield "\n".join(map(_as_line, ends))
            case Mapping() as inner if deepest:
                yield from _stacks_in(inner, deepest - 1)


def _as_line(frame: Any) -> str:
    """Write a frame that a logger took apart the way that its language prints it."""
    match frame:
        case str():
            return frame
        case {"class": name, "method": method}:
            return f"at {name}.{method}(Unknown Source)"
        case {"path": path, "label": label}:
            return f"at {label} ({path}:0)"
        case {"file": path, "function": function}:
            return f'File "{path}", line 0, in {function}'
        case _:
            return ""


def headline_of_line(line: str) -> str:
    """Return what a plain line says."""
    text = line.strip()
    if text.startswith(_REPORTS) and (report := _REPORT.match(text)):
        return _reported(report)
    return _line_without_header(text) or text or EMPTY


def _lines_of_record(record: Mapping[str, Any]) -> Iterator[str]:
    """Iterate over candidates for a headline of a structured message, the best first."""
    yield from (_said(record[kind], record.get(message)) for kind, message in _RAISED_FIELDS if record.get(kind))
    for fault in faults_of(record):
        if isinstance(fault, Mapping):
            low = {str(key).lower(): each for key, each in fault.items()}
            kind = low.get("type") or low.get("name") or low.get("class")
            yield _said(kind, low.get("message") or low.get("msg")) if kind or low.get("message") else ""
        elif isinstance(fault, str) and "\n" in fault:
            yield from _lines_of_text(fault)
    yield from _lines_of_text(message_of(record))
    yield from (fault for fault in faults_of(record) if isinstance(fault, str))
    if isinstance(record.get("record"), Mapping):
        yield f"{record.get('type')}: {record['record'].get('status')}"


def _said(kind: Any, message: Any) -> str:
    """Put type and message together; Lambda's Ruby wraps the type."""
    named = str(kind or "").removeprefix("Function<").removesuffix(">")
    return ": ".join(str(each).partition("\n")[0] for each in (named, message) if each)


def _lines_of_text(text: str) -> Iterator[str]:
    lines = [line.rstrip() for line in abridged(text).splitlines() if line.strip()]
    if PYTHON in text:
        yield from _raised(lines)
    if len(lines) > 1:
        yield from (line for line in lines[1:] if _names_exception(line) and not line.startswith(_LESS_TELLING))
    if lines:
        if ruby := _RUBY.match(lines[0][:LONGEST_LINE]):
            yield f"{ruby['type']}: {ruby['said']}"
        yield _line_without_header(lines[0].lstrip())
        yield lines[0]


def _reported(report: re.Match[str]) -> str:
    """Say what Lambda's report of an invocation says in figures: of a timeout, the same as its other line."""
    if report["type"]:
        return report["type"]
    seconds = float(report["milliseconds"]) / 1_000
    return f"{'Init' if report['init'] else 'Task'} timed out after {seconds:.2f} seconds"


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
