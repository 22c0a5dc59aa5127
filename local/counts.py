"""What AWS counts of events by itself: its own metrics, and those that the hub's metric filters make of log lines."""

import logging
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from chalicelib.gateways.cloudwatch.metrics import PERIOD
from chalicelib.services.operations.ports import EventMetric
from chalicelib.services.operations.reconciliation import INVOKED, MATCHED, RECEIVED, metrics_of
from infra.template import read_template
from local.aws import STAGE, Cloud

TEMPLATE = Path(__file__).parent.parent / "infra" / "hub.yaml"
CONDITION = re.compile(r'\$\.(\w+) = ("[^"]*"|\d+)')

type Filter = tuple[tuple[tuple[str, str], ...], EventMetric]


@cache
def filters(function: str, stage: str) -> tuple[Filter, ...]:
    """Return the conditions and the metric of each filter that infra/hub.yaml puts on a function's log."""
    group = f"{function.title().replace('_', '')}Logs"
    return tuple(_filters(group, stage))


def _filters(group: str, stage: str) -> Iterator[Filter]:
    for each in read_template(TEMPLATE)["Resources"].values():
        properties = each.get("Properties", {})
        if each["Type"] == "AWS::Logs::MetricFilter" and properties["LogGroupName"] == {"Ref": group}:
            (made,) = properties["MetricTransformations"]
            namespace = made["MetricNamespace"]["Fn::Sub"].replace("${Stage}", stage)
            conditions = CONDITION.findall(properties["FilterPattern"])
            named = tuple((name, value.strip('"')) for name, value in conditions)
            yield named, EventMetric(namespace, made["MetricName"])


def counted_by(function: str, record: logging.LogRecord, stage: str) -> Iterator[EventMetric]:
    """Iterate over the metrics that count a line which a function has written into its log."""
    fields = vars(record) | {"message": record.getMessage()}
    for conditions, metric in filters(function, stage):
        if all(str(fields.get(name)) == value for name, value in conditions):
            yield metric


class Counts(logging.Handler):
    """Counts what happens to events, and gives it to CloudWatch; `function` is the one that runs just now."""

    def __init__(self, cloud: Cloud) -> None:
        super().__init__()
        self._cloud = cloud
        self._counted: Counter[EventMetric] = Counter()
        self.function = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Count a log line."""
        self._counted.update(counted_by(self.function, record, STAGE))

    def arrive(self, handler: str) -> None:
        """Count an event that one of the handler's rules, here the first, has matched and given to its function."""
        its = [each for each in metrics_of(STAGE) if any(f"-{handler}" in value for _, value in each.dimensions)]
        for name in (MATCHED, INVOKED, RECEIVED):
            self._counted[next(each for each in its if each.name == name)] += 1

    def publish(self) -> None:
        """Give CloudWatch what was counted since the last time."""
        counted, self._counted = +self._counted, Counter()
        for metric, count in counted.items():
            self._cloud.client("cloudwatch").put_metric_data(
                Namespace=metric.namespace, MetricData=[_datum(metric, count)]
            )


def _datum(metric: EventMetric, count: int) -> Any:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    return {"MetricName": metric.name, "Dimensions": dimensions, "Value": count}


def span_of(now: int) -> tuple[int, int]:
    """Return the last 24 hours, to the end of the hour that is not over yet."""
    end = now - now % PERIOD + PERIOD
    return end - 24 * PERIOD, end
