"""The hub: everything that it can do, put together from settings, gateways and a routes file.

Each service is made, and its module imported, when it is first asked for: whatever wakes a function pays for what it
uses and no more (`docs/package.md` has the figures).
"""

import logging
from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from chalicelib.domain.notifications.notification import REPORT
from chalicelib.lambda_runtime import late

if TYPE_CHECKING:
    from chalicelib.config.compiled import RoutesFile
    from chalicelib.services import ports
    from chalicelib.services.agents.account_names import AccountDirectory
    from chalicelib.services.agents.deployments import Deployments
    from chalicelib.services.agents.registry import AgentRegistry
    from chalicelib.services.alerting.alerts import Alerts
    from chalicelib.services.alerting.evaluator import Evaluator
    from chalicelib.services.alerting.silences import PolicyProvider, Silences
    from chalicelib.services.event_router import EventRouter
    from chalicelib.services.ingestion.backfill_results import BackfillResults
    from chalicelib.services.ingestion.ingest import Ingest
    from chalicelib.services.notifying.action_links import ActionLinks
    from chalicelib.services.notifying.dispatcher import Dispatcher
    from chalicelib.services.notifying.notifications import Notifications
    from chalicelib.services.notifying.ports import Notifier
    from chalicelib.services.notifying.receivers import Receivers
    from chalicelib.services.operations import ports as operations_ports
    from chalicelib.services.operations.auth import Authenticator, SecretStore
    from chalicelib.services.operations.dlq_check import DlqCheck
    from chalicelib.services.operations.redrive import Redrive
    from chalicelib.services.reporting.daily_report import DailyReports
    from chalicelib.settings import HubSettings

log = logging.getLogger(__name__)

# To ask for an event that never was is the cheapest way to learn whether the table answers.
NO_EVENT = "0000000000-none"


class Gateways(Struct, frozen=True, kw_only=True):
    """What a hub is built on; tests give fakes."""

    ledger: "ports.Ledger"
    archive: "ports.EventStore"
    outbox: "ports.Outbox"
    leases: "ports.Leases"
    roster: "ports.ReceiverStore"
    alerts: "ports.AlertStore"
    notifications: "ports.NotificationStore"
    agents: "ports.AgentStore"
    silences: "ports.SilenceStore"
    accounts: "AccountDirectory"
    links: "ports.LinkSigner"
    notifier: "Notifier"
    secrets: "SecretStore"
    failure_routing: "operations_ports.FailureRouting"
    queues: "operations_ports.DeadLetterQueues"
    clock: "ports.Clock"


def receivers(file: "RoutesFile") -> tuple[str, ...]:
    """Return everybody who may be owed something: those whom a route leads to, and who gets the daily report."""
    return tuple(dict.fromkeys((*file.receivers, REPORT)))


