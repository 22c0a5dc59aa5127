"""Gateways of a hub: DynamoDB, SSM, SQS, EventBridge, Lambda, and its receivers."""

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from chalicelib.container.clients import HubClients
from chalicelib.container.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.config.compiled import RoutesFile
    from chalicelib.domain.routing.annotations import Annotations
    from chalicelib.gateways.dynamodb import DynamoAgentStore
    from chalicelib.gateways.slack_app.signature import SlackSignatures
    from chalicelib.gateways.ssm import Parameters
    from chalicelib.services import ports
    from chalicelib.services.agents.account_names import AccountDirectory
    from chalicelib.services.alerting.ports import AlertDetailStore, EpisodeCounts, EventRetention, InhibitorStore
    from chalicelib.services.ingestion.ports import UnmergedEventStore
    from chalicelib.services.notifying.chat_actions import Chat
    from chalicelib.services.notifying.ports import CallBudgets, FeedbackStore, LinkSigner, Notifier, References, Runner
    from chalicelib.services.operations import ports as operations
    from chalicelib.settings import HubSettings


class HubGateways(HubClients):
    """The gateways of a hub, each created on first use; those `given` are used instead, as by tests."""

    def __init__(self, settings: "HubSettings", file: "RoutesFile", **given: Any) -> None:
        super().__init__(settings)
        self.file = file
        unknown = [name for name in given if not hasattr(type(self), name)]
        if unknown:
            raise TypeError(f"A hub has no {', '.join(unknown)}")
        vars(self).update(given)

    @cached_property
    def clock(self) -> "ports.Clock":
        """The time."""
        return SystemClock()

    @cached_property
    def run_at_once(self) -> "Runner":
        """Runs several tasks in parallel."""
        from chalicelib.container.threads import run_at_once

        return run_at_once

    # --- the table

    @cached_property
    def ledger(self) -> "ports.Ledger":
        """Where events, alerts and notifications are written together."""
        from chalicelib.gateways.dynamodb import DynamoLedger

        return DynamoLedger(self._table, self.settings.keep_for)

    @cached_property
    def event_store(self) -> "ports.EventStore":
        """Where events are read."""
        from chalicelib.gateways.dynamodb import DynamoEventStore

        return DynamoEventStore(self._table, self.clock)

    @cached_property
    def unmerged_event_store(self) -> "UnmergedEventStore":
        """Where events wait that were stored alone."""
        from chalicelib.gateways.dynamodb.unmerged_events import DynamoUnmergedEventStore

        return DynamoUnmergedEventStore(self._table, self.clock)

    @cached_property
    def alert_store(self) -> "ports.AlertStore":
        """Where alerts are read."""
        from chalicelib.gateways.dynamodb import DynamoAlertStore

        return DynamoAlertStore(self._table, self.clock)

    @cached_property
    def alert_index(self) -> "ports.AlertIndex":
        """Where alerts are counted, and ranked."""
        from chalicelib.gateways.dynamodb import DynamoAlertStore

        return DynamoAlertStore(self._table, self.clock)

    @cached_property
    def alert_details(self) -> "AlertDetailStore":
        """Where all that is known of an alert is read."""
        from chalicelib.gateways.dynamodb.alert_details import DynamoAlertDetailStore

        return DynamoAlertDetailStore(self._table, self.clock)

    @cached_property
    def backlog_store(self) -> "operations.BacklogStore":
        """Where it is noted what sweeps leave undone."""
        from chalicelib.gateways.dynamodb.backlogs import DynamoBacklogStore

        return DynamoBacklogStore(self._table)

    @cached_property
    def hourly_counts(self) -> "ports.HourlyCountStore":
        """Where it is counted how often busy alerts fired."""
        from chalicelib.gateways.dynamodb.hourly_counts import DynamoHourlyCounts

        return DynamoHourlyCounts(self._table)

    @cached_property
    def event_retention(self) -> "EventRetention":
        """Where events are kept for longer."""
        from chalicelib.gateways.dynamodb import DynamoEventRetention

        return DynamoEventRetention(self._table)

    @cached_property
    def inhibitor_store(self) -> "InhibitorStore":
        """Which alerts may hold back others."""
        from chalicelib.gateways.dynamodb import DynamoAlertStore

        return DynamoAlertStore(self._table, self.clock)

    @cached_property
    def episode_counts(self) -> "EpisodeCounts":
        """Where what is counted of alerts is kept."""
        from chalicelib.gateways.dynamodb.episode_counts import DynamoEpisodeCounts

        return DynamoEpisodeCounts(self._table, self.clock, self.settings.keep_for)

    @cached_property
    def notification_store(self) -> "ports.NotificationStore":
        """Where notifications are read."""
        from chalicelib.gateways.dynamodb import DynamoNotificationStore

        return DynamoNotificationStore(self._table, self.clock)

    @cached_property
    def outbox(self) -> "ports.Outbox":
        """Where notifications wait."""
        from chalicelib.gateways.dynamodb import DynamoOutbox

        return DynamoOutbox(self._table, self.clock, self.settings.keep_for)

    @cached_property
    def leases(self) -> "ports.Leases":
        """Whose turn it is to send."""
        from chalicelib.gateways.dynamodb import DynamoLeases

        return DynamoLeases(self._table)

    @cached_property
    def receiver_store(self) -> "ports.ReceiverStore":
        """Who was ever a receiver."""
        from chalicelib.gateways.dynamodb import DynamoReceiverStore

        return DynamoReceiverStore(self._table)

    @cached_property
    def references(self) -> "References":
        """What receivers call their messages."""
        from chalicelib.gateways.dynamodb import DynamoReferences

        return DynamoReferences(self._table, self.clock, self.settings.keep_for)

    @cached_property
    def budgets(self) -> "CallBudgets":
        """How often other services may be called."""
        from chalicelib.gateways.dynamodb import DynamoCallBudgets

        return DynamoCallBudgets(self._table)

    @cached_property
    def feedback_store(self) -> "FeedbackStore":
        """What people say of messages."""
        from chalicelib.gateways.dynamodb.feedback import DynamoFeedbackStore

        return DynamoFeedbackStore(self._table, self.clock, self.settings.keep_for)

    @cached_property
    def agent_store(self) -> "DynamoAgentStore":
        """Where agents are kept, and what they call their accounts."""
        from chalicelib.gateways.dynamodb import DynamoAgentStore

        return DynamoAgentStore(self._table)

    @cached_property
    def idempotency_store(self) -> "operations.IdempotencyStore":
        """Where requests with an idempotency key are remembered."""
        from chalicelib.gateways.dynamodb.idempotency import DynamoIdempotencyStore

        return DynamoIdempotencyStore(self._table)

    @cached_property
    def sign_in_store(self) -> "operations.SignInStore":
        """Where sign-ins are remembered."""
        from chalicelib.gateways.dynamodb.sign_ins import DynamoSignInStore

        return DynamoSignInStore(self._table)

    @cached_property
    def silence_store(self) -> "ports.SilenceStore":
        """Where silences are kept."""
        from chalicelib.gateways.dynamodb import DynamoSilenceStore

        return DynamoSilenceStore(self._table, self.clock, self.settings.keep_for)

    @cached_property
    def copy_silences(self) -> "Callable[[], int]":
        """What copies the silences that an older version has made or ended."""
        from chalicelib.gateways.dynamodb import DynamoSilenceStore

        return DynamoSilenceStore(self._table, self.clock, self.settings.keep_for).copy_older

    # --- what most events do not need

    @cached_property
    def secrets(self) -> "Parameters":
        """The secrets of the stage."""
        from chalicelib.gateways.ssm import BASE_URL, LINK_KEY, Parameters

        links = [f"/monitoring/{self.settings.stage}/{name}" for name in (BASE_URL, LINK_KEY)]
        return Parameters(lambda: self.ssm, self.clock, self.settings.secrets_ttl, together=links)

    @cached_property
    def link_signer(self) -> "LinkSigner":
        """Signs and reads links."""
        from chalicelib.gateways.link_signer import SignedLinks

        return SignedLinks(self.secrets.get_secret, self.settings.stage)

    @cached_property
    def notifier(self) -> "Notifier":
        """Notifies receivers of every type."""
        from chalicelib.domain.agents.canary import RECEIVER
        from chalicelib.domain.routing.receivers import Receiver
        from chalicelib.gateways.notifiers import DRY, NotifierContext, Notifiers

        settings = self.settings
        dry = Receiver(type=DRY)
        context = NotifierContext(
            receiver=lambda name: dry if name == RECEIVER else self.file.receiver(name),
            secret=self.secrets.get_secret,
            stage=settings.stage,
            http=self._http,
            clock=self.clock,
            names=self.accounts,
            links=self.link_signer,
            affected=self.affected_scopes,
            annotations=self.annotations,
            console=settings.console,
            alert=self.alert_store.find,
            references=self.references,
            budgets=self.budgets,
            pagerduty_url=settings.pagerduty_url,
            slack_url=settings.slack_url,
            client=self._sending_client,
        )
        return Notifiers(context)

    @cached_property
    def slack_signatures(self) -> "SlackSignatures":
        """Verifies requests from Slack."""
        from chalicelib.gateways.slack_app.signature import SlackSignatures

        return SlackSignatures(self.secrets.get_secret, self.settings.stage, self.clock)

    @cached_property
    def chat(self) -> "Chat":
        """Replies to people in Slack."""
        from chalicelib.gateways.slack_app.chat import SlackChat
        from chalicelib.gateways.slack_app.rates import MethodRates

        settings, rates = self.settings, partial(MethodRates, self.budgets, self.clock)
        return SlackChat(self.secrets.get_secret, settings.stage, settings.slack_url, self._http, rates)

    @cached_property
    def wake_sender(self) -> "Callable[[], None]":
        """Invokes the sender at once; outside AWS it runs soon enough."""
        if not self.settings.is_deployed:
            return lambda: None
        from chalicelib.gateways.sender_invoker import SenderInvoker

        return SenderInvoker(self._sending_client("lambda", ""), self.settings.stage)

    @cached_property
    def heartbeat_url(self) -> "Callable[[], None]":
        """Tells a service outside AWS that the hub is alive."""
        if not self.settings.calls_heartbeat_url:
            return lambda: None
        from chalicelib.gateways.heartbeat_url import HeartbeatUrl

        return HeartbeatUrl(self.secrets.get_secret, self.settings.stage, self._http)

    @cached_property
    def openid_provider(self) -> "operations.OpenIdProvider":
        """The company's OpenID provider."""
        from chalicelib.gateways.openid_provider import HttpOpenIdProvider

        settings, http = self.settings, self._http
        return HttpOpenIdProvider(settings.openid_client, settings.stage, self.secrets.get_secret, http, self.clock)

    @cached_property
    def failure_routing(self) -> "operations.FailureRouting":
        """Dead-letter queues and failure destinations of rules and functions."""
        from chalicelib.gateways.failure_destinations import FailureDestinations

        return FailureDestinations(self._client("events"), self._client("lambda"))

    @cached_property
    def metrics(self) -> "operations.Metrics":
        """CloudWatch metrics."""
        from chalicelib.gateways.cloudwatch.metrics import CloudWatchMetrics

        return CloudWatchMetrics(self._client("cloudwatch", checks=False))

    @cached_property
    def dead_letter_queues(self) -> "operations.DeadLetterQueues":
        """The dead-letter queues."""
        from chalicelib.gateways.sqs import SqsQueues

        return SqsQueues(self._client("sqs"), self.settings.stage)

    # --- what messages and policies need besides their subject

    @cached_property
    def accounts(self) -> "AccountDirectory":
        """Names and tags of accounts."""
        from chalicelib.services.agents.account_names import AccountDirectory

        return AccountDirectory(self.file.accounts, self.agent_store, self.clock)

    @cached_property
    def annotations(self) -> "Annotations":
        """Annotations from the routes file."""
        from chalicelib.domain.routing.annotations import Annotations

        return Annotations(self.file.annotations, self.file.labels, self.accounts.find)

    @cached_property
    def affected_scopes(self) -> "ports.AffectedScopes":
        """The accounts and regions of problems."""
        from chalicelib.services.alerting.affected import AffectedScopeFinder

        return AffectedScopeFinder(self.event_store, self.clock, self.episode_counts)
