"""Verify: whether AWS counts events under the names by which the daily reconciliation asks for them."""

import time
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from chalicelib.gateways.cloudwatch.metrics import CloudWatchMetrics
from chalicelib.services.operations.ports import EventMetric
from chalicelib.services.operations.reconciliation import HANDLED, metrics_of
from infra.checks.check import CheckStatus
from infra.checks.counts import COUNTED, Counts


@pytest.fixture(autouse=True)
def aws() -> Iterator[None]:
    with mock_aws():
        yield


def put(metric: EventMetric, count: float, at: float) -> None:
    """Let CloudWatch have counted something."""
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    datum = {"MetricName": metric.name, "Dimensions": dimensions, "Value": count, "Timestamp": at}
    boto3.client("cloudwatch").put_metric_data(Namespace=metric.namespace, MetricData=[datum])


def statuses() -> dict[str, CheckStatus]:
    (check,) = Counts(boto3.Session(), "prod").checks()
    return {each.subject: each.status for each in check.findings()}


def test_a_hub_whose_events_are_all_counted_holds() -> None:
    for metric in metrics_of("prod"):
        put(metric, 3, time.time() - 7_200)

    assert statuses() == {f"AWS counts {name}": CheckStatus.HOLDS for name in COUNTED}


def test_a_count_that_is_missing_beside_others_fails() -> None:
    for metric in metrics_of("prod"):
        if metric.name != HANDLED:
            put(metric, 3, time.time() - 7_200)

    assert [name for name, status in statuses().items() if status is CheckStatus.FAILS] == [f"AWS counts {HANDLED}"]


def test_a_hub_that_has_just_been_deployed_has_no_counts_yet() -> None:
    assert statuses() == {"counts of events": CheckStatus.UNKNOWN}


def test_each_metric_is_summed_over_its_hours() -> None:
    """However many there are: CloudWatch takes 500 at once."""
    end = int(time.time()) // 3_600 * 3_600
    metrics = [EventMetric("monitoring-prod", f"Metric{number}") for number in range(600)]
    for hours in (1, 2, 30):
        put(metrics[599], 7, end - 3_600 * hours + 60)
    put(metrics[0], 1, end - 60)

    sums = CloudWatchMetrics(boto3.client("cloudwatch")).sums(metrics, end - 86_400, end)

    assert (sums[0], sums[599], sum(sums)) == (1, 14, 15)
