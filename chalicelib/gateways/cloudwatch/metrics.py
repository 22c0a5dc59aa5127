"""Metrics: sums of CloudWatch metrics."""

from collections.abc import Iterator, Sequence
from typing import Any

from chalicelib.services.operations.ports import EventMetric

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
METRICS_AT_ONCE = 500
# CloudWatch keeps hourly values for 15 months.
PERIOD = 3_600


class CloudWatchMetrics:
    """The metrics of an account and region, by boto3's client for `cloudwatch`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def sums(self, metrics: Sequence[EventMetric], start: int, end: int) -> Sequence[int]:
        """Return the sum of each metric from `start` to `end`, whole hours both; one without data is 0."""
        sums = [0.0] * len(metrics)
        for first in range(0, len(metrics), METRICS_AT_ONCE):
            queries = [_query(number, metrics[number]) for number in range(first, len(metrics))[:METRICS_AT_ONCE]]
            for number, values in self._values(queries, start, end):
                sums[number] += sum(values)
        return [round(each) for each in sums]

    def _values(self, queries: list[dict[str, Any]], start: int, end: int) -> Iterator[tuple[int, list[float]]]:
        token: dict[str, str] = {}
        while True:
            page = self._client.get_metric_data(MetricDataQueries=queries, StartTime=start, EndTime=end, **token)
            for each in page["MetricDataResults"]:
                yield int(each["Id"].removeprefix("m")), each["Values"]
            if not page.get("NextToken"):
                return
            token = {"NextToken": page["NextToken"]}


def _query(number: int, metric: EventMetric) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    named = {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}
    return {"Id": f"m{number}", "MetricStat": {"Metric": named, "Period": PERIOD, "Stat": "Sum"}}
