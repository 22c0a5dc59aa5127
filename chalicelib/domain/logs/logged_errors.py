"""Errors in records: what a structured message says went wrong, under the names that loggers have for it.

Lambda: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
Elastic: https://www.elastic.co/guide/en/ecs/current/ecs-error.html
OpenTelemetry: https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-logs/
"""

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from msgspec import Struct

from chalicelib.domain.logs.structured import lowered


class LoggedError(Struct, frozen=True):
    """An error that a record tells of; each part is empty where the record does not say it."""

    type: str = ""
    message: str = ""
    stack: str = ""

    @property
    def said(self) -> str:
        """Type and message, as a runtime would print them."""
        return ": ".join(filter(None, (self.type, self.message)))


# An error's own fields when it is an object: of JavaScript, Java (log4j, logback, Quarkus), .NET, Python (structlog,
# loguru), Ruby and PHP.
_TYPE = (
    *("errortype", "type", "name", "class", "classname", "exceptiontype", "exc_type", "exception_class", "kind"),
    *("error_class", "errorname"),
)
_MESSAGE = (
    *("errormessage", "message", "msg", "exc_value", "exception_message", "value", "localizedmessage", "reason"),
    *("description", "detail", "title", "code"),
)
_STACK = (
    *("stacktrace", "stack_trace", "stack", "extendedstacktrace", "errorverbose", "frames", "steparray", "backtrace"),
    *("trace", "stacktracestring"),
)
_CAUSE = ("cause", "causedby", "caused_by", "innerexception", "inner_exception", "previous", "__cause__")
_SEVERAL = ("errors", "innerexceptions", "exceptions", "aggregateerrors")
# The same spread over the fields of the record: type, message, stack.
_SPREAD = (
    ("errortype", "errormessage", ("stacktrace", "stack", "stack_trace")),
    ("error.type", "error.message", ("error.stack_trace", "error.stack")),
    ("error.kind", "error.message", ("error.stack",)),
    ("exception.type", "exception.message", ("exception.stacktrace",)),
    ("error_type", "error_message", ("error_stack_trace", "error_stack")),
    ("_error_type", "_error_message", ("_error_stack_trace", "full_message")),
    ("error_class", "error_message", ("backtrace", "error_backtrace")),
    ("exception_class", "exception_message", ("exception_stacktrace", "stacktrace", "stack_trace")),
    ("exception_name", "exception_message", ("exception", "stack_trace")),
    ("exc_type", "exc_value", ("exc_info", "exc_text", "traceback")),
)
# Where the error is one field, be it an object or a text.
_ERRORS = ("err", "error", "exception", "exc", "exc_info", "exc_text", "thrown", "throwable", "@x")
# Where a stack stands alone, or beside an error that has none.
_STACKS = (
    *("errorverbose", "stacktrace", "stack_trace", "stack", "error.stack_trace", "error.stack", "backtrace"),
    *("full_message", "traceback"),
)
# What only says by another name that there was an error.
_CODES = ("errorcode", "error_code", "errmsg")
# Where a record keeps what its message is about.
_PARTS = ("fields", "attributes", "attr", "context", "extra", "metadata", "properties", "record", "data", "ctx")
# https://www.mongodb.com/docs/manual/reference/log-messages/#structured-logging
_MONGO_SAID = ("error", "errmsg", "message", "reason")
_NOTHING = frozenset({"", "-", "0", "null", "<nil>", "none", "nil", "false", "undefined", "n/a", "{}", "[]"})
_NAMED = re.compile(
    r"(?P<type>(?:[\w$]+(?:\.|::|\\))*[A-Z][\w$]*(?:Error|Exception|Fault|Timeout))(?:: (?P<said>.*)|:?$)"
)
# .NET's JSON console has blanks where lines ended.
_RUN_TOGETHER = re.compile(r" {4}(?=at [\w.`<>+|]{3,400}\()at ")
# Monolog's JSON has a file and a line alone: https://github.com/Seldaek/monolog/blob/main/doc/01-usage.md
_PLACE = re.compile(r"/\S+\.php:\d+$")
_DEEPEST, _MOST_FRAMES, _LONGEST_NAME = 8, 200, 200


