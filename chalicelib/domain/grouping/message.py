"""Headlines: the one line of a log message that says what went wrong."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from chalicelib.domain.grouping.exception_heads import head_of, names_exception
from chalicelib.domain.grouping.parameterization import (
    KEPT,
    LONGEST_HEADLINE,
    template,
    template_of_zeroed,
    zeroed,
)
from chalicelib.domain.logs.access_log import METHOD
from chalicelib.domain.logs.headers import header_end
from chalicelib.domain.logs.logged_errors import LoggedError
from chalicelib.domain.logs.reader import LogRecord
from chalicelib.domain.logs.service_events import timed_out
from chalicelib.domain.logs.structured import abridged

EMPTY = "(empty message)"
_REPORTS = ("REPORT ", "INIT_REPORT ")
_REPORT = re.compile(
    r"(?P<init>INIT_)?REPORT [^\n]{0,200}?Duration: (?P<milliseconds>\d+(?:\.\d+)?) ms[^\n]{0,400}?"
    r"\tStatus: (?:timeout|(?:error|failure)\tError Type: (?P<type>[\w.]+))"
)
# Who writes `level=` writes `msg=` too (https://brandur.org/logfmt); klog quotes its message and leaves the key out.
_LEVEL_KEY = re.compile(r"\b(?:level|lvl|severity)=")
_VALUE = r"(?:\"(?P<quoted>(?:[^\"\\\n]|\\.)+)\"|(?P<plain>[^\s\"]+))"
_MESSAGE_PAIR = re.compile(rf"\b(?:msg|message)={_VALUE}")
_ERROR_PAIR = re.compile(rf"\b(?:error|err|exception)={_VALUE}")
_KLOG = re.compile(r"\"(?P<quoted>(?:[^\"\\\n]|\\.)+)\"(?= \w+=)")
# What a stack trace in one line cannot do without: ends of lines that were escaped (syslog's are zeroed), Monolog's
# exceptions, the places of Erlang, whose default formatter writes one line, and of what ends PHP and Swift without one:
# https://github.com/Seldaek/monolog/blob/main/src/Monolog/Formatter/LineFormatter.php
# https://www.erlang.org/doc/apps/kernel/logger_formatter.html
_SIGNS_OF_TRACE = (r"\n", "#000", "[object] (", '[{file,"', ".php on line ", ".swift:0")
_LONGEST_LINE, _LINES = LONGEST_HEADLINE + 700, 2_048


class Shape(NamedTuple):
    """What is so of each line with the same characters but for its digits.

    `start` is where its header ends. `has_own_template` says that the template depends on more than the shape.
    """

    start: int
    template: str
    has_own_template: bool
    may_be_about_request: bool
    may_hold_trace: bool


def forget() -> None:
    """Forget what was remembered, for who measures how long the first lines take."""
    shape_of.cache_clear()


def line_of(message: str) -> tuple[str, str, Shape]:
    """Return what a plain line says, the template of it, and its shape."""
    text = message.strip()
    shape = shape_of(zeroed(text[:_LONGEST_LINE]))
    said = text[shape.start :] if shape.start else text
    if not shape.has_own_template:
        return said, shape.template, shape
    said = _said_in(text, said)
    return said, template(said), shape


@lru_cache(_LINES)
def shape_of(text: str) -> Shape:
    """Return the shape of a line that begins with some zeroed text."""
    start = header_end(text)
    found = template_of_zeroed(text[start:])
    is_other = not text or KEPT in found or text.startswith(_REPORTS)
    has_pairs = "=" in text and bool(_LEVEL_KEY.search(text) or _KLOG.match(text, start))
    return Shape(
        start=start,
        template=found,
        has_own_template=is_other or has_pairs,
        may_be_about_request="/" in text and METHOD.search(text) is not None,
        may_hold_trace=len(text) == _LONGEST_LINE or any(map(text.__contains__, _SIGNS_OF_TRACE)),
    )


def _said_in(text: str, said: str) -> str:
    """Return what a line says that is a report of Lambda's, pairs of keys and values, or empty."""
    if text.startswith(_REPORTS) and (report := _REPORT.match(text)):
        return _reported(report)
    if _LEVEL_KEY.search(text) or _KLOG.match(said):
        return _said_in_pairs(text, said)
    return said or EMPTY


def headline_of_text(text: str) -> str:
    """Return what a text of several lines says."""
    return next(_lines_of_text(abridged(text)), EMPTY)


def headline_of_record(record: LogRecord) -> str:
    """Return what a structured message says, nothing where it says nothing to people.

    That is the innermost error of which the type is known, else the message with the error behind it, else what a
    service says.
    """
    return next((line for line in _lines_of_record(record) if line.strip()), "")


def _lines_of_record(record: LogRecord) -> Iterator[str]:
    message = next(_lines_of_text(abridged(record.message)), "")
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
    line = next(filter(names_exception, _lines_of_text(abridged(error.stack))), "")
    return line or ": ".join(filter(None, (error.type, message))) if line or error.type else ""


def _lines_of_text(text: str) -> Iterator[str]:
    """Yield the line of a text that says what went wrong; nothing where it holds none."""
    text = text.lstrip()
    if lines := _lines_in(text[header_end(text) :]):
        yield head_of(lines).said or lines[0].strip()


def _lines_in(text: str) -> list[str]:
    return [line.rstrip() for line in abridged(text).splitlines() if line.strip()]


def _reported(report: re.Match[str]) -> str:
    """Say what Lambda's report of an invocation says in figures: of a timeout, the same as its other line."""
    if report["type"]:
        return report["type"]
    return timed_out(float(report["milliseconds"]) / 1_000, is_start=report["init"] is not None)


def _said_in_pairs(line: str, said: str) -> str:
    """Return the message of `key=value` pairs, and the error behind it where it does not say the same."""
    message, error = _KLOG.match(said) or _MESSAGE_PAIR.search(line), _ERROR_PAIR.search(line)
    parts = [_value_of(each) for each in (message, error) if each]
    return ": ".join(parts if len(parts) > 1 and parts[1] not in parts[0] else parts[:1]) or said


def _value_of(found: re.Match[str]) -> str:
    groups = found.groupdict()
    return re.sub(r"\\(.)", r"\1", groups["quoted"]) if groups["quoted"] else groups.get("plain") or ""
