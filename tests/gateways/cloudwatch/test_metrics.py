"""Metrics: CloudWatch's answers may come in pages."""

from typing import Any

from chalicelib.gateways.cloudwatch.metrics import CloudWatchMetrics
from chalicelib.services.operations.ports import EventMetric


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
