"""What happens in the simulated accounts: events as AWS would word them, dated now."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

from local.aws import Account

MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """An event before EventBridge has it; `at` is in epoch seconds."""

    source: str
    detail_type: str
    detail: dict[str, Any]
    at: int
    resources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where something happens, and when: an account, a region, and the epoch seconds."""

    account: Account
    region: str
    now: int

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of something here."""
        return f"arn:aws:{service}:{self.region}:{self.account.id}:{resource}"


@dataclass(frozen=True, slots=True)
class Watch:
    """An alarm's metric and threshold, as the alarm's owner set them up."""

    name: str
    namespace: str
    metric: str
    threshold: float
    label: str
    statistic: str = "Average"


ERROR_RATE = Watch("payments-api-5xx-rate", "AWS/ApiGateway", "5XXError", 5.0, "5xx rate")
QUEUE_AGE = Watch(
    "invoice-queue-oldest-message",
    "AWS/SQS",
    "ApproximateAgeOfOldestMessage",
    900.0,
    "oldest message's age",
    "Maximum",
)
REPLICA_LAG = Watch("warehouse-replica-lag", "AWS/RDS", "ReplicaLag", 30.0, "replica lag", "Maximum")
WAREHOUSE_LOAD = Watch("warehouse-cpu", "AWS/Redshift", "CPUUtilization", 90.0, "CPU utilisation")
PACKET_LOSS = Watch("transit-packet-loss", "AWS/TransitGateway", "PacketDropCountNoRoute", 100.0, "lost packets", "Sum")
CHECKOUT_LATENCY = Watch("checkout-latency", "AWS/ApiGateway", "Latency", 800.0, "latency", "p99")
INVOICE_ERRORS = Watch("invoice-errors", "AWS/Lambda", "Errors", 5.0, "errors", "Sum")
SEARCH_LATENCY = Watch("search-latency", "AWS/ApiGateway", "Latency", 500.0, "latency", "p99")
LOAD_DELAY = Watch("warehouse-load-delay", "Warehouse", "SecondsBehind", 600.0, "seconds behind", "Maximum")
SICK_INSTANCES = Watch("storefront-status-checks", "AWS/EC2", "StatusCheckFailed", 0.0, "failed status checks")
SICK_HOSTS = Watch("storefront-hosts", "AWS/ApplicationELB", "UnHealthyHostCount", 0.0, "sick hosts")


def alarm(place: Place, watch: Watch, value: float, before: int = 0) -> Sample:
    """Return an alarm's change at a value of its metric; `before` dates the last change (0: long ago)."""
    state, relation = ("ALARM", "greater than") if value > watch.threshold else ("OK", "not greater than")
    reason = f"Threshold Crossed: 1 datapoint [{value}] was {relation} the threshold ({watch.threshold})."
    previous = "OK" if state == "ALARM" else "ALARM"
    arn = place.arn("cloudwatch", f"alarm:{watch.name}")
    return Sample(
        source="aws.cloudwatch",
        detail_type="CloudWatch Alarm State Change",
        at=place.now,
        resources=(arn,),
        detail={
            "alarmName": watch.name,
            "state": {
                "value": state,
                "reason": reason,
                "reasonData": json.dumps(
                    {
                        "version": "1.0",
                        "queryDate": _stamp(place.now),
                        "statistic": watch.statistic,
                        "period": MINUTE,
                        "recentDatapoints": [value],
                        "threshold": watch.threshold,
                    }
                ),
                "timestamp": _stamp(place.now),
            },
            "previousState": {"value": previous, "timestamp": _stamp(before or place.now - 3 * 60 * MINUTE)},
            "configuration": _configuration(watch),
        },
    )


def _configuration(watch: Watch) -> dict[str, Any]:
    stat = {
        "metric": {"namespace": watch.namespace, "name": watch.metric, "dimensions": {}},
        "period": MINUTE,
        "stat": watch.statistic,
    }
    return {
        "description": f"Fires when the {watch.label} exceeds {watch.threshold:g} for a minute.",
        "metrics": [{"id": "m1", "metricStat": stat, "label": watch.label, "returnData": True}],
    }


