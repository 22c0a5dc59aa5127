"""The hub: its services, built from its gateways and each other."""

from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from chalicelib.container.gateways import HubGateways

if TYPE_CHECKING:
    from chalicelib.services.agents.canaries import Canaries
    from chalicelib.services.agents.deployments import Deployments
    from chalicelib.services.agents.registry import AgentRegistry
    from chalicelib.services.alerting.alert_history import AlertHistory
    from chalicelib.services.alerting.alerts import Alerts
    from chalicelib.services.alerting.bulk_actions import BulkActions
    from chalicelib.services.alerting.evaluator import Evaluator
    from chalicelib.services.alerting.policy_provider import PolicyProvider
    from chalicelib.services.alerting.retention import Retention
    from chalicelib.services.alerting.silence_preview import SilencePreview
    from chalicelib.services.alerting.silences import Silences
    from chalicelib.services.event_intake import EventIntake
    from chalicelib.services.ingestion.backfill_results import BackfillResults
    from chalicelib.services.ingestion.ingest import Ingest
    from chalicelib.services.notifying.action_links import ActionLinks
    from chalicelib.services.notifying.chat_actions import ChatActions
    from chalicelib.services.notifying.dispatcher import Dispatcher
    from chalicelib.services.notifying.notifications import Notifications
    from chalicelib.services.notifying.receivers import Receivers
    from chalicelib.services.operations.auth import Authenticator
    from chalicelib.services.operations.checks import Checks
    from chalicelib.services.operations.dlq_check import DlqCheck
    from chalicelib.services.operations.end_of_day import EndOfDay
    from chalicelib.services.operations.health import Health
    from chalicelib.services.operations.idempotency import Idempotency
    from chalicelib.services.operations.reconciliation import Reconciliation
    from chalicelib.services.operations.redrive import Redrive
    from chalicelib.services.operations.sweep import Sweep
    from chalicelib.services.reporting.daily_report import DailyReports
    from chalicelib.services.reporting.weekly_report import WeeklyReports


