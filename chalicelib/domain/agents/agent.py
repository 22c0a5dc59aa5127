"""Agents: the part of the system that lives in a watched account and region, and whether it still does."""

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.agents.coverage import AgentCoverage

# A schedule may slip and a run may fail; three in a row are silence.
MISSED_HEARTBEATS = 3
# A scan that is a little behind waits for lines that come late; one that is so far behind does not keep up.
BEHIND = 3_600
# The first of a stack's deletion is the last that its own rule forwards; it counts as the whole.
DELETION = ("DELETE_IN_PROGRESS", "DELETE_COMPLETE")
# A scan that was running as its stack was being deleted may still report, seconds in which that takes place.
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

    `deployment` is its stack's last status, as of `deployed_at`; `heartbeat_at` is when it last reported, every
    `heartbeat_seconds`; 0 means never. What it says of itself: the `version` and `commit` of its code, how many log
    groups it scans, `scan_tag`, by which it chooses them (empty: all), and its `coverage` (None: never reported).
    `behind` is the watermark at which its scan was found not to keep up (0: it does). `reported_since` is since when
    what was last reported of it had been so. `revision` counts the writes, 0 being never stored.
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
        """The agent's id: account and region."""
        return f"{self.account}-{self.region}"

    @property
    def silent_since(self) -> int:
        """When, without another heartbeat, the agent counts as silent; 0 where it never reported."""
        return self.heartbeat_at and self.heartbeat_at + MISSED_HEARTBEATS * self.heartbeat_seconds

    @property
    def patience(self) -> int:
        """How many seconds its scan may be behind; one that runs seldom is always behind by its interval."""
        return max(BEHIND, MISSED_HEARTBEATS * self.heartbeat_seconds)

    @property
    def behind_since(self) -> int:
        """When the scan that was found to be behind had come to be so."""
        return self.behind and self.behind + self.patience

    def is_behind(self, now: int) -> bool:
        """Return whether an agent that reports does not scan as fast as logs are written."""
        return (
            self.status is AgentStatus.ACTIVE and self.coverage is not None and self.coverage.lag(now) > self.patience
        )

    def is_silent(self, now: int) -> bool:
        """Return whether an agent that once reported has missed three heartbeats."""
        return 0 < self.silent_since < now


class Heartbeat(Struct, frozen=True, kw_only=True):
    """What an agent says of itself after each scan; account and region are the envelope's.

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
    """Return the agent after a heartbeat; one from before the last, or from during its removal, changes nothing.

    Where it says nothing of what was scanned, as when a run failed early, what was known stays, and so falls behind.
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
    """Return the agent after a change of its stack; an older one than the last changes nothing.

    Of two in the same second the one that ends something is the later. That another stack than its own is deleted is
    no news of this agent's.
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
    """Return whether a stack is deleted beside the agent's own, which is there as far as anybody knows."""
    has_own = bool(agent.stack_id) and agent.deployment not in DELETION
    return has_own and deployment.status in DELETION and deployment.stack_id != agent.stack_id


def _status_after(deployment: Deployment, agent: Agent) -> AgentStatus:
    """Return the status that a stack's change leaves: of a removed agent whose stack goes on, the one from before.

    A deletion that failed may have left an agent that reports; if it does not, its silence is an alert.
    """
    if deployment.status in DELETION:
        return AgentStatus.REMOVED
    if agent.status is not AgentStatus.REMOVED:
        return agent.status
    return AgentStatus.ACTIVE if agent.heartbeat_at else AgentStatus.EXPECTED


def _order(at: int, status: str) -> tuple[int, bool]:
    return at, not status.endswith("_IN_PROGRESS")


def parse_agent_id(agent_id: str) -> tuple[str, str]:
    """Split an agent's id into account and region; ValueError where it is none."""
    account, _, region = agent_id.partition("-")
    if not (len(account) == 12 and account.isascii() and account.isdigit() and region):  # noqa: PLR2004 - as AWS counts
        raise ValueError(f"{agent_id!r} is not <12-digit account>-<region>")
    return account, region
