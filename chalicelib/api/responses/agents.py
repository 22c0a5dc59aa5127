"""Agents and their coverage as the API returns them."""

from typing import Annotated, Self

from pydantic import Field

from chalicelib.api.fields import OptionalText, OptionalTime, ShownAgentId, Time
from chalicelib.api.responses.base import Addressable, Context, Model, ResourcePage
from chalicelib.domain import pagination, queries
from chalicelib.domain.agents.agent import Agent, AgentStatus
from chalicelib.domain.agents.coverage import AgentCoverage
from chalicelib.domain.scanning.gaps import Gap, GapReason
from chalicelib.domain.scanning.windows import Window

ID = Annotated[ShownAgentId, Field(description="`<account>-<region>`.")]
Account = Annotated[str, Field(description="The account that it watches.", examples=["111122223333"])]
Region = Annotated[str, Field(description="The region that it watches.", examples=["eu-west-1"])]
Name = Annotated[OptionalText, Field(description="The name of the account.", examples=["shop-prod"])]
Status = Annotated[
    AgentStatus,
    Field(
        description="Expected (it has not reported yet), active, stale (three heartbeats are missing) or removed "
        "(its stack is deleted)."
    ),
]


class WindowResource(Model):
    """A span of log time, without its end."""

    start: Time
    end: Time

    @classmethod
    def of(cls, window: Window) -> Self:
        """Show a window."""
        return cls.copied(window)


class GapResource(WindowResource):
    """Log time that was not scanned: of these log groups, of those from one name to another, or (all null) of all."""

    reason: Annotated[GapReason, Field(description="Why.")]
    tries: Annotated[int, Field(description="How often it was tried.")]
    log_groups: tuple[str, ...] | None
    first: Annotated[OptionalText, Field(alias="from")]
    last: Annotated[OptionalText, Field(alias="to")]

    @classmethod
    def in_coverage(cls, gap: Gap) -> Self:
        """Show a gap."""
        window = {"start": gap.window.start, "end": gap.window.end}
        first, last = gap.span or (None, None)
        return cls.copied(gap, **window, log_groups=gap.log_groups or None, first=first, last=last)


class SpendResource(Model):
    """The bytes scanned on a day."""

    day: Annotated[str, Field(description="The day, in UTC.", examples=["2026-01-31"])]
    bytes: Annotated[int, Field(description="The bytes scanned so far.")]
    budget: Annotated[int | None, Field(description="The bytes that may be scanned in a day; null if unlimited.")]
    forecast: Annotated[int, Field(description="The bytes expected by the end of the day.")]

    @classmethod
    def of(cls, known: AgentCoverage) -> Self:
        """Show what was spent."""
        spend = known.spend
        return cls(day=spend.day, bytes=spend.bytes, budget=known.budget or None, forecast=known.forecast)


class CoverageResource(Model):
    """What an agent has scanned, and what it has not, within the requested time."""

    since: Annotated[Time, Field(description="When its scans began.")]
    watermark: Annotated[Time, Field(description="The time up to which everything was scanned, but for the gaps.")]
    late_watermark: Annotated[
        OptionalTime, Field(description="The same for the second pass, which finds lines that arrived late.")
    ]
    lag: Annotated[int, Field(description="The seconds between the watermark and now.")]
    scanned: Annotated[tuple[WindowResource, ...], Field(description="What was scanned without gaps.")]
    gaps: Annotated[tuple[GapResource, ...], Field(description="What was not scanned.")]
    late_gaps: Annotated[tuple[GapResource, ...], Field(description="What the second pass did not scan.")]
    missing: Annotated[tuple[str, ...], Field(description="Log groups that do not exist, up to twenty.")]
    unresolved_count: Annotated[int, Field(description="How many owners of further log groups were not resolved.")]
    access_denied: Annotated[tuple[str, ...], Field(description="The services whose resources the scan may not list.")]
    spend: SpendResource | None

    @classmethod
    def of(cls, known: AgentCoverage, query: queries.CoverageQuery, context: Context) -> Self:
        """Show what was scanned within the requested time and of the requested log group, if any."""
        start, end = query.start or 0, context.now if query.end is None else query.end + 1
        return cls.copied(
            known,
            lag=known.lag(context.now),
            scanned=tuple(map(WindowResource.of, known.scanned(start, end, query.log_group))),
            gaps=tuple(map(GapResource.in_coverage, known.missed(start, end, query.log_group))),
            late_gaps=tuple(map(GapResource.in_coverage, known.late_missed(start, end, query.log_group))),
            missing=tuple(each for each in known.missing if query.log_group in ("", each)),
            spend=SpendResource.of(known) if known.spend.midnight else None,
        )


class AgentResource(Model):
    """An agent: what forwards events, and scans logs, in one account and region."""

    id: ID
    account: Account
    region: Region
    name: Name
    status: Status
    deployment: Annotated[OptionalText, Field(description="The last status of its CloudFormation stack.")]
    deployed_at: Annotated[OptionalTime, Field(description="Since when its stack has that status.")]
    heartbeat_at: Annotated[OptionalTime, Field(description="When it last reported.")]
    heartbeat_seconds: Annotated[int, Field(description="The interval of its heartbeats, in seconds.", examples=[300])]
    version: Annotated[OptionalText, Field(description="Its version.", examples=["1.4.2"])]
    commit: Annotated[OptionalText, Field(description="The commit that its package was built from.")]
    log_group_count: Annotated[int, Field(description="How many log groups it scans.")]
    scan_tag: Annotated[
        OptionalText, Field(description="The tag that selects what it scans; null where it scans everything.")
    ]
    created_at: Annotated[OptionalTime, Field(description="When it was registered.")]

    @classmethod
    def of(cls, agent: Agent) -> Self:
        """Show an agent."""
        return cls.copied(agent)


class WholeAgentResource(AgentResource, Addressable):
    """An agent with its coverage."""

    coverage: Annotated[CoverageResource | None, Field(description="Its coverage, as last reported.")]

    @classmethod
    def with_coverage(cls, agent: Agent, context: Context) -> Self:
        """Show an agent with its coverage."""
        coverage = agent.coverage and CoverageResource.of(agent.coverage, queries.CoverageQuery(), context)
        return cls.copied(agent, coverage=coverage)


class AgentPage(ResourcePage):
    """A page of agents."""

    items: tuple[AgentResource, ...]

    @classmethod
    def of(cls, page: pagination.Page[Agent], query: queries.AgentQuery) -> Self:
        """Show a page of agents."""
        return cls.around(tuple(map(AgentResource.of, page.items)), page, query)


class AgentCoverageItem(Model):
    """The coverage of one agent."""

    agent: ID
    account: Account
    region: Region
    name: Name
    status: Status
    coverage: Annotated[CoverageResource | None, Field(description="Null where the agent has never reported any.")]

    @classmethod
    def of(cls, agent: Agent, query: queries.CoverageQuery, context: Context) -> Self:
        """Show one agent's coverage of what is asked for."""
        coverage = agent.coverage and CoverageResource.of(agent.coverage, query, context)
        return cls.copied(agent, agent=agent.id, coverage=coverage)


class CoveragePage(ResourcePage):
    """A page of agents' coverage."""

    items: tuple[AgentCoverageItem, ...]

    @classmethod
    def of(cls, page: pagination.Page[Agent], query: queries.CoverageQuery, context: Context) -> Self:
        """Show a page of agents' coverage."""
        return cls.around(tuple(AgentCoverageItem.of(each, query, context) for each in page.items), page, query)
