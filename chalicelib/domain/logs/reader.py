"""The reader of records: what a structured log message says, whoever wrote it and whatever wraps it.

A record may hold a record, as an object or as text: Lambda's JSON format, Docker, FireLens and collectors wrap what
they are given. The innermost one is read; what it does not say, the ones around it do. Classification, titles and
fingerprints all start from here.

Lambda: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
OpenTelemetry: https://opentelemetry.io/docs/specs/otel/logs/data-model/
GELF: https://go2docs.graylog.org/current/getting_in_log_data/gelf.html
journald: https://www.freedesktop.org/software/systemd/man/latest/systemd.journal-fields.html
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from typing import Any

from msgspec import Struct

from chalicelib.domain.logs.headers import header_end
from chalicelib.domain.logs.levels import Level, Silent, stated_in
from chalicelib.domain.logs.logged_errors import LoggedError, errors_of
from chalicelib.domain.logs.service_events import ServiceEvent, event_in
from chalicelib.domain.logs.structured import lowered, structured

# Where loggers put what they say to people, and what wraps records puts them. The last ones may be objects that are
# about something else, unless they hold such a field themselves.
_SAID = ("message", "msg", "@m", "@message", "rendered_message", "renderedmessage", "@mt", "messagetemplate")
_MAY_WRAP = ("record", "fields", "event", "body", "short_message", "text", "log")
_MESSAGE = (*_SAID, *_MAY_WRAP)
# Parts of a record that are about the log, and may say its level.
_ABOUT_LOG = ("log", "record")
# What tells one record from another where none of these is there.
_WORDS = (
    *("event", "type", "action", "operation", "name", "code", "reason", "status", "result", "outcome", "state"),
    *("title", "summary", "description", "detail", "details", "statusmessage", "output", "stderr"),
)
_MOST_WORDS = 4
# What a record's header would be, if it were text.
_HEADER = frozenset({
    "level", "severity", "lvl", "loglevel", "log_level", "time", "timestamp", "@timestamp", "ts", "date", "datetime",
    "hostname", "pid", "requestid", "awsrequestid", "aws_request_id", "service", "logger", "caller", "v",
})  # fmt: skip
# What Lambda's runtimes write before a record, and what is none of its words.
_HEADER_WORD = re.compile(
    r"[A-Z]{4,8}|\[[A-Z]{4,8}\]|[\da-f-]{36}|[\dT:.Z+-]{10,40}"
    r"|Invoke Error|Uncaught Exception|Unhandled Promise Rejection"
)
_DEEPEST = 3
_MOST_RECORDS = 50
# A record is classified, and then grouped: most often without having been changed by redaction in between.
_REMEMBERED = 2


class LogRecord(Struct, frozen=True):
    """What a structured log message says.

    `level` is the innermost one that is stated, None where that is harmless or, `is_silent`, there is none. `header` is
    the text before the record, `message` what people are to read, `errors` are the error and its causes, the innermost
    last, and `event` is what a service says that writes no message. `layers` are the records, the innermost first.
    """

    layers: tuple[Mapping[str, Any], ...]
    header: str = ""
    message: str = ""
    level: Level | None = None
    is_silent: bool = True
    errors: tuple[LoggedError, ...] = ()
    event: ServiceEvent | None = None

    @property
    def words(self) -> dict[str, str]:
        """Return what a record without message, error or event says in other fields that are often there."""
        fields = self.layers[0]
        found = ((name, fields[name]) for name in _WORDS if isinstance(fields.get(name), str) and fields[name])
        return dict(islice(found, _MOST_WORDS))

    @property
    def scalars(self) -> dict[str, Any]:
        """Return the first texts and numbers of a record, for who has nothing better to call it by."""
        fields = self.layers[0].items()
        found = ((name, each) for name, each in fields if isinstance(each, str | int | float) and name not in _HEADER)
        return dict(islice(found, _MOST_WORDS))


@lru_cache(_REMEMBERED)
def read(text: str) -> LogRecord | None:
    """Read a log message that is a record; None where it is plain text."""
    found = structured(text)
    if found is None:
        return None
    layers, header, message = _unwrapped(found.header, _worst_of(found.fields), _DEEPEST)
    level, is_silent = _level_in(layers)
    return LogRecord(
        layers=layers,
        header=header,
        message=message or _said_in(header),
        level=level,
        is_silent=is_silent,
        errors=next(filter(None, map(errors_of, layers)), ()),
        event=next(filter(None, map(event_in, layers)), None),
    )


type _Unwrapped = tuple[tuple[Mapping[str, Any], ...], str, str]


def _unwrapped(header: str, fields: dict[str, Any], deepest: int) -> _Unwrapped:
    """Return the records within one another, the innermost first, the innermost header, and the message."""
    for name in _MESSAGE:
        value = fields.get(name)
        if isinstance(value, str) and value.strip():
            inner = structured(value) if deepest else None
            if inner is None:
                return (fields,), header, value
            return _around(fields, _unwrapped(inner.header or header, inner.fields, deepest - 1))
        if isinstance(value, Mapping) and value and deepest:
            inner_fields = _flat(lowered(value))
            if name in {"message", "msg", "body"} or any(inner_fields.get(each) for each in _SAID):
                return _around(fields, _unwrapped(header, inner_fields, deepest - 1))
    return (fields,), header, ""


def _around(fields: Mapping[str, Any], inner: _Unwrapped) -> _Unwrapped:
    layers, header, message = inner
    return (*layers, fields), header, message


def _level_in(layers: tuple[Mapping[str, Any], ...]) -> tuple[Level | None, bool]:
    """Return the level that the innermost record states of those that do, and whether none does."""
    for fields in layers:
        about = (fields.get(name) for name in _ABOUT_LOG)
        parts = [fields, *(lowered(part) for part in about if isinstance(part, Mapping))]
        for part in parts:
            with suppress(Silent):
                return stated_in(part), False
    return None, True


def _said_in(header: str) -> str:
    """Return what a logger says before a record of details, in the last of its columns."""
    if header_end(f"{header}{{") == len(header):
        return ""
    column = header.rstrip().rpartition("\t")[2].strip()
    return "" if _HEADER_WORD.fullmatch(column) else column


# --- OpenTelemetry


def _worst_of(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the record; of many that were exported together, the first of the worst."""
    if not isinstance(fields.get("resourcelogs"), list):
        return _flat(fields)
    exported = [*islice(_exported(fields["resourcelogs"]), _MOST_RECORDS)]
    return max(exported, key=_badness, default=fields)


