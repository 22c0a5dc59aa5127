"""Agents live by their heartbeats."""

import pytest
from msgspec.structs import replace

from chalicelib.domain.agents.agent import (
    BEHIND,
    DELETION_TIME,
    Agent,
    AgentStatus,
    Deployment,
    Heartbeat,
    deployed,
    parse_agent_id,
    with_heartbeat,
)
from chalicelib.domain.agents.coverage import AgentCoverage
from tests.domain.given import NOON

AGENT = Agent(account="111122223333", region="eu-west-1", status=AgentStatus.ACTIVE, heartbeat_at=NOON)
COVERAGE = AgentCoverage(since=NOON - 600, watermark=NOON + 200)
HEARTBEAT = Heartbeat(account="111122223333", region="eu-west-1", at=NOON + 300, heartbeat_seconds=300)


def a_deployment(status: str = "UPDATE_COMPLETE", at: int = NOON, stack_id: str = "arn:stack") -> Deployment:
    return Deployment(account="111122223333", region="eu-west-1", status=status, at=at, stack_id=stack_id)


def test_an_agent_is_called_after_its_account_and_region() -> None:
    assert AGENT.id == "111122223333-eu-west-1"
    assert parse_agent_id(AGENT.id) == ("111122223333", "eu-west-1")


@pytest.mark.parametrize(
    "text", ["", "111122223333", "111122223333-", "11112222333-eu", "11112222333a-eu", "¹" * 12 + "-eu"]
)
def test_other_text_is_no_agents_id(text: str) -> None:
    with pytest.raises(ValueError, match="is not <12-digit account>-<region>"):
        parse_agent_id(text)


def test_a_heartbeat_brings_what_was_scanned_and_one_without_leaves_what_was_known() -> None:
    announced = with_heartbeat(AGENT, replace(HEARTBEAT, coverage=COVERAGE))
    untold = with_heartbeat(announced, replace(HEARTBEAT, at=NOON + 600))
    assert announced.coverage == untold.coverage == COVERAGE


def test_an_older_heartbeat_takes_nothing_back() -> None:
    announced = with_heartbeat(AGENT, replace(HEARTBEAT, coverage=COVERAGE))
    assert (
        with_heartbeat(announced, replace(HEARTBEAT, at=NOON + 200, coverage=replace(COVERAGE, watermark=NOON)))
        is announced
    )


@pytest.mark.parametrize(("interval", "patience"), [(300, BEHIND), (BEHIND, 3 * BEHIND)])
def test_an_agent_that_reports_is_behind_when_its_patience_is_over(interval: int, patience: int) -> None:
    agent = replace(AGENT, heartbeat_seconds=interval, coverage=COVERAGE)
    late = COVERAGE.watermark + patience
    assert (agent.is_behind(late), agent.is_behind(late + 1)) == (False, True)
    assert not replace(agent, status=AgentStatus.STALE).is_behind(late + 1)
    assert not replace(agent, coverage=None).is_behind(late + 1)
    assert replace(agent, behind=COVERAGE.watermark).behind_since == late


def test_another_stack_that_is_deleted_leaves_the_agent_as_it_is() -> None:
    agent = deployed(AGENT, a_deployment("CREATE_COMPLETE", stack_id="arn:own"))

    assert deployed(agent, a_deployment("DELETE_IN_PROGRESS", NOON + 1, "arn:another")) is agent
    assert deployed(agent, a_deployment("DELETE_IN_PROGRESS", NOON + 1, "arn:own")).status is AgentStatus.REMOVED


def test_a_stack_whose_creation_was_missed_is_the_agents_once_the_last_one_is_gone() -> None:
    gone = deployed(AGENT, a_deployment("DELETE_COMPLETE", stack_id="arn:first"))
    back = replace(gone, status=AgentStatus.ACTIVE, heartbeat_at=NOON + 10**6)

    assert (
        deployed(back, a_deployment("DELETE_IN_PROGRESS", NOON + 2 * 10**6, "arn:second")).status is AgentStatus.REMOVED
    )


def test_another_stack_begins_with_nothing_scanned() -> None:
    agent = replace(AGENT, status=AgentStatus.REMOVED, stack_id="arn:other", coverage=COVERAGE)
    assert deployed(agent, a_deployment("CREATE_COMPLETE")).coverage is None
    assert deployed(agent, a_deployment("CREATE_COMPLETE", stack_id="arn:other")).coverage == COVERAGE


@pytest.mark.parametrize(("now", "silent"), [(NOON + 900, False), (NOON + 901, True)])
def test_an_agent_is_silent_after_three_missed_heartbeats(now: int, silent: bool) -> None:
    assert AGENT.is_silent(now) is silent


