"""What is asked: paths, query strings and bodies in our own words; all that is wrong with one is told at once."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec.structs import replace

from chalicelib.domain.agents.agent import parse_agent_id
from chalicelib.domain.errors import Invalid, MonitoringError, NotFound, Problem, TooLarge
from chalicelib.domain.events.event import DAY, Severity, parse_time
from chalicelib.domain.notifications.notification import Delivery
from chalicelib.domain.queries import DEFAULT_LIMIT, LARGEST_LIMIT, Cursor, Direction, EventQuery, ListQuery
from chalicelib.domain.text import clean

if TYPE_CHECKING:
    from chalice.app import Request

type Read = Callable[[Any], Any]
"""Reads one value; ValueError says what it must be."""

LARGEST_BODY = 64 * 1024
LONGEST_NAME = 64
LONGEST_SOURCE = 128
# The last second that a datetime can hold, at the end of the year 9999.
LATEST = 253_402_300_799
EVENT_ID = re.compile(r"[0-9]{10}-[0-9a-f]{32}")
PLACE = re.compile(r"[0-9]{12}-[A-Za-z0-9-]{1,128}")
# A list of agents has no filters, and its cursors are good for no other list.
ALL_AGENTS = "agents"


class UnsupportedMediaType(MonitoringError):  # noqa: N818 - reads as those in chalicelib/domain/errors.py do
    """The body is not said to be JSON."""


class AgentQuery(NamedTuple):
    """Which agents, from where on."""

    limit: int
    cursor: Cursor | None


class NewAgent(NamedTuple):
    """An agent to register."""

    account: str
    region: str
    name: str


class Form:
    """Named values under reading; what is wrong with them is collected, and told at once by `settle`."""

    def __init__(self, values: Mapping[str, Any], fields: Mapping[str, Read]) -> None:
        self.values: dict[str, Any] = {}
        self.problems: list[Problem] = []
        for name, value in values.items():
            if name not in fields:
                self.blame(clean(name, LONGEST_NAME), f"is unknown here; there is {', '.join(fields) or 'none'}")
                continue
            try:
                self.values[name] = fields[name](value)
            except ValueError as error:
                self.blame(name, str(error))

    @classmethod
    def query(cls, request: "Request", fields: Mapping[str, Read]) -> "Form":
        """Read the request's query string, in which each parameter may stand once."""
        given = request.query_params
        form = cls(given or {}, fields)
        for name in given or ():
            if given and len(given.getlist(name)) > 1:
                form.blame(clean(name, LONGEST_NAME), "is given more than once")
        return form

    @classmethod
    def body(cls, request: "Request", fields: Mapping[str, Read], required: Iterable[str]) -> "Form":
        """Read the request's body, a JSON object, in which `required` may not be missing."""
        values = json_object(request)
        form = cls(values, fields)
        for name in required:
            if name not in values:
                form.blame(name, "is missing")
        return form

    def blame(self, field: str, message: str) -> None:
        """Note that something is wrong with a field."""
        self.problems.append(Problem(field, message))

    def settle(self) -> dict[str, Any]:
        """Return the values that were given; Invalid where there is any problem."""
        if self.problems:
            raise Invalid("The request cannot be understood.", *self.problems)
        return self.values


