"""Checks of what the hub's own stack made: table, queues, archive, alarms, bus policy, log filters."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.sources.registry import archive_pattern
from infra.checks.check import Check, CheckStatus, Finding, judged
from infra.hub_stack import TEMPLATE
from infra.template import read_template

STACK = "deploy the hub's stack again"


class Storage:
    """What holds a stage's events; `session` is boto3's."""

    def __init__(self, session: Any, stage: str) -> None:
        self._session, self._stage = session, stage
        self._name = f"monitoring-{stage}"
        self._resources: Mapping[str, Mapping[str, Any]] = read_template(TEMPLATE)["Resources"]

    def checks(self) -> Iterator[Check]:
        """Iterate over the checks."""
        yield Check("stack", self._stack)
        yield Check("table", self._table)
        yield Check("queues", self._queues)
        yield Check("archive", self._archive)
        yield Check("bus policy", self._bus)
        yield Check("alarms", self._alarms)
        yield Check("alarm topic", self._topic)
        yield Check("metric filters", self._filters)

    def _stack(self) -> Iterator[Finding]:
        name = f"{self._name}-hub"
        (stack,) = self._session.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        status = stack["StackStatus"]
        yield judged(
            f"stack {name}",
            holds=status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"},
            detail=f"it is {status}",
            remedy="its events say why",
        )

    def _table(self) -> Iterator[Finding]:
        client = self._session.client("dynamodb")
        table = client.describe_table(TableName=self._name)["Table"]
        indexes = {each["IndexName"] for each in table.get("GlobalSecondaryIndexes", ())}
        wanted = {each["IndexName"] for each in self._resources["Table"]["Properties"]["GlobalSecondaryIndexes"]}
        yield judged(
            f"table {self._name}", holds=table["TableStatus"] == "ACTIVE", detail=f"it is {table['TableStatus']}"
        )
        yield judged(
            "indexes of the table", holds=wanted <= indexes, detail=f"{wanted - indexes} are missing", remedy=STACK
        )
        yield judged(
            "deletion protection of the table",
            holds=table.get("DeletionProtectionEnabled"),
            detail="it is off",
            remedy=f"aws dynamodb update-table --table-name {self._name} --deletion-protection-enabled",
        )
        lifetime = client.describe_time_to_live(TableName=self._name)["TimeToLiveDescription"]
        yield judged(
            "time to live of the table",
            holds=lifetime.get("AttributeName") == "expired_at"
            and lifetime["TimeToLiveStatus"] in {"ENABLED", "ENABLING"},
            detail=f"it is {lifetime['TimeToLiveStatus']}",
            remedy=STACK,
        )
        backups = client.describe_continuous_backups(TableName=self._name)["ContinuousBackupsDescription"]
        recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
        yield judged(
            "point-in-time recovery of the table", holds=recovery == "ENABLED", detail=f"it is {recovery}", remedy=STACK
        )

    def _queues(self) -> Iterator[Finding]:
        client = self._session.client("sqs")
        for queue, service in (("undelivered", "events.amazonaws.com"), ("failed", "lambda.amazonaws.com")):
            name = f"{self._name}-{queue}"
            url = client.get_queue_url(QueueName=name)["QueueUrl"]
            found = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
            waiting = int(found["ApproximateNumberOfMessages"])
            yield judged(
                f"queue {name} is empty",
                holds=not waiting,
                detail=f"{waiting} messages wait",
                remedy=f"python -m infra.redrive --stage {self._stage} --dry-run",
            )
            if queue == "undelivered":
                yield judged(
                    f"queue {name} takes what {service} sends",
                    holds=service in found.get("Policy", ""),
                    detail="its policy does not name it",
                    remedy=STACK,
                )

    def _archive(self) -> Iterator[Finding]:
        found = self._session.client("events").describe_archive(ArchiveName=self._name)
        yield judged(f"archive {self._name}", holds=found["State"] == "ENABLED", detail=f"it is {found['State']}")
        yield judged(
            "archive keeps what the hub takes",
            holds=json.loads(found["EventPattern"]) == archive_pattern(),
            detail="its pattern is another",
            remedy=STACK,
        )

    def _bus(self) -> Iterator[Finding]:
        policy = self._session.client("events").describe_event_bus(Name="default").get("Policy")
        statements = json.loads(policy)["Statement"] if policy else []
        own = [each for each in statements if each.get("Sid") == f"{self._name}-agents"]
        if not own:
            yield Finding(
                "bus policy lets agents in",
                CheckStatus.UNKNOWN,
                "no other account may send events",
                "right for one account; else deploy with --organization",
            )
            return
        yield judged(
            "bus policy lets agents of one organisation in",
            holds="aws:PrincipalOrgID" in json.dumps(own[0].get("Condition", {})),
            detail="it names no organisation",
            remedy=STACK,
        )

    def _alarms(self) -> Iterator[Finding]:
        pages = self._session.client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNamePrefix=self._name)
        found = {each["AlarmName"]: each for page in pages for each in page["MetricAlarms"]}
        for name in self._names("AWS::CloudWatch::Alarm", "AlarmName"):
            alarm = found.get(name)
            yield judged(f"alarm {name}", holds=alarm, detail="it is not there", remedy=STACK)
            if alarm is not None:
                yield judged(
                    f"alarm {name} tells somebody",
                    holds=alarm.get("ActionsEnabled", True) and alarm["AlarmActions"],
                    detail="its actions are off",
                    remedy="aws cloudwatch enable-alarm-actions --alarm-names " + name,
                )

    def _topic(self) -> Iterator[Finding]:
        client = self._session.client("sns")
        topics = (
            each["TopicArn"] for page in client.get_paginator("list_topics").paginate() for each in page["Topics"]
        )
        arn = next((each for each in topics if each.endswith(f":{self._name}-alarms")), None)
        yield judged(f"topic {self._name}-alarms", holds=arn, detail="it is not there", remedy=STACK)
        if arn is None:
            return
        listed = client.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
        confirmed = [each for each in listed if each["SubscriptionArn"].startswith("arn:")]
        yield judged(
            "somebody has subscribed to the alarms of the hub itself",
            holds=confirmed,
            detail=f"{len(listed)} subscriptions, none of them confirmed",
            remedy="deploy with --alarm-email, and follow the link in the mail",
        )

    def _filters(self) -> Iterator[Finding]:
        client = self._session.client("logs")
        for resource in self._resources.values():
            if resource["Type"] != "AWS::Logs::MetricFilter":
                continue
            group = self._log_group(resource["Properties"]["LogGroupName"]["Ref"])
            try:
                found = client.describe_metric_filters(logGroupName=group)["metricFilters"]
            except ClientError as error:
                if error.response["Error"]["Code"] != "ResourceNotFoundException":
                    raise
                found = []
            pattern = resource["Properties"]["FilterPattern"]
            yield judged(
                f"metric filter {pattern} on {group}",
                holds=any(each["filterPattern"] == pattern for each in found),
                detail="it is not there",
                remedy=STACK,
            )

    def _names(self, kind: str, key: str) -> Iterator[str]:
        for resource in self._resources.values():
            if resource["Type"] == kind:
                yield self._filled(resource["Properties"][key])

    def _log_group(self, logical_id: str) -> str:
        return self._filled(self._resources[logical_id]["Properties"]["LogGroupName"])

    def _filled(self, value: Mapping[str, str]) -> str:
        return value["Fn::Sub"].replace("${Stage}", self._stage)
