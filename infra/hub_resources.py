"""Hub resources: what infra/hub.yaml has for each function of app.py, its log group and its alarms."""

from typing import Any

from chalicelib.services.notifying.dispatcher import FAILURE_LINE, OVERDUE_LINE
from infra.functions import Function
from infra.short_yaml import Resources, ref, sub

PERIOD = 300
HOUR = 3_600
MISSED = 3
SWEEP = "deliver_notifications"


def hub_resources(functions: tuple[Function, ...]) -> Resources:
    """Return the log group of each function, the filters on it, and the function's alarms."""
    resources: Resources = {}
    for function in functions:
        resources |= {f"{function.logical_id}Logs": _log_group(function)}
        resources |= {
            f"{function.logical_id}Errors": _errors(function),
            f"{function.logical_id}Throttles": _throttles(function),
        }
        if function.interval:
            resources |= {f"{function.logical_id}Silence": _silence(function)}
        if function.is_asynchronous:
            resources |= {f"{function.logical_id}Refused": _count_lines(function, FAILURE_LINE, "Refused")}
        if function.handler == SWEEP:
            resources |= {f"{function.logical_id}Overdue": _count_lines(function, OVERDUE_LINE, "Overdue")}
    return resources


def _log_group(function: Function) -> dict[str, Any]:
    return {
        "Type": "AWS::Logs::LogGroup",
        "Properties": {
            "LogGroupName": sub(f"/aws/lambda/{function.name('${Stage}')}"),
            "RetentionInDays": ref("LogRetentionInDays"),
        },
    }


def _count_lines(function: Function, message: str, metric: str) -> dict[str, Any]:
    return {
        "Type": "AWS::Logs::MetricFilter",
        "Properties": {
            "LogGroupName": ref(f"{function.logical_id}Logs"),
            "FilterPattern": f'{{ $.message = "{message}" }}',
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
    """Return the alarm for three runs missed in a row, or for one that is an hour late where runs are that rare."""
    period = PERIOD if function.interval <= HOUR else HOUR
    late = MISSED * function.interval if period == PERIOD else function.interval + HOUR
    return _alarm(
        function,
        "silence",
        "It was not invoked when it should have been; its rule may be gone or disabled.",
        MetricName="Invocations",
        Period=period,
        EvaluationPeriods=max(MISSED, late // period),
        ComparisonOperator="LessThanThreshold",
        Threshold=1,
        TreatMissingData="breaching",
    )


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
