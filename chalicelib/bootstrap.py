"""Bootstrap: builds the hub, or an agent, once per container, on first use; the only place that chooses gateways.

`assemble` puts services on any gateways. `build` and `build_agent` choose those of AWS and Slack, and import them only
then: whatever wakes a function pays for what it uses.
"""

import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from chalicelib import __version__, logs
from chalicelib.domain import routes_file
from chalicelib.domain.errors import Invalid, Misconfigured
from chalicelib.domain.notification import REPORT
from chalicelib.domain.policy import Policy
from chalicelib.domain.routes_file import RoutesFile
from chalicelib.services import net_ports, ports
from chalicelib.services.access import Access, Secrets
from chalicelib.services.accounts import Accounts
from chalicelib.services.agents import Agents
from chalicelib.services.alerts import Alerts
from chalicelib.services.deliver import Deliver
from chalicelib.services.deployments import Deployments
from chalicelib.services.ingest import Ingest
from chalicelib.services.links import Links
from chalicelib.services.nets import CLOCKWORK, Nets
from chalicelib.services.notifications import Notifications
from chalicelib.services.receive import Receive
from chalicelib.services.redrive import Redrive
from chalicelib.services.report import Reports
from chalicelib.services.silences import Policies, Silences
from chalicelib.services.tend import Tend
from chalicelib.settings import AgentSettings, HubSettings
from chalicelib.sources import ENDLESS, KINDS

if TYPE_CHECKING:
    import boto3

    from chalicelib.domain.scan_file import ScanFile
    from chalicelib.services.scan import Scan

log = logging.getLogger(__name__)

ROUTES = Path(__file__).with_name("routes.toml")
SCAN = Path(__file__).with_name("scan.toml")
# To ask for an event that never was is the cheapest way to learn whether the table answers.
NO_EVENT = "0000000000-none"


@dataclass(frozen=True, slots=True)
class Hub:
    """Everything that the hub can do."""

    receive: Receive
    ingest: Ingest
    deliver: Deliver
    deployments: Deployments
    agents: Agents
    alerts: Alerts
    tend: Tend
    notifications: Notifications
    silences: Silences
    links: Links
    reports: Reports
    nets: Nets | None
    redrive: Redrive
    receivers: tuple[str, ...]
    access: Access
    archive: ports.Archive
    outbox: ports.Outbox
    clock: ports.Clock

    def sweep(self) -> None:
        """Fold the events that were stored alone, tend the alerts that are due, and send what is pending to anybody.

        Whatever goes wrong with one of these keeps none of the others from its turn; then it goes out.
        """
        sending = (partial(self._send, receiver) for receiver in self.receivers)
        turns: tuple[Callable[[], object], ...] = (self.ingest.fold, self.tend, *sending)
        failed: list[Exception] = []
        for turn in turns:
            try:
                turn()
            except Exception as error:  # noqa: BLE001 - it is raised below
                failed.append(error)
        if failed:
            raise ExceptionGroup("A sweep failed in part", failed)

    def _send(self, receiver: str) -> None:
        try:
            self.deliver.drain(receiver)
        finally:
            self.deliver.watch(receiver)

    def check(self, account: str, region: str) -> None:
        """Tell of agents that fell silent, and of the hub's own nets that are missing; the place is the hub's."""
        try:
            self.agents.check()
        finally:
            if self.nets is not None:
                self.nets.check(account, region)

    def is_healthy(self) -> bool:
        """Tell whether the table answers; if not, the log says why."""
        try:
            self.archive.find(NO_EVENT)
        except Exception:
            log.exception("The table does not answer")
            return False
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateways:
    """What a hub is built on; tests give fakes."""

    ledger: ports.Ledger
    archive: ports.Archive
    outbox: ports.Outbox
    leases: ports.Leases
    alerts: ports.Alerts
    notifications: ports.Notifications
    agents: ports.Agents
    silences: ports.Silences
    accounts: Accounts
    links: ports.Links
    composer: ports.Composer
    messenger: ports.Messenger
    secrets: Secrets
    fabric: net_ports.Fabric
    queues: net_ports.Queues
    clock: ports.Clock


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """Return the epoch seconds."""
        return int(time.time())

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class Late:
    """Stands for something that is made when it is first used."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._made = cache(make)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made(), name)


@cache
def settings() -> HubSettings:
    """Return the hub's settings; Misconfigured names the variable that is wrong."""
    return HubSettings.load(os.environ)