def errors_of(fields: Mapping[str, Any]) -> tuple[LoggedError, ...]:
    """Return the error that a record tells of and its causes, the innermost last; nothing if it tells of none."""
    errors = _found_in(fields, _DEEPEST)
    if errors and not any(each.stack for each in errors) and (stack := _bare_stack(fields)):
        return (LoggedError(errors[0].type, errors[0].message, stack), *errors[1:])
    return errors


def _found_in(fields: Mapping[str, Any], deepest: int) -> tuple[LoggedError, ...]:
    """Return the errors where a record has some, by the surest of its fields."""
    ways = (_spread_over, _in_a_field, _as_a_stack, _in_attributes, _in_a_part, _as_a_code)
    found = (tuple(way(fields, deepest)) for way in ways)
    return next(filter(None, found), ())


def _spread_over(fields: Mapping[str, Any], deepest: int) -> Iterator[LoggedError]:
    named = (each for each in _SPREAD if _is_something(fields.get(each[0])))
    said = (each for each in _SPREAD if _is_something(fields.get(each[1])))
    if spread := next(chain(named, said), None):
        yield from _chain_of_object(_gathered(fields, *spread), deepest)


def _in_a_field(fields: Mapping[str, Any], deepest: int) -> Iterator[LoggedError]:
    if (error := _first(fields, _ERRORS)) is not None:
        yield from _chain_of(error, deepest)


def _as_a_stack(fields: Mapping[str, Any], _: int) -> Iterator[LoggedError]:
    if stack := _bare_stack(fields):
        yield LoggedError(stack=stack)


def _in_attributes(fields: Mapping[str, Any], _: int) -> Iterator[LoggedError]:
    """Read MongoDB's attributes, which say more than the message does."""
    if "ctx" in fields and isinstance(attributes := fields.get("attr"), Mapping):
        low = lowered(attributes)
        said = (low[name] for name in _MONGO_SAID if isinstance(low.get(name), str))
        yield from (LoggedError(message=text.partition("\n")[0]) for text in said if text)


def _in_a_part(fields: Mapping[str, Any], deepest: int) -> Iterator[LoggedError]:
    if deepest == _DEEPEST:
        parts = (lowered(part) for name in _PARTS if isinstance(part := fields.get(name), Mapping))
        found = (_found_in(part, deepest - 1) for part in parts)
        yield from next(filter(None, found), ())


def _as_a_code(fields: Mapping[str, Any], deepest: int) -> Iterator[LoggedError]:
    if (code := _first(fields, _CODES)) is not None:
        yield LoggedError(message=str(code))
    elif isinstance(several := fields.get("errors"), list) and any(several):
        yield from _chain_of(next(filter(None, several)), deepest)


def _gathered(fields: Mapping[str, Any], kind: str, message: str, stacks: tuple[str, ...]) -> dict[str, Any]:
    """Return an error that is spread over a record as the object that it would be."""
    causes = {
        name: fields[name] for name in (*_CAUSE, *_SEVERAL, "reason") if isinstance(fields.get(name), Mapping | list)
    }
    return {**causes, "type": fields.get(kind), "message": fields.get(message), "stack": _first(fields, stacks)}


def _chain_of(value: Any, deepest: int) -> Iterator[LoggedError]:
    """Iterate over the errors that the value of a field is, the outermost first."""
    match value:
        case str():
            yield _of_text(value)
        case Mapping() if deepest:
            yield from _chain_of_object(lowered(value), deepest)
        case [str() as kind, str() as said] if _NAMED.fullmatch(kind[:_LONGEST_NAME]):  # as Ruby's loggers list them
            yield LoggedError(kind, said)
        case [Mapping(), *_] if deepest:  # structlog lists an error and its causes
            for each in value[:deepest]:
                yield from _chain_of(each, 1)
        case list():
            yield _of_text(_stack_of(value))
        case bool():
            yield LoggedError()
        case _:
            yield LoggedError(message=str(value))


