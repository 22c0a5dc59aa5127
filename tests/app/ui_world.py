"""Alerts, events and notifications for pages to show, in a world in memory."""

from typing import Any

from chalicelib.domain.agents.agent import Agent, AgentStatus
from chalicelib.domain.notifications.notification import Record
from chalicelib.domain.timestamps import iso
from tests.app.world import World
from tests.fakes import NOW
from tests.sources.samples import load

PAYMENTS, SHOP = "111122223333", "444455556666"
HOSTILE = "<script>alert('x')</script> \"quoted\" & </style><img src=x onerror=y>{{ 7*7 }}"


def finding(world: World, number: int, severity: float = 8.0, **changes: Any) -> Record:
    """Take in a GuardDuty finding, the `number`-th, which fires an alert of its own."""
    detail = {
        "id": f"finding-{number}",
        "title": f"Finding {number}",
        "severity": severity,
        "accountId": PAYMENTS,
        "region": "eu-west-1",
        "updatedAt": iso(NOW - 60 + number % 60),
    }
    envelope = {"source": "aws.guardduty", "detail-type": "GuardDuty Finding"}
    return world.take(NOW - 60 + number % 60, envelope | {"detail": detail | changes})


def spread_error(world: World, *accounts: str) -> Record:
    """Take in the same logged error of several accounts; returns the last one's record."""
    records = [world.hub.ingest(load("error_logs-python") | {"account": each, "time": iso(NOW)}) for each in accounts]
    return records[-1]


def register(world: World, account: str = PAYMENTS, region: str = "eu-west-1", **changes: Any) -> Agent:
    """Have an agent that reported just now, unless `changes` say otherwise."""
    known: dict[str, Any] = {"status": AgentStatus.ACTIVE, "heartbeat_at": NOW - 30, "created_at": NOW - 1_000}
    agent = Agent(account=account, region=region, **known | changes)
    world.store.agents.save(agent)
    # It may have been nameless when somebody signed in, which is remembered for minutes.
    world.hub.accounts._remembered.clear()  # noqa: SLF001 - they pass
    return agent
