"""Metrics: CloudWatch's answers may come in pages."""

from typing import Any

from botocore.validate import ParamValidator

from chalicelib.gateways import aws_clients
from chalicelib.gateways.cloudwatch.metrics import CloudWatchMetrics
from chalicelib.services.operations.ports import EventMetric
from chalicelib.services.operations.reconciliation import metrics_of


class Pages:
    """CloudWatch, that answers one value a page."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []

    def get_metric_data(self, **request: Any) -> dict[str, Any]:
        """Return the next page."""
        self.requests.append(request)
        number = int(request.get("NextToken", "0"))
        more = {"NextToken": str(number + 1)} if number < 2 else {}
        return {"MetricDataResults": [{"Id": "m0", "Values": [1.0, 2.0]}], **more}


def test_all_pages_of_an_answer_are_read() -> None:
    client = Pages()

    assert CloudWatchMetrics(client).sums([EventMetric("AWS/Events", "MatchedEvents")], 0, 86_400) == [9]
    assert len(client.requests) == 3


def test_a_request_is_as_aws_describes_it_though_no_client_checks_it() -> None:
    client = Pages()
    CloudWatchMetrics(client).sums(metrics_of("prod"), 0, 86_400)

    service = aws_clients.session().get_service_model("cloudwatch")
    described: Any = service.operation_model("GetMetricData").input_shape
    for request in client.requests:
        report = ParamValidator().validate(request, described)
        assert not report.has_errors(), report.generate_report()
