"""Log owners: which log groups an account's services write to, found in few calls.

Descriptions of single resources are cached in the function instance, and made in portions.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import batched, islice
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.scanning.log_owners import LAMBDA_PREFIX, Owner, tail_of
from chalicelib.gateways.aws_clients import accepts

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock

log = logging.getLogger(__name__)

# Resources described in one run; the next run describes as many of the rest.
DESCRIBED_PER_RUN = 200
# Failures after which a run stops describing: the service is overloaded or unavailable.
ENOUGH = 3
# Seconds for which the description of a resource that may change is cached.
TRUE_FOR = 3_600
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html
TASKS_AT_ONCE = 100
STATE_MACHINES_AT_ONCE = 1_000
APIS_AT_ONCE = 500
# To describe a state machine with its definition may take the right to decrypt that:
# https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html
WITHOUT_DEFINITION = "METADATA_ONLY"
FOREVER = 1 << 62
# Error codes for denied access.
DENIALS = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "ForbiddenException"})


class LogOwners(Protocol):
    """One service's resources."""

    unresolved_count: int

    def owners(self) -> Iterable[Owner]:
        """Return who writes to which log group, whether that exists or not; `unresolved_count` are not known yet."""
        ...


class LambdaFunctions:
    """Lambda functions: each names its log group, or has one named after it."""

    unresolved_count = 0

    def __init__(self, client: Any) -> None:
        self._client = client

    def owners(self) -> Iterator[Owner]:
        """Iterate over all functions, 50 a call."""
        for page in self._client.get_paginator("list_functions").paginate():
            for each in page["Functions"]:
                name = each["FunctionName"]
                log_group = each.get("LoggingConfig", {}).get("LogGroup") or LAMBDA_PREFIX + name
                yield Owner(log_group, "lambda", name, tail_of(each["FunctionArn"]))