def test_an_agent_that_never_reported_is_not_silent() -> None:
    assert not Agent(account="111122223333", region="eu-west-1").is_silent(NOON)


def test_a_heartbeat_makes_an_agent_active_and_says_what_it_is() -> None:
    heartbeat = replace(
        HEARTBEAT, name="shop", version="1.2", log_group_count=7, scan_tag="team=shop", heartbeat_seconds=600
    )
    agent = with_heartbeat(replace(AGENT, status=AgentStatus.STALE), heartbeat)
    assert (agent.status, agent.heartbeat_at, agent.heartbeat_seconds) == (AgentStatus.ACTIVE, NOON + 300, 600)
    assert (agent.name, agent.version, agent.log_group_count, agent.scan_tag) == ("shop", "1.2", 7, "team=shop")


def test_a_heartbeat_that_says_little_takes_nothing_away() -> None:
    agent = with_heartbeat(replace(AGENT, name="shop", version="1.2"), HEARTBEAT)
    assert (agent.name, agent.version) == ("shop", "1.2")


@pytest.mark.parametrize("at", [NOON - 300, NOON])
def test_a_heartbeat_that_is_not_newer_changes_nothing(at: int) -> None:
    assert with_heartbeat(AGENT, replace(HEARTBEAT, at=at)) is AGENT


def test_a_heartbeat_from_before_its_removal_does_not_revive_an_agent() -> None:
    removed = replace(AGENT, status=AgentStatus.REMOVED, deployed_at=NOON + 600)
    assert with_heartbeat(removed, HEARTBEAT) is removed


def test_a_heartbeat_of_a_scan_that_outlived_its_stack_does_not_revive_an_agent() -> None:
    removed = replace(AGENT, status=AgentStatus.REMOVED, deployed_at=NOON)
    assert with_heartbeat(removed, replace(HEARTBEAT, at=NOON + DELETION_TIME)) is removed


def test_a_heartbeat_long_after_its_removal_revives_an_agent() -> None:
    removed = replace(AGENT, status=AgentStatus.REMOVED, deployed_at=NOON)
    assert with_heartbeat(removed, replace(HEARTBEAT, at=NOON + DELETION_TIME + 1)).status is AgentStatus.ACTIVE


def test_a_deployment_is_written_down_and_leaves_the_state() -> None:
    agent = deployed(AGENT, a_deployment())
    assert (agent.deployment, agent.deployed_at, agent.stack_id) == ("UPDATE_COMPLETE", NOON, "arn:stack")
    assert agent.status is AgentStatus.ACTIVE


@pytest.mark.parametrize("status", ["DELETE_IN_PROGRESS", "DELETE_COMPLETE"])
def test_a_stack_removes_its_agent_as_soon_as_it_is_being_deleted(status: str) -> None:
    assert deployed(AGENT, a_deployment(status)).status is AgentStatus.REMOVED


@pytest.mark.parametrize(("heartbeat_at", "state"), [(NOON, AgentStatus.ACTIVE), (0, AgentStatus.EXPECTED)])
def test_a_deletion_that_failed_gives_its_agent_back(heartbeat_at: int, state: AgentStatus) -> None:
    removed = deployed(replace(AGENT, heartbeat_at=heartbeat_at), a_deployment("DELETE_IN_PROGRESS"))
    agent = deployed(removed, a_deployment("DELETE_FAILED", at=NOON + 60))
    assert (agent.status, agent.heartbeat_at) == (state, heartbeat_at)


def test_a_stack_that_replaces_a_deleted_one_is_an_agent_that_never_reported() -> None:
    removed = deployed(AGENT, a_deployment("DELETE_IN_PROGRESS"))
    agent = deployed(removed, a_deployment("CREATE_COMPLETE", at=NOON + 10**6, stack_id="arn:another"))
    assert agent.status is AgentStatus.EXPECTED
    assert not agent.is_silent(NOON + 10**6)


@pytest.mark.parametrize("status", ["UPDATE_COMPLETE", "UPDATE_IN_PROGRESS", "DELETE_COMPLETE"])
def test_an_older_deployment_never_overwrites_a_newer_one(status: str) -> None:
    agent = deployed(AGENT, a_deployment(at=NOON + 1))
    assert deployed(agent, a_deployment(status, at=NOON)) is agent


def test_the_same_deployment_again_changes_nothing() -> None:
    agent = deployed(AGENT, a_deployment())
    assert deployed(agent, a_deployment()) is agent


def test_in_the_same_second_the_end_of_a_deployment_is_later_than_its_course() -> None:
    course, end = a_deployment("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"), a_deployment("UPDATE_COMPLETE")
    assert deployed(deployed(AGENT, course), end) == deployed(deployed(AGENT, end), course)
    assert deployed(deployed(AGENT, course), end).deployment == "UPDATE_COMPLETE"
