"""Queries: filters, order and page of long lists."""

from typing import ClassVar, Self, override

from msgspec import Struct
from msgspec.structs import fields, replace

from chalicelib.domain.agents.agent import Agent, AgentStatus
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.timeline import Status
from chalicelib.domain.events.event import Event, Severity
from chalicelib.domain.notifications.notification import Delivery, Record
from chalicelib.domain.pagination import DEFAULT_LIMIT, Cursor, Direction
from chalicelib.domain.routing.silences import SilenceStatus
from chalicelib.domain.text import digest


class ListQuery(Struct, frozen=True, kw_only=True):
    """A page of a list ordered by time: span, direction and cursor; `start` and `end` are both inclusive."""

    # What decides where a page begins and ends, or follows from another filter.
    UNBOUND: ClassVar = frozenset({"limit", "cursor", "account_ids"})
    # A page reads no more items than these, however rare is what is sought.
    MOST_EXAMINED: ClassVar = 1_000

    start: int | None = None
    end: int | None = None
    direction: Direction = Direction.DESC
    limit: int = DEFAULT_LIMIT
    cursor: Cursor | None = None

    @property
    def filters(self) -> str:
        """A digest of everything that decides what is listed and in which order.

        The order of values does not matter.
        """
        values = (_text(getattr(self, each.name)) for each in fields(self) if each.name not in self.UNBOUND)
        return digest(type(self).__name__, *values)[:12]

    def filters_beyond(self, *names: str) -> bool:
        """Return whether there are filters other than the time and these `names`."""
        others = (each for each in fields(self) if each.name not in (*LIST_FIELDS, *names))
        return any(getattr(self, each.name) != each.default for each in others)

    def at(self, cursor: str | None) -> Self:
        """Return the query from a cursor on; Invalid where that is damaged, or of another query."""
        return replace(self, cursor=Cursor.decode(cursor, self.filters)) if cursor else self


LIST_FIELDS = frozenset(each.name for each in fields(ListQuery))


class SubjectQuery(ListQuery, frozen=True, kw_only=True):
    """Filters for events and alerts; empty ones filter nothing.

    `text` is contained in the title or resource, in any letter case. `account_ids` are the accounts that `account_name`
    stands for, once it was looked up.
    """

    account: str = ""
    account_name: str = ""
    account_ids: tuple[str, ...] | None = None
    region: str = ""
    source: str = ""
    kind: str = ""
    fingerprint: str = ""
    severities: tuple[Severity, ...] = ()
    min_severity: Severity = Severity.UNKNOWN
    text: str = ""

    def chooses(self, subject: Event | Alert) -> bool:
        """Return whether an event or alert passes these filters."""
        exact = ("region", "source", "fingerprint")
        return (
            self.admits(subject.severity, subject.account, subject.kind)
            and all(getattr(self, name) in ("", getattr(subject, name)) for name in exact)
            and self.mentions(subject)
        )

    def mentions(self, subject: Event | Alert) -> bool:
        """Return whether the text is in the title or resource."""
        return self.text.casefold() in f"{subject.title}\n{subject.resource}".casefold()

    def admits(self, severity: Severity, account: str, kind: str) -> bool:
        """Return whether a severity, account and kind pass their filters."""
        return (
            self.account in ("", account)
            and self.kind in ("", kind)
            and severity >= self.min_severity
            and (not self.severities or severity in self.severities)
            and (self.account_ids is None or account in self.account_ids)
        )


class EventQuery(SubjectQuery, frozen=True, kw_only=True):
    """Filters for events; `outcomes` are their statuses."""

    UNBOUND: ClassVar = ListQuery.UNBOUND | {"named"}

    outcomes: tuple[Delivery, ...] = ()
    named: frozenset[str] = frozenset()

    def matches(self, record: Record) -> bool:
        """Return whether an event passes the filters."""
        return self.chooses(record.event) and (not self.outcomes or record.outcome.status in self.outcomes)

    @override
    def mentions(self, subject: Event | Alert) -> bool:
        """Tell whether the text stands in the title or resource, or for the account."""
        return subject.account in self.named or super().mentions(subject)


class AlertQuery(SubjectQuery, frozen=True, kw_only=True):
    """Filters for alerts that ever fired; time and severity are of the newest episode."""

    statuses: tuple[Status, ...] = ()

    def matches(self, alert: Alert) -> bool:
        """Return whether an alert passes the filters."""
        return self.chooses(alert) and (not self.statuses or alert.status in self.statuses)


class NotificationQuery(ListQuery, frozen=True, kw_only=True):
    """Filters for notifications, by when they were enqueued; empty ones filter nothing."""

    statuses: tuple[Delivery, ...] = ()
    receiver: str = ""


class SilenceQuery(ListQuery, frozen=True, kw_only=True):
    """Filters for silences, by when they end."""

    statuses: tuple[SilenceStatus, ...] = ()


class AgentQuery(ListQuery, frozen=True, kw_only=True):
    """Filters for agents, ordered by id; empty ones filter nothing."""

    direction: Direction = Direction.ASC
    account: str = ""
    region: str = ""
    name: str = ""
    statuses: tuple[AgentStatus, ...] = ()

    def matches(self, agent: Agent) -> bool:
        """Return whether an agent passes the filters."""
        return all(getattr(self, each) in ("", getattr(agent, each)) for each in ("account", "region", "name")) and (
            not self.statuses or agent.status in self.statuses
        )


class CoverageQuery(ListQuery, frozen=True, kw_only=True):
    """Filters for agents' coverage; the time is log time."""

    account: str = ""
    region: str = ""
    log_group: str = ""

    @property
    def agents(self) -> AgentQuery:
        """The query for the agents, from the same cursor on."""
        return AgentQuery(account=self.account, region=self.region, limit=self.limit, cursor=self.cursor)


def _text(value: object) -> str:
    """Return a filter's value as text; several values in any order, and repeated ones, give the same text."""
    return str(sorted({str(each) for each in value})) if isinstance(value, tuple) else str(value)
