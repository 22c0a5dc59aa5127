"""Agents and their coverage as the API shows them."""

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
Account = Annotated[str, Field(description="The account where it lives.", examples=["111122223333"])]
Region = Annotated[str, Field(description="The region where it lives.", examples=["eu-west-1"])]
Name = Annotated[OptionalText, Field(description="What people call its account.", examples=["shop-prod"])]
Status = Annotated[
    AgentStatus,
    Field(
        description="Expected (it has not reported yet), active, stale (three heartbeats are missing) or removed "
        "(its stack is deleted)."
    ),
]


class WindowResource(Model):
    """Log time from a start up to, not including, an end."""

    start: Time
    end: Time

    @classmethod
    def of(cls, window: Window) -> Self:
        """Show a window."""
        return cls.copied(window)


class GapResource(WindowResource):
    """Log time that was not scanned: of the log groups named, of those from one to another, or (all null) of all."""

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
    """What was scanned on a day."""

    day: Annotated[str, Field(description="The day, in UTC.", examples=["2026-01-31"])]
    bytes: Annotated[int, Field(description="How many bytes so far.")]
    budget: Annotated[int | None, Field(description="How many bytes a day may be scanned; null if any number.")]
    forecast: Annotated[int, Field(description="How many bytes it will be at the day's end.")]

    @classmethod
    def of(cls, known: AgentCoverage) -> Self:
        """Show what was spent."""
        spend = known.spend
        return cls(day=spend.day, bytes=spend.bytes, budget=known.budget or None, forecast=known.forecast)


class CoverageResource(Model):
    """What an agent has scanned, and what it has not; all intervals are cut to the time asked for."""

    since: Annotated[Time, Field(description="From when on it scans.")]
    watermark: Annotated[Time, Field(description="How far it has come.")]
    late_watermark: Annotated[
        OptionalTime, Field(description="How far the second pass has come, for lines that arrive late.")
    ]
    lag: Annotated[int, Field(description="How many seconds lie between the watermark and now.")]
    scanned: Annotated[tuple[WindowResource, ...], Field(description="What was scanned without gaps.")]
    gaps: Annotated[tuple[GapResource, ...], Field(description="What was not scanned.")]
    late_gaps: Annotated[tuple[GapResource, ...], Field(description="What the second pass did not scan.")]
    missing: Annotated[tuple[str, ...], Field(description="Log groups that do not exist, up to twenty.")]
    unresolved_count: Annotated[int, Field(description="How many owners of further log groups were not resolved.")]
    access_denied: Annotated[
        tuple[str, ...], Field(description="The services that the scan may not list resources of.")
    ]
    spend: SpendResource | None

    @classmethod
    def of(cls, known: AgentCoverage, query: queries.CoverageQuery, context: Context) -> Self:
        """Show what was scanned of the time and the log group asked for, if any."""
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
    """The part of the system that lives in a watched account and region."""

    id: ID
    account: Account
    region: Region
    name: Name
    status: Status
    deployment: Annotated[OptionalText, Field(description="The last status of its stack.")]
    deployed_at: Annotated[OptionalTime, Field(description="Since when its stack has that status.")]
    heartbeat_at: Annotated[OptionalTime, Field(description="When it last reported.")]
    heartbeat_seconds: Annotated[int, Field(description="Every how many seconds it reports.", examples=[300])]
    version: Annotated[OptionalText, Field(description="Its version.", examples=["1.4.2"])]
    commit: Annotated[OptionalText, Field(description="The commit that its package was made of.")]
    log_group_count: Annotated[int, Field(description="How many log groups it scans.")]
    scan_tag: Annotated[
        OptionalText, Field(description="The tag by which it chooses what to scan; null where it takes everything.")
    ]
    created_at: Annotated[OptionalTime, Field(description="When it was registered.")]

    @classmethod
    def of(cls, agent: Agent) -> Self:
        """Show an agent."""
        return cls.copied(agent)


class WholeAgentResource(AgentResource, Addressable):
    """An agent with its coverage."""

    coverage: Annotated[CoverageResource | None, Field(description="All that it has said of its coverage.")]

    @classmethod
    def with_coverage(cls, agent: Agent, context: Context) -> Self:
        """Show an agent with everything that is known of it."""
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
    """Whose coverage it is, and what it is."""

    agent: ID
    account: Account
    region: Region
    name: Name
    status: Status
    coverage: Annotated[CoverageResource | None, Field(description="Null where the agent has never said anything.")]

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
