"""Bootstrap: builds the hub, or an agent, once per container, on first use; the only place that chooses gateways.

Whatever wakes a function pays for what it uses: gateways, like the hub's services, are imported when they are made.
"""

import os
import time
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from chalicelib import logging_config, release
from chalicelib.domain.errors import Invalid, Misconfigured
from chalicelib.hub import Gateways, Hub
from chalicelib.lambda_runtime import late

if TYPE_CHECKING:
    import boto3
    from botocore.session import Session

    from chalicelib.config.compiled import RoutesFile, ScanFile
    from chalicelib.gateways.dynamodb import DynamoEventStore
    from chalicelib.gateways.failure_destinations import FailureDestinations
    from chalicelib.gateways.link_signer import SignedLinks
    from chalicelib.gateways.notifiers import Notifiers
    from chalicelib.gateways.sqs import SqsQueues
    from chalicelib.gateways.ssm import Parameters
    from chalicelib.services.agents.account_names import AccountDirectory
    from chalicelib.services.scanning.backfill import Backfill
    from chalicelib.services.scanning.scanner import Scan
    from chalicelib.settings import AgentSettings, HubSettings

ROUTES = Path(__file__).parent / "config" / "routes.toml"
SCAN = Path(__file__).parent / "config" / "scan.toml"


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """Return the epoch seconds."""
        return int(time.time())

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


@cache
def settings() -> "HubSettings":
    """Return the hub's settings; Misconfigured names the variable that is wrong."""
    from chalicelib.settings import HubSettings

    return HubSettings.load(os.environ)


@cache
def hub() -> Hub:
    """Return this container's hub; Misconfigured names the variable that is wrong."""
    chosen = settings()
    logging_config.configure(chosen.log_level)
    file = routes(chosen)
    return Hub(chosen, gateways(chosen, file), file)


@cache
def agent() -> "Scan":
    """Return this container's agent, which scans; Misconfigured names the variable that is wrong."""
    import boto3

    from chalicelib.gateways import aws_clients
    from chalicelib.settings import AgentSettings

    chosen = AgentSettings.load(os.environ)
    logging_config.configure(chosen.log_level)
    return build_agent(chosen, boto3.Session(botocore_session=aws_clients.session()), scan_file())


def backfill() -> "Backfill":
    """Return what scans the past in this account; Misconfigured names the variable that is wrong."""
    from chalicelib.settings import AgentSettings

    return build_backfill(AgentSettings.load(os.environ), agent())


def routes(settings: "HubSettings") -> "RoutesFile":
    """Read the routes file; Misconfigured names each line that is wrong."""
    from chalicelib.config.compiled import Defaults, routes_file

    return routes_file(_compiled(ROUTES), Defaults(settings.minimum_severity, settings.repeat_interval))


def scan_file() -> "ScanFile":
    """Read the scan file; Misconfigured names each line that is wrong."""
    from chalicelib.config import compiled

    return compiled.scan_file(_compiled(SCAN))


def _compiled(path: Path) -> bytes:
    from chalicelib.config import compiled

    try:
        return compiled.load(path)
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path.name} cannot be read: {error}") from None
    except Invalid as error:
        raise Misconfigured("; ".join(f"{each.field}: {each.message}" for each in error.problems)) from None


def gateways(settings: "HubSettings", file: "RoutesFile") -> Gateways:
    """Choose DynamoDB, SSM and Slack; what most events need nothing of is made late."""
    from chalicelib.gateways import aws_clients, dynamodb
    from chalicelib.services.agents.account_names import AccountDirectory

    clock, session = SystemClock(), aws_clients.session()
    table_client: Any = session.create_client("dynamodb", config=dynamodb.CONFIG)
    table = dynamodb.Table(table_client, settings.table_name)
    agents = dynamodb.DynamoAgentStore(table)
    accounts = AccountDirectory(file.account, agents, clock)
    secrets = late(lambda: _parameters(session, clock, settings.secrets_ttl))
    links = late(lambda: _links(secrets, settings.stage))
    archive = dynamodb.DynamoEventStore(table, clock)
    return Gateways(
        ledger=dynamodb.DynamoLedger(table, settings.keep_for),
        archive=archive,
        outbox=dynamodb.DynamoOutbox(table, clock, settings.keep_for),
        leases=dynamodb.DynamoLeases(table),
        roster=dynamodb.DynamoReceiverStore(table),
        alerts=dynamodb.DynamoAlertStore(table, clock),
        notifications=dynamodb.DynamoNotificationStore(table, clock),
        agents=agents,
        silences=dynamodb.DynamoSilenceStore(table, clock, settings.keep_for),
        accounts=accounts,
        links=links,
        notifier=late(lambda: _notifiers(settings, file, secrets, accounts, archive)),
        secrets=secrets,
        failure_routing=late(lambda: _fabric(session)),
        queues=late(lambda: _queues(session, settings.stage)),
        clock=clock,
    )


def _parameters(session: "Session", clock: SystemClock, ttl: int) -> "Parameters":
    from chalicelib.gateways import aws_clients
    from chalicelib.gateways.ssm import Parameters

    return Parameters(session.create_client("ssm", config=aws_clients.CONFIG), clock, ttl)


def _links(secrets: "Parameters", stage: str) -> "SignedLinks":
    from chalicelib.gateways.link_signer import SignedLinks

    return SignedLinks(secrets.get_secret, stage)


def _notifiers(
    settings: "HubSettings",
    file: "RoutesFile",
    secrets: "Parameters",
    accounts: "AccountDirectory",
    archive: "DynamoEventStore",
) -> "Notifiers":
    from chalicelib.gateways.http import HttpClient
    from chalicelib.gateways.notifiers import NotifierContext, Notifiers
    from chalicelib.services.alerting.affected import AffectedScopeFinder

    clock = SystemClock()
    context = NotifierContext(
        secret=secrets.get_secret,
        stage=settings.stage,
        http=HttpClient(settings.https_proxy, settings.no_proxy, settings.ca_bundle),
        clock=clock,
        names=accounts,
        links=_links(secrets, settings.stage),
        affected=AffectedScopeFinder(archive, clock),
        console=settings.console,
    )
    return Notifiers(file.type_of, context)


def _fabric(session: "Session") -> "FailureDestinations":
    from chalicelib.gateways import aws_clients
    from chalicelib.gateways.failure_destinations import FailureDestinations

    return FailureDestinations(
        *(session.create_client(service, config=aws_clients.CONFIG) for service in ("events", "lambda"))
    )


def _queues(session: "Session", stage: str) -> "SqsQueues":
    from chalicelib.gateways import aws_clients
    from chalicelib.gateways.sqs import SqsQueues

    return SqsQueues(session.create_client("sqs", config=aws_clients.CONFIG), stage)


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
