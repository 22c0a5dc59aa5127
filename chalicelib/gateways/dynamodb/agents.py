"""The agents' items, all in one partition: a thousand accounts in two regions are 2,000 small items."""

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.agents.agent import Agent
from chalicelib.domain.errors import Conflict
from chalicelib.domain.queries import Cursor, Direction, ListQuery, Page
from chalicelib.gateways.dynamodb import items
from chalicelib.gateways.dynamodb.expressions import Expression
from chalicelib.gateways.dynamodb.pagination import STRIDE, fill, position_of, span_of
from chalicelib.gateways.dynamodb.table import HIGHEST, Span, Table


class DynamoAgentStore(Struct, frozen=True):
    """The agents, and the names that they know their accounts by."""

    table: Table

    def find(self, account: str, region: str) -> Agent | None:
        """Return one agent, as last written."""
        item = self.table.get(items.agent_key(account, region))
        return items.agent_of(item) if item else None

    def save(self, agent: Agent) -> None:
        """Write an agent that is still at the revision that was read; Conflict where it is not."""
        item = items.agent_item(replace(agent, revision=agent.revision + 1))
        if not self.table.put(item, Expression.at("revision", agent.revision)):
            raise Conflict(f"Agent {agent.id} has changed meanwhile.")

    def delete(self, agent: Agent) -> None:
        """Remove an agent; removing it twice is no error."""
        self.table.delete(items.agent_key(agent.account, agent.region))

    def page(self, limit: int, cursor: Cursor | None = None, account: str = "", region: str = "") -> Page[Agent]:
        """Return a page of agents in order of their ids, having examined at most 1,000."""
        query, position = ListQuery(direction=Direction.ASC, limit=limit, cursor=cursor), position_of(cursor)
        span = span_of(query)
        if account:
            span = replace(span, low=f"{account}-", high=f"{account}-{HIGHEST}")
        behind = self._query(span.behind(position), STRIDE if region else limit + 2)
        found = ((agent.id, agent if region in ("", agent.region) else None) for agent in behind)
        return fill(((agent_id, agent) for agent_id, agent in found if agent_id != position), query)

    def name(self, account: str) -> str:
        """Return the name that the account's first agent with a name has, or nothing."""
        agents = self._query(Span(f"{account}-", f"{account}-{HIGHEST}"))
        return next((agent.name for agent in agents if agent.name), "")

    def _query(self, span: Span, size: int = 0) -> Iterator[Agent]:
        return map(items.agent_of, self.table.query(items.AGENTS, span, size=size))