def _badness(fields: Mapping[str, Any]) -> int:
    return (None, *Level).index(_level_in((fields,))[0])


def _exported(resources: list[Any]) -> Iterator[dict[str, Any]]:
    for resource in resources:
        for scope in _list_in(resource, "scopeLogs"):
            yield from (_flat(lowered(each)) for each in _list_in(scope, "logRecords") if isinstance(each, Mapping))


def _list_in(value: Any, name: str) -> list[Any]:
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, list) else []


def _flat(fields: dict[str, Any]) -> dict[str, Any]:
    """Return a record with its body and attributes as other loggers write them; anything else stays as it is."""
    flat = dict(fields)
    if isinstance(fields.get("body"), Mapping):
        flat["body"] = _value_of(fields["body"])
    if isinstance(fields.get("attributes"), list):
        flat["attributes"] = _pairs_of(fields["attributes"])
    return flat


def _value_of(value: Any) -> Any:
    match value:
        case {"stringValue": text}:
            return text
        case {"kvlistValue": {"values": list() as pairs}}:
            return _pairs_of(pairs)
        case _:
            return value


def _pairs_of(pairs: list[Any]) -> dict[str, Any]:
    named = (each for each in pairs if isinstance(each, Mapping) and "key" in each)
    return {str(each["key"]): _value_of(each.get("value")) for each in named}