def _chain_of_object(error: Mapping[str, Any], deepest: int) -> Iterator[LoggedError]:
    """Iterate over an error and its causes; what only reports that nobody handled it has its `reason`."""
    if isinstance(reason := error.get("reason"), Mapping) and deepest > 1:
        yield LoggedError(_type_of(error))
        yield from _chain_of(reason, deepest - 1)
        return
    if isinstance(inner := error.get("exception"), Mapping) and set(error) == {"exception"}:
        yield from _chain_of(inner, deepest - 1)  # as Quarkus writes a cause
        return
    raised_at = [error["file"]] if _PLACE.match(str(error.get("file"))) else []
    stack = "\n".join(filter(None, (_stack_of(raised_at), _stack_of(_first(error, _STACK)))))
    yield LoggedError(_type_of(error), _message_of(error), stack)
    cause = next((error[name] for name in _CAUSE if isinstance(error.get(name), Mapping)), None)
    if cause is None:
        lists = (error[name] for name in _SEVERAL if isinstance(error.get(name), list))
        cause = next((each for several in lists for each in several[:1] if isinstance(each, Mapping)), None)
    if cause is not None and deepest > 1:
        yield from _chain_of(cause, deepest - 1)


def _of_text(text: str) -> LoggedError:
    text = _RUN_TOGETHER.sub("\n   at ", text)
    if "\n" in text.strip():
        return LoggedError(stack=text)
    named = _NAMED.fullmatch(text.strip())
    return LoggedError(named["type"], named["said"] or "") if named else LoggedError(message=text.strip())


def _type_of(error: Mapping[str, Any]) -> str:
    """Return the type of an error; Lambda's Ruby wraps its name."""
    found = next((error[name] for name in _TYPE if isinstance(error.get(name), str) and error[name]), "")
    return found.partition("\n")[0].removeprefix("Function<").removesuffix(">")


def _message_of(error: Mapping[str, Any]) -> str:
    found = next((error[name] for name in _MESSAGE if isinstance(error.get(name), str) and error[name].strip()), "")
    return found.strip().partition("\n")[0]


def _stack_of(value: Any) -> str:
    """Return a stack as text, however a logger took it apart; of an endless one, both ends."""
    if not isinstance(value, list):
        return value if isinstance(value, str) else ""
    ends = value if len(value) <= _MOST_FRAMES else value[: _MOST_FRAMES // 2] + value[-_MOST_FRAMES // 2 :]
    return "\n".join(map(_as_line, ends))


def _as_line(frame: Any) -> str:
    """Write a frame the way that its language prints it."""
    match lowered(frame) if isinstance(frame, Mapping) else frame:
        case str() as line:
            return f"at {line}" if _PLACE.match(line) else line
        case {"class": name, "method": method} | {"classname": name, "methodname": method}:
            return f"at {name}.{method}(Unknown Source)"
        case {"path": path, "label": label}:
            return f"at {label} ({path}:0)"
        case {"file": path, "function": function} | {"filename": path, "name": function}:
            return f'File "{path}", line 0, in {function}'
        case {"func": function, "source": path}:
            return f"{function}()\n\t{path}:0"
        case _:
            return ""


def _bare_stack(fields: Mapping[str, Any]) -> str:
    """Return a stack that stands alone; one line is something else that is called so."""
    stacks = (_stack_of(fields[name]) for name in _STACKS if _is_something(fields.get(name)))
    return next((each for each in stacks if "\n" in each.strip()), "")


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((fields[name] for name in names if _is_something(fields.get(name))), None)


def _is_something(value: Any) -> bool:
    return bool(value) and not (isinstance(value, str) and value.strip().lower() in _NOTHING)
