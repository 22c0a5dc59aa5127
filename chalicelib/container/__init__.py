"""The composition root: settings, gateways and services, each created once, on first use; only this package chooses.

A function pays only for what it uses: modules are imported when their objects are created (`docs/package.md` has the
figures).
"""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from chalicelib import lambda_runtime, logging_config
from chalicelib.container.clock import SystemClock
from chalicelib.container.files import ROUTES, SCAN, routes, scan_file

if TYPE_CHECKING:
    from chalicelib.container.services import Hub
    from chalicelib.services.operations.redrive import RedriveTally
    from chalicelib.services.scanning.backfill import Backfill
    from chalicelib.services.scanning.scanner import Scanner
    from chalicelib.settings import HubSettings

# Services that functions use in any case, by their handlers; SSM too, as most events lead to a message.
PARTS: Mapping[str, Sequence[str]] = {
    "handle_monitoring_events": ("receive", "dispatcher", "ssm"),
    "update_deployment": ("deployments", "dispatcher", "ssm"),
    "daily_report": ("end_of_day", "ssm"),
    "deliver_notifications": ("sweep",),
    "check_agents": ("checks",),
    "redrive": ("redrive",),
    "authorize": ("authenticator",),
    "app": ("alerts", "annotations"),
}
SCANNING = ("query_error_logs", "backfill_error_logs")

__all__ = [
    "ROUTES",
    "SCAN",
    "SystemClock",
    "agent",
    "backfill",
    "hub",
    "prepare",
    "redrive",
    "routes",
    "scan_file",
    "settings",
]


@cache
def settings() -> "HubSettings":
    """Return the hub's settings; Misconfigured names the variable that is wrong."""
    from chalicelib.settings import HubSettings

    return HubSettings.load(os.environ)


@cache
def hub() -> "Hub":
    """Return this process's hub; Misconfigured names the variable that is wrong."""
    from chalicelib.container.services import Hub

    chosen = settings()
    logging_config.configure(chosen.log_level)
    return Hub(chosen, routes(chosen))


def agent() -> "Scanner":
    """Return this process's scanner; Misconfigured names the variable that is wrong."""
    made = scanner()
    made.publisher.identify()  # who does not know that need not begin
    return made


@cache
def scanner() -> "Scanner":
    """Return this process's scanner before it has asked AWS for its account."""
    from chalicelib.container.scanning import build_agent
    from chalicelib.gateways import aws_clients
    from chalicelib.settings import AgentSettings

    chosen = AgentSettings.load(os.environ)
    logging_config.configure(chosen.log_level)
    session = aws_clients.session()
    region = session.get_config_variable("region")
    return build_agent(chosen, partial(session.create_client, region_name=region), region, scan_file())


def backfill() -> "Backfill":
    """Return this process's backfill; Misconfigured names the variable that is wrong."""
    from chalicelib.container.scanning import build_backfill
    from chalicelib.settings import AgentSettings

    return build_backfill(AgentSettings.load(os.environ), agent())


@lambda_runtime.with_room
def prepare() -> None:
    """Create what this process's function uses in any case: until the first event, Lambda gives it a whole vCPU.

    Nothing is called. An error here occurs again with the first event, and Lambda reports it as that event's failure.
    """
    handler = os.environ.get("_HANDLER", "").removeprefix("app.")
    with suppress(Exception):
        if handler in SCANNING:
            scanner()
        for part in PARTS.get(handler, ()):
            getattr(hub(), part)


def redrive(order: Any, remaining: Callable[[], int]) -> "RedriveTally":
    """Redrive failed events as the command requests; Invalid where the request is malformed."""
    from chalicelib.services.operations.redrive import RedriveOrder

    return hub().redrive(RedriveOrder.of(order), remaining)
