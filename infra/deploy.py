"""Deploy: the hub's stack, then the application by Chalice, then what Chalice does not know or has just erased.

`python -m infra.deploy --stage prod --organization o-a1b2c3d4e5 --alarm-email ops@example.com`. The hub's stack keeps
the values it was given before; `--restore-only` does the last step alone.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from app import app
from infra import chalice_cli, check_config, event_files
from infra.errors import DeployError, in_one_line
from infra.functions import functions_of
from infra.generate import generated
from infra.hub_stack import HubStack
from infra.restore import Api, Restore

PROJECT = Path(__file__).parent.parent
# So many instances nobody may reserve: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
UNRESERVED = 100
# The lines of Chalice's output that are shown: steps that take time.
STEPS = (
    *("Creating deployment package", "Reusing existing deployment package", "Creating lambda function"),
    *("Updating lambda function:", "Deleting function", "Creating Rest API", "Updating rest API"),
)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be deployed; `given` are parameters of the hub's stack."""

    stage: str
    given: Mapping[str, str]
    restore_only: bool = False
    project: Path = PROJECT


def run(order: Order) -> None:
    """Deploy a stage, or only restore it; DeployError, or AWS's own, where that is not possible."""
    check(order)
    session = boto3.Session()
    stack = HubStack(session.client("cloudformation"), order.stage)
    if not order.restore_only:
        check_capacity(session.client("lambda"), reserved(order.project))
        say(f"Deploying stage {order.stage}")
        say(f"  the stack {stack.name} is {stack.deploy(order.given)}")
        protect_table(session.client("dynamodb"), order.stage)
        deploy_application(order)
    restore = Restore(session, order.stage, stack.outputs())
    for line in restore.run(functions_of(app), Api.of(order.project, order.stage)):
        say(f"  {line}")


def check(order: Order) -> None:
    """Refuse what would end badly: another Python, a wrong configuration, templates that lag behind the code."""
    try:
        check_config.check(order.stage)
    except event_files.WrongError as error:
        raise DeployError(str(error)) from None
    try:
        chalice_cli.check_python(chalice_cli.this_python())
    except chalice_cli.UnsuitablePythonError as error:
        raise DeployError(str(error)) from None
    for path, text in generated().items():
        if path.read_text() != text:
            raise DeployError(f"{path.name} lags behind the code: run make generate, and look at what changes.")


def reserved(project: Path) -> int:
    """Return how many instances of the hub's functions are reserved at once."""
    functions = json.loads((project / ".chalice" / "config.json").read_text())["lambda_functions"]
    return sum(each.get("reserved_concurrency", 0) for each in functions.values())


def check_capacity(functions: Any, needed: int) -> None:
    """Refuse what Lambda would, half-way: a new account may often run ten functions at once; the client is Lambda's."""
    try:
        limit = functions.get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    except ClientError:  # without the permission to ask, Lambda itself will say so
        return
    if needed and limit < needed + UNRESERVED:
        raise DeployError(
            f"Lambda runs at most {limit} functions at once in this account and region, and {needed} are reserved "
            f"besides {UNRESERVED} that have to stay free: ask for a larger quota (docs/deploy.md), or lower "
            "`reserved_concurrency` in .chalice/config.json."
        )


def protect_table(tables: Any, stage: str) -> None:
    """Protect a stage's table from deletion; the stack does not, as it must delete what a failed creation leaves."""
    name = f"monitoring-{stage}"
    if not tables.describe_table(TableName=name)["Table"].get("DeletionProtectionEnabled"):
        tables.update_table(TableName=name, DeletionProtectionEnabled=True)


def deploy_application(order: Order) -> None:
    """Let Chalice deploy, line by line; of its complaints, the last line is passed on."""
    command = [sys.executable, "-m", "infra.chalice_cli", "deploy", "--stage", order.stage]
    with subprocess.Popen(  # noqa: S603 - the stage was found in our own configuration
        command, cwd=order.project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as chalice:
        said = ""
        for line in chalice.stdout or ():
            if line.strip():
                said = line.strip()
            if said.startswith(STEPS):
                say(f"  {said[0].lower()}{said[1:]}")
    if chalice.returncode:
        raise DeployError(f"chalice deploy failed: {said}")


def say(line: str) -> None:
    """Print the progress."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str]) -> int:
    """Deploy, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.deploy", description=__doc__.splitlines()[0])
    parser.add_argument("--stage", required=True)
    parser.add_argument("--organization", metavar="o-…", help="whose agents may send events")
    parser.add_argument("--alarm-email", metavar="ADDRESS", help="who hears of the hub's own alarms")
    parser.add_argument("--archive-days", metavar="DAYS", help="how long events are kept for a replay")
    parser.add_argument(
        "--restore-only", action="store_true", help="only restore failure destinations, gateway responses and address"
    )
    chosen = parser.parse_args(arguments)
    named = {
        "OrganizationId": chosen.organization,
        "AlarmEmail": chosen.alarm_email,
        "ArchiveDays": chosen.archive_days,
    }
    given = {name: value for name, value in named.items() if value is not None}

    def work() -> int:
        run(Order(chosen.stage, given, restore_only=chosen.restore_only))
        return 0

    return in_one_line(work)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
