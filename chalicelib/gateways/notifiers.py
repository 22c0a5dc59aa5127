"""Notifiers: the package for each type of receiver, imported when a message is due."""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.aws_console import DIRECT, Console
from chalicelib.domain.routing.annotations import NOT_ANNOTATED, Annotations
from chalicelib.services.notifying.ports import Delivered, Handling, Message, Notifier, Rejected, Retry

if TYPE_CHECKING:
    from chalicelib.domain.alerts.alert import Alert
    from chalicelib.domain.routing.receivers import Receiver
    from chalicelib.gateways.http import HttpClient
    from chalicelib.services.notifying.ports import CallBudgets, LinkSigner, References
    from chalicelib.services.ports import AccountNames, AffectedScopes, Clock

# The module of each type; it has a function `notifier(context)`.
DRY = "dry"
TYPES: Mapping[str, str] = {
    "slack_webhook": "chalicelib.gateways.slack.notifier",
    "slack": "chalicelib.gateways.slack_app.notifier",
    "pagerduty": "chalicelib.gateways.pagerduty.notifier",
    "webhook": "chalicelib.gateways.webhook.notifier",
    "teams": "chalicelib.gateways.teams.notifier",
    "email": "chalicelib.gateways.email.notifier",
    DRY: "chalicelib.gateways.dry_run_notifier",
}


class NotifierContext(Struct, frozen=True, kw_only=True):
    """What notifiers are created with; `receiver` returns how the routes file describes a receiver.

    `secret` returns the value of a parameter, None where it is missing; `alert` an alert as it is now; `client` a
    client of an AWS service in a region (empty: the hub's own), which tries once and gives up within seconds.
    """

    receiver: "Callable[[str], Receiver]"
    secret: "Callable[[str], str | None]"
    stage: str
    http: "HttpClient"
    clock: "Clock"
    names: "AccountNames"
    alert: "Callable[[str], Alert | None]"
    references: "References"
    budgets: "CallBudgets"
    pagerduty_url: str
    slack_url: str
    client: "Callable[[str, str], Any]"
    links: "LinkSigner | None" = None
    affected: "AffectedScopes | None" = None
    console: Console = DIRECT
    annotations: Annotations = NOT_ANNOTATED


class Notifiers:
    """Notifies each receiver according to its type."""

    def __init__(self, context: NotifierContext, types: Mapping[str, str] = TYPES) -> None:
        self._receiver = cache(context.receiver)
        self._notifier = cache(lambda name: _made(types[name], context))

    def notify(self, message: Message) -> Delivered | Retry | Rejected:
        """Send one message in the form that suits its receiver."""
        return self._notifier(self._receiver(message.receiver).type).notify(message)

    def handling(self, receiver: str) -> Handling:
        """Return how to send to a receiver, with the limits of the routes file."""
        known = self._receiver(receiver)
        handling = self._notifier(known.type).handling(receiver)
        return replace(handling, per_hour=known.per_hour) if handling.combines else handling


def _made(module: str, context: NotifierContext) -> Notifier:
    notifier: Notifier = import_module(module).notifier(context)
    return notifier
