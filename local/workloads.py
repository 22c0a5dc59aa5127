"""Functions and containers that fail now and then: log groups with lines in the formats of their languages."""

import io
import json
import random
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from local.aws import DATA, PAYMENTS, WEB, Account, Cloud

MILLISECONDS, HOUR = 1_000, 3_600
# How long the workloads have been there before the stack began, and when they last failed before that (hours).
AGE, LAST_FAILURES = 24, (5.5, 3.2, 3.1)
# Seconds between two failures: four of them are younger than what a scan leaves to the next, so that none is too late.
APART = 0.2


@dataclass(frozen=True, slots=True)
class Transition:
    """When a line is written, and the request that it is about."""

    seconds: float
    request: str

    @property
    def iso(self) -> str:
        """Return the time as Lambda writes it."""
        return datetime.fromtimestamp(self.seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


type Lines = Callable[[Transition], Sequence[str]]


def python_error(at: Transition) -> Sequence[str]:
    """Return what a logged exception leaves in the log of a Python function."""
    head = f"[ERROR]\t{at.iso}\t{at.request}\tCould not capture the payment"
    frames = (
        '  File "/var/task/capture.py", line 58, in handler',
        "    return settle(json.loads(record['body']))",
        '  File "/var/task/capture.py", line 91, in settle',
        "    currency = order['amount']['currency']",
    )
    return (f"{head}\nTraceback (most recent call last):\n{'\n'.join(frames)}\nKeyError: 'currency'",)


def python_timeout(at: Transition) -> Sequence[str]:
    """Return Lambda's own words about a function that ran out of time."""
    return (f"{at.iso} {at.request} Task timed out after 30.00 seconds\n",)


def node_error(at: Transition) -> Sequence[str]:
    """Return what an unhandled rejection leaves in the log of a Node.js function."""
    stack = (
        "TypeError: Cannot read properties of undefined (reading 'total')",
        "    at renderReceipt (file:///var/task/receipts.mjs:27:31)",
        "    at Runtime.handler (file:///var/task/index.mjs:14:18)",
    )
    kind, _, message = stack[0].partition(": ")
    error = json.dumps({"errorType": kind, "errorMessage": message, "stack": stack}, separators=(",", ":"))
    return (f"{at.iso}\t{at.request}\tERROR\tInvoke Error \t{error}",)


def java_error(at: Transition) -> Sequence[str]:
    """Return what log4j writes about an exception in a Java function."""
    frames = (
        "\tat shop.catalogue.PriceIndex.lookup(PriceIndex.java:112)",
        "\tat shop.catalogue.SearchHandler.handleRequest(SearchHandler.java:41)",
        "Caused by: java.net.SocketTimeoutException: Read timed out",
        "\tat java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:278)",
        "\t... 11 more",
    )
    head = f"{at.iso} {at.request} ERROR SearchHandler - Could not read the price index"
    return (f"{head}\nshop.catalogue.IndexUnavailableException: no answer from replica 2\n{'\n'.join(frames)}",)


def container_error(at: Transition) -> Sequence[str]:
    """Return what a JSON logger in a container writes about a failed job."""
    said = {
        "time": at.iso,
        "level": "error",
        "logger": "thumbnails",
        "msg": "upload failed",
        "error": "connection reset by peer",
        "job": at.request[:8],
    }
    return (json.dumps(said),)


def healthy(at: Transition) -> Sequence[str]:
    """Return lines in which nothing is wrong, whatever words they use."""
    return (
        f"START RequestId: {at.request} Version: $LATEST\n",
        f"{at.iso}\t{at.request}\tINFO\tBatch finished: 40 records, 0 errors\n",
        f"END RequestId: {at.request}\n",
        f"REPORT RequestId: {at.request}\tDuration: 41.20 ms\tBilled Duration: 42 ms\tMemory Size: 256 MB\n",
    )


@dataclass(frozen=True, slots=True)
class Workload:
    """Something that runs in an account and region, and what it writes when it fails."""

    account: Account
    region: str
    name: str
    runtime: str
    failures: tuple[Lines, ...]

    @property
    def log_group(self) -> str:
        """Return the name of its log group."""
        return f"/aws/lambda/{self.name}" if self.runtime != ECS else f"/ecs/{self.name}"

    @property
    def stream(self) -> str:
        """Return the name of its one log stream: of a function's instance, or of a task's container."""
        instance = uuid5(NAMESPACE_URL, self.name).hex
        return f"{BEGUN:%Y/%m/%d}/[$LATEST]{instance}" if self.runtime != ECS else f"app/app/{instance}"


ECS = "ecs"
# When this process began; the day stands in the names of log streams.
BEGUN = datetime.now(UTC)

WORKLOADS = (
    Workload(PAYMENTS, "us-east-1", "payments-capture", "python3.13", (python_error, python_timeout)),
    Workload(PAYMENTS, "us-east-1", "payments-receipts", "nodejs22.x", (node_error,)),
    Workload(WEB, "eu-west-1", "catalogue-search", "java21", (java_error,)),
    Workload(WEB, "eu-west-1", "thumbnails", ECS, (container_error,)),
)


# Copies of one function, which CloudFormation has named; they fail in the same way.
RECORDERS = tuple(
    Workload(account, account.homes[0], f"audit-trail-Recorder-{suffix}", "python3.13", (python_timeout,))
    for account, suffix in ((PAYMENTS, "aB3dE5fG7hI9"), (WEB, "kL2mN4oP6qR8"), (DATA, "sT1uV3wX5yZ7"))
)


def create_workloads(cloud: Cloud, workloads: Sequence[Workload] = (*WORKLOADS, *RECORDERS)) -> None:
    """Create the functions, the task definitions, and a log group with one stream for each."""
    for each in workloads:
        if each.runtime == ECS:
            _create_task_definition(cloud, each)
        else:
            _create_function(cloud, each)
        logs = cloud.client("logs", each.account, each.region)
        if each.log_group not in _log_groups(logs, each.log_group):
            logs.create_log_group(logGroupName=each.log_group)
            _make_older(each)
        logs.create_log_stream(logGroupName=each.log_group, logStreamName=each.stream)


def write_errors(cloud: Cloud, workload: Workload, count: int, latest: float, seed: random.Random) -> None:
    """Write `count` failures, each among healthy lines, with the last one at `latest` (epoch seconds)."""
    events: list[dict[str, Any]] = []
    for number in range(count):
        failure = workload.failures[number % len(workload.failures)]
        moment = Transition(latest - (count - 1 - number) * APART, str(UUID(int=seed.getrandbits(128), version=4)))
        at = int(moment.seconds * MILLISECONDS)
        events += [{"timestamp": at - 1, "message": line} for line in healthy(moment)]
        events += [{"timestamp": at, "message": line} for line in failure(moment)]
    logs = cloud.client("logs", workload.account, workload.region)
    events.sort(key=lambda event: event["timestamp"])
    logs.put_log_events(logGroupName=workload.log_group, logStreamName=workload.stream, logEvents=events)


def write_past(cloud: Cloud, workload: Workload, now: float, seed: random.Random) -> None:
    """Write failures from hours before anybody scanned: what a backfill finds."""
    for hours in LAST_FAILURES:
        write_errors(cloud, workload, 2, now - hours * HOUR, seed)


def _make_older(workload: Workload) -> None:
    """Let moto, which runs in this process, believe that a log group was there before the stack began."""
    from moto.logs.models import logs_backends  # noqa: PLC0415 - the stack has imported it, and nobody else needs it

    group = logs_backends[workload.account.id][workload.region].groups[workload.log_group]
    group.creation_time -= timedelta(hours=AGE)


def _create_function(cloud: Cloud, workload: Workload) -> None:
    cloud.client("lambda", workload.account, workload.region).create_function(
        FunctionName=workload.name,
        Runtime=workload.runtime,
        Role=_role(cloud, workload.account),
        Handler="index.handler",
        Code={"ZipFile": _empty_package()},
    )


def _role(cloud: Cloud, account: Account) -> str:
    iam = cloud.client("iam", account)
    name = "workloads"
    try:
        role = iam.get_role(RoleName=name)
    except iam.exceptions.NoSuchEntityException:
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")
    arn: str = role["Role"]["Arn"]
    return arn


def _empty_package() -> bytes:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("index.py", "")
    return package.getvalue()


def _create_task_definition(cloud: Cloud, workload: Workload) -> None:
    options = {"awslogs-group": workload.log_group, "awslogs-region": workload.region, "awslogs-stream-prefix": "app"}
    cloud.client("ecs", workload.account, workload.region).register_task_definition(
        family=workload.name,
        containerDefinitions=[
            {
                "name": "app",
                "image": "thumbnails:1",
                "memory": 256,
                "logConfiguration": {"logDriver": "awslogs", "options": options},
            }
        ],
    )


def _log_groups(logs: Any, prefix: str) -> set[str]:
    found = logs.describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]
    return {group["logGroupName"] for group in found}
