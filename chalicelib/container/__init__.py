"""The composition root: settings, gateways and services, each made once, on first use; the only place that chooses.

Whatever wakes a function pays for what it uses and no more: what is made is imported when it is made
(`docs/package.md` has the figures).
"""

import os
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib import logging_config
from chalicelib.container.clock import SystemClock
from chalicelib.container.files import ROUTES, SCAN, routes, scan_file

if TYPE_CHECKING:
    from chalicelib.container.services import Hub
    from chalicelib.services.operations.redrive import RedriveTally
    from chalicelib.services.scanning.backfill import Backfill
    from chalicelib.services.scanning.scanner import Scanner
    from chalicelib.settings import HubSettings

__all__ = ["ROUTES", "SCAN", "SystemClock", "agent", "backfill", "hub", "redrive", "routes", "scan_file", "settings"]


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


@cache
def agent() -> "Scanner":
    """Return this process's agent, which scans; Misconfigured names the variable that is wrong."""
    import boto3

    from chalicelib.container.scanning import build_agent
    from chalicelib.gateways import aws_clients
    from chalicelib.settings import AgentSettings

    chosen = AgentSettings.load(os.environ)
    logging_config.configure(chosen.log_level)
    return build_agent(chosen, boto3.Session(botocore_session=aws_clients.session()), scan_file())


def backfill() -> "Backfill":
    """Return what scans the past in this account; Misconfigured names the variable that is wrong."""
    from chalicelib.container.scanning import build_backfill
    from chalicelib.settings import AgentSettings

    return build_backfill(AgentSettings.load(os.environ), agent())


def redrive(order: Any, remaining: Callable[[], int]) -> "RedriveTally":
    """Put back what failed, as the command asks for it; Invalid where it asks for something else."""
    from chalicelib.services.operations.redrive import RedriveOrder

    return hub().redrive(RedriveOrder.of(order), remaining)
