"""Verify: asks AWS whether a deployed hub and its agents are as they should be; changes nothing.

`python -m infra.verify --stage prod [--all]` prints what does not hold and what to do about it, and with `--all` also
what holds; the exit code is 1 where anything fails. Much of this could not be tried without an AWS account
(docs/deploy.md, "What could not be checked without AWS"): run it after each deployment.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import boto3

from app import app
from chalicelib import container
from chalicelib.gateways import aws_clients, dynamodb
from infra import check_config, event_files
from infra.checks.agents import Agents
from infra.checks.canaries import CanaryArrivals
from infra.checks.check import Check, CheckStatus, Finding
from infra.checks.counts import Counts
from infra.checks.functions import Functions
from infra.checks.interface import Interface
from infra.checks.sign_on import SignOn
from infra.checks.storage import Storage
from infra.errors import FAILED, DeployError, exit_with, in_one_line
from infra.functions import functions_of
from infra.policies import here
from infra.receiver_secrets import parameters


def checks_of(session: Any, stage: str) -> Iterator[Check]:
    """Iterate over all checks of a stage; DeployError where its configuration cannot be read."""
    try:
        settings = check_config.settings_of(stage)
        file = check_config.routes(container.ROUTES, settings)
        rules = container.scan_file().rules
    except event_files.WrongError as error:
        raise DeployError(str(error)) from None
    variables = here().variables() | {"Stage": stage}
    client: Any = aws_clients.session().create_client("dynamodb", config=dynamodb.CONFIG)
    table = dynamodb.DynamoTable(client, f"monitoring-{stage}")
    agents = Agents(session, stage, dynamodb.DynamoAgentStore(table), rules)
    yield from Storage(session, stage).checks()
    yield from Counts(session, stage).checks()
    yield from Functions(session, stage, functions_of(app), variables).checks()
    yield from Interface(session, stage, parameters(stage, file)).checks()
    yield from SignOn(session, stage, settings.openid_client).checks()
    yield from agents.checks()
    notifications = dynamodb.DynamoNotificationStore(table, container.SystemClock())
    yield from CanaryArrivals(notifications, agents.regions).checks()


def report(findings: Iterable[Finding], *, everything: bool) -> Iterator[str]:
    """Iterate over the lines to print, and last how many of each status there were."""
    counts = dict.fromkeys(CheckStatus, 0)
    for finding in findings:
        counts[finding.status] += 1
        if everything or finding.status is not CheckStatus.HOLDS:
            yield str(finding)
    hold, fail, unknown = (counts[each] for each in CheckStatus)
    yield f"{hold} hold, {fail} fail, {unknown} are unknown"


def main(arguments: Sequence[str]) -> int:
    """Check, print, and return the exit code: 1 where anything fails."""
    parser = argparse.ArgumentParser(prog="python -m infra.verify", description=__doc__.splitlines()[0])
    parser.add_argument("--stage", required=True)
    parser.add_argument("--all", action="store_true", help="print also what holds")
    chosen = parser.parse_args(arguments)

    def work() -> int:
        findings: list[Finding] = []

        def found() -> Iterator[Finding]:
            for check in checks_of(boto3.Session(), chosen.stage):
                for finding in check.findings():
                    findings.append(finding)
                    yield finding

        for line in report(found(), everything=chosen.all):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
        return FAILED if any(each.status is CheckStatus.FAILS for each in findings) else 0

    return in_one_line(work)


if __name__ == "__main__":
    exit_with(lambda: main(sys.argv[1:]))
