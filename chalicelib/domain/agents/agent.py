"""Agents: what forwards events and scans logs in one account and region, and whether it is alive."""

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.agents.coverage import AgentCoverage

# A schedule may slip and a run may fail; three missed heartbeats are silence.
MISSED_HEARTBEATS = 3
# Seconds. A scan is always a little behind, as it waits for late lines; so far behind, it does not keep up.
BEHIND = 3_600
# The first event of a stack's deletion is the last that its own rule forwards, so it counts as the deletion.
DELETION = ("DELETE_IN_PROGRESS", "DELETE_COMPLETE")
# Seconds that a deletion takes; a scan that is running may still report during it.
DELETION_TIME = 900


class AgentStatus(StrEnum):
    """Whether an agent is alive, by its heartbeats and its stack.

    EXPECTED exists and has never reported: it forwards events and scans nothing, or has yet to begin.
    """

    EXPECTED = "expected"
    ACTIVE = "active"
    STALE = "stale"
    REMOVED = "removed"


class Agent(Struct, frozen=True, kw_only=True):
    """An agent in one account and region.

    `deployment` is the last status of its stack, as of `deployed_at`; `heartbeat_at` is when it last reported, which it
    does every `heartbeat_seconds`; 0 means never. It reports: the `version` and `commit` of its code, how many log
    groups it scans, `scan_tag`, which selects these (empty: all), and its `coverage` (None: never reported). `behind`
    is the watermark at which its scan was found to have fallen behind (0: it has not). `reported_since` is since when
    the last reported state had lasted. `revision` counts the writes, 0 being never stored.
    """

    account: str
    region: str
    name: str = ""
    status: AgentStatus = AgentStatus.EXPECTED
    deployment: str = ""
    deployed_at: int = 0
    stack_id: str = ""
    heartbeat_at: int = 0
    heartbeat_seconds: int = 300
    version: str = ""
    commit: str = ""
    log_group_count: int = 0
    scan_tag: str = ""
    coverage: AgentCoverage | None = None
    behind: int = 0
    reported_since: int = 0
    created_at: int = 0
    revision: int = 0

    @property
    def id(self) -> str:
        """The agent's id: `<account>-<region>`."""
        return f"{self.account}-{self.region}"

    @property
    def silent_since(self) -> int:
        """When the agent counts as silent, unless another heartbeat comes; 0 where it never reported."""
        return self.heartbeat_at and self.heartbeat_at + MISSED_HEARTBEATS * self.heartbeat_seconds

    @property
    def patience(self) -> int:
        """Seconds that its scan may be behind; one that runs seldom is always behind by its interval."""
        return max(BEHIND, MISSED_HEARTBEATS * self.heartbeat_seconds)

    @property
    def behind_since(self) -> int:
        """Since when the scan that was found to be behind has been so."""
        return self.behind and self.behind + self.patience

    def is_behind(self, now: int) -> bool:
        """Return whether an agent reports, but scans more slowly than logs are written."""
        return (
            self.status is AgentStatus.ACTIVE and self.coverage is not None and self.coverage.lag(now) > self.patience
        )

    def is_silent(self, now: int) -> bool:
        """Return whether an agent that once reported has missed three heartbeats."""
        return 0 < self.silent_since < now


class Heartbeat(Struct, frozen=True, kw_only=True):
    """What an agent reports after each scan; account and region are the envelope's.

    `stage` is that of the hub that it reports to; empty where it does not say.
    """

    account: str
    region: str
    at: int
    heartbeat_seconds: int
    stage: str = ""
    name: str = ""
    version: str = ""
    commit: str = ""
    log_group_count: int = 0
    scan_tag: str = ""
    coverage: AgentCoverage | None = None


class Deployment(Struct, frozen=True, kw_only=True):
    """A change of an agent's stack, from CloudFormation."""

    account: str
    region: str
    status: str
    at: int
    stack_id: str


def with_heartbeat(agent: Agent, heartbeat: Heartbeat) -> Agent:
    """Return the agent after a heartbeat; one older than the last, or sent during its removal, changes nothing.

    Without a coverage, as when a run failed early, the known one stays, and so falls behind.
    """
    gone_until = agent.deployed_at + DELETION_TIME if agent.status is AgentStatus.REMOVED else 0
    if heartbeat.at <= max(agent.heartbeat_at, gone_until):
        return agent
    return replace(
        agent,
        status=AgentStatus.ACTIVE,
        heartbeat_at=heartbeat.at,
        heartbeat_seconds=heartbeat.heartbeat_seconds,
        name=agent.name or heartbeat.name,
        version=heartbeat.version or agent.version,
        commit=heartbeat.commit or agent.commit,
        log_group_count=heartbeat.log_group_count,
        scan_tag=heartbeat.scan_tag,
        coverage=heartbeat.coverage.after(agent.coverage) if heartbeat.coverage else agent.coverage,
    )


def deployed(agent: Agent, deployment: Deployment) -> Agent:
    """Return the agent after a change of its stack; one older than the last known changes nothing.

    Of two in the same second, the one that ends something is the later. The deletion of a stack other than its own does
    not concern it.
    """
    is_older = _order(deployment.at, deployment.status) <= _order(agent.deployed_at, agent.deployment)
    if is_older or _is_anothers(agent, deployment):
        return agent
    is_new = agent.status is AgentStatus.REMOVED and deployment.stack_id != agent.stack_id
    heartbeat_at = 0 if is_new else agent.heartbeat_at
    return replace(
        agent,
        deployment=deployment.status,
        deployed_at=deployment.at,
        stack_id=deployment.stack_id,
        status=_status_after(deployment, replace(agent, heartbeat_at=heartbeat_at)),
        heartbeat_at=heartbeat_at,
        coverage=None if is_new else agent.coverage,
    )


def _is_anothers(agent: Agent, deployment: Deployment) -> bool:
    """Return whether another stack than the agent's own was deleted, while its own is known to exist."""
    has_own = bool(agent.stack_id) and agent.deployment not in DELETION
    return has_own and deployment.status in DELETION and deployment.stack_id != agent.stack_id


def _status_after(deployment: Deployment, agent: Agent) -> AgentStatus:
    """Return the status after a change of the stack; if the stack of a removed agent lives on, the one before.

    A failed deletion may leave an agent that reports; if it does not, its silence is an alert.
    """
    if deployment.status in DELETION:
        return AgentStatus.REMOVED
    if agent.status is not AgentStatus.REMOVED:
        return agent.status
    return AgentStatus.ACTIVE if agent.heartbeat_at else AgentStatus.EXPECTED


def _order(at: int, status: str) -> tuple[int, bool]:
    return at, not status.endswith("_IN_PROGRESS")


def parse_agent_id(agent_id: str) -> tuple[str, str]:
    """Split an agent's id into account and region; ValueError where it is malformed."""
    account, _, region = agent_id.partition("-")
    if not (len(account) == 12 and account.isascii() and account.isdigit() and region):  # noqa: PLR2004 - as AWS counts
        raise ValueError(f"{agent_id!r} is not <12-digit account>-<region>")
    return account, region