class Hub(HubGateways):
    """The services of a hub, each created, and its module imported, on first use."""

    # --- events

    @cached_property
    def receive(self) -> "EventIntake":
        """Takes in events and heartbeats."""
        from chalicelib.services.event_intake import EventIntake

        return EventIntake(
            ingest=self.ingest,
            agents=lambda: self.agents,
            backfill_results=lambda: self.backfill_results,
            canaries=lambda: self.canaries,
            alert_store=lambda: self.alert_store,
            clock=self.clock,
            stage=self.settings.stage,
        )

    @cached_property
    def ingest(self) -> "Ingest":
        """Stores and announces events."""
        from chalicelib.services.ingestion.busy_alerts import BusyAlerts
        from chalicelib.services.ingestion.hourly_counter import HourlyCounter
        from chalicelib.services.ingestion.ingest import Ingest

        return Ingest(
            ledger=self.ledger,
            event_store=self.event_store,
            policy=self.policies,
            clock=self.clock,
            keep_for=self.settings.keep_for,
            # Created when it is called, as events of which nobody is notified need no dispatcher.
            announce=lambda record, pending: self.dispatcher.announce(record, pending),  # noqa: PLW0108
            busy=BusyAlerts(self.clock),
            hourly=HourlyCounter(self.hourly_counts),
        )

    @cached_property
    def backfill_results(self) -> "BackfillResults":
        """Counts what backfills found."""
        from chalicelib.services.ingestion.backfill_results import MOST_A_MINUTE, BackfillResults
        from chalicelib.services.ingestion.rate_limit import RateLimit

        limit = RateLimit(MOST_A_MINUTE, self.clock)
        return BackfillResults(self.ingest, self.ledger, self.event_store, self.clock, limit)

    @cached_property
    def policies(self) -> "PolicyProvider":
        """Returns the policy of now."""
        from chalicelib.domain.routing.inhibitions import Inhibitions
        from chalicelib.domain.routing.notification_policy import Policy
        from chalicelib.services.alerting.policy_provider import PolicyProvider
        from chalicelib.sources.registry import ALARM, ENDLESS

        file, settings = self.file, self.settings
        quiet = dict.fromkeys(ENDLESS, settings.quiet_period)
        deployed = Policy(
            routes=file.routes,
            silences=file.silences,
            quiet=quiet,
            accounts=self.accounts.find,
            flapping=settings.flapping,
            severities=file.severities,
            labels=file.labels,
            status_receivers=file.status_receivers,
            living=file.living,
            assumed={ALARM: settings.alarm_severity},
            inhibitions=Inhibitions(rules=file.inhibitions, accounts=self.accounts.find),
        )
        return PolicyProvider(deployed, self.silence_store, self.inhibitor_store, self.clock)

    # --- notifications

    @cached_property
    def dispatcher(self) -> "Dispatcher":
        """Sends what is pending."""
        from chalicelib.services.notifying.dispatcher import Dispatcher

        return Dispatcher(
            self.outbox,
            self.leases,
            self.event_store,
            self.notifier,
            self.clock,
            self.references,
            self.budgets,
            self.run_at_once,
        )

    @cached_property
    def receivers(self) -> "Receivers":
        """The receivers, current and former ones."""
        from chalicelib.services.notifying.receivers import Receivers, with_report

        return Receivers(with_report(self.file.receivers), self.receiver_store, self.dispatcher)

    @cached_property
    def notifications(self) -> "Notifications":
        """Reads notifications, and sends failed ones again."""
        from chalicelib.services.notifying.digest_attempts import DigestAttempts
        from chalicelib.services.notifying.notifications import Notifications

        digests = DigestAttempts(self.references, self.clock)
        return Notifications(self.notification_store, self.event_store, self.receivers, self.clock, digests)

    @cached_property
    def links(self) -> "ActionLinks":
        """Handles links in messages."""
        from chalicelib.container.chat import build_action_links

        return build_action_links(self)

    @cached_property
    def chat_actions(self) -> "ChatActions":
        """Handles requests from Slack."""
        from chalicelib.container.chat import build_chat_actions

        return build_chat_actions(self)

    @cached_property
    def reports(self) -> "DailyReports":
        """Makes the daily report."""
        from chalicelib.container.reports import build_daily_reports

        return build_daily_reports(self)

    @cached_property
    def weekly_reports(self) -> "WeeklyReports":
        """Makes the weekly report."""
        from chalicelib.container.reports import build_weekly_reports

        return build_weekly_reports(self)

    @cached_property
    def end_of_day(self) -> "EndOfDay":
        """Does what is due at midnight."""
        from chalicelib.services.operations.end_of_day import EndOfDay

        return EndOfDay(self.reconciliation, self.reports, lambda: self.weekly_reports, self.retention, self.clock)

    @cached_property
    def retention(self) -> "Retention":
        """Keeps the events that open alerts show."""
        from chalicelib.services.alerting.retention import Retention

        keep_for = self.settings.keep_for
        return Retention(self.alert_store, self.event_store, self.event_retention, self.clock, keep_for)

    # --- alerts

    @cached_property
    def alerts(self) -> "Alerts":
        """Reads alerts and applies people's actions."""
        from chalicelib.services.alerting.alerts import Alerts

        return Alerts(
            self.alert_store,
            self.ledger,
            self.event_store,
            self.policies,
            self.clock,
            self.affected_scopes,
            self.accounts,
        )

    @cached_property
    def evaluator(self) -> "Evaluator":
        """Evaluates alerts as time goes by."""
        from chalicelib.services.alerting.evaluator import Evaluator

        return Evaluator(self.alert_store, self.ledger, self.policies, self.clock, self.run_at_once)

    @cached_property
    def silences(self) -> "Silences":
        """Creates, changes and ends silences."""
        from chalicelib.services.alerting.silences import Silences

        return Silences(self.silence_store, self.clock)

    @cached_property
    def alert_history(self) -> "AlertHistory":
        """Reads what happened to alerts."""
        from chalicelib.services.alerting.alert_history import AlertHistory

        return AlertHistory(self.alert_store, self.event_store, self.notification_store, self.clock)

    @cached_property
    def bulk_actions(self) -> "BulkActions":
        """Applies people's actions to many alerts."""
        from chalicelib.services.alerting.bulk_actions import BulkActions

        return BulkActions(self.alerts, self.silences)

    @cached_property
    def silence_preview(self) -> "SilencePreview":
        """Shows what a silence would cover."""
        from chalicelib.services.alerting.silence_preview import SilencePreview

        return SilencePreview(self.alert_store, self.accounts.find, self.clock)

    # --- agents

    @cached_property
    def agents(self) -> "AgentRegistry":
        """Keeps the register of agents."""
        from chalicelib.services.agents.registry import AgentRegistry

        return AgentRegistry(self.agent_store, self.ingest, self.clock, self.settings.stage)

    @cached_property
    def deployments(self) -> "Deployments":
        """Records changes of the agents' stacks."""
        from chalicelib.services.agents.deployments import Deployments

        return Deployments(self.agents, self.ingest, self.clock)

    # --- the hub itself

    @cached_property
    def sweep(self) -> "Sweep":
        """Does what is due every minute."""
        from chalicelib.container.sweeping import build_sweep

        return build_sweep(self)

    @cached_property
    def checks(self) -> "Checks":
        """Finds missing agents, canaries and failure destinations, and silences that end soon."""
        from chalicelib.container.reports import build_silence_reminders
        from chalicelib.services.operations.checks import Checks

        dlq_check = self.dlq_check if self.settings.is_deployed else None
        return Checks(self.agents, self.canaries, dlq_check, build_silence_reminders(self))

    @cached_property
    def health(self) -> "Health":
        """Checks whether the table can be read."""
        from chalicelib.services.operations.health import Health

        return Health(self.event_store, self.clock)

    @cached_property
    def canaries(self) -> "Canaries":
        """Checks whether canaries arrive."""
        from chalicelib.services.agents.canaries import Canaries

        return Canaries(
            self.outbox,
            self.notification_store,
            self.ledger,
            self.ingest,
            self.agents,
            self.clock,
            self.settings.stage,
        )

    @cached_property
    def reconciliation(self) -> "Reconciliation":
        """Compares AWS's counts of events with the hub's."""
        from chalicelib.services.operations.reconciliation import Reconciliation

        return Reconciliation(
            self.metrics,
            self.event_store,
            self.ingest,
            self.clock,
            self.settings.stage,
            self.settings.shortfall_percent,
            self.settings.log_level in {"DEBUG", "INFO"},
        )

    @cached_property
    def idempotency(self) -> "Idempotency":
        """Remembers requests with an idempotency key."""
        from chalicelib.services.operations.idempotency import Idempotency

        return Idempotency(self.idempotency_store, self.clock)

    @cached_property
    def dlq_check(self) -> "DlqCheck":
        """Checks the failure destinations of the hub's functions."""
        from chalicelib.services.operations.dlq_check import DlqCheck

        return DlqCheck(self.failure_routing, self.ledger, self.ingest, self.clock, self.settings.stage)

    @cached_property
    def redrive(self) -> "Redrive":
        """Redrives failed events; the next sweep announces them."""
        from chalicelib.services.operations.dlq_check import SCHEDULED
        from chalicelib.services.operations.redrive import Redrive

        handlers: dict[str, Callable[[Any], object]] = {
            "handle_monitoring_events": partial(self.receive, announce=False),
            "update_deployment": partial(self.deployments.update, announce=False),
            "daily_report": self.end_of_day.catch_up,
        }
        return Redrive(self.dead_letter_queues, handlers, SCHEDULED, f"monitoring-{self.settings.stage}-")

    @cached_property
    def authenticator(self) -> "Authenticator":
        """Checks API tokens."""
        from chalicelib.services.operations.auth import Authenticator

        return Authenticator(self.secrets, self.settings.stage)
