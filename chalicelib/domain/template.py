"""Templates: what stays of an error when everything that changes from one occurrence to the next is masked.

Stateless: the same message has the same template in every function, on every day.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.domain.classification import abridged, faults_of, message_of, structured

MASK = "*"
# A headline may be one endless line; nobody reads further, and masking takes time.
LONGEST_HEADLINE = 4_000
LONGEST_TEMPLATE = 512

_LEVEL = r"(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|FATAL|CRITICAL)"
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_TIME = r"\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"
# Time, request, level, thread and logger, which loggers write before what somebody wanted to say.
_HEADER = re.compile(
    rf"(?:(?:{_TIME}|RequestId:\s*{_UUID}|{_UUID}|{_LEVEL}(?=[\s:\]-])|\[[^\]\n]{{1,60}}\]|Uncaught Exception"
    rf"|Invoke Error|Unhandled Promise Rejection|Exception in thread \"[^\"\n]*\")[\s:|-]*+)++"
)
# What stands below a better line: the cause of what was raised, and the platform's own word for a runtime that died.
_LESS_TELLING = ("Caused by", "Runtime.")
_PYTHON = "Traceback (most recent call last):"
_EXCEPTION = re.compile(
    r"(?:Caused by: |Exception in thread \"[^\"\n]*\" )?"
    r"(?P<type>[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*?)(?P<said>:\s.*|:?$)"
)
_EXCEPTION_NAME = re.compile(r".*(?:Error|Exception|Throwable|Fault|Timeout|Interrupt|Exit)$")
_LOGFMT = re.compile(r"\b(?:level|lvl|severity)=")
_PAIR = re.compile(r"\b(?:msg|message|error|err)=(?:\"(?P<quoted>(?:[^\"\\\n]|\\.)+)\"|(?P<plain>[^\s\"]+))")

_URL = re.compile(r"\b[a-zA-Z][a-zA-Z0-9+.-]{1,15}://[^\s\"'<>)\]]+")
_QUOTED = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|(?<!\w)'(?:[^'\\\n]|\\.)*'(?!\w)|`[^`\n]*`")
_DATE = re.compile(
    r"\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?\s+)?(?:\d{1,2}\s+)?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r"[a-z]*\s+\d{1,4}\b"
)
_VALUE = re.compile(r"(?<=\w)=(?:\[[^\]\n]*\]|[^\s,;&)\]}]+)")
_TOKEN = re.compile(r"[^\s,;()\[\]{}<>=\"'|*]+")
_CHANGING = re.compile(r"\d|[/\\@]|^[a-fA-F-]{8,}[:.!?]?$")
_MARK = re.compile(r"(?<=[^:.!?])[:.!?]$")
_RUN = re.compile(r"[-+]?\*(?:[\s,;:=|/+(){}\[\]<>.-]*\*)+")


def template(headline: str) -> str:
    """Return the headline with ids, numbers, times, paths, addresses and quoted values masked.

    The type of an exception stays as it is.
    """
    text = headline[:LONGEST_HEADLINE]
    found = _EXCEPTION.match(text)
    if found and _EXCEPTION_NAME.match(found["type"]):
        return f"{found['type']}{masked(found['said'])}"[:LONGEST_TEMPLATE]
    return masked(text)[:LONGEST_TEMPLATE]


def masked(text: str) -> str:
    """Return a text with all that changes from one occurrence to the next replaced by an asterisk."""
    for pattern in (_QUOTED, _URL, _DATE):
        text = pattern.sub(MASK, text)
    text = _VALUE.sub(f"={MASK}", text)
    text = _TOKEN.sub(_mask_token, text)
    return " ".join(_RUN.sub(MASK, text).split())


def headline(message: str) -> str:
    """Return the one line that says what went wrong: the exception where there is one, without times and ids before."""
    record = structured(message)
    lines = _lines_of_text(message) if record is None else _lines_of_record(record)
    return next((line for line in lines if line.strip()), message.strip() or "(empty message)")


def _lines_of_record(record: Mapping[str, Any]) -> Iterator[str]:
    """Iterate over candidates for a headline of a structured message, the best first."""
    if record.get("errortype"):
        yield _said(record["errortype"], record.get("errormessage"))
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
    return ": ".join(str(each).partition("\n")[0] for each in (kind, message) if each)


def _lines_of_text(text: str) -> Iterator[str]:
    lines = [line.rstrip() for line in abridged(text).splitlines() if line.strip()]
    if _PYTHON in text:
        yield from _raised(lines)
    if len(lines) > 1:
        yield from (line for line in lines[1:] if _names_exception(line) and not line.startswith(_LESS_TELLING))
    if lines:
        first = _without_header(lines[0].lstrip())
        pair = _PAIR.search(first) if _LOGFMT.search(first) else None
        yield (pair["quoted"] or pair["plain"]) if pair else first
        yield lines[0]


def _without_header(line: str) -> str:
    header = _HEADER.match(line)
    return line[header.end() :] if header else line


def _raised(lines: list[str]) -> Iterator[str]:
    """Yield the exception below the last traceback: the first line there that is not indented."""
    last = max((at for at, line in enumerate(lines) if line.endswith(_PYTHON)), default=len(lines))
    yield from (line for line in lines[last + 1 :] if not line[0].isspace() and _EXCEPTION.match(line))


def _names_exception(line: str) -> bool:
    found = _EXCEPTION.match(line)
    return bool(found and _EXCEPTION_NAME.match(found["type"]))


def _mask_token(found: re.Match[str]) -> str:
    token, mark = found[0], _MARK.search(found[0])
    return MASK + (mark[0] if mark else "") if _CHANGING.search(token) else token