class Listings:
    """The last listing of each service."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Any, ...]] = {}

    def of[Found](self, name: str, call: Callable[[], Iterable[Found]], denied: list[str]) -> tuple[Found, ...]:
        """List a service's resources; on failure, return the last listing.

        Without one, a denied access adds the service to `denied`, and any other error is raised, as it may pass.
        """
        try:
            self._known[name] = tuple(call())
        except (ClientError, BotoCoreError) as error:
            log.warning("Resources not listed", extra={"service": name, "code": code_of(error)})
            if code_of(error) in DENIALS:
                denied.append(name)
            elif name not in self._known:
                raise
        return self._known.get(name, ())


class Described[Found]:
    """Descriptions of single resources, cached for `true_for` seconds."""

    def __init__(self, describe: Callable[[str], Iterable[Found]], clock: "Clock", true_for: int = FOREVER) -> None:
        self._describe, self._clock, self._true_for = describe, clock, true_for
        self._described_at: dict[str, int] = {}
        self._descriptions: dict[str, tuple[Found, ...]] = {}

    def refresh(self, names: Iterable[str]) -> int:
        """Describe unknown resources, then those described too long ago; return how many are still unknown.

        One failure does not stop the others; a few failures stop this run.
        """
        wanted = dict.fromkeys(names)
        failures = 0
        for name in islice(sorted(filter(self._is_due, wanted), key=self._last_described), DESCRIBED_PER_RUN):
            self._described_at[name] = self._clock.now()
            try:
                self._descriptions[name] = tuple(self._describe(name))
            except (ClientError, BotoCoreError) as error:
                log.warning("Resource not described", extra={"resource": name, "code": code_of(error)})
                failures += 1
                if failures == ENOUGH:
                    break
        return sum(name not in self._descriptions for name in wanted)

    def of(self, name: str) -> tuple[Found, ...]:
        """Return what is known of a resource; empty where it was never described."""
        return self._descriptions.get(name, ())

    def _is_due(self, name: str) -> bool:
        return name not in self._descriptions or self._last_described(name) + self._true_for <= self._clock.now()

    def _last_described(self, name: str) -> int:
        return self._described_at.get(name, -FOREVER)


class Containers:
    """ECS containers: their log groups are in task definitions.

    In use are the definitions of tasks that run, or stopped within the hour, such as jobs and crash loops: a service
    without either writes no logs. The newest active revision of each family stands for earlier times, when a scan has
    to catch up.
    """

    def __init__(self, client: Any, clock: "Clock") -> None:
        self.unresolved_count = 0
        self._client = client
        self._families = Described(self._describe, clock, TRUE_FOR)
        self._revisions = Described(self._describe, clock)

    def owners(self) -> Iterator[Owner]:
        """Iterate over the newest task definition of each family, and over the older ones in use."""
        families = list(self._list_families())
        self.unresolved_count = self._families.refresh(families)
        newest = [owner for family in families for owner in self._families.of(family)]
        tails = {owner.tail for owner in newest}
        revisions = [arn for arn in dict.fromkeys(self._in_use()) if tail_of(arn) not in tails]
        self.unresolved_count += self._revisions.refresh(revisions)
        yield from newest
        for arn in revisions:
            yield from self._revisions.of(arn)

    def _list_families(self) -> Iterator[str]:
        """Iterate over the active families: there are few, but thousands of revisions."""
        for page in self._client.get_paginator("list_task_definition_families").paginate(status="ACTIVE"):
            yield from page["families"]

    def _in_use(self) -> Iterator[str]:
        for clusters in self._client.get_paginator("list_clusters").paginate():
            for cluster in clusters["clusterArns"]:
                for status in ("RUNNING", "STOPPED"):
                    yield from self._of_tasks(cluster, status)

    def _of_tasks(self, cluster: str, status: str) -> Iterator[str]:
        pages = self._client.get_paginator("list_tasks").paginate(cluster=cluster, desiredStatus=status)
        for tasks in batched((arn for page in pages for arn in page["taskArns"]), TASKS_AT_ONCE):
            for each in self._client.describe_tasks(cluster=cluster, tasks=list(tasks))["tasks"]:
                yield each["taskDefinitionArn"]

    def _describe(self, name: str) -> Iterator[Owner]:
        """Describe a revision by its ARN, or a family's newest active one by the family's name."""
        definition = self._client.describe_task_definition(taskDefinition=name)["taskDefinition"]
        for log_group in _log_groups_of(definition, self._client.meta.region_name):
            yield Owner(log_group, "ecs", definition["family"], tail_of(definition["taskDefinitionArn"]))


class Apis:
    """API Gateway: stages name the log groups of access logs; those of execution logs follow from the API's id.

    `rest` and `http` are clients for `apigateway` and `apigatewayv2`. `names` maps each API's ARN tail to its name.
    """

    def __init__(self, rest: Any, http: Any, clock: "Clock") -> None:
        self.unresolved_count = 0
        self.names: Mapping[str, str] = {}
        self._rest, self._http = rest, http
        self._stages = Described(self._destinations, clock, TRUE_FOR)

    def owners(self) -> Iterator[Owner]:
        """Iterate over all stages of all APIs that log accesses."""
        self.names = self._list()
        self.unresolved_count = self._stages.refresh(self.names)
        for tail, name in self.names.items():
            for log_group in self._stages.of(tail):
                yield Owner(log_group, "apigateway", name, tail)

    def _list(self) -> dict[str, str]:
        page_size = {"PageSize": APIS_AT_ONCE}
        rest = self._rest.get_paginator("get_rest_apis").paginate(PaginationConfig=page_size)
        http = self._http.get_paginator("get_apis").paginate(PaginationConfig=page_size)
        return {f"/restapis/{each['id']}": each["name"] for page in rest for each in page["items"]} | {
            f"/apis/{each['ApiId']}": each["Name"] for page in http for each in page["Items"]
        }

    def _destinations(self, tail: str) -> Iterator[str]:
        sort, _, identity = tail[1:].partition("/")
        if sort == "restapis":
            for stage in self._rest.get_stages(restApiId=identity)["item"]:
                yield from _log_group_in(stage.get("accessLogSettings", {}).get("destinationArn"))
        else:
            for page in self._http.get_paginator("get_stages").paginate(ApiId=identity):
                for stage in page["Items"]:
                    yield from _log_group_in(stage.get("AccessLogSettings", {}).get("DestinationArn"))


class StateMachines:
    """Step Functions: state machines with logging name their log groups."""

    def __init__(self, client: Any, clock: "Clock") -> None:
        self.unresolved_count = 0
        self._client = client
        self._machines = Described(self._destinations, clock, TRUE_FOR)
        is_known = accepts(client, "DescribeStateMachine", "includedData")
        self._options = {"includedData": WITHOUT_DEFINITION} if is_known else {}

    def owners(self) -> Iterator[Owner]:
        """Iterate over all state machines that log."""
        page_size = {"PageSize": STATE_MACHINES_AT_ONCE}
        pages = self._client.get_paginator("list_state_machines").paginate(PaginationConfig=page_size)
        names = {each["stateMachineArn"]: each["name"] for page in pages for each in page["stateMachines"]}
        self.unresolved_count = self._machines.refresh(names)
        for arn, name in names.items():
            for log_group in self._machines.of(arn):
                yield Owner(log_group, "stepfunctions", name, tail_of(arn))

    def _destinations(self, arn: str) -> Iterator[str]:
        machine = self._client.describe_state_machine(stateMachineArn=arn, **self._options)
        for each in machine.get("loggingConfiguration", {}).get("destinations", []):
            yield from _log_group_in(each.get("cloudWatchLogsLogGroup", {}).get("logGroupArn"))


def code_of(error: ClientError | BotoCoreError) -> str:
    """Return AWS's error code, or the class name of botocore's error."""
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else type(error).__name__


def _log_groups_of(task_definition: Mapping[str, Any], region: str) -> set[str]:
    """Return the log groups that the containers write to, in this region and by CloudWatch's own driver."""
    configurations = (each.get("logConfiguration", {}) for each in task_definition.get("containerDefinitions", []))
    options = [each.get("options", {}) for each in configurations if each.get("logDriver") == "awslogs"]
    return {
        each["awslogs-group"]
        for each in options
        if each.get("awslogs-group") and each.get("awslogs-region", region) == region
    }


def _log_group_in(arn: str | None) -> Iterator[str]:
    """Return the name in `arn:aws:logs:<region>:<account>:log-group:<name>:*`; a delivery stream has none."""
    sort, _, name = tail_of(arn or "").partition(":")
    if sort == "log-group":
        yield name.removesuffix(":*")
