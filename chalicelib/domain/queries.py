"""Pages: what is asked of a long list, and the opaque cursor that leads through it."""

import base64
import binascii
import json
from enum import StrEnum
from typing import Self

from msgspec import Struct
from msgspec.structs import fields, replace

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.timeline import Status
from chalicelib.domain.errors import Invalid, Problem
from chalicelib.domain.events.event import Event, Severity
from chalicelib.domain.notifications.notification import Delivery, Record
from chalicelib.domain.routing.silences import SilenceStatus
from chalicelib.domain.text import digest

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 100


class Direction(StrEnum):
    """The order of a list by time."""

    ASC = "asc"
    DESC = "desc"


class Cursor(Struct, frozen=True):
    """A place in a list: just behind (`forward`) or just before the item at `position`, such as an event's id."""

    position: str
    forward: bool = True

    def encode(self, filters: str) -> str:
        """Write the cursor as URL-safe base64, bound to the filters it belongs to."""
        text = json.dumps([self.position, self.forward, filters], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, filters: str) -> Self:
        """Read a cursor; Invalid where it is damaged or was given out for other filters."""
        try:
            position, forward, bound = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True))
        except (binascii.Error, ValueError, TypeError, RecursionError) as error:
            raise _bad_cursor("is damaged; use `next` or `previous` as it was answered") from error
        if not (isinstance(position, str) and position.isascii() and position and isinstance(forward, bool)):
            raise _bad_cursor("is damaged; use `next` or `previous` as it was answered")
        if bound != filters:
            raise _bad_cursor("belongs to a query with other filters; start again without it")
        return cls(position, forward)


class ListQuery(Struct, frozen=True, kw_only=True):
    """Which part of a list by time, in which order, from where on; `start` and `end` are both inclusive."""

    start: int | None = None
    end: int | None = None
    direction: Direction = Direction.DESC
    limit: int = DEFAULT_LIMIT
    cursor: Cursor | None = None

    @property
    def filters(self) -> str:
        """A digest of all that decides which events are listed and in what order."""
        plain = replace(self, limit=DEFAULT_LIMIT, cursor=None)
        values = (str(getattr(plain, each.name)) for each in fields(plain))
        return digest(type(self).__name__, *values)[:12]

    def filters_beyond(self, *names: str) -> bool:
        """Tell whether anything is filtered by, apart from time and the filters of these `names`."""
        others = (each for each in fields(self) if each.name not in (*LIST_FIELDS, *names))
        return any(getattr(self, each.name) != each.default for each in others)


LIST_FIELDS = frozenset(each.name for each in fields(ListQuery))


class EventQuery(ListQuery, frozen=True, kw_only=True):
    """Which events; `severity` is the least one, `outcome` what became of them. Empty text filters nothing."""

    account: str = ""
    region: str = ""
    source: str = ""
    severity: Severity = Severity.UNKNOWN
    fingerprint: str = ""
    outcome: Delivery | None = None

    def matches(self, record: Record) -> bool:
        """Tell whether an event passes every filter."""
        return self.outcome in (None, record.outcome.status) and _is_about(self, record.event)


class AlertQuery(ListQuery, frozen=True, kw_only=True):
    """Which alerts that ever fired; the time is when the newest episode began, `severity` the least one in it."""

    account: str = ""
    region: str = ""
    source: str = ""
    severity: Severity = Severity.UNKNOWN
    fingerprint: str = ""
    status: Status | None = None

    def matches(self, alert: Alert) -> bool:
        """Tell whether an alert passes every filter."""
        return self.status in (None, alert.status) and _is_about(self, alert)


class NotificationQuery(ListQuery, frozen=True, kw_only=True):
    """Which notifications; the time is when they were owed. Empty text filters nothing."""

    status: Delivery | None = None
    receiver: str = ""


class SilenceQuery(ListQuery, frozen=True, kw_only=True):
    """Which silences; the time is when they end."""

    status: SilenceStatus | None = None


class CoverageQuery(ListQuery, frozen=True, kw_only=True):
    """Which agents' coverage, and of what: the time is log time, `log_group` the one that it is asked for."""

    account: str = ""
    region: str = ""
    log_group: str = ""


class Page[T](Struct, frozen=True):
    """Some items of a list, in its order, and the cursors to what lies behind and before them (None: nothing)."""

    items: tuple[T, ...]
    next: Cursor | None = None
    previous: Cursor | None = None


def _bad_cursor(message: str) -> Invalid:
    return Invalid("The cursor cannot be used.", Problem("cursor", message))


def _is_about(query: EventQuery | AlertQuery, subject: Event | Alert) -> bool:
    """Tell whether an event or alert passes the filters that both have."""
    wanted = ("account", "region", "source", "fingerprint")
    return subject.severity >= query.severity and all(
        getattr(query, name) in ("", getattr(subject, name)) for name in wanted
    )