@cache
def hub() -> Hub:
    """Return this container's hub; Misconfigured names the variable that is wrong."""
    logs.configure(settings().log_level)
    return build(settings())


@cache
def agent() -> "Scan":
    """Return this container's agent, which scans; Misconfigured names the variable that is wrong."""
    import boto3  # noqa: PLC0415 - slow to import

    from chalicelib.gateways import aws  # noqa: PLC0415 - the same

    chosen = AgentSettings.load(os.environ)
    logs.configure(chosen.log_level)
    return build_agent(chosen, boto3.Session(botocore_session=aws.session()), scan_file())


def routes(settings: HubSettings) -> RoutesFile:
    """Read the routes file; Misconfigured names each line that is wrong."""
    defaults = routes_file.Defaults(settings.minimum_severity, settings.repeat_interval, KINDS)
    return _read(ROUTES, lambda text, name: routes_file.read(text, name, defaults))


def scan_file() -> "ScanFile":
    """Read the scan file; Misconfigured names each line that is wrong."""
    from chalicelib.domain import scan_file  # noqa: PLC0415 - only a scan needs it

    return _read(SCAN, scan_file.read)


def _read[File](path: Path, read: Callable[[str, str], File]) -> File:
    try:
        return read(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path.name} cannot be read: {error}") from None
    except Invalid as error:
        raise Misconfigured("; ".join(f"{each.field}: {each.message}" for each in error.problems)) from None


def receivers(file: RoutesFile) -> tuple[str, ...]:
    """Return everybody who may be owed something: those whom a route leads to, and who gets the daily report."""
    return tuple(dict.fromkeys((*file.receivers, REPORT)))


def assemble(settings: HubSettings, gateways: Gateways, file: RoutesFile) -> Hub:
    """Put a hub together from settings, gateways and a routes file."""
    archive, outbox, clock = gateways.archive, gateways.outbox, gateways.clock
    deliver = Deliver(outbox, gateways.leases, archive, gateways.composer, gateways.messenger, clock)
    quiet = dict.fromkeys(ENDLESS, settings.quiet_period)
    policy = Policies(Policy(file.routes, file.silences, quiet, gateways.accounts.find), gateways.silences, clock)
    ledger, alerts = gateways.ledger, gateways.alerts
    ingest = Ingest(ledger, archive, deliver, policy, clock, settings.keep_for)
    agents = Agents(gateways.agents, ingest, clock)
    everybody = receivers(file)
    known = Alerts(alerts, ledger, archive, policy, clock)
    silences = Silences(gateways.silences, clock)
    receive = Receive(ingest, agents, clock)
    deployments = Deployments(agents, ingest, clock)
    reports = Reports(archive, outbox, agents, deliver, clock, everybody)
    nets = Nets(gateways.fabric, gateways.ledger, ingest, clock, settings.stage)
    handlers: dict[str, Callable[[Any], object]] = {
        "handle_monitoring_events": receive,
        "update_deployment": deployments.update,
        "daily_report": reports.send_for,
    }
    return Hub(
        receive=receive,
        ingest=ingest,
        deliver=deliver,
        deployments=deployments,
        agents=agents,
        alerts=known,
        tend=Tend(alerts, ledger, policy, clock),
        notifications=Notifications(gateways.notifications, archive, lambda: everybody, clock),
        silences=silences,
        links=Links(gateways.links, known, silences, gateways.accounts, clock),
        reports=reports,
        nets=nets if settings.is_deployed else None,
        redrive=Redrive(gateways.queues, handlers, CLOCKWORK, f"monitoring-{settings.stage}-"),
        receivers=everybody,
        access=Access(gateways.secrets, settings.stage),
        archive=archive,
        outbox=outbox,
        clock=clock,
    )


