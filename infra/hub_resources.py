"""Hub resources: the archive of events in infra/hub.yaml, and for each function of app.py its log group and alarms."""

from math import ceil
from typing import Any

from chalicelib.services.alerting.policy_provider import UNREADABLE_LINE
from chalicelib.services.ingestion.ingest import HANDLED_LINE, STORED_LINE
from chalicelib.services.notifying.dispatcher import OVERDUE_LINE
from chalicelib.services.notifying.drain import FAILURE_LINE
from chalicelib.services.operations.reconciliation import HANDLED, STORED
from chalicelib.sources.registry import archive_pattern
from infra.functions import Function, Trigger
from infra.short_yaml import Resources, ref, sub

PERIOD = 300
HOUR = 3_600
MISSED = 3
SWEEP = "deliver_notifications"
# Besides the functions that events wake, these store some.
STORING = ("check_agents", "daily_report", "redrive")
# The reconciliation leaves out what was older than a day when it arrived.
RECENT = " && $.days_old = 0"
# How old an event may grow in a function's own queue, in milliseconds; Lambda drops it after six hours.
LONGEST_WAIT = 1_800_000
# What Lambda does with a queue of events, and a rule with its events, by metric: what the alarm is called, and what has
# happened. https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html has the first, and
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html the others.
QUEUE_METRICS = {
    "AsyncEventsDropped": ("dropped", "Lambda dropped events of its queue; replay them from the archive."),
    "AsyncEventAge": (
        "waiting",
        "Events wait for longer than half an hour in Lambda's queue, which drops them after six.",
    ),
    "DestinationDeliveryFailures": (
        "unsaved",
        "Events on which the function failed did not reach the queue of failed ones; replay them from the archive.",
    ),
}
RULE_METRICS = {
    "FailedInvocations": (
        "rule-failed",
        "The rule could not invoke the function for good: its permission or the function may be gone.",
    ),
    "InvocationsSentToDlq": ("rule-undelivered", "The rule put events into its dead-letter queue; redrive them."),
    "InvocationsFailedToBeSentToDlq": (
        "rule-unsaved",
        "The rule could not even reach its dead-letter queue; replay the events from the archive.",
    ),
}


def hub_resources(functions: tuple[Function, ...]) -> Resources:
    """Return the archive, the log group of each function, the filters on it, and the function's alarms."""
    resources: Resources = {}
    for function in functions:
        resources |= {f"{function.logical_id}Logs": _log_group(function)}
        resources |= {
            f"{function.logical_id}Errors": _errors(function),
            f"{function.logical_id}Throttles": _throttles(function),
        }
        if function.interval:
            resources |= {f"{function.logical_id}Silence": _silence(function)}
        if function.trigger is Trigger.EVENT:
            resources |= _lost_on_the_way(function)
        if function.is_asynchronous:
            resources |= {f"{function.logical_id}Refused": _count_lines(function, FAILURE_LINE, "Refused")}
        if function.trigger is not Trigger.AUTHORIZER:
            name = "SilencesUnreadable"
            resources |= {f"{function.logical_id}{name}": _count_lines(function, UNREADABLE_LINE, name)}
        if function.trigger is Trigger.EVENT:
            resources |= {f"{function.logical_id}{HANDLED}": _count_lines(function, HANDLED_LINE, HANDLED)}
        if function.trigger is Trigger.EVENT or function.handler in STORING:
            resources |= {f"{function.logical_id}{STORED}": _count_lines(function, STORED_LINE, STORED, RECENT)}
        if function.handler == SWEEP:
            resources |= {f"{function.logical_id}Overdue": _count_lines(function, OVERDUE_LINE, "Overdue")}
    return resources | {"Archive": _archive()}


