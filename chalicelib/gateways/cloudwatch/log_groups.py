"""Log groups: which ones of an account are scanned.

Functions, containers, APIs and state machines name the log groups that they write to; those of databases have telling
names. Log groups chosen by tag or name are added. Left out are those that do not exist (of a function that was never
invoked), those that Logs Insights cannot read, and the system's own, whose errors would be found again and again.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.scanning.error_groups import LogGroup, LogGroupListing
from chalicelib.domain.scanning.log_owners import LAMBDA_PREFIX, Owner, is_ours, owner_by_name, tail_of
from chalicelib.gateways.cloudwatch.log_owners import (
    Apis,
    Containers,
    LambdaFunctions,
    Listings,
    LogOwners,
    StateMachines,
)

if TYPE_CHECKING:
    from chalicelib.config.compiled_scan import ScanFile
    from chalicelib.services.ports import Clock

# https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
TAGGED_AT_ONCE = 100
TAGGED_LOG_GROUPS = ("logs:log-group",)
TAGGED_OWNERS = (
    *("lambda:function", "ecs:task-definition", "apigateway:restapis", "apigateway:apis", "states:stateMachine"),
    *("rds:db", "rds:cluster"),
)
# Listing so many log groups and their owners takes about 50 calls, which may be made in each run.
FEW = 1_000
# Seconds: less than the hour for which ECS shows a stopped task.
KEPT_FOR = 3_000
NOTHING_LISTED = LogGroupListing(())
# This storage class has no Insights:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html
UNREADABLE = "DELIVERY"


class LogGroupInventory:
    """The log groups to scan in an account and region, as configured in `file`.

    `client` creates boto3's client for a service. With `tag` (`key=value`, or `key` for any value), log groups of
    services are wanted only if they or their owners have that tag.
    """

    def __init__(self, client: Callable[[str], Any], clock: "Clock", file: "ScanFile", tag: str = "") -> None:
        self._file, self._tag = file, tag
        self._logs, self._tagging = client("logs"), client("resourcegroupstaggingapi")
        self._apis = Apis(client("apigateway"), client("apigatewayv2"), clock)
        self._services = dict(self._made(client, clock))
        self._listings = Listings()
        self._clock, self._existing_count = clock, 0
        self._listing = NOTHING_LISTED

    def list_log_groups(self) -> LogGroupListing:
        """Return the log groups that are wanted and exist, each once; the system's own are left out.

        A long list is cached for the better part of an hour, unless it is incomplete.
        """
        known = self._listing
        is_kept = self._existing_count > FEW and not (known.unresolved_count or known.access_denied)
        if not is_kept or self._clock.now() >= known.listed_at + KEPT_FOR:
            self._listing = self._list_anew()
        return self._listing

    def _list_anew(self) -> LogGroupListing:
        now, denied = self._clock.now(), list[str]()
        owners: dict[str, list[Owner]] = {}
        for name, service in self._services.items():
            for owner in self._listings.of(name, service.owners, denied):
                owners.setdefault(owner.log_group, []).append(owner)
        wanted = _Wanted(
            file=self._file,
            owners=owners,
            apis=self._apis.names,
            denied=denied,
            tagged_owners=self._tagged_owners(),
            tagged_log_groups=frozenset(self._listings.of("tags", self._tagged_log_groups, denied)),
        )
        listed = (each for each in map(wanted.listed, self._existing()) if each)
        return LogGroupListing(
            log_groups=tuple(listed),
            unresolved_count=sum(each.unresolved_count for each in self._services.values()),
            access_denied=tuple(denied),
            listed_at=now,
        )

    def _made(self, client: Callable[[str], Any], clock: "Clock") -> Iterator[tuple[str, LogOwners]]:
        """Create what lists the wanted services; databases need no listing.

        Functions and APIs are always listed: only they can say which log groups are the system's own.
        """
        yield "lambda", LambdaFunctions(client("lambda"))
        yield "apigateway", self._apis
        if "ecs" in self._file.services:
            yield "ecs", Containers(client("ecs"), clock)
        if "stepfunctions" in self._file.services:
            yield "stepfunctions", StateMachines(client("stepfunctions"), clock)

    def _tagged_owners(self) -> frozenset[str] | None:
        """Return the ARN tails of resources with the owners' tag; None where no tag is configured."""
        if not self._tag:
            return None
        key, _, value = self._tag.partition("=")
        chosen = {"Key": key} | ({"Values": [value]} if value else {})
        return frozenset(map(tail_of, dict(self._tagged(chosen, (*TAGGED_OWNERS, *TAGGED_LOG_GROUPS)))))

    def _tagged_log_groups(self) -> Iterator[str]:
        """Iterate over the ARN tails of log groups with one of the tags."""
        for key, patterns in self._file.tags.items():
            for arn, tags in self._tagged({"Key": key}, TAGGED_LOG_GROUPS):
                if fits(tags.get(key, ""), patterns):
                    yield tail_of(arn)

    def _tagged(self, chosen: Mapping[str, Any], types: Iterable[str]) -> Iterator[tuple[str, dict[str, str]]]:
        pages = self._tagging.get_paginator("get_resources").paginate(
            TagFilters=[chosen], ResourceTypeFilters=list(types), ResourcesPerPage=TAGGED_AT_ONCE
        )
        for page in pages:
            for each in page["ResourceTagMappingList"]:
                yield each["ResourceARN"], {tag["Key"]: tag["Value"] for tag in each["Tags"]}

    def _existing(self) -> Iterator[LogGroup]:
        """Iterate over all log groups of the account: 50 per call are cheaper than a call for each owner."""
        self._existing_count = 0
        for page in self._logs.get_paginator("describe_log_groups").paginate():
            self._existing_count += len(page["logGroups"])
            for each in page["logGroups"]:
                storage = each.get("logGroupClass", "STANDARD")
                if storage != UNREADABLE:
                    yield LogGroup(
                        each["logGroupName"],
                        created_at=each.get("creationTime", 0) // 1_000,
                        storage=storage,
                        retention=each.get("retentionInDays", 0),
                    )


