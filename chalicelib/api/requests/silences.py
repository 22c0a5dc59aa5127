"""What is asked of silences, and what somebody wants to be silent about."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.api.requests import LONGEST_NAME, PAGE_PARAMETERS, Form, Read, line, list_query, moment, nothing, one_of
from chalicelib.config.durations import seconds_in
from chalicelib.domain.errors import NotFound
from chalicelib.domain.events.event import DAY, Severity
from chalicelib.domain.queries import SilenceQuery
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.silences import LONGEST, Silence, SilenceStatus

if TYPE_CHECKING:
    from chalice.app import Request

LONGEST_REASON = 200
MOST_MATCHERS = 10
FURTHEST_AHEAD = 365 * DAY
SILENCE_ID = re.compile("[0-9a-f]{16}")
TAG_KEY = re.compile(r".{1,128}")


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 - a form collects what is wrong with a value
    return value


def _time(value: Any) -> int:
    return moment(str(value))


def _duration(value: Any) -> int:
    if not isinstance(value, str):
        raise ValueError('must be a duration such as "2h"')  # noqa: TRY004 - the same
    return seconds_in(value)


def _key(value: Any) -> str:
    if not (isinstance(value, str) and TAG_KEY.fullmatch(value)):
        raise ValueError("must be the key of a tag")
    return value


def _patterns(value: Any) -> tuple[str, ...]:
    from chalicelib.config import fields  # noqa: PLC0415 - it needs pydantic, which no other handler shall import

    found: tuple[str, ...] = fields.patterns(value)
    return found


def _hours(value: Any) -> tuple[str, ...]:
    from chalicelib.config import fields  # noqa: PLC0415 - the same

    found: tuple[str, ...] = fields.hours(value)
    return found


def _severities(value: Any) -> tuple[str, ...]:
    names = tuple(each.name for each in Severity)
    if wrong := [each for each in _patterns(value) if each not in names]:
        raise ValueError(f"invalid severity {wrong[0]!r}; expected one of {', '.join(names)}")
    return _patterns(value)


PATTERNS: Mapping[Field, Read] = {
    Field.HOURS: _hours,
    Field.SEVERITY: _severities,
}
MATCHER_FIELDS: Mapping[str, Read] = {
    "field": one_of(Field),
    "key": _key,
    "patterns": lambda value: value,
    "not": _truth,
}
SILENCE_FIELDS: Mapping[str, Read] = {
    "matchers": lambda value: value,
    "everything": _truth,
    "starts_at": _time,
    "ends_at": _time,
    "duration": _duration,
    "author": line(LONGEST_NAME, shortest=1),
    "reason": line(LONGEST_REASON, shortest=1),
}
SILENCE_PARAMETERS: Mapping[str, Read] = {"status": one_of(SilenceStatus), **PAGE_PARAMETERS}


def silence_query(request: "Request") -> SilenceQuery:
    """Read which silences are asked for."""
    return list_query(request, SILENCE_PARAMETERS, SilenceQuery)


def silence_id(text: str) -> str:
    """Return a silence's id as it stands in the path; NotFound where none looks like that."""
    if not SILENCE_ID.fullmatch(text):
        raise NotFound("There is no silence of this id.")
    return text


def new_silence(request: "Request", now: int) -> Silence:
    """Read the silence that shall be made; its author is whose token it is, unless it names one."""
    nothing(request)
    form = Form.body(request, SILENCE_FIELDS, required=("reason",))
    matchers = _matchers(form)
    starts_at = form.values.get("starts_at", now)
    ends_at = _end(form, starts_at, now)
    said = form.settle()
    return Silence(
        id="",
        matchers=matchers,
        starts_at=starts_at,
        ends_at=ends_at,
        author=said.get("author") or request.context["authorizer"]["name"],
        reason=said["reason"],
        created_at=now,
    )


def _end(form: Form, starts_at: int, now: int) -> int:
    """Return when the silence ends; blames what cannot be."""
    given = [name for name in ("ends_at", "duration") if name in form.values]
    if any(each.field in {"starts_at", "ends_at", "duration"} for each in form.problems):
        return 0
    if len(given) != 1:
        form.blame("ends_at", "one of ends_at and duration is needed")
        return 0
    ends_at: int = form.values.get("ends_at", starts_at + form.values.get("duration", 0))
    if ends_at <= max(starts_at, now):
        form.blame(given[0], "must end after its start, and after now")
    if ends_at - starts_at > LONGEST:
        form.blame(
            given[0], f"must end within {LONGEST // DAY} days of its start; what is to last goes into the routes file"
        )
    if starts_at > now + FURTHEST_AHEAD:
        form.blame("starts_at", f"must lie within {FURTHEST_AHEAD // DAY} days")
    return ends_at


def _matchers(form: Form) -> tuple[Matcher, ...]:
    given = form.values.get("matchers", [])
    if not isinstance(given, list) or len(given) > MOST_MATCHERS:
        form.blame("matchers", f"must be a list of up to {MOST_MATCHERS} matchers")
        return ()
    if bool(given) == form.values.get("everything", False):
        form.blame("matchers", 'one of matchers and "everything": true is needed')
    found = (_matcher(form, f"matchers[{number}]", each) for number, each in enumerate(given))
    return tuple(each for each in found if each)


def _matcher(form: Form, name: str, value: Any) -> Matcher | None:
    if not isinstance(value, dict):
        form.blame(name, "must be an object with field and patterns")
        return None
    inner = Form(value, MATCHER_FIELDS)
    for required in ("field", "patterns"):
        if required not in value:
            inner.blame(required, "is missing")
    said = inner.values
    field = said.get("field")
    patterns: tuple[str, ...] = ()
    if field and "patterns" in said:
        read: Read = PATTERNS.get(field, _patterns)
        try:
            patterns = read(said["patterns"])
        except ValueError as error:
            inner.blame("patterns", str(error))
    if field and ("key" in value) != (field is Field.TAG):
        inner.blame("key", "belongs to the field tag, and to no other")
    for problem in inner.problems:
        form.blame(f"{name}.{problem.field}", problem.message)
    return (
        Matcher(field, patterns, said.get("key", ""), said.get("not", False)) if not inner.problems and field else None
    )