def _archive() -> dict[str, Any]:
    """Return the archive of all events that the hub takes; `python -m infra.replay` sends them again."""
    bus = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default"
    return {
        "Type": "AWS::Events::Archive",
        "Properties": {
            "ArchiveName": sub("monitoring-${Stage}"),
            "Description": "Every event that the hub takes, to be replayed where it was lost behind the bus.",
            "SourceArn": sub(bus),
            "EventPattern": archive_pattern(),
            "RetentionDays": ref("ArchiveDays"),
        },
    }


def _log_group(function: Function) -> dict[str, Any]:
    return {
        "Type": "AWS::Logs::LogGroup",
        "Properties": {
            "LogGroupName": sub(f"/aws/lambda/{function.name('${Stage}')}"),
            "RetentionInDays": ref("LogRetentionInDays"),
        },
    }


def _count_lines(function: Function, message: str, metric: str, condition: str = "") -> dict[str, Any]:
    return {
        "Type": "AWS::Logs::MetricFilter",
        "Properties": {
            "LogGroupName": ref(f"{function.logical_id}Logs"),
            "FilterPattern": f'{{ $.message = "{message}"{condition} }}',
            "MetricTransformations": [
                {"MetricNamespace": sub("monitoring-${Stage}"), "MetricName": metric, "MetricValue": "1"}
            ],
        },
    }


def _errors(function: Function) -> dict[str, Any]:
    return _alarm(function, "errors", "It raised an exception or ran out of time.", MetricName="Errors")


def _throttles(function: Function) -> dict[str, Any]:
    return _alarm(
        function,
        "throttles",
        "It was refused capacity for a quarter of an hour; events wait for up to six hours.",
        MetricName="Throttles",
        EvaluationPeriods=3,
    )


def _silence(function: Function) -> dict[str, Any]:
    """Return the alarm for three runs missed in a row, or for one that is an hour late where runs are that rare.

    An invocation counts at its start and is heard of at its end, so the alarm spans the longest run as well.
    """
    period = PERIOD if function.interval < HOUR else HOUR
    missed = MISSED * function.interval if period == PERIOD else function.interval + HOUR
    periods = max(MISSED, ceil((missed + function.timeout) / period))
    return _alarm(
        function,
        "silence",
        "It was not invoked when it should have been; its rule may be gone or disabled.",
        MetricName="Invocations",
        Period=period,
        EvaluationPeriods=periods,
        ComparisonOperator="LessThanThreshold",
        Threshold=1,
        TreatMissingData="breaching",
    )


def _lost_on_the_way(function: Function) -> Resources:
    """Return the alarms for events that do not get from a rule to its function, or not out of the function's queue.

    A schedule needs none of them: what one run did not do the next one does, and a run that is missed is `silence`.
    Further rules of a function have none of their own, as a template may be so long: what they cannot deliver is in
    the same queue, whose alarm it rings, and the reconciliation counts them.
    """
    waiting = {"Statistic": "Maximum", "EvaluationPeriods": 2, "Threshold": LONGEST_WAIT}
    rule = {"Name": "RuleName", "Value": sub(function.rule_name("${Stage}"))}
    on_rule = {"Namespace": "AWS/Events", "Dimensions": [rule]}
    more = {"AsyncEventAge": waiting} | dict.fromkeys(RULE_METRICS, on_rule)
    return {
        f"{function.logical_id}{what.title().replace('-', '')}": _alarm(
            function, what, description, MetricName=metric, **more.get(metric, {})
        )
        for metric, (what, description) in (QUEUE_METRICS | RULE_METRICS).items()
    }


def _alarm(function: Function, what: str, description: str, **changes: Any) -> dict[str, Any]:
    name = function.name("${Stage}")
    properties = {
        "AlarmName": sub(f"{name}-{what}"),
        "AlarmDescription": description,
        "Namespace": "AWS/Lambda",
        "MetricName": "",
        "Dimensions": [{"Name": "FunctionName", "Value": sub(name)}],
        "Statistic": "Sum",
        "Period": PERIOD,
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 0,
        "TreatMissingData": "notBreaching",
        "AlarmActions": [ref("Alarms")],
        "OKActions": [ref("Alarms")],
    }
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": properties | changes}
