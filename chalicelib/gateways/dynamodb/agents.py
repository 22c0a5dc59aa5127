"""Agents: all in one partition, as a thousand accounts in two regions are 2,000 small items."""

from collections.abc import Iterator
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.agents.agent import Agent
from chalicelib.domain.errors import Conflict
from chalicelib.domain.pagination import Page
from chalicelib.domain.queries import AgentQuery
from chalicelib.gateways.dynamodb import items
from chalicelib.gateways.dynamodb.expressions import at_version
from chalicelib.gateways.dynamodb.pagination import STRIDE, fill, position_of, span_of
from chalicelib.gateways.dynamodb.table import HIGHEST, WHOLE, DynamoTable, Span

MOST_NAMED = 5_000


class DynamoAgentStore(Struct, frozen=True):
    """The agents, and the account names that they report."""

    table: DynamoTable

    def find(self, account: str, region: str) -> Agent | None:
        """Return one agent, as last written."""
        item = self.table.get(items.agent_key(account, region))
        return items.agent_of(item) if item else None

    def save(self, agent: Agent) -> None:
        """Write an agent that is still at the revision that was read; Conflict where it is not."""
        item = items.agent_item(replace(agent, revision=agent.revision + 1))
        if not self.table.put(item, at_version("revision", agent.revision)):
            raise Conflict(f"Agent {agent.id} was updated concurrently; try again.")

    def delete(self, agent: Agent) -> None:
        """Remove an agent; removing it twice is no error."""
        self.table.delete(items.agent_key(agent.account, agent.region))

    def page(self, query: AgentQuery) -> Page[Agent]:
        """Return a page of agents in order of their ids, having examined at most 1,000."""
        span, position = span_of(query), position_of(query.cursor)
        if query.account:
            span = replace(span, low=f"{query.account}-", high=f"{query.account}-{HIGHEST}")
        behind = self._query(span.behind(position), STRIDE if query.filters_beyond("account") else query.limit + 2)
        found = ((agent.id, agent if query.matches(agent) else None) for agent in behind)
        return fill(((agent_id, agent) for agent_id, agent in found if agent_id != position), query)

    def name(self, account: str) -> str:
        """Return the name in the account's first agent that has one, or an empty string."""
        agents = self._query(Span(f"{account}-", f"{account}-{HIGHEST}"))
        return next((agent.name for agent in agents if agent.name), "")

    def named(self, name: str) -> set[str]:
        """Return the accounts whose agents have this name, among the first 5,000 agents."""
        agents = islice(self._query(WHOLE), MOST_NAMED)
        return {agent.account for agent in agents if agent.name == name}

    def names(self) -> dict[str, str]:
        """Return the names of accounts among the first 5,000 agents; of several names, the first agent's."""
        agents = islice(self._query(WHOLE), MOST_NAMED)
        return {agent.account: agent.name for agent in reversed(list(agents)) if agent.name}

    def _query(self, span: Span, size: int = 0) -> Iterator[Agent]:
        return map(items.agent_of, self.table.query(items.AGENTS, span, size=size))
