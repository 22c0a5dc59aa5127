"""Inventory: which log groups an account's functions and containers write to.

Functions name their log group or have one named after them; containers name theirs in their task definition, of which
we read the newest of each family. Log groups that do not exist (a function that was never invoked has none), that
Logs Insights cannot read, and our own, whose errors would be found again and again, are left out.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from chalicelib.domain.logs import Listing, LogGroup

log = logging.getLogger(__name__)

LAMBDA_PREFIX = "/aws/lambda/"
# Everything of ours is called so: the hub's functions and the agents'.
OWN_PREFIX = "monitoring-"
# https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
TAGGED_AT_ONCE = 100
TAGGED_TYPES = ("lambda:function", "ecs:task-definition")
# New task definitions read in one run; they never change, so that what was read is kept, and the next run reads more.
DESCRIBED_PER_RUN = 200
# This class of storage has no Insights: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/
#   CloudWatch_Logs_Log_Classes.html
UNREADABLE = "DELIVERY"


class Inventory:
    """What there is to scan in an account and region.

    The clients are boto3's for `lambda`, `ecs`, `logs` and `resourcegroupstaggingapi`. `tag` is `key=value`, or `key`
    for any value: only functions and task definitions that have it are listed; empty lists all.
    """

    def __init__(self, functions: Any, containers: Any, logs: Any, tagging: Any, tag: str = "") -> None:
        self._functions, self._containers, self._logs, self._tagging = functions, containers, logs, tagging
        self._tag = tag
        self._described: dict[str, tuple[str, ...]] = {}

    def list_log_groups(self) -> Listing:
        """Return the existing log groups of functions and containers, each once, our own left out."""
        tagged = self._tagged() if self._tag else None
        families = self._newest_task_definitions(tagged)
        self._describe(families.values())
        owners: dict[str, list[LogGroup]] = {}
        for owner in (*self._of_functions(tagged), *self._of_containers(families)):
            owners.setdefault(owner.name, []).append(owner)
        existing = (each for each in self._existing() if each.name in owners)
        return Listing(
            log_groups=tuple(_shared(each, owners[each.name]) for each in existing),
            unlisted=sum(arn not in self._described for arn in families.values()),
        )

    def _tagged(self) -> set[str]:
        key, _, value = self._tag.partition("=")
        pages = self._tagging.get_paginator("get_resources").paginate(
            TagFilters=[{"Key": key} | ({"Values": [value]} if value else {})],
            ResourceTypeFilters=list(TAGGED_TYPES),
            ResourcesPerPage=TAGGED_AT_ONCE,
        )
        return {each["ResourceARN"] for page in pages for each in page["ResourceTagMappingList"]}

    def _of_functions(self, tagged: set[str] | None) -> Iterator[LogGroup]:
        for page in self._functions.get_paginator("list_functions").paginate():
            for each in page["Functions"]:
                name = each["FunctionName"]
                if not name.startswith(OWN_PREFIX) and (tagged is None or each["FunctionArn"] in tagged):
                    log_group = each.get("LoggingConfig", {}).get("LogGroup") or LAMBDA_PREFIX + name
                    yield LogGroup(log_group, "lambda", name)

    def _newest_task_definitions(self, tagged: set[str] | None) -> dict[str, str]:
        """Return the ARN of each family's newest active task definition, of those that are tagged."""
        newest: dict[str, str] = {}
        pages = self._containers.get_paginator("list_task_definitions").paginate(status="ACTIVE")
        for arn in (arn for page in pages for arn in page["taskDefinitionArns"]):
            family, revision = _family_and_revision(arn)
            if (tagged is None or arn in tagged) and revision >= _family_and_revision(newest.get(family, ""))[1]:
                newest[family] = arn
        return newest

    def _describe(self, arns: Iterable[str]) -> None:
        unknown = (arn for arn in arns if arn not in self._described)
        for arn in islice(unknown, DESCRIBED_PER_RUN):
            answer = self._containers.describe_task_definition(taskDefinition=arn)
            self._described[arn] = tuple(_log_groups_of(answer["taskDefinition"], self._containers.meta.region_name))

    def _of_containers(self, families: Mapping[str, str]) -> Iterator[LogGroup]:
        for family, arn in families.items():
            if not family.startswith(OWN_PREFIX):
                yield from (LogGroup(name, "ecs", family) for name in self._described.get(arn, ()))

    def _existing(self) -> Iterator[LogGroup]:
        """Iterate over all log groups of the account: 50 a call cost less than a call for each function."""
        for page in self._logs.get_paginator("describe_log_groups").paginate():
            for each in page["logGroups"]:
                storage = each.get("logGroupClass", "STANDARD")
                if storage != UNREADABLE and not each["logGroupName"].startswith(LAMBDA_PREFIX + OWN_PREFIX):
                    yield LogGroup(
                        each["logGroupName"], created_at=each.get("creationTime", 0) // 1_000, storage=storage
                    )


def _shared(log_group: LogGroup, owners: list[LogGroup]) -> LogGroup:
    """Name the owner of a log group; where there are several, the first of them and how many more."""
    first, *others = sorted(owners)
    resource = f"{first.resource} and {len(others)} more" if others else first.resource
    return replace(log_group, service=first.service, resource=resource)


def _family_and_revision(arn: str) -> tuple[str, int]:
    """Read `arn:aws:ecs:<region>:<account>:task-definition/<family>:<revision>`; nothing is older than any."""
    family, _, revision = arn.rpartition("/")[2].rpartition(":")
    return family, int(revision or 0)


def _log_groups_of(task_definition: Mapping[str, Any], region: str) -> set[str]:
    """Return the log groups that the containers write to, in this region and by CloudWatch's own driver."""
    configurations = (each.get("logConfiguration", {}) for each in task_definition.get("containerDefinitions", []))
    options = [each.get("options", {}) for each in configurations if each.get("logDriver") == "awslogs"]
    return {
        each["awslogs-group"]
        for each in options
        if each.get("awslogs-group") and each.get("awslogs-region", region) == region
    }