def build(settings: HubSettings) -> Hub:
    """Build the hub on DynamoDB, SSM and Slack."""
    from chalicelib.gateways import aws, dynamodb  # noqa: PLC0415 - slow to import, and no test or preflight needs it
    from chalicelib.gateways.nets import Nets as Fabric  # noqa: PLC0415 - the same
    from chalicelib.gateways.parameters import Parameters  # noqa: PLC0415 - the same
    from chalicelib.gateways.queues import Queues  # noqa: PLC0415 - the same
    from chalicelib.gateways.signed_links import SignedLinks  # noqa: PLC0415 - the same
    from chalicelib.gateways.slack import SlackWebhooks  # noqa: PLC0415 - the same
    from chalicelib.gateways.slack_messages import SlackComposer  # noqa: PLC0415 - the same

    clock = SystemClock()
    session = aws.session()
    client: Any = session.create_client("dynamodb", config=dynamodb.CONFIG)
    table = dynamodb.Table(client, settings.table_name)
    agents = dynamodb.Agents(table)
    file = routes(settings)
    accounts = Accounts(file.account, agents, clock)

    def late(service: str) -> Late:
        return Late(lambda: session.create_client(service, config=aws.CONFIG))

    # Most events are suppressed, and need neither a webhook nor a token.
    parameters = Parameters(late("ssm"), clock, settings.secrets_ttl)

    links = SignedLinks(parameters.get_secret, settings.stage)

    def webhook(receiver: str) -> str | None:
        return parameters.get_secret(f"/monitoring/{settings.stage}/slack/{receiver}")

    return assemble(
        settings,
        Gateways(
            ledger=dynamodb.Ledger(table, settings.keep_for),
            archive=dynamodb.Archive(table, clock),
            outbox=dynamodb.Outbox(table, clock, settings.keep_for),
            leases=dynamodb.Leases(table),
            alerts=dynamodb.Alerts(table, clock),
            notifications=dynamodb.Notifications(table, clock),
            agents=agents,
            silences=dynamodb.Silences(table, clock, settings.keep_for),
            accounts=accounts,
            links=links,
            composer=SlackComposer(accounts, clock, links=links),
            messenger=SlackWebhooks(webhook, settings.stage),
            secrets=parameters,
            fabric=Fabric(late("events"), late("lambda")),
            queues=Queues(late("sqs"), settings.stage),
            clock=clock,
        ),
        file,
    )


def build_agent(settings: AgentSettings, session: "boto3.Session", file: "ScanFile") -> "Scan":
    """Build the agent of the account and region that `session` leads to; all it does is to scan."""
    from chalicelib.domain.rules import query_filter  # noqa: PLC0415 - only a scan needs it
    from chalicelib.gateways import account  # noqa: PLC0415 - botocore is slow to import
    from chalicelib.gateways.eventbridge import EventBridge  # noqa: PLC0415 - the same
    from chalicelib.gateways.inventory import Inventory  # noqa: PLC0415 - the same
    from chalicelib.gateways.logs_insights import LogsInsights  # noqa: PLC0415 - the same
    from chalicelib.gateways.parameters import Parameters  # noqa: PLC0415 - the same
    from chalicelib.services.scan import Scan, ScanPlan  # noqa: PLC0415 - only a scan needs to know how to scan

    clock = SystemClock()
    functions, containers, logs_client, tagging = (
        client(session, name) for name in ("lambda", "ecs", "logs", "resourcegroupstaggingapi")
    )
    return Scan(
        inventory=Inventory(functions, containers, logs_client, tagging, settings.tag_filter),
        logs=LogsInsights(logs_client, clock, query_filter(file.rules)),
        bus=EventBridge(client(session, "events"), clock),
        state=Parameters(client(session, "ssm"), clock),
        clock=clock,
        plan=ScanPlan(
            parameter=f"/monitoring/{settings.stage}/scan",
            window=settings.window,
            latency=settings.latency,
            interval=settings.interval,
            name=settings.name or account.name_of(client(session, "account")),
            version=__version__,
            tag=settings.tag_filter,
        ),
        account=account.id_of(client(session, "sts")),
        region=session.region_name,
        rules=file.rules,
    )


def client(session: "boto3.Session", service: str) -> Any:
    """Make a client that gives up within seconds."""
    from chalicelib.gateways import aws  # noqa: PLC0415 - botocore is slow to import

    return cast("Any", session).client(service, config=aws.CONFIG)
