"""The agents' items, all in one partition: a thousand accounts in two regions are 2,000 small items."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from chalicelib.domain.agent import Agent
from chalicelib.domain.errors import Conflict
from chalicelib.domain.page import Cursor, Page
from chalicelib.gateways.dynamodb import items
from chalicelib.gateways.dynamodb.pages import page_of, position_of
from chalicelib.gateways.dynamodb.table import HIGHEST, Expression, Span, Table


@dataclass(frozen=True, slots=True)
class Agents:
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

    def page(self, limit: int, cursor: Cursor | None = None) -> Page[Agent]:
        """Return a page of agents in order of their ids."""
        span, position = Span(ascending=cursor is None or cursor.forward), position_of(cursor)
        behind = self._query(span.behind(position), limit + 2)
        found = list(islice((agent for agent in behind if agent.id != position), limit + 1))
        listed = {agent.id: agent for agent in found[:limit]}
        return page_of(listed, found[limit - 1].id if len(found) > limit else "", cursor, span)

    def name(self, account: str) -> str:
        """Return the name that the account's first agent with a name has, or nothing."""
        agents = self._query(Span(f"{account}-", f"{account}-{HIGHEST}"))
        return next((agent.name for agent in agents if agent.name), "")

    def _query(self, span: Span, size: int = 0) -> Iterator[Agent]:
        return map(items.agent_of, self.table.query(items.AGENTS, span, size=size))
