"""Requests for lists: paging, filters and order."""

from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator

from chalicelib.api.fields import (
    Account,
    AgentPlace,
    AnyAccount,
    AnyRegion,
    Cursor,
    Fingerprint,
    LastMoment,
    Limit,
    LogGroup,
    Moment,
    Named,
    SearchText,
    Severe,
    SourceName,
    wrong,
)
from chalicelib.api.requests.base import QueryParameters
from chalicelib.domain import queries
from chalicelib.domain.agents.agent import AgentStatus
from chalicelib.domain.alerts.alert import Status
from chalicelib.domain.notifications.notification import Delivery
from chalicelib.domain.pagination import DEFAULT_LIMIT, Direction
from chalicelib.domain.routing.silences import SilenceStatus

# Of a parameter that may be repeated; to repeat the same value changes nothing.
MOST_VALUES = 20

# Parameters that have another name in the store's queries.
STORED = {
    "start_date": "start",
    "end_date": "end",
    "severity": "severities",
    "status": "statuses",
    "outcome": "outcomes",
    "q": "text",
}


class PageParameters(QueryParameters):
    """A page of a list."""

    limit: Annotated[Limit, Field(description="The maximum number of items.")] = DEFAULT_LIMIT
    cursor: Annotated[
        Cursor | None,
        Field(description="`next` or `previous` of another page of the same list; the filters must be the same."),
    ] = None

    def of[Q: queries.ListQuery](self, model: type[Q]) -> Q:
        """Return the store's query; Invalid where the cursor belongs to another query."""
        given = {name: getattr(self, name) for name in self.model_fields_set - {"cursor"}}
        values: dict[str, Any] = {STORED.get(name, name): value for name, value in given.items() if value is not None}
        return model(**values).at(self.cursor)


class TimeParameters(PageParameters):
    """A page of a list ordered by time."""

    start_date: Annotated[
        Moment | None,
        Field(description="From here on: epoch seconds or ISO 8601, in UTC without an offset; a date is its begin."),
    ] = None
    end_date: Annotated[
        LastMoment | None, Field(description="Up to here, this second included; a date alone is its last second.")
    ] = None
    direction: Annotated[Direction, Field(description="Newest or oldest first.")] = Direction.DESC

    @field_validator("end_date")
    @classmethod
    def _check_order(cls, end_date: int | None, info: ValidationInfo) -> int | None:
        return ends_after(info.data.get("start_date"), end_date)


class SubjectParameters(TimeParameters):
    """Filters for events and alerts."""

    account: Annotated[
        AnyAccount | None, Field(description="One account; `*` for the public events of AWS Health.")
    ] = None
    account_name: Annotated[Named | None, Field(description="Accounts with this name.")] = None
    region: Annotated[AnyRegion | None, Field(description="One region.")] = None
    source: Annotated[
        SourceName | None,
        Field(description="One source; letter case matters.", examples=["aws.guardduty"]),
    ] = None
    kind: Annotated[SourceName | None, Field(description="One kind.", examples=["guardduty"])] = None
    fingerprint: Annotated[Fingerprint | None, Field(description="One problem.")] = None
    severity: Annotated[tuple[Severe, ...], Field(max_length=MOST_VALUES, description="Exactly these severities.")] = ()
    min_severity: Annotated[Severe | None, Field(description="This severity or higher.")] = None
    q: Annotated[
        SearchText | None,
        Field(description="Text contained in the title or resource, in any letter case.", examples=["checkout"]),
    ] = None


class EventParameters(SubjectParameters):
    """Filters for events."""

    outcome: Annotated[
        tuple[Delivery, ...], Field(max_length=MOST_VALUES, description="Events with one of these outcomes.")
    ] = ()


class AlertParameters(SubjectParameters):
    """Filters for alerts, listed by the start of their newest episodes."""

    status: Annotated[
        tuple[Status, ...], Field(max_length=MOST_VALUES, description="Alerts with one of these statuses.")
    ] = ()


class NotificationParameters(TimeParameters):
    """Filters for notifications, listed by when they were enqueued."""

    status: Annotated[
        tuple[Delivery, ...],
        Field(
            max_length=MOST_VALUES,
            description="Notifications with one of these statuses; `suppressed` cannot be combined with others.",
        ),
    ] = ()
    receiver: Annotated[
        Named | None,
        Field(description="Notifications to one receiver; suppressed ones have none.", examples=["monitoring"]),
    ] = None

    @field_validator("status")
    @classmethod
    def _check_status(cls, status: tuple[Delivery, ...]) -> tuple[Delivery, ...]:
        if Delivery.SUPPRESSED in status and len(set(status)) > 1:
            raise wrong("suppressed goes with no other status: the list has events instead of notifications")
        return status

    @field_validator("receiver")
    @classmethod
    def _check_receiver(cls, receiver: str | None, info: ValidationInfo) -> str | None:
        if Delivery.SUPPRESSED in info.data.get("status", ()):
            raise wrong("must be left out: what was suppressed was for nobody")
        return receiver


class SilenceParameters(PageParameters):
    """Filters for silences, listed by when they end."""

    status: Annotated[
        tuple[SilenceStatus, ...], Field(max_length=MOST_VALUES, description="Silences with one of these statuses.")
    ] = ()


class AgentParameters(PageParameters):
    """Filters for agents, listed by id."""

    status: Annotated[
        tuple[AgentStatus, ...], Field(max_length=MOST_VALUES, description="Agents with one of these statuses.")
    ] = ()
    account: Annotated[Account | None, Field(description="Agents in one account.")] = None
    region: Annotated[AnyRegion | None, Field(description="Agents in one region.")] = None
    name: Annotated[Named | None, Field(description="Agents with this name.", examples=["shop-prod"])] = None


class CoverageParameters(PageParameters):
    """Filters for agents' coverage."""

    account: Annotated[Account | None, Field(description="The agents of one account.")] = None
    region: Annotated[AnyRegion | None, Field(description="The agents of one region.")] = None
    agent: Annotated[AgentPlace | None, Field(description="One agent, instead of account and region.")] = None
    log_group: Annotated[LogGroup | None, Field(description="One log group, by its full name.")] = None
    start_date: Annotated[Moment | None, Field(description="Log time from here on.")] = None
    end_date: Annotated[LastMoment | None, Field(description="Log time up to here.")] = None

    @field_validator("agent")
    @classmethod
    def _check_agent(cls, agent: Any, info: ValidationInfo) -> Any:
        if info.data.get("account") or info.data.get("region"):
            raise wrong("must stand alone: it says account and region itself")
        return agent

    @field_validator("end_date")
    @classmethod
    def _check_order(cls, end_date: int | None, info: ValidationInfo) -> int | None:
        return ends_after(info.data.get("start_date"), end_date)

    def select(self) -> queries.CoverageQuery:
        """Return the store's query; an agent's id is split into account and region."""
        if not self.agent:
            return self.of(queries.CoverageQuery)
        account, region = self.agent
        changes = {"agent": None, "account": account, "region": region}
        return self.model_copy(update=changes).of(queries.CoverageQuery)


def ends_after(start: int | None, end: int | None) -> int | None:
    """Return the end of a time span; it may not be before the start."""
    if start is not None and end is not None and end < start:
        raise wrong("lies before start_date")
    return end