def json_object(request: "Request") -> Mapping[str, Any]:
    """Return the request's body; UnsupportedMediaType, TooLarge or Invalid where it is not as it should be."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMediaType("Send a body of content type application/json.")
    if len(request.raw_body) > LARGEST_BODY:
        raise TooLarge(f"A body may have {LARGEST_BODY} bytes.")
    try:
        value = json.loads(request.raw_body)
    except (ValueError, RecursionError):
        raise Invalid("The body is not JSON that can be read.") from None
    if not isinstance(value, dict):
        raise Invalid("The body must be a JSON object.")
    return value


# --- values


def matching(pattern: str, message: str) -> Read:
    """Return a reader of text that fits the whole pattern."""
    compiled = re.compile(pattern)

    def read(value: Any) -> str:
        if not (isinstance(value, str) and compiled.fullmatch(value)):
            raise ValueError(message)
        return value

    return read


def line(longest: int, shortest: int = 0) -> Read:
    """Return a reader of text that is clean already, so that it comes back as it was given."""

    def read(value: Any) -> str:
        if not (isinstance(value, str) and value == clean(value, longest) and len(value) >= shortest):
            raise ValueError(f"must be one line of {shortest} to {longest} characters, without surplus spaces")
        return value

    return read


def moment(value: str, second_of_day: int = 0) -> int:
    """Read epoch seconds or ISO 8601, in UTC unless it has an offset; a date alone means that second of it."""
    try:
        time = int(value) if re.fullmatch("[0-9]+", value) else parse_time(value)
    except ValueError:
        time = None
    if time is None or not 0 <= time <= LATEST:
        raise ValueError("must be epoch seconds or ISO 8601 such as 2026-01-31T10:00:00Z (write + as %2B)")
    return time + (second_of_day if _is_date(value) else 0)


def last_moment(value: str) -> int:
    """Read the end of a time: a date alone means its last second."""
    return moment(value, DAY - 1)


def limit(value: str) -> int:
    """Read the size of a page."""
    if not (re.fullmatch("[0-9]{1,3}", value) and 1 <= int(value) <= LARGEST_LIMIT):
        raise ValueError(f"must be a whole number from 1 to {LARGEST_LIMIT}")
    return int(value)


def direction(value: str) -> Direction:
    """Read an order."""
    try:
        return Direction(value)
    except ValueError:
        raise ValueError("must be asc or desc") from None


def severity(value: str) -> Severity:
    """Read a severity by its name, in any letter case, or by its number."""
    for each in Severity:
        if value.upper() == each.name or value == str(each.value):
            return each
    names = ", ".join(each.name for each in Severity)
    raise ValueError(f"must be one of {names}, or a number from 0 to {max(Severity).value}")


def one_of[E: StrEnum](choices: type[E]) -> Read:
    """Return a reader of one of a few words."""

    def read(value: str) -> E:
        try:
            return choices(value)
        except ValueError:
            raise ValueError(f"must be one of {', '.join(choices)}") from None

    return read


def _is_date(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return not value.isdecimal()  # eight digits are epoch seconds, though ISO 8601 would let them be a date


cursor = matching("[A-Za-z0-9_-]{1,512}", "is damaged; use `next` or `previous` as it was answered")

PAGE_PARAMETERS: Mapping[str, Read] = {"limit": limit, "cursor": cursor}
LIST_PARAMETERS: Mapping[str, Read] = {
    "start_date": moment,
    "end_date": last_moment,
    "direction": direction,
    **PAGE_PARAMETERS,
}
EVENT_PARAMETERS: Mapping[str, Read] = {
    "account": matching(r"[0-9]{12}|\*", "must be 12 digits, or * for a public event"),
    "region": matching("[A-Za-z0-9-]{1,64}", "must be a region such as eu-west-1"),
    "source": line(LONGEST_SOURCE, shortest=1),
    "severity": severity,
    "fingerprint": matching("[0-9a-f]{32}", "must be 32 hexadecimal digits"),
    "outcome": one_of(Delivery),
    **LIST_PARAMETERS,
}
AGENT_FIELDS: Mapping[str, Read] = {
    "account": matching("[0-9]{12}", "must be text of 12 digits"),
    "region": matching("[a-z]{2,8}(-[a-z]{2,16}){1,3}-[0-9]{1,2}", "must be a region such as eu-west-1"),
    "name": line(LONGEST_NAME),
}


# --- requests


def nothing(request: "Request") -> None:
    """Take no parameter."""
    Form.query(request, {}).settle()


def event_query(request: "Request") -> EventQuery:
    """Read which events are asked for."""
    return list_query(request, EVENT_PARAMETERS, EventQuery)


def list_query[Q: ListQuery](request: "Request", parameters: Mapping[str, Read], model: type[Q]) -> Q:
    """Read which part of a list by time is asked for."""
    return list_query_of(Form.query(request, parameters), model)


def list_query_of[Q: ListQuery](form: Form, model: type[Q]) -> Q:
    """Return what a form asks of a list by time; a cursor must belong to the same filters."""
    start, end = form.values.get("start_date"), form.values.get("end_date")
    if start is not None and end is not None and start > end:
        form.blame("start_date", "lies after end_date")
    asked = form.settle()
    position = asked.pop("cursor", None)
    query = model(start=asked.pop("start_date", None), end=asked.pop("end_date", None), **asked)
    return replace(query, cursor=Cursor.decode(position, query.filters)) if position else query


def agent_query(request: "Request") -> AgentQuery:
    """Read which agents are asked for."""
    asked = Form.query(request, PAGE_PARAMETERS).settle()
    position = asked.get("cursor")
    return AgentQuery(asked.get("limit", DEFAULT_LIMIT), Cursor.decode(position, ALL_AGENTS) if position else None)


def new_agent(request: "Request") -> NewAgent:
    """Read the agent that shall be registered; its name may be missing."""
    nothing(request)
    asked = Form.body(request, AGENT_FIELDS, required=("account", "region")).settle()
    return NewAgent(**({"name": ""} | asked))


def new_name(request: "Request") -> str:
    """Read the name that an agent shall have; empty, the agent's own heartbeats name it again."""
    nothing(request)
    name: str = Form.body(request, {"name": AGENT_FIELDS["name"]}, required=("name",)).settle()["name"]
    return name


# --- paths


def event_id(text: str) -> str:
    """Return an event's id as it stands in the path; NotFound where none looks like that."""
    if not EVENT_ID.fullmatch(text):
        raise NotFound("There is no event of this id.")
    return text


def place(agent_id: str) -> tuple[str, str]:
    """Return the account and region of an agent's id as it stands in the path; NotFound where none looks like that."""
    if not PLACE.fullmatch(agent_id):
        raise NotFound("There is no agent of this id; an agent's id is <account>-<region>.")
    return parse_agent_id(agent_id)
