"""The register of agents: which there are, which fell silent, and which came back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from chalicelib.domain.agents.agent import Agent, AgentStatus, Deployment, Heartbeat, deployed, with_heartbeat
from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.pagination import LARGEST_LIMIT, Cursor, Page
from chalicelib.domain.queries import AgentQuery
from chalicelib.domain.timestamps import iso
from chalicelib.services.ingestion.ingest import Ingest
from chalicelib.sources.registry import AGENT_STATE

if TYPE_CHECKING:
    from chalicelib.services import ports

log = logging.getLogger(__name__)

# Attempts to write an agent. At most one other function writes it at the same time: its heartbeats are minutes apart.
ATTEMPTS = 3
# Reported states of an agent that falls silent, or whose scans fall behind.
DESCRIBED = ("account", "region", "name", "heartbeat_at", "heartbeat_seconds")
# Seconds. Agents report once a minute at most; a heartbeat sooner after the last is a duplicate or forged.
SOONEST = 30
# Entries of the cache: more agents than any organisation has. A miss costs one read.
MOST_REMEMBERED = 10_000
NOTHING_MORE: Mapping[str, Any] = {}


class AgentRegistry(Struct, frozen=True):
    """Keeps the register of agents, and reports those that fall silent or return.

    `heard` caches when each agent last reported to this function instance.
    """

    store: ports.AgentStore
    ingest: Ingest
    clock: ports.Clock
    stage: str = ""
    heard: dict[tuple[str, str], int] = field(default_factory=dict)

    def record_heartbeat(self, heartbeat: Heartbeat, *, announce: bool = True) -> None:
        """Record a heartbeat, unless it comes too soon after the last one; then nothing is read or written.

        The first one registers the agent, and one after a silence resolves its alert.
        """
        key = (heartbeat.account, heartbeat.region)
        if heartbeat.at < self.heard.get(key, 0) + SOONEST:
            return
        agent = self._update(key, lambda agent: with_heartbeat(agent, heartbeat), heartbeat.at, announce=announce)
        if len(self.heard) >= MOST_REMEMBERED:
            self.heard.clear()
        self.heard[key] = max(agent.heartbeat_at, heartbeat.at)

    def deploy(self, deployment: Deployment, *, announce: bool = True) -> Agent:
        """Record a change of an agent's stack; one that is older than the last known changes nothing.

        The first one registers the agent, even if that never sends heartbeats. Removing a silent agent resolves its
        alert.
        """
        place = deployment.account, deployment.region
        return self._update(place, lambda agent: deployed(agent, deployment), deployment.at, announce=announce)

    def _update(self, place: tuple[str, str], change: Callable[[Agent], Agent], at: int, *, announce: bool) -> Agent:
        """Write the agent of an account and region as `change` returns it, a new one too.

        That it is no longer stale is reported before it is written, so that a crash between the two reports it again.
        """
        for _ in range(ATTEMPTS):
            before = self._find_or_new(*place)
            after = change(before)
            if after is before:
                return before
            if before.status is AgentStatus.STALE and after.status is not AgentStatus.STALE:
                self._report(after, at, announce=announce)
            if self._saved(after):
                return after
        raise Conflict(f"Agent {'-'.join(place)} was updated concurrently; try again.")

    def check(self) -> list[Agent]:
        """Find agents that are silent, or whose scans fall behind, and report each; return the silent ones.

        An agent is first written as stale: a heartbeat that comes in between wins. That it was reported is written
        last, so that a crash in between reports it again, which changes nothing. As all agents may fall silent at once,
        the next sweep announces them.
        """
        now, silent, heard = self.clock.now(), list[Agent](), list[Agent]()
        for agent in self.all():
            is_missed = agent.status is not AgentStatus.REMOVED and agent.is_silent(now)
            (silent if is_missed else heard).append(agent)
        stale = [marked for each in silent if (marked := self._marked_stale(each))]
        for agent in heard:
            self._check_pace(agent, now)
        for agent in stale:
            self._report_once(agent, agent.silent_since)
        return stale

    def _marked_stale(self, agent: Agent) -> Agent | None:
        return agent if agent.status is AgentStatus.STALE else self._saved(replace(agent, status=AgentStatus.STALE))

    def _check_pace(self, agent: Agent, now: int) -> None:
        """Report an agent whose scans fall behind, or have caught up; the order of writes is that of `check`."""
        if agent.coverage and agent.is_behind(now):
            known = agent if agent.behind else self._saved(replace(agent, behind=agent.coverage.watermark))
            if known:
                self._report_once(known, known.behind_since, {"state": "behind", "watermark": known.behind})
        elif agent.behind:
            at = max(agent.heartbeat_at, agent.behind_since + 1)
            self._report(agent, at, {"state": "caught_up", "watermark": agent.behind}, announce=False)
            self._saved(replace(agent, behind=0))

    def all(self) -> Iterator[Agent]:
        """Iterate over all agents."""
        cursor: Cursor | None = None
        while True:
            page = self.store.page(AgentQuery(limit=LARGEST_LIMIT, cursor=cursor))
            yield from page.items
            cursor = page.next
            if cursor is None:
                return

    def page(self, query: AgentQuery) -> Page[Agent]:
        """Return a page of agents in order of their ids."""
        return self.store.page(query)

    def get(self, account: str, region: str) -> Agent:
        """Return one agent; NotFound where there is none."""
        agent = self.store.find(account, region)
        if agent is None:
            raise NotFound(f"There is no agent {account}-{region}.")
        return agent

    def create(self, account: str, region: str, name: str) -> Agent:
        """Register an agent that is expected to report; Conflict where it exists already."""
        if self.store.find(account, region) is not None:
            raise Conflict(f"Agent {account}-{region} exists already.")
        agent = Agent(account=account, region=region, name=name, created_at=self.clock.now())
        self.store.save(agent)
        return agent

    def rename(self, account: str, region: str, name: str) -> Agent:
        """Give an agent another name."""
        agent = replace(self.get(account, region), name=name)
        self.store.save(agent)
        return agent

    def remove(self, account: str, region: str) -> None:
        """Delete an agent; its next heartbeat registers it again."""
        self.store.delete(self.get(account, region))

    def _find_or_new(self, account: str, region: str) -> Agent:
        known = self.store.find(account, region)
        return known or Agent(account=account, region=region, created_at=self.clock.now())

    def _saved(self, agent: Agent) -> Agent | None:
        """Return the agent as stored now; None where it was changed concurrently."""
        try:
            self.store.save(agent)
        except Conflict:
            return None
        return replace(agent, revision=agent.revision + 1)

    def _report_once(self, agent: Agent, since: int, more: Mapping[str, Any] = NOTHING_MORE) -> None:
        """Report an agent's state since then, unless that was reported already."""
        if agent.reported_since != since:
            self._report(agent, since, more, announce=False)
            self._saved(replace(agent, reported_since=since))

    def _report(self, agent: Agent, at: int, more: Mapping[str, Any] = NOTHING_MORE, *, announce: bool) -> None:
        """Store an event about an agent's state since `at`; `more` are further fields of its detail."""
        detail = {name: getattr(agent, name) for name in DESCRIBED}
        raw: dict[str, Any] = {
            "source": AGENT_STATE.source,
            "detail-type": AGENT_STATE.detail_type,
            "account": agent.account,
            "region": agent.region,
            "time": iso(at),
            "detail": {**detail, "agent_id": agent.id, "stage": self.stage, "state": agent.status, "at": at, **more},
        }
        self.ingest.take(Envelope.parse(raw, self.clock.now()), announce=announce)
