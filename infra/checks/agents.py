"""Checks of the agents: their StackSet's instances, who reported, and that AWS takes the queries of their scans."""

import time
from collections.abc import Iterator
from typing import Any

from chalicelib.domain.agents.agent import Agent, AgentStatus
from chalicelib.domain.queries import AgentQuery
from chalicelib.domain.scanning.queries import LogQuery, QueryRefused
from chalicelib.domain.scanning.rules import Rules, query_filter
from chalicelib.domain.scanning.windows import Window
from chalicelib.gateways.cloudwatch.logs_insights import LogsInsights
from chalicelib.services.ports import AgentStore
from infra.checks.check import Check, CheckStatus, Finding, judged

STACK_SET = "monitoring-agent"
PAGE = 100
PATIENCE = 60.0
POLL = 1.0
MINUTE = 60


class Agents:
    """The agents of a stage; `session` is boto3's, `store` has those that ever reported, `rules` are scan.toml's."""

    def __init__(self, session: Any, stage: str, store: AgentStore, rules: Rules) -> None:
        self._session, self._stage, self._store, self._rules = session, stage, store, rules

    def checks(self) -> Iterator[Check]:
        """Iterate over the checks."""
        yield Check("agents", self._reports)
        yield Check(f"StackSet {STACK_SET}", self._stack_set)
        yield Check("query of the scans", self._queries)

    def regions(self) -> frozenset[str]:
        """Return the regions in which there are agents."""
        return frozenset(agent.region for agent in self._present())

    def _present(self) -> Iterator[Agent]:
        """Iterate over the agents that were not removed."""
        cursor = None
        while True:
            page = self._store.page(AgentQuery(limit=PAGE, cursor=cursor))
            yield from (agent for agent in page.items if agent.status is not AgentStatus.REMOVED)
            cursor = page.next
            if cursor is None:
                return

    def _reports(self) -> Iterator[Finding]:
        count, versions = 0, set[str]()
        for agent in self._present():
            count += 1
            versions |= {agent.version} - {""}
            yield judged(
                f"agent {agent.id}",
                holds=agent.status is not AgentStatus.STALE,
                detail="it is silent",
                remedy="docs/operate.md, An agent is silent",
            )
        if not count:
            yield Finding(
                "agents", CheckStatus.UNKNOWN, "none has reported yet", "wait for its first scan, five minutes"
            )
        elif len(versions) > 1:
            yield Finding(
                "one version of all agents",
                CheckStatus.UNKNOWN,
                f"there are {', '.join(sorted(versions))}",
                "roll out the rest",
            )

    def _stack_set(self) -> Iterator[Finding]:
        client = self._session.client("cloudformation")
        try:
            pages = list(client.get_paginator("list_stack_instances").paginate(StackSetName=STACK_SET))
        except client.exceptions.StackSetNotFoundException:
            yield Finding(
                f"StackSet {STACK_SET}",
                CheckStatus.UNKNOWN,
                "there is none here",
                "right where agents are deployed otherwise",
            )
            return
        for each in (each for page in pages for each in page["Summaries"]):
            yield judged(
                f"agent's stack in {each['Account']} {each['Region']}",
                holds=each["Status"] == "CURRENT",
                detail=f"it is {each['Status']}, {each.get('StatusReason', 'no reason given')}",
                remedy="update the StackSet's instance",
            )

    def _queries(self) -> Iterator[Finding]:
        """Ask over one empty minute of the hub's own log, on time and for late lines: AWS tells what it cannot read."""
        logs = LogsInsights(self._session.client("logs"), query_filter(self._rules))
        log_group = f"/aws/lambda/monitoring-{self._stage}-check_agents"
        end = int(time.time()) // MINUTE * MINUTE
        for subject, delay in (("query of the scans", 0), ("query for late lines", MINUTE)):
            try:
                query = logs.start(LogQuery((log_group,), Window(end - MINUTE, end), delay))
                page = self._wait(logs, query)
            except QueryRefused as refused:
                yield judged(subject, holds=False, detail=f"AWS refuses it: {refused.reason}", remedy="check scan.toml")
                continue
            yield judged(
                subject, holds=page is not None and page.reason is None, detail=f"it ended as {page and page.reason}"
            )

    def _wait(self, logs: LogsInsights, query: Any) -> Any:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            page = logs.result(query, 1)
            if page is not None:
                return page
            time.sleep(POLL)
        logs.stop(query)
        return None
