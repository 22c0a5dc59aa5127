"""Builds the agent: what scans an account's logs, now and in the past."""

from functools import cache, partial
from typing import TYPE_CHECKING, Any

from chalicelib import release
from chalicelib.container.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.config.compiled_scan import ScanFile
    from chalicelib.services.scanning.backfill import Backfill
    from chalicelib.services.scanning.publisher import AgentIdentity
    from chalicelib.services.scanning.scanner import Scanner
    from chalicelib.services.scanning.search import Search
    from chalicelib.settings import AgentSettings


def build_agent(
    settings: "AgentSettings", make_client: "Callable[..., Any]", region: str, file: "ScanFile"
) -> "Scanner":
    """Build the scanner for the account and region of clients that `make_client` creates, boto3's or botocore's."""
    from chalicelib.domain.scanning.scan_state import ScanState
    from chalicelib.gateways.cloudwatch.log_groups import LogGroupInventory
    from chalicelib.gateways.eventbridge import EventBridge
    from chalicelib.gateways.ssm import Parameters
    from chalicelib.services.scanning.checkpoint import Checkpoint
    from chalicelib.services.scanning.plan import ScanPlan
    from chalicelib.services.scanning.publisher import Publisher
    from chalicelib.services.scanning.scanner import Scanner

    clock, client = SystemClock(), partial(_client, make_client)
    bus, store = EventBridge(client("events"), clock), Parameters(cache(partial(client, "ssm")), clock)
    return Scanner(
        inventory=LogGroupInventory(client, clock, file, settings.tag_filter),
        search=_search(settings, client, file),
        publisher=Publisher(bus, clock, cache(partial(_identity, settings, client, region))),
        checkpoint=Checkpoint(store, parameter=f"/monitoring/{settings.stage}/scan", kind=ScanState),
        clock=clock,
        plan=ScanPlan(
            window=settings.window, latency=settings.latency, late_delay=settings.late_delay, budget=settings.budget
        ),
    )


def _search(settings: "AgentSettings", client: "Callable[..., Any]", file: "ScanFile") -> "Search":
    from chalicelib.domain.scanning.paging import page_bytes_for
    from chalicelib.domain.scanning.rules import query_filter
    from chalicelib.gateways import aws_clients
    from chalicelib.gateways.cloudwatch.logs_insights import LogsInsights
    from chalicelib.services.scanning.search import Search

    logs = LogsInsights(client("logs", aws_clients.ONCE), query_filter(file.rules))
    return Search(
        logs=logs,
        clock=SystemClock(),
        at_once=settings.queries,
        rules=file.rules,
        page_bytes=page_bytes_for(settings.memory),
    )


def _identity(settings: "AgentSettings", client: "Callable[..., Any]", region: str) -> "AgentIdentity":
    from chalicelib.gateways import account_info
    from chalicelib.services.scanning.publisher import AgentIdentity

    return AgentIdentity(
        account=account_info.id_of(client("sts")),
        region=region,
        stage=settings.stage,
        name=settings.name or account_info.name_of(client("account")),
        version=release.VERSION,
        commit=release.commit(),
        heartbeat_seconds=settings.interval,
        scan_tag=settings.tag_filter,
    )


def build_backfill(settings: "AgentSettings", scanner: "Scanner") -> "Backfill":
    """Build what scans the past of the account and region of `scanner`."""
    from chalicelib.domain.scanning.backfill import BackfillState
    from chalicelib.services.scanning.backfill import Backfill
    from chalicelib.services.scanning.checkpoint import Checkpoint

    store = scanner.checkpoint.store
    return Backfill(
        inventory=scanner.inventory,
        search=scanner.search,
        publisher=scanner.publisher,
        checkpoint=Checkpoint(store, parameter=f"/monitoring/{settings.stage}/backfill", kind=BackfillState),
        live=scanner.checkpoint,
        clock=scanner.clock,
        plan=scanner.plan,
    )


def _client(make_client: "Callable[..., Any]", service: str, config: Any = None) -> Any:
    """Make a client that gives up within seconds."""
    from chalicelib.gateways import aws_clients

    return make_client(service, config=config or aws_clients.CONFIG)