# What AWS says of an issue: at first, further, and when it is over.
COMMUNICATIONS = (
    "Launches of new instances fail more often than usual in one Availability Zone. We are looking into it.",
    "We have found the cause: a power supply. Some running instances of that Availability Zone are affected, too.",
    "The issue is resolved, and the service operates normally.",
)


def public_health(region: str, began: int, number: int, copy: Place) -> Sample:
    """Return one account's copy of a communication about EC2 in `region`; the issue is over with the last of them."""
    text, is_over = COMMUNICATIONS[number], number == len(COMMUNICATIONS) - 1
    communication = uuid5(NAMESPACE_URL, f"{region}/{began}/{number}").hex
    name = f"AWS_EC2_OPERATIONAL_ISSUE_{uuid5(NAMESPACE_URL, f'{region}/{began}').hex[:12]}"
    arn = f"arn:aws:health:{region}::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/{name}"
    return Sample(
        source="aws.health",
        detail_type="AWS Health Event",
        at=copy.now,
        detail={
            "eventArn": arn,
            "service": "EC2",
            "eventTypeCode": "AWS_EC2_OPERATIONAL_ISSUE",
            "eventTypeCategory": "issue",
            "eventScopeCode": "PUBLIC",
            "communicationId": communication,
            "statusCode": "closed" if is_over else "open",
            "startTime": _mail_date(began),
            "lastUpdatedTime": _mail_date(began + (number + 1) * 4 * MINUTE),
            "eventRegion": region,
            "affectedAccount": copy.account.id,
            "backupEvent": str(copy.region != region).lower(),
            "page": "1",
            "totalPages": "1",
            "eventDescription": [
                {
                    "language": "en_US",
                    "latestDescription": text,
                }
            ],
        },
    )


def retirement(place: Place, instance: str) -> Sample:
    """Return an AWS Health event that announces the retirement of one instance's hardware."""
    name = f"AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED_{instance.removeprefix('i-')}"
    return Sample(
        source="aws.health",
        detail_type="AWS Health Event",
        at=place.now,
        resources=(instance,),
        detail={
            "eventArn": f"arn:aws:health:{place.region}::event/EC2/AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED/{name}",
            "service": "EC2",
            "eventTypeCode": "AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED",
            "eventTypeCategory": "scheduledChange",
            "eventScopeCode": "ACCOUNT_SPECIFIC",
            "communicationId": uuid4().hex,
            "statusCode": "upcoming",
            "startTime": _mail_date(place.now + 10 * 24 * 60 * MINUTE),
            "lastUpdatedTime": _mail_date(place.now),
            "eventRegion": place.region,
            "affectedAccount": place.account.id,
            "page": "1",
            "totalPages": "1",
            "affectedEntities": [{"entityValue": instance, "status": "PENDING"}],
            "eventDescription": [
                {
                    "language": "en_US",
                    "latestDescription": f"The hardware beneath {instance} is degrading. Stop and start the instance "
                    "before then to move it to another machine; otherwise it will be stopped.",
                }
            ],
        },
    )


@dataclass(frozen=True, slots=True)
class Threat:
    """What GuardDuty found: its type and score, a title with a place for the instance, and who connected to what."""

    kind: str
    severity: float
    title: str
    direction: str
    port: int
    port_name: str


MINING = Threat(
    kind="CryptoCurrency:EC2/BitcoinTool.B",
    severity=8.0,
    title="EC2 instance {} talks to an address that is known for mining",
    direction="OUTBOUND",
    port=8333,
    port_name="Unknown",
)
BRUTE_FORCE = Threat(
    kind="UnauthorizedAccess:EC2/SSHBruteForce",
    severity=2.0,
    title="EC2 instance {} is the target of SSH brute force attacks",
    direction="INBOUND",
    port=22,
    port_name="SSH",
)