class Hub:
    """Everything that the hub can do."""

    def __init__(
        self, settings: "HubSettings", gateways: Gateways, file: "RoutesFile", *, announces: bool = True
    ) -> None:
        self._settings, self._gateways, self._file, self._announces = settings, gateways, file, announces
        self.receivers, self.console = receivers(file), settings.console
        self.archive, self.outbox, self.clock = gateways.archive, gateways.outbox, gateways.clock

    # --- events

    @cached_property
    def receive(self) -> "EventRouter":
        """Where events and heartbeats come in."""
        from chalicelib.services.event_router import EventRouter

        return EventRouter(
            self.ingest, late(lambda: self.agents), late(lambda: self.backfills), self.clock, self._settings.stage
        )

    @cached_property
    def backfills(self) -> "BackfillResults":
        """Where the ends of backfills come in."""
        from chalicelib.services.ingestion.backfill_results import BackfillResults

        return BackfillResults(self.ingest, self._gateways.ledger, self.archive, self.clock)

    @cached_property
    def ingest(self) -> "Ingest":
        """Where events are stored and announced."""
        from chalicelib.services.ingestion.ingest import Ingest

        ledger, keep_for = self._gateways.ledger, self._settings.keep_for
        return Ingest(ledger, self.archive, self.deliver, self._policies, self.clock, keep_for, self._announces)

    @cached_property
    def deliver(self) -> "Dispatcher":
        """Where what is owed is sent."""
        from chalicelib.services.notifying.dispatcher import Dispatcher

        built_on = self._gateways
        return Dispatcher(self.outbox, built_on.leases, self.archive, built_on.notifier, self.clock)

    @cached_property
    def evaluate(self) -> "Evaluator":
        """What alerts do by themselves as time goes by."""
        from chalicelib.services.alerting.evaluator import Evaluator

        return Evaluator(self._gateways.alerts, self._gateways.ledger, self._policies, self.clock)

    @cached_property
    def reports(self) -> "DailyReports":
        """The daily report."""
        from chalicelib.services.reporting.daily_report import DailyReports

        return DailyReports(self.archive, self.outbox, self.agents, self.deliver, self.clock, self._roster.everybody)

    # --- agents and the hub's own health

    @cached_property
    def agents(self) -> "AgentRegistry":
        """The register of agents."""
        from chalicelib.services.agents.registry import AgentRegistry

        return AgentRegistry(self._gateways.agents, self.ingest, self.clock)

    @cached_property
    def deployments(self) -> "Deployments":
        """What CloudFormation says of the agents' stacks."""
        from chalicelib.services.agents.deployments import Deployments

        return Deployments(self.agents, self.ingest, self.clock)

    @cached_property
    def nets(self) -> "DlqCheck":
        """The nets under the hub's functions."""
        from chalicelib.services.operations.dlq_check import DlqCheck

        return DlqCheck(
            self._gateways.failure_routing, self._gateways.ledger, self.ingest, self.clock, self._settings.stage
        )

    @cached_property
    def redrive(self) -> "Redrive":
        """What puts failed events back through their handlers; what is owed about so many is for the next sweep."""
        from chalicelib.services.operations.dlq_check import CLOCKWORK
        from chalicelib.services.operations.redrive import Redrive

        quiet = Hub(self._settings, self._gateways, self._file, announces=False)
        handlers: dict[str, Callable[[Any], object]] = {
            "handle_monitoring_events": quiet.receive,
            "update_deployment": quiet.deployments.update,
            "daily_report": self.reports.enqueue_for,
        }
        return Redrive(self._gateways.queues, handlers, CLOCKWORK, f"monitoring-{self._settings.stage}-")

    # --- what people ask for

    @cached_property
    def alerts(self) -> "Alerts":
        """The alerts, and what people say of them."""
        from chalicelib.services.alerting.affected import AffectedScopeFinder
        from chalicelib.services.alerting.alerts import Alerts

        built_on, affected = self._gateways, AffectedScopeFinder(self.archive, self.clock)
        return Alerts(
            built_on.alerts, built_on.ledger, self.archive, self._policies, self.clock, affected, built_on.accounts
        )

    @cached_property
    def notifications(self) -> "Notifications":
        """What became of everything that was owed."""
        from chalicelib.services.notifying.notifications import Notifications

        return Notifications(self._gateways.notifications, self.archive, self._roster, self.clock)

    @cached_property
    def silences(self) -> "Silences":
        """The silences that people make."""
        from chalicelib.services.alerting.silences import Silences

        return Silences(self._gateways.silences, self.clock)

    @cached_property
    def links(self) -> "ActionLinks":
        """What the links in messages do."""
        from chalicelib.services.notifying.action_links import ActionLinks

        return ActionLinks(self._gateways.links, self.alerts, self.silences, self._gateways.accounts, self.clock)

    @cached_property
    def access(self) -> "Authenticator":
        """Who may call the API."""
        from chalicelib.services.operations.auth import Authenticator

        return Authenticator(self._gateways.secrets, self._settings.stage)

    @cached_property
    def _roster(self) -> "Receivers":
        from chalicelib.services.notifying.receivers import Receivers

        return Receivers(self.receivers, self._gateways.roster, self.deliver)

    @cached_property
    def _policies(self) -> "PolicyProvider":
        from chalicelib.domain.routing.notification_policy import Policy
        from chalicelib.services.alerting.silences import PolicyProvider
        from chalicelib.sources.registry import ENDLESS

        file, settings = self._file, self._settings
        quiet = dict.fromkeys(ENDLESS, settings.quiet_period)
        deployed = Policy(file.routes, file.silences, quiet, self._gateways.accounts.find, settings.flapping)
        return PolicyProvider(deployed, self._gateways.silences, self.clock)

    # --- what takes more than one of them

    def sweep(self) -> None:
        """Fold the events that were stored alone, tend the alerts that are due, and send what is pending to anybody.

        Whatever goes wrong with one of these keeps none of the others from its turn; then it goes out.
        """
        sending = (partial(self._send, receiver) for receiver in self.receivers)
        turns: tuple[Callable[[], object], ...] = (self.ingest.merge, self.evaluate, *sending, self._roster.retire)
        failed: list[Exception] = []
        for turn in turns:
            try:
                turn()
            except Exception as error:  # noqa: BLE001 - it is raised below
                failed.append(error)
        if failed:
            raise ExceptionGroup("A sweep failed in part", failed)

    def check(self, account: str, region: str) -> None:
        """Tell of the hub's own nets that are missing, and of agents that fell silent; the place is the hub's."""
        try:
            if self._settings.is_deployed:
                self.nets.check(account, region)
        finally:
            self.agents.check()

    def is_healthy(self) -> bool:
        """Tell whether the table answers; if not, the log says why."""
        try:
            self.archive.find(NO_EVENT)
        except Exception:
            log.exception("The table does not answer")
            return False
        return True

    def _send(self, receiver: str) -> None:
        try:
            self.deliver.drain(receiver)
        finally:
            self.deliver.watch(receiver)
