"""The agent's part of the container: what scans an account's logs, now and in the past."""

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from chalicelib import release
from chalicelib.container.clock import SystemClock

if TYPE_CHECKING:
    import boto3

    from chalicelib.config.compiled import ScanFile
    from chalicelib.services.scanning.backfill import Backfill
    from chalicelib.services.scanning.scanner import Scan
    from chalicelib.settings import AgentSettings


def build_agent(settings: "AgentSettings", session: "boto3.Session", file: "ScanFile") -> "Scan":
    """Build the agent of the account and region that `session` leads to; all it does is to scan."""
    from chalicelib.domain.scanning.rules import query_filter
    from chalicelib.gateways import account_info, aws_clients
    from chalicelib.gateways.cloudwatch.log_groups import LogGroupInventory
    from chalicelib.gateways.cloudwatch.logs_insights import LogsInsights
    from chalicelib.gateways.eventbridge import EventBridge
    from chalicelib.gateways.ssm import Parameters
    from chalicelib.services.scanning.scanner import Scan, ScanPlan

    clock = SystemClock()
    return Scan(
        inventory=LogGroupInventory(partial(client, session), clock, file, settings.tag_filter),
        logs=LogsInsights(client(session, "logs", aws_clients.ONCE), query_filter(file.rules)),
        bus=EventBridge(client(session, "events"), clock),
        state=Parameters(client(session, "ssm"), clock),
        clock=clock,
        plan=ScanPlan(
            parameter=f"/monitoring/{settings.stage}/scan",
            window=settings.window,
            latency=settings.latency,
            late_look=settings.late_look,
            queries=settings.queries,
            budget=settings.budget,
            interval=settings.interval,
            stage=settings.stage,
            name=settings.name or account_info.name_of(client(session, "account")),
            version=release.VERSION,
            commit=release.commit(),
            tag=settings.tag_filter,
        ),
        account=account_info.id_of(client(session, "sts")),
        region=session.region_name,
        rules=file.rules,
    )


def build_backfill(settings: "AgentSettings", scan: "Scan") -> "Backfill":
    """Build what scans the past where `scan` scans the present."""
    from chalicelib.services.scanning.backfill import Backfill

    return Backfill(scan, parameter=f"/monitoring/{settings.stage}/backfill")


def client(session: "boto3.Session", service: str, config: Any = None) -> Any:
    """Make a client that gives up within seconds."""
    from chalicelib.gateways import aws_clients

    return cast("Any", session).client(service, config=config or aws_clients.CONFIG)