def finding(place: Place, threat: Threat, instance: str) -> Sample:
    """Return a GuardDuty finding about an EC2 instance."""
    finding_id = uuid5(NAMESPACE_URL, f"{place.account.id}/{threat.kind}/{instance}/{place.now}").hex
    detector = uuid5(NAMESPACE_URL, f"{place.account.id}/{place.region}").hex
    title = threat.title.format(instance)
    return Sample(
        source="aws.guardduty",
        detail_type="GuardDuty Finding",
        at=place.now,
        detail={
            "schemaVersion": "2.0",
            "accountId": place.account.id,
            "region": place.region,
            "partition": "aws",
            "id": finding_id,
            "arn": place.arn("guardduty", f"detector/{detector}/finding/{finding_id}"),
            "type": threat.kind,
            "title": title,
            "description": f"{title}. It was first seen a few minutes ago.",
            "severity": threat.severity,
            "createdAt": _stamp(place.now - 5 * MINUTE),
            "updatedAt": _stamp(place.now),
            "resource": {
                "resourceType": "Instance",
                "instanceDetails": {
                    "instanceId": instance,
                    "instanceType": "m7g.large",
                    "availabilityZone": f"{place.region}a",
                    "tags": [{"key": "Name", "value": "etl-worker"}],
                },
            },
            "service": {
                "serviceName": "guardduty",
                "archived": False,
                "count": 14,
                "eventFirstSeen": _stamp(place.now - 5 * MINUTE),
                "eventLastSeen": _stamp(place.now),
                "action": _connection(threat),
            },
        },
    )


def _connection(threat: Threat) -> dict[str, Any]:
    return {
        "actionType": "NETWORK_CONNECTION",
        "networkConnectionAction": {
            "connectionDirection": threat.direction,
            "protocol": "TCP",
            "remoteIpDetails": {"ipAddressV4": "198.51.100.23"},
            "localPortDetails": {"port": threat.port, "portName": threat.port_name},
        },
    }


def stack(place: Place, name: str, status: str, reason: str = "") -> Sample:
    """Return a CloudFormation stack's change of status."""
    guid = uuid5(NAMESPACE_URL, f"{place.account.id}/{place.region}/{name}")
    arn = place.arn("cloudformation", f"stack/{name}/{guid}")
    return Sample(
        source="aws.cloudformation",
        detail_type="CloudFormation Stack Status Change",
        at=place.now,
        resources=(arn,),
        detail={
            "stack-id": arn,
            "status-details": {"status": status, "status-reason": reason},
            "client-request-token": str(uuid4()),
        },
    )


def custom(place: Place, source: str, detail_type: str, **detail: Any) -> Sample:
    """Return an event of the account's own making; its source begins with `custom.`."""
    return Sample(source=source, detail_type=detail_type, at=place.now, detail=detail)


def _stamp(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _mail_date(seconds: int) -> str:
    return format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True)


def logged_error(place: Place, function: str, level: str) -> Sample:
    """Return what a scan finds in a function's log: an error that is the same in every account."""
    log_group, fingerprint = f"/aws/lambda/{function}", uuid5(NAMESPACE_URL, function).hex[:16]
    start, end = place.now - MINUTE, place.now
    message = f"[{level.upper()}] Could not write the entry\nTimeoutError: the ledger did not answer within 5 s"
    line = {"timestamp": end - 1, "stream": f"[1]{fingerprint}", "message": message}
    return Sample(
        source="monitoring.agent.logs",
        detail_type="Error Logs",
        at=end,
        detail={
            "idempotency_key": f"{place.account.id}/{place.region}/{start}/{log_group}/{fingerprint}",
            "log_group": log_group,
            "fingerprint": fingerprint,
            "title": "TimeoutError: the ledger did not answer",
            "culprit": "ledger.write",
            "level": level,
            "count": 1,
            "first_at": end - 1,
            "last_at": end - 1,
            "samples": [line],
            "service": "lambda",
            "resource": function,
            "window": {"start": start, "end": end},
        },
    )