class _Wanted(Struct, frozen=True, kw_only=True):
    """Decides for each log group whether it is wanted."""

    file: "ScanFile"
    owners: Mapping[str, list[Owner]]
    apis: Mapping[str, str]
    denied: Collection[str]
    tagged_owners: frozenset[str] | None
    tagged_log_groups: frozenset[str]

    def listed(self, existing: LogGroup) -> LogGroup | None:
        """Return the log group with its owner; None where it is not wanted."""
        name = existing.name
        owners = self.owners.get(name, []) or self._by_name(name)
        names = (name.removeprefix(LAMBDA_PREFIX), *(each.resource for each in owners))
        if any(map(is_ours, names)) or self._may_be_ours(owners):
            return None
        if fits(name, self.file.exclude) or not (self._is_a_service_s(name, owners) or self._is_chosen(name)):
            return None
        return _owned(existing, owners)

    def _by_name(self, name: str) -> list[Owner]:
        """Return the owner that a log group's name tells.

        None for functions and APIs that their service does not list.
        """
        owner = owner_by_name(name)
        if owner is None or (owner.service == "lambda" and "lambda" not in self.denied):
            return []
        if owner.service != "apigateway" or "apigateway" in self.denied:
            return [owner]
        return [replace(owner, resource=self.apis[owner.tail])] if owner.tail in self.apis else []

    def _may_be_ours(self, owners: Iterable[Owner]) -> bool:
        """Return whether a log group belongs to an API of unknown owner, which may be the system's own."""
        return "apigateway" in self.denied and any(each.service == "apigateway" for each in owners)

    def _is_a_service_s(self, name: str, owners: Iterable[Owner]) -> bool:
        of_services = [each for each in owners if each.service in self.file.services]
        tagged = self.tagged_owners
        if tagged is None or not of_services:
            return bool(of_services)
        return f"log-group:{name}" in tagged or any(each.tail in tagged for each in of_services)

    def _is_chosen(self, name: str) -> bool:
        return fits(name, self.file.include) or f"log-group:{name}" in self.tagged_log_groups


def fits(text: str, patterns: Iterable[str]) -> bool:
    """Return whether a text matches one of the patterns, including letter case."""
    return any(fnmatchcase(text, pattern) for pattern in patterns)


def _owned(log_group: LogGroup, owners: list[Owner]) -> LogGroup:
    """Return the log group with its owner; of several owners, the first and how many more."""
    if not owners:
        return log_group
    first = min(owners)
    more = len({(each.service, each.resource) for each in owners}) - 1
    resource = f"{first.resource} and {more} more" if more else first.resource
    return replace(log_group, service=first.service, resource=resource)
